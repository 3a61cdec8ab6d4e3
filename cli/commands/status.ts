import { plural } from "../../contract/plural";
import { type Condition, conditionOf } from "../../contract/store/condition";
import { type EpochMs, isoOf, SECOND_MS } from "../../contract/time";
import type { Call, Command } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { type Cause, causeOf, FAIL_ON_OPTION, failOnOf } from "../fail-on";
import { agingVersions } from "../fleet/api-versions";
import {
  type ComparedFleet,
  compare,
  judgeStack,
  pickCompared,
  readDeclared,
} from "../fleet/declared";
import { readWholeFleet } from "../fleet/fleet";
import { type Row, restoreOf, type Shown, statusJson } from "../fleet/status-json";
import { issuedAtOf, nextRenewalOf, type StoreSeen } from "../fleet/store-view";
import { heartbeatOf } from "../fleet/sweep-heartbeat";
import type { Colour } from "../print/colour";
import { jsonText } from "../print/json";
import { ageText, spanText } from "../print/spans";
import { type Complaint, colourOf, formatComplaints, outPaint, stateText } from "../print/stores";
import { type Cell, type Column, formatTable } from "../print/table";
import { usageError } from "../refusal";

/** `status`: the fleet in one table, the most urgent first; reads no secret value. */
export const status: Command = {
  name: "status",
  usage: "[store…]",
  takes: "stores",
  summary: "show every store, the most urgent first; reads no secret value",
  options: {
    "fail-on": FAIL_ON_OPTION,
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
};

const WATCH_MS = 30 * SECOND_MS;
/** Takes away what a terminal shows, and begins at its top. */
const CLEAR = "\u001b[2J\u001b[H";

async function lookAgain(call: Call): Promise<void> {
  const { out, sleep } = call.host;
  // The fleet is asked first, so that the screen is empty for no longer than it takes to write.
  const fleet = await read(call);
  out.write(out.isTerminal ? CLEAR : "\n");
  show(call, fleet);
  out.write(`\n${isoOf(call.now())}, and again in 30 seconds\n`);
  await sleep(WATCH_MS);
}

async function look(call: Call): Promise<ExitCode> {
  return show(call, await read(call));
}

/** The fleet, beside what its stack declares where one is named. */
async function read(call: Call): Promise<ComparedFleet> {
  const stack = call.text("stack");
  const declared = stack === undefined ? undefined : await readDeclared(call, stack);
  const fleet = await readWholeFleet(call, call.words);
  return declared === undefined ? { ...fleet, missing: [] } : await compare(fleet, declared, call);
}

function show(call: Call, fleet: ComparedFleet): ExitCode {
  const now = call.now();
  const heartbeat = heartbeatOf(fleet.stores, now);
  const { stores, deleted, missing } = pickCompared(fleet, call.words);
  const rows = stores
    .map((store) => ({ seen: store, condition: conditionOf(store, now) }))
    .sort((one, other) => urgencyOf(one, now) - urgencyOf(other, now));
  const shown = { rows, deleted, missing, heartbeat, now };
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

/** Everything that a pipeline may be stopped by. */
function causesOf({ rows, deleted, missing, heartbeat }: Shown): Cause[] {
  const causes: Cause[] = rows.flatMap(({ seen, condition }) => {
    const { state, needsPerson } = condition;
    return causeOf({ state, needsPerson, hasValue: seen.current !== undefined }) ?? [];
  });
  if (heartbeat.verdict === "silent") causes.push("silent");
  if (deleted.length > 0) causes.push("deleted");
  if (missing.length > 0) causes.push("missing");
  return causes;
}

const STATE_RANK = {
  dead: 0,
  uninstalled: 1,
  failing: 2,
  ok: 4,
  awaiting_token: 5,
  awaiting_merchant: 5,
} as const;

/** A rank of its own for each state, and within it the time that is left. */
const RANK_WIDTH = 1e15;

function urgencyOf(row: Row, now: EpochMs): number {
  const rank = rankOf(row);
  const { expiresAt } = row.seen.status;
  const left = typeof expiresAt === "number" ? expiresAt - now : RANK_WIDTH / 2;
  return rank * RANK_WIDTH + left;
}

function rankOf({ seen, condition: { state, needsPerson } }: Row): number {
  if (state === "ok" && needsPerson) return 3;
  // It lost an approval on its way: the token that it has will not be renewed.
  const loses = state === "awaiting_merchant" && seen.current !== undefined;
  return loses ? STATE_RANK.failing : STATE_RANK[state];
}

const COLUMNS: readonly Column[] = [
  { title: "STORE", shrinks: true },
  { title: "KIND", rank: 6 },
  { title: "STATE" },
  { title: "SCOPES", align: "right", rank: 5 },
  { title: "AGE", align: "right", rank: 1 },
  { title: "EXPIRES", align: "right", rank: 9 },
  { title: "RENEWS", align: "right", rank: 4 },
  { title: "LAST SUCCESS", align: "right", rank: 2 },
  { title: "LAST ERROR", rank: 3 },
];

function print(call: Call, { rows, deleted, missing, heartbeat, now }: Shown): void {
  const { out } = call.host;
  const paint = outPaint(call.host);
  const table = { columns: COLUMNS, rows: rows.map((row) => cellsOf(row, now)) };
  out.write(formatTable(table, out.columns, paint));
  const ofRows = rows.filter(({ condition }) => condition.needsPerson).map(complaintOf);
  const complaints = [...missing, ...ofRows];
  const stores = `${plural(rows.length, "store")} of ${call.prefix}`;
  const count = complaints.length;
  const verdict = count === 0 ? "all well" : `${count} ${needs(count)} a person`;
  out.write(`\n${stores}: ${verdict}; sweep: ${heartbeat.says}\n`);
  if (heartbeat.verdict === "silent") {
    out.write(`\n${paint("The sweep is silent", "red")}, and this table may be out of date.\n`);
    out.write(`  Next: shopify-secrets doctor --prefix ${call.prefix}\n`);
  }
  if (count > 0) out.write(`\n${formatComplaints(complaints, call.host)}`);
  if (deleted.length > 0) out.write(`\n${deletedText(deleted, now)}`);
  for (const { says, next } of agingVersions(
    rows.map(({ seen }) => seen),
    now,
  )) {
    out.write(`\n${paint("Note", "yellow")}: ${says}.\n  Next: ${next}\n`);
  }
}

/** A retired store is among them for as long as its recovery window lasts, so that nothing is called wrong here. */
function deletedText(deleted: readonly StoreSeen[], now: EpochMs): string {
  const is = deleted.length === 1 ? "secret waits" : "secrets wait";
  const lines = deleted.map(
    (seen) =>
      `  ${seen.store}  deletion asked for ${ageText(seen.facts.deletedAt ?? now, now)} ago. Next, if it is to stay: ${restoreOf(seen)}`,
  );
  return [
    `${deleted.length} ${is} for the end of the recovery window: retired, or deleted by hand.`,
    ...lines,
    "",
  ].join("\n");
}

const needs = (count: number): string => (count === 1 ? "needs" : "need");

function cellsOf({ seen, condition }: Row, now: EpochMs): Cell[] {
  const { status: tags } = seen;
  const age = (at: EpochMs | undefined) => (at === undefined ? "-" : ageText(at, now));
  return [
    { text: seen.store },
    { text: seen.declaration?.kind ?? "?" },
    { text: stateText(condition.state), colour: stateColour(condition) },
    scopesCell(seen),
    { text: age(issuedAtOf(seen)) },
    { text: expiryText(tags.expiresAt, now) },
    { text: renewalText(nextRenewalOf(seen), now) },
    { text: tags.lastSuccessAt === undefined ? "-" : `${age(tags.lastSuccessAt)} ago` },
    errorCell(seen, condition, now),
  ];
}

/** A store that works and yet needs a person is not green. */
function stateColour({ state, needsPerson }: Condition): Colour {
  return state === "ok" && needsPerson ? "yellow" : colourOf(state);
}

function renewalText(at: EpochMs | undefined, now: EpochMs): string {
  if (at === undefined) return "-";
  return at <= now ? "due" : spanText(at - now);
}

function expiryText(expiresAt: StoreSeen["status"]["expiresAt"], now: EpochMs): string {
  if (expiresAt === "never") return "never";
  return expiresAt === "unknown" ? "-" : spanText(expiresAt - now);
}

/** How many of the wanted scopes are granted, such as `2/3`. */
function scopesCell({ declaration, status: tags, current }: StoreSeen): Cell {
  if (current === undefined) return { text: "-" };
  const wanted = declaration?.scopes.length ?? 0;
  if (wanted === 0) return { text: "any" };
  if (tags.missingScopes === undefined) return { text: `?/${wanted}` };
  const missing = tags.missingScopes.length;
  return {
    text: `${Math.max(0, wanted - missing)}/${wanted}`,
    colour: missing === 0 ? undefined : "red",
  };
}

function errorCell({ status: tags }: StoreSeen, { code }: Condition, now: EpochMs): Cell {
  if (tags.lastErrorCode === "") return { text: code === "" ? "-" : code };
  const { lastErrorAt } = tags;
  const ago = lastErrorAt === undefined ? "" : ` ${ageText(lastErrorAt, now)} ago`;
  return { text: `${tags.lastErrorCode}${ago}` };
}

function complaintOf({ seen, condition: { code, owner, says, next } }: Row): Complaint {
  return { store: seen.store, code, owner, says, next };
}
