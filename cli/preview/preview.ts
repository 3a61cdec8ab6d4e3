import { spawn } from "node:child_process";
import { EXIT } from "../exit-codes";
import type { Host } from "../host";
import { paintOf } from "../print/colour";
import { jsonText, writeResult } from "../print/json";
import { whileTelling } from "../print/progress";
import { Refusal } from "../refusal";
import { formatReport, losesSecrets, reportOn } from "./report";
import { errorsIn, parsePreview, type Step } from "./steps";

/** What `pulumi preview --json` ended with. */
interface PreviewRun {
  readonly exitCode: number;
  readonly json: string;
}

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
    () => runOnPath(args, host.env),
  );
  const steps = parsePreview(run.json);
  if (run.exitCode !== 0 || steps === undefined) {
    const paint = paintOf(host.err, host.env);
    const errors = errorsIn(run.json);
    const isMistaken = run.exitCode === 0 || run.exitCode === LOSES_SECRETS;
    const exitCode = isMistaken ? FAILED : run.exitCode;
    const refusal = new Refusal(["the preview failed", ...errors].join(": "), MEND, { exitCode });
    if (json) host.out.write(jsonText({ error: refusal.json }));
    host.err.write(`${paint("the preview failed", "red")}\n${errors.join("\n")}\n`);
    return exitCode;
  }
  const report = reportOn(steps, await namesPendingDeletion(steps, host));
  const asText = () => formatReport(report, paintOf(host.out, host.env));
  writeResult({ json, host }, report, asText);
  return losesSecrets(report) ? LOSES_SECRETS : EXIT.well;
}

/** Pulumi's own forms of the flag. */
const JSON_WORD = /^(?:--json(?:=(?:true|false))?|-j)$/i;
const MEND = "mend what Pulumi says, then shopify-secrets preview";

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

/** The only verb that needs it: everything else of the command works without. */
const INSTALL =
  "install Pulumi as https://www.pulumi.com/docs/install says, then shopify-secrets preview";
/** The shell's own code for a program that is not there. */
const NOT_FOUND = 127;

function runOnPath(args: readonly string[], env: Host["env"]): Promise<PreviewRun> {
  const child = spawn("pulumi", args, { env, stdio: ["inherit", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", () =>
      reject(new Refusal("there is no pulumi on PATH", INSTALL, { exitCode: NOT_FOUND })),
    );
    child.on("close", (code) => {
      resolve({ exitCode: code ?? FAILED, json: Buffer.concat(chunks).toString("utf8") });
    });
  });
}
