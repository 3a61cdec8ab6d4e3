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

/** All that failed in a run, however often it was gone on with. */
export const EVER = 0 as EpochMs;

/** Follows a run to its end, with progress. */
export async function follow(
  { host }: Pick<Call, "host">,
  runs: ListRunsPort,
  about: {
    readonly executionArn: string;
    readonly bucket: string;
    readonly since: EpochMs;
    /** What the run does. Default: it applies the list. */
    readonly doing?: string;
  },
): Promise<RunEnd> {
  const { executionArn, bucket, since, doing = "applying the list" } = about;
  let map: MapRun | undefined;
  const run = await whileTelling(
    host,
    () => progressOf(map, doing),
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

function progressOf(map: MapRun | undefined, doing: string): string {
  if (map === undefined) return `${doing}: nothing is begun yet`;
  const { total, succeeded, failed } = map;
  const trouble = failed === 0 ? "" : `, ${failed} failed`;
  return `${doing}: ${succeeded + failed} of ${total} stores done${trouble}`;
}
