import type { AwsService } from "../../test/simulation/aws/aws-client";
import type { World } from "../../test/simulation/world";

/** Writes a second of an account and region, which nobody can raise (Secrets Manager quotas). */
export const WRITES_A_SECOND = 50;

/** The operations that share it; tags have as many of their own. */
const QUOTA_OF: Readonly<Record<string, "values and labels" | "tags">> = {
  PutSecretValue: "values and labels",
  UpdateSecretVersionStage: "values and labels",
  TagResource: "tags",
};

/** What the quota did. */
export interface Throttled {
  /** Calls that were refused. */
  readonly refused: Readonly<Record<string, number>>;
  readonly writes: number;
}

/** A quota as AWS keeps it: a bucket of one second's writes, which fills again as time passes; says whether one more may pass. */
export function createQuota(now: () => number): () => boolean {
  let left: number = WRITES_A_SECOND;
  let at = now();
  return () => {
    left = Math.min(WRITES_A_SECOND, left + ((now() - at) / 1_000) * WRITES_A_SECOND);
    at = now();
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}

/** The share of the quota over the densest stretch of so many writes, by their times in milliseconds. */
export function shareOfDensest(times: readonly number[], writes: number): number {
  let shortestMs = Number.POSITIVE_INFINITY;
  for (let last = writes - 1; last < times.length; last += 1) {
    const lengthMs = (times[last] as number) - (times[last - writes + 1] as number);
    shortestMs = Math.min(shortestMs, lengthMs);
  }
  return (writes - 1) / (shortestMs / 1_000) / WRITES_A_SECOND;
}

/** Puts AWS's quota of writes before a world's Secrets Manager: what is beyond it is refused, as the service does. */
export function throttle(world: World): () => Throttled {
  const refused: Record<string, number> = {};
  let writes = 0;
  const now = () => world.timeline.now;
  const mayPass = { "values and labels": createQuota(now), tags: createQuota(now) };
  const { serve } = world.secrets;
  const limited: AwsService = async (request, trouble) => {
    const quota = QUOTA_OF[request.operation];
    if (quota !== undefined && !mayPass[quota]()) {
      refused[request.operation] = (refused[request.operation] ?? 0) + 1;
      return {
        refusal: { code: "ThrottlingException", message: "Rate exceeded", httpStatus: 400 },
      };
    }
    if (quota === "values and labels") writes += 1;
    return await serve(request, trouble);
  };
  Object.assign(world.secrets, { serve: limited });
  return () => ({ refused, writes });
}
