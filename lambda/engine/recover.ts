import { adviceRow, CodedError } from "../../contract/errors";
import type { Checked, StoreRecord } from "../../contract/record";
import { holderOf } from "../../contract/store/secret-facts";
import { kinOf } from "./kin";
import { type Line, newestLiveSuccessor } from "./line";
import { withFacts } from "./mint";
import type { EngineParts } from "./parts";
import { PLANS } from "./plans";
import { promote } from "./promote";
import type { Successor } from "./rules";
import { verdictOn } from "./trial";

/** Whether the line has nothing left of its own to present, said by AWSCURRENT's own refresh token. */
async function isBelievedRefusal(
  { store, parent }: Line,
  failure: unknown,
  parts: EngineParts,
): Promise<boolean> {
  const isRefused =
    failure instanceof CodedError && adviceRow(failure.code).tokens === "refresh_dead";
  if (!isRefused || parent.versionId === undefined) return false;
  const facts = await parts.secrets.describe(store.secretArn);
  if (parts.rules.believesRefusal(parent.versionId, holderOf(facts, "AWSCURRENT"))) return true;
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
  line: Line,
  failure: unknown,
  parts: EngineParts,
): AsyncGenerator<StoreRecord> {
  if (!(await isBelievedRefusal(line, failure, parts))) throw failure;
  for await (const { versionId, record } of kinOf(line, parts)) {
    parts.log.warn("rotation.earlier_refresh_token", { version_id: versionId });
    yield record;
  }
}

/** A successor that a rescue made AWSCURRENT, and what its trial said. */
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
export async function recoverChain(
  line: Line,
  failure: unknown,
  parts: EngineParts,
): Promise<Rescued> {
  const { store } = line;
  const isNeeded =
    isDeadAfterTheEnd(line, failure, parts) || (await isBelievedRefusal(line, failure, parts));
  if (!isNeeded) throw failure;
  // What was stored in this very attempt is among them; an older one would be renewed at once, past the spacing.
  const facts = await parts.secrets.describe(store.secretArn);
  const successor = await newestLiveSuccessor({ ...line, store: { ...store, facts } }, parts);
  if (successor === undefined) throw failure;
  const { versionId, record } = successor;
  const { checked } = await verdictOn(store, record.accessToken, parts);
  if (checked === "token_dead" && (await isParentAlive(line, parts))) {
    parts.log.warn("rotation.chain_waits", { code: checked, version_id: versionId });
    throw withFacts(new CodedError(checked), store);
  }
  await promote({ secretArn: store.secretArn, plan: PLANS.renewal }, successor, parts);
  parts.log.warn("rotation.chain_recovered", { version_id: versionId, checked });
  return { ...successor, checked };
}

/**
 * Whether a new pair's access token is dead and the parent's has ended: then there is nothing to lose by going on
 * with the new refresh token. Shopify may answer a refresh whose reply was lost with the same pair again, and that
 * one may have ended in between; asked for ever, it would come for ever.
 */
function isDeadAfterTheEnd({ parent }: Line, failure: unknown, { clock }: EngineParts): boolean {
  const isDead = failure instanceof CodedError && failure.code === "token_dead";
  const expiresAt = parent.record?.expiresAt;
  return isDead && expiresAt !== undefined && expiresAt <= clock.now();
}

async function isParentAlive({ store, parent }: Line, parts: EngineParts): Promise<boolean> {
  const { record } = parent;
  if (record === undefined) return false;
  if (record.expiresAt !== undefined && record.expiresAt <= parts.clock.now()) return false;
  return (await verdictOn(store, record.accessToken, parts)).checked !== "token_dead";
}
