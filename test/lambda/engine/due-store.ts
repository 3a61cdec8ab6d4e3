import { LambdaWorld, MINUTE } from "../world/lambda-world";

/** A client-credentials store that may be renewed; what was called to set it up is forgotten. */
export async function dueStore(): Promise<LambdaWorld> {
  const world = await LambdaWorld.create({ kind: "client-credentials" });
  world.clock.now += 30 * MINUTE;
  world.calls.length = 0;
  return world;
}

/** How often the token endpoint was asked since then. */
export const asked = (world: LambdaWorld): number =>
  world.calls.filter(({ operation }) => operation.endsWith("/access_token")).length;
