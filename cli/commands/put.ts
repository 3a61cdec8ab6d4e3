import type { EnrolResult } from "../../contract/enrolment";
import { adviceRow, type ErrorCode } from "../../contract/errors";
import { pastedSays, readPasted } from "../../contract/pasted-secret";
import { plural } from "../../contract/plural";
import type { Sealed } from "../../contract/sealed";
import type { Call, Command } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { readStore } from "../fleet/fleet";
import { type Put, putList } from "../fleet/put-list";
import { putToken, requireStatic } from "../fleet/put-token";
import type { StoreSeen } from "../fleet/store-view";
import { STANDARD_INPUT } from "../host";
import type { Colour } from "../print/colour";
import { type Complaint, formatComplaints } from "../print/complaints";
import { jsonText, writeResult } from "../print/json";
import { whileTelling } from "../print/progress";
import { outPaint } from "../print/stores";
import { type Column, formatTable } from "../print/table";
import { Refusal, usageError } from "../refusal";

/** `put`: static tokens from standard input, a hidden prompt or a file, never from the command line. */
export const put: Command = {
  name: "put",
  usage: "<store> | --from <file>",
  takes: "stores",
  summary: "store static access tokens, read from standard input, a hidden prompt or a file",
  options: {
    from: {
      type: "string",
      value: "file",
      help: "many at once: a table store,token or a JSON object a line; - is standard input",
    },
  },
  judge({ words, text }) {
    const isOne = words.length === 1 && text("from") === undefined;
    const isList = words.length === 0 && text("from") !== undefined;
    if (!isOne && !isList) {
      throw usageError("name one store, or --from <file>", "shopify-secrets put --help");
    }
  },
  async run(call) {
    const file = call.text("from");
    return file === undefined ? await putGiven(call) : await putListed(call, file);
  },
};

async function putGiven(call: Call): Promise<ExitCode> {
  const seen = await readStore(call, call.words);
  requireStatic(seen, call);
  const token = await readToken(call, seen);
  const result = await whileTelling(
    call.host,
    () => `trying the access token of ${seen.store}`,
    () => putToken(call, seen, token),
  ).catch((error: unknown) => {
    throw refusalOfPut(error, seen);
  });
  printResult(call, seen, result);
  return EXIT.well;
}

const COLUMNS: readonly Column[] = [
  { title: "STORE", shrinks: true },
  { title: "OUTCOME" },
  { title: "AT SHOPIFY" },
];

const COLOURS = {
  stored: "green",
  "already stored": "green",
  failed: "red",
} as const satisfies Record<Put["outcome"], Colour>;

async function putListed(call: Call, file: string): Promise<ExitCode> {
  const puts = await putList(call, file);
  const failed = puts.filter(({ outcome }) => outcome === "failed");
  if (call.json) call.host.out.write(jsonText({ prefix: call.prefix, stores: puts.map(jsonRow) }));
  else printList(call, puts, failed);
  if (file !== STANDARD_INPUT && failed.length === 0) {
    call.host.err.write("The tokens stand in that file in plain text: delete it.\n");
  }
  return failed.length === 0 ? EXIT.well : EXIT.needsPerson;
}

/** What was tried to no end is stored all the same, and the sweep tries it again. */
function triedText({ outcome, checked, refusal }: Put): string {
  if (outcome === "failed") return refusal?.code ?? "-";
  return checked === "ok" ? "works" : `not tried to the end (${checked})`;
}

function printList(call: Call, puts: readonly Put[], failed: readonly Put[]): void {
  const { out } = call.host;
  const rows = puts.map((one) => [
    { text: one.store },
    { text: one.outcome, colour: COLOURS[one.outcome] },
    { text: triedText(one) },
  ]);
  out.write(formatTable({ columns: COLUMNS, rows }, out.columns, outPaint(call.host)));
  out.write(`\n${puts.length - failed.length} of ${plural(puts.length, "token")} stored\n`);
  if (failed.length === 0) return;
  out.write(`\n${formatComplaints(failed.map(complaintOf), call.host)}`);
  out.write("\nMend the list and give it again: what is stored stays.\n");
}

function complaintOf({ store, refusal }: Put): Complaint {
  return {
    store,
    code: "",
    owner: "operator",
    says: refusal?.message ?? "",
    next: `shopify-secrets put ${store}`,
  };
}

function jsonRow({ store, outcome, checked, refusal }: Put): object {
  const trouble = refusal && { code: refusal.code, says: refusal.message, next: refusal.next };
  return { store, outcome: outcome.replaceAll(" ", "_"), checked: checked || null, ...trouble };
}

/** What is no access token alone goes no further: to Shopify it would look like a dead one. */
async function readToken({ host }: Call, { store }: StoreSeen): Promise<Sealed<string>> {
  const given = await host.readSecret(`Access token of ${store}: `);
  const reading = readPasted(given.unseal(), "access token");
  if ("secret" in reading) return reading.secret;
  const { fault } = reading;
  throw new Refusal(
    fault === "empty"
      ? "no access token was given"
      : `the input is no access token alone: it ${pastedSays(fault, "access token")}`,
    `shopify-secrets put ${store}`,
  );
}

function refusalOfPut(error: unknown, { store }: StoreSeen): unknown {
  if (!(error instanceof Refusal) || !isOfGivenToken(error.code)) return error;
  const { message, exitCode, code } = error;
  return new Refusal(`${message}; what is stored stays`, `shopify-secrets put ${store}`, {
    exitCode,
    ...(code === undefined ? {} : { code }),
  });
}

function isOfGivenToken(code: ErrorCode | undefined): boolean {
  return code !== undefined && adviceRow(code).ofGivenToken;
}

function printResult(call: Call, seen: StoreSeen, result: Partial<EnrolResult>): void {
  const { outcome, checked, scope, versionId } = result;
  const shown = { store: seen.store, outcome, checked, scope, version_id: versionId };
  const what = outcome === "written" ? "stored" : "already stored";
  const check = checked === "ok" ? "it works at Shopify" : `not tried to the end (${checked})`;
  const scopes = scope ? `, with ${scope.split(",").join(" ")}` : "";
  writeResult(call, shown, () => {
    return `${seen.store}: the access token is ${what}; ${check}${scopes}\n`;
  });
}
