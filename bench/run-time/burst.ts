import { buildProduct } from "../../test/simulation/functions/bundles";
import { CLIENT_ID, MINUTE, shopOf } from "../../test/simulation/stage";
import { World } from "../../test/simulation/world";
import { type Throttled, throttle, WRITES_A_SECOND } from "./quota";

/** What a burst of rotations in one minute came to. */
export interface Burst extends Throttled {
  readonly stores: number;
  /** Until half, nine tenths and all of the stores have their new token, in seconds of the world. */
  readonly seconds: Readonly<Record<"half" | "most" | "all", number>>;
  /** Rotations whose function failed and was called again by Secrets Manager. */
  readonly triedAgain: number;
  readonly lost: number;
}

/** A rotation writes its value and moves its label. */
const WRITES_A_ROTATION = 2;

/** The share of the quota that the rotations took, until nine tenths of the stores were through. */
export function shareOfQuota({ stores, seconds }: Burst): number {
  const ideal = (stores * 0.9 * WRITES_A_ROTATION) / WRITES_A_SECOND;
  return ideal / seconds.most;
}

/** So many client-credentials stores fall due in the same moment, and the functions share one quota of writes. */
export async function measureBurst(stores: number): Promise<Burst> {
  const world = new World({ seed: 1, product: await buildProduct() });
  await world.open();
  const keys = Array.from({ length: stores }, (_, index) => `store-${index}`);
  await provision(world, keys);
  const throttled = throttle(world);
  // The processes of the enrolment know the service as it was.
  world.lambda.forget();
  const before = new Map(keys.map((key) => [key, currentOf(world, key)]));
  const begunAt = world.timeline.now;
  const ends: number[] = [];
  const waiting = new Set(keys);
  world.secrets.onChange = () => {
    for (const key of waiting) {
      if (currentOf(world, key) === before.get(key)) continue;
      waiting.delete(key);
      ends.push((world.timeline.now - begunAt) / 1_000);
    }
  };
  world.steps.length = 0;
  for (const key of keys) void world.secrets.must("RotateSecret", { SecretId: world.arnOf(key) });
  await world.timeline.runUntil(begunAt + 30 * MINUTE);
  return {
    stores,
    ...throttled(),
    seconds: {
      half: ends[Math.floor(stores * 0.5) - 1] ?? Number.NaN,
      most: ends[Math.floor(stores * 0.9) - 1] ?? Number.NaN,
      all: ends[stores - 1] ?? Number.NaN,
    },
    triedAgain: world.steps.filter(({ Step }) => Step === "createSecret").length - stores,
    lost: waiting.size,
  };
}

async function provision(world: World, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await world.declare(key, { kind: "client-credentials" });
    world.shopify.control.install({ clientId: CLIENT_ID, shop: shopOf(key) });
    const { error } = await world.timeline.runUntilSettled(world.enrol(key), 5 * MINUTE);
    if (error !== undefined)
      throw new Error(`an enrolment of the bench failed: ${error.errorType}`);
    await world.timeline.runUntilSettled(world.scheduleRotation(key), 5 * MINUTE);
  }
  // Secrets Manager tests each new schedule, and no rotation begins before that is over.
  await world.timeline.runUntil(world.timeline.now + 5 * MINUTE);
}

/** The version that is AWSCURRENT. */
function currentOf(world: World, key: string): string | undefined {
  const secret = world.secrets.state.secrets.get(world.arnOf(key));
  return secret?.versions.find(({ stages }) => stages.includes("AWSCURRENT"))?.id;
}
