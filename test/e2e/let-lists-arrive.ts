import { LONGEST_LIST_LAG_MS } from "../../local/secrets-manager";
import type { World } from "../../local/world/world";

/** Moves on to when AWS's lists show everything that was made so far. */
export function letListsArrive(world: World): void {
  world.clock.advance(LONGEST_LIST_LAG_MS);
}
