import { isoOf, SECOND_MS } from "../../contract/time";
import type { Call, Command, Typed } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { FAIL_ON_OPTION, failOnOf } from "../fail-on";
import { compare, judgeStack, readDeclared } from "../fleet/declared";
import { readWholeFleet } from "../fleet/fleet";
import { type Row, type Shown, statusJson } from "../fleet/status-json";
import { causesOf, shownOf } from "../fleet/status-shown";
import { jsonText } from "../print/json";
import { usageError } from "../refusal";
import { lookAcross } from "./status-across";
import { print } from "./status-table";

/** `status`: the fleet in one table, the most urgent first; reads no secret value. */
export const status: Command = {
  name: "status",
  usage: "[store…]",
  takes: "stores",
  summary: "show every store, the most urgent first; reads no secret value",
  options: {
    "fail-on": FAIL_ON_OPTION,
    fleet: {
      type: "string",
      value: "file",
      help: "several stacks as one fleet: YAML with a name for each, and below it region, profile and prefix",
    },
    names: { type: "boolean", help: "print the stores' keys alone, one a line" },
    stack: {
      type: "string",
      value: "stack",
      help: "name the stores too that this stack declares and that have no secret; asks pulumi",
    },
    watch: { type: "boolean", help: "look again every 30 seconds, until Ctrl-C" },
  },
  judge: (typed) => {
    failOnOf(typed);
    judgeStack(typed.text("stack"));
    judgeFleets(typed);
    if (typed.flag("watch") && typed.json) {
      throw usageError(
        "--watch is for a person, and --json for a program",
        "shopify-secrets status --json",
      );
    }
  },
  async run(call) {
    if (!call.flag("watch")) return await look(call);
    // Ends as the terminal ends it.
    for (;;) await lookAgain(call);
  },
  runAcross(typed, host, callAt) {
    const file = typed.text("fleet");
    return file === undefined ? undefined : lookAcross(file, host, { typed, callAt });
  },
};

/** What says itself which stacks are meant, or looks at one alone. */
const ONE_STACK = ["stack", "prefix", "region", "endpoint-url"];

function judgeFleets({ words, text, flag }: Typed): void {
  if (text("fleet") === undefined) return;
  const isOne = words.length > 0 || ONE_STACK.some((name) => text(name) !== undefined);
  if (!isOne && !flag("watch") && !flag("names")) return;
  throw usageError(
    "--fleet names the stacks, and shows all of their stores",
    "shopify-secrets status --fleet fleets.yaml",
  );
}

const WATCH_MS = 30 * SECOND_MS;
/** Takes away what a terminal shows, and begins at its top. */
const CLEAR = "\u001b[2J\u001b[H";

async function lookAgain(call: Call): Promise<void> {
  const { out, sleep } = call.host;
  // The fleet is asked first, so that the screen is empty for no longer than it takes to write.
  const shown = await read(call);
  out.write(out.isTerminal ? CLEAR : "\n");
  show(call, shown);
  out.write(`\n${isoOf(call.now())}, and again in 30 seconds\n`);
  await sleep(WATCH_MS);
}

async function look(call: Call): Promise<ExitCode> {
  return show(call, await read(call));
}

/** The fleet, beside what its stack declares where one is named. */
async function read(call: Call): Promise<Shown> {
  const stack = call.text("stack");
  const declared = stack === undefined ? undefined : await readDeclared(call, stack);
  const fleet = await readWholeFleet(call, call.words);
  const compared =
    declared === undefined ? { ...fleet, missing: [] } : await compare(fleet, declared, call);
  return await shownOf(compared, call);
}

function show(call: Call, shown: Shown): ExitCode {
  const { rows } = shown;
  if (call.flag("names")) writeNames(call, rows);
  else if (call.json) call.host.out.write(jsonText(statusJson(call, shown)));
  else print(call, shown);
  const failOn = failOnOf(call);
  const isRed = causesOf(shown).some((cause) => failOn.has(cause));
  return isRed ? EXIT.needsPerson : EXIT.well;
}

function writeNames({ json, host }: Call, rows: readonly Row[]): void {
  const names = rows.map(({ seen }) => seen.store).sort();
  host.out.write(json ? jsonText(names) : names.map((name) => `${name}\n`).join(""));
}
