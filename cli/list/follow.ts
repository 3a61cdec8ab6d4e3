import type { ListFailure } from "../../contract/listed/list-steps";
import { isProof } from "../../contract/listed/wave-run";
import { plural } from "../../contract/plural";
import { type EpochMs, SECOND_MS } from "../../contract/time";
import type { ListRun, ListRunsPort, MapRun } from "../aws/ports";
import type { Call } from "../command";
import { whileTelling } from "../print/progress";

/** How a run ended. */
export interface RunEnd {
  readonly run: ListRun;
  readonly counts: RunCounts;
  readonly failures: readonly ListFailure[];
  /** How many stores failed without a reason being written down: their workers ran out of time, or could write nothing. */
  readonly unexplained: number;
}

/** The stores of a run, each counted once. */
export interface RunCounts {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Begun, and neither done nor failed: it was cut short, or is at work. */
  readonly unfinished: number;
}

const LOOK_EVERY_MS = 2 * SECOND_MS;

/** Follows a run to its end, with progress; whoever interrupts that is told that the run goes on. */
export async function followWhileItRuns(
  call: Pick<Call, "host">,
  runs: ListRunsPort,
  about: { readonly executionArn: string; readonly bucket: string },
): Promise<RunEnd> {
  const { err, onInterrupt } = call.host;
  const done = onInterrupt(() => err.write(GOES_ON));
  try {
    return await follow(call, runs, about);
  } finally {
    done();
  }
}

const GOES_ON =
  "\nthe run goes on at AWS. Next: shopify-secrets apply, which follows it, or shopify-secrets apply --stop\n";

/** Follows a run to its end, with progress. */
export async function follow(
  { host }: Pick<Call, "host">,
  runs: ListRunsPort,
  { executionArn, bucket }: { readonly executionArn: string; readonly bucket: string },
): Promise<RunEnd> {
  let seen: { readonly run: ListRun; readonly maps: readonly MapRun[] } | undefined;
  const end = await whileTelling(
    host,
    () => (seen === undefined ? "looking at the run" : progressOf(seen.run, seen.maps)),
    async () => {
      for (;;) {
        // The maps after the run: of one that has ended, they are as they stay.
        const run = await runs.look(executionArn);
        const maps = await runs.mapRuns(executionArn);
        seen = { run, maps };
        if (run.status !== "RUNNING" && run.status !== "PENDING_REDRIVE") return seen;
        await host.sleep(LOOK_EVERY_MS);
      }
    },
  );
  const { run, maps } = end;
  const counts = countsOf(run, maps);
  const failures =
    maps.length === 0 ? [] : await runs.failures(bucket, run.name, (at) => stands(at, maps));
  return { run, counts, failures, unexplained: Math.max(0, counts.failed - failures.length) };
}

/** A proof of the first few counts no store twice. */
function countsOf({ waves = [] }: ListRun, maps: readonly MapRun[]): RunCounts {
  let [total, succeeded, failed, unfinished] = [0, 0, 0, 0];
  for (const [index, map] of maps.entries()) {
    const wave = waves[index];
    failed += map.failed;
    if (wave !== undefined && isProof(wave)) succeeded -= map.failed;
    else {
      total += map.total;
      succeeded += map.succeeded;
      // A step that is at work when its run is stopped counts as running for a moment more.
      unfinished += map.aborted + map.running;
    }
  }
  return { total, succeeded, failed, unfinished };
}

/** What was noted in a map before its failed stores were begun anew says nothing of them any more. */
function stands(at: EpochMs, maps: readonly MapRun[]): boolean {
  return !maps.some(
    ({ beganAt, redrivenAt }) =>
      redrivenAt !== undefined && secondOf(beganAt) <= at && at < secondOf(redrivenAt),
  );
}

/** S3 tells times to the second. */
function secondOf(at: EpochMs): number {
  return Math.floor(at / SECOND_MS) * SECOND_MS;
}

function progressOf(run: ListRun, maps: readonly MapRun[]): string {
  const doing = run.waves === undefined ? "applying the list" : "in waves";
  const { total, succeeded, failed } = countsOf(run, maps);
  if (total === 0) return `${doing}: nothing is begun yet`;
  const trouble = failed === 0 ? "" : `, ${failed} failed`;
  return `${doing}: ${succeeded} of ${plural(total, "store")} done${trouble}`;
}
