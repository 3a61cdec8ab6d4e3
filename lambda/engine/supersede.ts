import type { SecretArn, VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import type { StoreRecord } from "../../contract/record";
import { holderOf } from "../../contract/store/secret-facts";
import { SECOND_MS } from "../../contract/time";
import type { EngineParts } from "./parts";
import type { Successor } from "./rules";
import { readVersionQuietly } from "./store";
import { attemptOf } from "./version-id";

/** What became of an install's version. */
export type Supersession = "promoted" | "already_current" | "overtaken";

/** How often AWSCURRENT may move under an install before it gives up. */
const MOST_TURNS = 5;
/** How many renewals are followed back to the version that an install was made from. */
const MOST_LINKS = 5;

/**
 * Makes an install's version AWSCURRENT: over its parent, or over what took the parent's place if that
 * is older at Shopify. Its acquisition retired every refresh token that was there, so a renewal of the
 * parent, however late it was stored, loses; a later acquisition wins.
 *
 * @throws {CodedError} `parent_moved` when AWSCURRENT never stands still
 */
export async function supersede(
  secretArn: SecretArn,
  install: Successor,
  parts: EngineParts,
): Promise<Supersession> {
  let from = install.record.parentVersion;
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const moved = await parts.secrets.promote(secretArn, { to: install.versionId, from });
    if (moved === "promoted") return "promoted";
    const holder = holderOf(await parts.secrets.describe(secretArn), "AWSCURRENT");
    if (holder === install.versionId) return "already_current";
    if (holder !== undefined && (await isOvertakenBy(secretArn, { holder, install }, parts))) {
      return "overtaken";
    }
    from = holder;
  }
  throw new CodedError("parent_moved", { secretArn, shop: install.record.shop });
}

/** Whether AWSCURRENT comes from this very install, or from an acquisition that was made after it. */
async function isOvertakenBy(
  secretArn: SecretArn,
  { holder, install }: { readonly holder: VersionId; readonly install: Successor },
  parts: EngineParts,
): Promise<boolean> {
  let versionId = holder;
  let record: StoreRecord | undefined;
  for (let link = 0; link < MOST_LINKS; link += 1) {
    // Somebody else brought this install to its end, and a renewal of it is AWSCURRENT.
    if (versionId === install.versionId) return true;
    // What renews the parent was granted before this install retired its refresh token.
    if (versionId === install.record.parentVersion) return false;
    record = (await readVersionQuietly(secretArn, versionId, parts))?.record;
    if (record === undefined) return false;
    const { parentVersion } = record;
    if (parentVersion === undefined || !isRenewalOf(parentVersion, versionId)) break;
    versionId = parentVersion;
  }
  return record !== undefined && !isAfter(install.record, record);
}

/** Stored times are cut to the second. Of two in the same second nobody knows the order: the holder stays. */
function isAfter(one: StoreRecord, other: StoreRecord): boolean {
  const secondOf = ({ issuedAt }: StoreRecord) => Math.floor(issuedAt / SECOND_MS);
  return secondOf(one) > secondOf(other);
}

function isRenewalOf(parent: VersionId, versionId: VersionId): boolean {
  return attemptOf(versionId, { purpose: "renew", from: parent }) !== undefined;
}
