import type { ListFailure } from "../../contract/listed/list-steps";
import { type EpochMs, SECOND_MS } from "../../contract/time";
import type { ListRun, ListRunsPort, MapRun } from "../aws/ports";
import type { Call } from "../command";
import { whileTelling } from "../print/progress";

/** How a run ended. */
export interface RunEnd {
  readonly run: ListRun;
  /** Undefined: no store had work, or the run ended before. */
  readonly map: MapRun | undefined;
  readonly failures: readonly ListFailure[];
}

const LOOK_EVERY_MS = 2 * SECOND_MS;

/** Follows a run to its end, with progress. */
export async function follow(
  { host }: Pick<Call, "host">,
  runs: ListRunsPort,
  about: { readonly executionArn: string; readonly bucket: string; readonly since: EpochMs },
): Promise<RunEnd> {
  const { executionArn, bucket, since } = about;
  let map: MapRun | undefined;
  const run = await whileTelling(
    host,
    () => progressOf(map),
    async () => {
      for (;;) {
        const seen = await runs.look(executionArn);
        map = (await runs.mapRun(executionArn)) ?? map;
        if (seen.status !== "RUNNING" && seen.status !== "PENDING_REDRIVE") return seen;
        await host.sleep(LOOK_EVERY_MS);
      }
    },
  );
  const failures = map === undefined ? [] : await runs.failures(bucket, run.name, since);
  return { run, map, failures };
}

function progressOf(map: MapRun | undefined): string {
  if (map === undefined) return "comparing the list with what is there";
  const { total, succeeded, failed } = map;
  const trouble = failed === 0 ? "" : `, ${failed} failed`;
  return `applying the list: ${succeeded + failed} of ${total} stores done${trouble}`;
}
