import { dirname, join } from "node:path";
import type { ListPlan } from "../../contract/listed/list-plan";
import { parseStoreList } from "../../contract/listed/listed-store";
import { EXIT } from "../exit-codes";
import type { Host } from "../host";
import { formatPlanWhole, planJson, planOf } from "../list/plan-shown";
import { paintOf } from "../print/colour";
import { jsonText, writeResult } from "../print/json";
import { whileTelling } from "../print/progress";
import { runPulumi } from "../pulumi";
import { Refusal } from "../refusal";
import { formatReport, losesSecrets, reportOn } from "./report";
import { errorsIn, parsePreview, type Step, warningsIn } from "./steps";

/**
 * Runs `pulumi preview` and says what it means for stores: what is lost first, then what is new, changed
 * and enrolled, and the cost a month. Words are handed on to Pulumi; `--json` asks for the same as JSON.
 *
 * @returns 3 when a store's secret would be deleted or replaced, and for nothing else, so that a pipeline can
 * stop; Pulumi's own code, or 1, when the preview fails
 */
export async function runPreview(words: readonly string[], host: Host): Promise<number> {
  // What stays is listed only with --show-sames, and it is most of what a stack costs.
  const args = [
    "preview",
    "--json",
    "--show-sames",
    ...words.filter((word) => !JSON_WORD.test(word)),
  ];
  const json = words.some((word) => JSON_WORD.test(word) && !/=false$/i.test(word));
  const run = await whileTelling(
    host,
    () => "previewing",
    () => runPulumi(args, host, "shopify-secrets preview"),
  );
  const steps = parsePreview(run.json);
  const warnings = warningsIn(run.json);
  const paintErr = paintOf(host.err, host.env);
  for (const says of warnings) host.err.write(`${paintErr("warning:", "yellow")} ${says}\n`);
  if (run.exitCode !== 0 || steps === undefined) {
    const errors = errorsIn(run.json);
    const isMistaken = run.exitCode === 0 || run.exitCode === LOSES_SECRETS;
    const exitCode = isMistaken ? FAILED : run.exitCode;
    const isTooLong = errors.some((error) => error.includes(TOO_LONG));
    const next = isTooLong ? MOVE_STORES : MEND;
    const refusal = new Refusal(["the preview failed", ...errors].join(": "), next, { exitCode });
    if (json) host.out.write(jsonText({ error: refusal.json }));
    host.err.write(`${paintErr("the preview failed", "red")}\n${errors.join("\n")}\n`);
    if (isTooLong) host.err.write(`Next: ${MOVE_STORES}\n`);
    return exitCode;
  }
  const report = reportOn(steps, await namesPendingDeletion(steps, host));
  const list = await planInPreview(steps, words, host);
  const paint = paintOf(host.out, host.env);
  const asText = () =>
    `${formatReport(report, paint)}${list === undefined ? "" : `\nThe list, once it is applied:\n${formatPlanWhole(list, paint)}`}`;
  const result = { ...report, warnings, ...(list && { list: planJson(list) }) };
  writeResult({ json, host }, result, asText);
  return losesSecrets(report) || list?.refusal !== undefined ? LOSES_SECRETS : EXIT.well;
}

const LIST_OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2";

/** What `shopify-secrets apply` would do after this `up`; undefined: there is no list, or AWS does not answer. */
async function planInPreview(
  steps: readonly Step[],
  words: readonly string[],
  host: Host,
): Promise<ListPlan | undefined> {
  const upload = steps.find(({ type, op }) => type === LIST_OBJECT && op !== "delete")?.upload;
  if (upload === undefined) return undefined;
  try {
    const list = parseStoreList(await uploadText(upload, folderIn(words), host));
    const { secrets } = host.connect({ region: undefined, endpointUrl: undefined });
    const head = `${list.head.prefix}/stores/`;
    const there = await secrets.list({ by: "name", head, includeDeleted: true });
    return planOf(list, there, undefined);
  } catch {
    host.err.write(
      "what the list would change cannot be told: it cannot be read, or AWS did not answer\n",
    );
    return undefined; // the preview itself is not wrong because of it
  }
}

/** The text of an asset, whose path begins at the program: beside Pulumi.yaml, or where that says `main`. */
async function uploadText(upload: string, folder: string, host: Host): Promise<string> {
  const project = await host.readFile(join(folder, "Pulumi.yaml")).catch(() => "");
  const [, main = "."] = /^main:\s*["']?([^\s"'#]+)/m.exec(project) ?? [];
  for (const place of [main, dirname(main)]) {
    const text = await host.readFile(join(folder, place, upload)).catch(() => undefined);
    if (text !== undefined) return text;
  }
  return await host.readFile(join(folder, upload));
}

/** Where Pulumi is told to run, from which the program's paths begin. */
function folderIn(words: readonly string[]): string {
  const at = words.findIndex((word) => word === "--cwd" || word === "-C");
  const joined = words.find((word) => word.startsWith("--cwd="));
  return (at === -1 ? joined?.slice("--cwd=".length) : words[at + 1]) ?? ".";
}

/** Pulumi's own forms of the flag. */
const JSON_WORD = /^(?:--json(?:=(?:true|false))?|-j)$/i;
const MEND = "mend what Pulumi says, then shopify-secrets preview";

/** What Linux says of a config of more than 128 kB, which the engine hands over in one variable (execve(2), E2BIG). */
const TOO_LONG = "argument list too long";
const MOVE_STORES =
  "move the stores out of config into a file beside it: pulumi config set shopify-secrets:storesFile stores.yaml";

const LOSES_SECRETS = EXIT.failed;
const FAILED = EXIT.needsPerson;

/** The names of new secrets that deleted ones still hold. */
async function namesPendingDeletion(
  steps: readonly Step[],
  { connect, err }: Host,
): Promise<Set<string>> {
  const [first] = steps.filter(
    ({ op, ofStore, physicalName }) => op === "create" && ofStore && physicalName !== "",
  );
  const prefix = first?.physicalName.split("/stores/")[0];
  if (prefix === undefined) return new Set();
  try {
    const { secrets } = connect({ region: undefined, endpointUrl: undefined });
    const listed = await secrets.list({ by: "name", head: `${prefix}/`, includeDeleted: true });
    return new Set(
      listed.flatMap(({ facts }) => (facts.deletedAt === undefined ? [] : [facts.name])),
    );
  } catch {
    err.write(
      "whether names are still taken by deleted secrets cannot be told: AWS did not answer\n",
    );
    return new Set(); // the preview itself is not wrong because of it; `up` would say so
  }
}
