import { beginsAtOf, instantOf } from "../../local/world/begins";
import { startWorld, type World, type WorldOptions } from "../../local/world/world";

/**
 * Starts a world at the instant that the test names, so that rotation windows, days and months lie where they lay
 * yesterday. `SHOPIFY_SECRETS_WORLD_BEGINS=2026-12-31T21:05:00Z` begins all of them there instead.
 */
export async function beginWorld(
  instant: string,
  options: Omit<WorldOptions, "beginsAt"> = {},
): Promise<World> {
  const beginsAt = beginsAtOf(process.env) ?? instantOf(instant, "the beginning of a world");
  return await startWorld({ ...options, beginsAt });
}
