import { kindFactsOf } from "../contract/kinds";
import type { FleetSpec } from "./config/spec";
import type { LastOutputs } from "./last-outputs";
import { inTime } from "./store-list";

/**
 * Whether a fleet has the key of refresh tokens, and what goes with it. Stores that come by themselves have such tokens,
 * however many they are today.
 */
export function hasRefreshTokens({ apps, stores, listed }: FleetSpec): boolean {
  return (
    listed?.keepsPairs === true ||
    apps.some(({ open }) => open !== undefined) ||
    [...stores, ...(listed?.stores ?? [])].some(({ declaration, isMoved }) => {
      // The pair goes on until the key has taken its place, and is there for the way back.
      return isMoved === true || kindFactsOf(declaration).hasRefreshToken;
    })
  );
}

/**
 * A fleet that keeps what renews its one-hour tokens as long as it has a list: a store that left the list is retired only
 * after `up`, and until then its token has to live.
 */
export async function keepingPairs(
  spec: FleetSpec,
  lastOutputs: () => Promise<LastOutputs>,
): Promise<FleetSpec> {
  const { listed } = spec;
  if (listed === undefined || hasRefreshTokens(spec)) return spec;
  return { ...spec, listed: { ...listed, keepsPairs: await mayHaveRefreshKey(lastOutputs) } };
}

/** Whether the last deployment has the key of refresh tokens; where nobody can tell, nothing is taken away. */
export async function mayHaveRefreshKey(lastOutputs: () => Promise<LastOutputs>): Promise<boolean> {
  const outputs = await inTime(lastOutputs);
  return outputs === undefined || outputs["refreshKeyArn"] !== undefined;
}
