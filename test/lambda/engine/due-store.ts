import { MINUTE } from "../../simulation/stage";
import { StoreStand } from "../stand/store-stand";

/** A client-credentials store that may be renewed; what was called to set it up is forgotten. */
export async function dueStore(): Promise<StoreStand> {
  const world = await StoreStand.create({ kind: "client-credentials" });
  world.clock.now += 30 * MINUTE;
  world.calls.length = 0;
  return world;
}

/** How often the token endpoint was asked since then. */
export const asked = (world: StoreStand): number =>
  world.calls.filter(({ operation }) => operation.endsWith("/access_token")).length;
