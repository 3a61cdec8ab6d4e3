import { adviceRow, CodedError } from "../../contract/errors";
import type { Checked, StoreRecord } from "../../contract/record";
import { holderOf } from "../../contract/store/secret-facts";
import { checkEvenDead } from "./check-token";
import type { EngineDeps } from "./deps";
import { type Lineage, newestLiveSuccessor } from "./lineage";
import { PLANS } from "./plans";
import { promote } from "./promote";
import { relativesOf } from "./relatives";
import { hasEnded } from "./rules";
import { withFacts } from "./store";
import type { Successor } from "./successor";

/** Whether the line has nothing left of its own to present, said by AWSCURRENT's own refresh token. */
async function isBelievedRefusal(
  { store, parent }: Lineage,
  failure: unknown,
  deps: EngineDeps,
): Promise<boolean> {
  const isRefused =
    failure instanceof CodedError && adviceRow(failure.code).tokens === "refresh_dead";
  if (!isRefused || parent.versionId === undefined) return false;
  const facts = await deps.secrets.describe(store.secretArn);
  if (deps.rules.believesRefusal(parent.versionId, holderOf(facts, "AWSCURRENT"))) return true;
  throw new CodedError("parent_moved", { shop: store.declaration.shop });
}

/**
 * The records whose refresh tokens may be left when the current one is refused or missing, the likeliest
 * first. Whoever asks goes on to the next one only after a refusal, and leaves every other failure to the
 * next attempt: what was not asked may be the one that lives.
 *
 * @throws the failure itself when it is no refusal that is to be believed
 */
export async function* otherRecords(
  lineage: Lineage,
  failure: unknown,
  deps: EngineDeps,
): AsyncGenerator<StoreRecord> {
  if (!(await isBelievedRefusal(lineage, failure, deps))) throw failure;
  for await (const { versionId, record } of relativesOf(lineage, deps)) {
    deps.log.warn("rotation.earlier_refresh_token", { version_id: versionId });
    yield record;
  }
}

/** A successor that a rescue made AWSCURRENT, and what its check said. */
export interface Rescued extends Successor {
  /** `token_dead`: only its refresh token is alive, and it has to be renewed at once. */
  readonly checked: Checked;
}

/**
 * Saves a refresh chain whose current refresh token is refused or missing, or brings dead access tokens only.
 *
 * A refusal is believed only when AWSCURRENT, read again, is still the parent. Then a successor that
 * was stored and never promoted holds the only refresh token that can be left: it becomes AWSCURRENT,
 * because no refresh token is presented before that. It does so even when its access token is dead,
 * which nothing else may, but never in the place of one that works.
 *
 * @throws the failure itself when it is another one, or when nothing is left to present;
 *   `token_dead` while the old access token outlives the successor's
 */
export async function recoverLineage(
  lineage: Lineage,
  failure: unknown,
  deps: EngineDeps,
): Promise<Rescued> {
  const { store } = lineage;
  const isNeeded =
    isDeadAfterTheEnd(lineage, failure, deps) || (await isBelievedRefusal(lineage, failure, deps));
  if (!isNeeded) throw failure;
  // What was stored in this very attempt is among them; an older one would be renewed at once, past the spacing.
  const facts = await deps.secrets.describe(store.secretArn);
  const successor = await newestLiveSuccessor({ ...lineage, store: { ...store, facts } }, deps);
  if (successor === undefined) throw failure;
  const { versionId, record } = successor;
  const { checked } = await checkEvenDead(store, record.accessToken, deps);
  if (checked === "token_dead" && (await isParentAlive(lineage, deps))) {
    deps.log.warn("rotation.chain_waits", { code: checked, version_id: versionId });
    throw withFacts(new CodedError(checked), store);
  }
  await promote({ secretArn: store.secretArn, plan: PLANS.renewal }, successor, deps);
  deps.log.warn("rotation.chain_recovered", { version_id: versionId, checked });
  return { ...successor, checked };
}

/**
 * Whether a new pair's access token is dead and the parent's has ended: then there is nothing to lose by going on
 * with the new refresh token. Shopify may answer a refresh whose reply was lost with the same pair again, and that
 * one may have ended in between; asked for ever, it would come for ever.
 */
function isDeadAfterTheEnd({ parent }: Lineage, failure: unknown, { clock }: EngineDeps): boolean {
  const isDead = failure instanceof CodedError && failure.code === "token_dead";
  return isDead && parent.record !== undefined && hasEnded(parent.record, clock.now());
}

async function isParentAlive({ store, parent }: Lineage, deps: EngineDeps): Promise<boolean> {
  const { record } = parent;
  if (record === undefined || hasEnded(record, deps.clock.now())) return false;
  return (await checkEvenDead(store, record.accessToken, deps)).checked !== "token_dead";
}
