import { isSecretArn, type SecretArn } from "./brands";
import { INSTALLED, originOf } from "./names";
import { keptIn } from "./store/kept";
import type { SecretFacts } from "./store/secret-facts";
import { parseStatus } from "./store/status";
import { DAY_MS, type EpochMs } from "./time";

/** How long the secret of a merchant who came by himself may stay without a value: who has not come to the end by then starts anew. */
export const LEFTOVER_AFTER_MS = 7 * DAY_MS;

/** How many of them one pass of the sweep has removed; the rest waits for the next. */
export const MOST_LEFTOVERS = 10;

/** Whose mark is on a secret that is being removed because it never got a value. */
export const LEFTOVER_MARK = "leftover";

const ACTION = "remove_leftovers";

/** What the sweep asks of the install function, which alone may remove what it made. */
export interface LeftoverOrder {
  readonly action: typeof ACTION;
  readonly secrets: readonly SecretArn[];
}

export function leftoverOrder(secrets: readonly SecretArn[]): LeftoverOrder {
  return { action: ACTION, secrets };
}

/** Reads an order; undefined: the event is another one. */
export function parseLeftoverOrder(event: unknown): LeftoverOrder | undefined {
  const { action, secrets } = (event ?? {}) as Partial<Record<keyof LeftoverOrder, unknown>>;
  if (action !== ACTION || !Array.isArray(secrets)) return undefined;
  return leftoverOrder(secrets.filter(isSecretArn).slice(0, MOST_LEFTOVERS));
}

/** Whether a merchant who came by himself began to install, and nothing came of it for a week. */
export function isLeftover(facts: SecretFacts, now: EpochMs): boolean {
  if (originOf(facts) !== INSTALLED || facts.deletedAt !== undefined) return false;
  const since = lastTryOf(facts);
  return hasNoValue(facts) && since !== undefined && now - since >= LEFTOVER_AFTER_MS;
}

/** Whether nothing is stored in a secret, not even in its tags, where an approval keeps what AWS did not take. */
export function hasNoValue({ versions, tags }: Pick<SecretFacts, "versions" | "tags">): boolean {
  return versions.size === 0 && keptIn(tags) === "";
}

/** When it was last tried to store something; undefined: AWS does not say when the secret was made. */
function lastTryOf({ createdAt, tags }: SecretFacts): number | undefined {
  const { lastErrorAt = 0, approving } = parseStatus(tags);
  const isApproval = approving !== undefined && approving.id !== LEFTOVER_MARK;
  return createdAt && Math.max(createdAt, lastErrorAt, isApproval ? approving.at : 0);
}
