import type { SecretArn, VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import type { StoreRecord } from "../../contract/record";
import { holderOf } from "../../contract/store/secret-facts";
import { SECOND_MS } from "../../contract/time";
import type { EngineDeps } from "./deps";
import type { Plan } from "./plans";
import { readVersionQuietly } from "./store";
import type { Successor } from "./successor";
import { attemptOf } from "./version-id";

/** What a promotion did. */
export type PromotionOutcome = "promoted" | "already_current";

/** What became of a version that may take the place of more than its parent; `overtaken`: a later one is AWSCURRENT. */
export type Supersession = PromotionOutcome | "overtaken";

/** Which secret's AWSCURRENT moves, and by which plan. */
export interface Succession<P extends Plan = Plan> {
  readonly secretArn: SecretArn;
  readonly plan: P;
}

/** How often AWSCURRENT may move under a version before it gives up. */
const MOST_TURNS = 5;
/** How many renewals are followed back to the version that an acquisition was made from. */
const MOST_GENERATIONS = 5;

/**
 * Makes a version AWSCURRENT; nothing else in the product does.
 *
 * A compare-and-swap over the version that it was made from. Where the plan says so, also over what took that one's
 * place if it is older at Shopify: an acquisition retired every refresh token that was there, so a renewal of the
 * parent, however late it was stored, loses; a later acquisition wins.
 *
 * @throws {CodedError} `parent_moved`: another version became current, so this one is dropped; or AWSCURRENT never
 *   stands still
 */
export async function promote(
  place: Succession<Plan & { readonly over: "parent" }>,
  successor: Successor,
  deps: EngineDeps,
): Promise<PromotionOutcome>;
export async function promote(
  place: Succession,
  successor: Successor,
  deps: EngineDeps,
): Promise<Supersession>;
export async function promote(
  { secretArn, plan }: Succession,
  successor: Successor,
  deps: EngineDeps,
): Promise<Supersession> {
  const { secrets } = deps;
  const { versionId, record } = successor;
  const readHolder = async () => holderOf(await secrets.describe(secretArn), "AWSCURRENT");
  const turns = plan.over === "parent" ? 1 : MOST_TURNS;
  // Never a freshly read holder: an install that landed in between must win.
  let from = record.parentVersion;
  for (let turn = 0; turn < turns; turn += 1) {
    if ((await secrets.promote(secretArn, { to: versionId, from })) === "promoted") {
      return "promoted";
    }
    const holder = await readHolder();
    if (holder === versionId) return "already_current";
    const isLess = plan.over === "older" && holder !== undefined;
    if (isLess && (await isOvertakenBy(secretArn, { holder, acquired: successor }, deps))) {
      return "overtaken";
    }
    from = holder;
  }
  // An acquisition keeps its label: it may hold the only refresh token that lives.
  if (plan.over === "parent") await secrets.dropStage(secretArn, versionId, plan.label);
  throw new CodedError("parent_moved", { shop: record.shop, secretArn });
}

/** Whether AWSCURRENT comes from this very acquisition, or from one that was made after it. */
async function isOvertakenBy(
  secretArn: SecretArn,
  { holder, acquired }: { readonly holder: VersionId; readonly acquired: Successor },
  deps: EngineDeps,
): Promise<boolean> {
  let versionId = holder;
  let record: StoreRecord | undefined;
  for (let link = 0; link < MOST_GENERATIONS; link += 1) {
    // Somebody else brought it to its end, and a renewal of it is AWSCURRENT.
    if (versionId === acquired.versionId) return true;
    if (versionId === acquired.record.parentVersion) return isOfItsOwn(record, acquired.record);
    record = (await readVersionQuietly(secretArn, versionId, deps))?.record;
    if (record === undefined) return false;
    const { parentVersion } = record;
    if (parentVersion === undefined || !isRenewalOf(parentVersion, versionId)) break;
    versionId = parentVersion;
  }
  return record !== undefined && !isAfter(acquired.record, record);
}

/** The longest that an exchange may be on its way, with its next tries. */
const LONGEST_EXCHANGE_MS = 60 * SECOND_MS;

/**
 * Whether what renews the parent was granted to the acquisition's refresh token: the parent's was retired by then. What
 * was asked for about the same time was granted before, because the acquisition retired it.
 */
function isOfItsOwn(renewal: StoreRecord | undefined, acquired: StoreRecord): boolean {
  return renewal !== undefined && renewal.issuedAt > acquired.issuedAt + LONGEST_EXCHANGE_MS;
}

/** Stored times are cut to the second. Of two in the same second nobody knows the order: the holder stays. */
function isAfter(one: StoreRecord, other: StoreRecord): boolean {
  const secondOf = ({ issuedAt }: StoreRecord) => Math.floor(issuedAt / SECOND_MS);
  return secondOf(one) > secondOf(other);
}

function isRenewalOf(parent: VersionId, versionId: VersionId): boolean {
  return attemptOf(versionId, { purpose: "renew", from: parent }) !== undefined;
}
