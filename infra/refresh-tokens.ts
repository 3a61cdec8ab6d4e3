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

/** The key of refresh tokens that this deployment takes out of the stack, by its ARN; undefined: none, or nobody can tell. */
export async function leavingRefreshKey(
  spec: FleetSpec,
  lastOutputs: () => Promise<LastOutputs>,
): Promise<string | undefined> {
  if (hasRefreshTokens(spec)) return undefined;
  const { refreshKeyArn } = (await inTime(lastOutputs)) ?? {};
  return typeof refreshKeyArn === "string" ? refreshKeyArn : undefined;
}

/** What Pulumi stops at, with no more than the word "protected"; a warning, as nobody sees here whether that was taken off. */
export function protectedKeySays(keyArn: string): string {
  return `no store needs the key of the refresh tokens any more, and it is protected: where Pulumi says that it cannot be deleted, pulumi state unprotect '<urn>', by the URN that it names there, and deploy again. The key stays in the account; note its ARN for a day on which such a store returns (formerRefreshKeyArns): ${keyArn}`;
}
