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

/** Puts AWS's quota of writes before a world's Secrets Manager: what is beyond it is refused, as the service does. */
export function throttle(world: World): () => Throttled {
  const refused: Record<string, number> = {};
  const buckets = new Map<string, { left: number; at: number }>();
  let writes = 0;
  const mayPass = (name: string): boolean => {
    const now = world.timeline.now;
    const bucket = buckets.get(name) ?? { left: WRITES_A_SECOND, at: now };
    const refilled = bucket.left + ((now - bucket.at) / 1_000) * WRITES_A_SECOND;
    const left = Math.min(WRITES_A_SECOND, refilled);
    buckets.set(name, { left: left >= 1 ? left - 1 : left, at: now });
    return left >= 1;
  };
  const { serve } = world.secrets;
  const limited: AwsService = async (request, trouble) => {
    const quota = QUOTA_OF[request.operation];
    if (quota !== undefined && !mayPass(quota)) {
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
