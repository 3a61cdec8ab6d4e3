import { spawn } from "node:child_process";
import { EXIT } from "../exit-codes";
import { paintOf } from "../print/colour";
import { whileTelling } from "../print/progress";
import type { Surroundings } from "../surroundings";
import { formatReport, losesSecrets, reportOn } from "./report";
import { errorsIn, parsePreview, type Step } from "./steps";

/** What `pulumi preview --json` ended with. */
interface PreviewRun {
  readonly exitCode: number;
  readonly json: string;
}

/** Runs `pulumi`; a parameter, so that tests need no engine. */
export type RunPulumi = (args: readonly string[]) => Promise<PreviewRun>;

/**
 * Runs `pulumi preview` and says what it means for stores: what is lost first, then what is new, changed
 * and enrolled, and the cost a month. Words are handed on to Pulumi.
 *
 * @returns 3 when a store's secret would be deleted or replaced, so that a pipeline can stop; Pulumi's own
 * code when the preview fails
 */
export async function preview(
  words: readonly string[],
  surroundings: Surroundings,
  runPulumi: RunPulumi = runOnPath,
): Promise<number> {
  const args = ["preview", "--json", ...words];
  const run = await whileTelling(
    surroundings,
    () => "previewing",
    () => runPulumi(args),
  );
  const paint = paintOf(surroundings.out, surroundings.env);
  const steps = parsePreview(run.json);
  if (run.exitCode !== 0 || steps === undefined) {
    const errors = errorsIn(run.json);
    surroundings.err.write(`${paint("the preview failed", "red")}\n${errors.join("\n")}\n`);
    return run.exitCode === 0 ? EXIT.failed : run.exitCode;
  }
  const report = reportOn(steps, await namesPendingDeletion(steps, surroundings));
  surroundings.out.write(formatReport(report, paint));
  return losesSecrets(report) ? EXIT.failed : EXIT.well;
}

/** The names of new secrets that deleted ones still hold. */
async function namesPendingDeletion(
  steps: readonly Step[],
  { connect, err }: Surroundings,
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
      listed.flatMap(({ name, deletedAt }) => (deletedAt === undefined ? [] : [name])),
    );
  } catch {
    err.write(
      "whether names are still taken by deleted secrets cannot be told: AWS did not answer\n",
    );
    return new Set(); // the preview itself is not wrong because of it; `up` would say so
  }
}

function runOnPath(args: readonly string[]): Promise<PreviewRun> {
  const child = spawn("pulumi", args, { stdio: ["inherit", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", () => reject(new Error("pulumi is not on PATH")));
    child.on("close", (code) => {
      resolve({ exitCode: code ?? EXIT.failed, json: Buffer.concat(chunks).toString("utf8") });
    });
  });
}
