import type { SecretArn, VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { missingScopes } from "../../contract/scopes";
import type { DatedVersion } from "../../contract/store/secret-facts";
import { parseStatus } from "../../contract/store/status";
import { DAY_MS, type EpochMs } from "../../contract/time";
import { checkEvenDead } from "../engine/check-token";
import { VERSION_SPACING_MS, VERSIONS_A_DAY } from "../engine/rules";
import type { Parent } from "../engine/successor";
import { MOST_ATTEMPTS, versionIdOf } from "../engine/version-id";
import type { InstallDeps } from "./deps";
import { type InstallableStore, needsMerchant } from "./installable";

/** How many approvals a day may bring to a store that is well; a renewal every half hour takes 48 of the day's versions. */
const MOST_OF_THE_WELL = 10;
/** How many when the store needs one. The rest is for renewals. */
const MOST_IN_NEED = 20;

/**
 * Sees that the store may have another approval: afterwards it is too late, because the exchange of the code
 * retires what the store has, whether its successor can be stored or not.
 *
 * @throws {CodedError} `approval_too_soon`: nothing was asked of Shopify but a check of the current token
 */
export async function requireRoom(
  installable: InstallableStore,
  parent: Parent,
  deps: InstallDeps,
): Promise<void> {
  const { store } = installable;
  const now = deps.clock.now();
  const versions = await deps.listVersions(store.secretArn);
  const today = versions.filter(({ createdAt }) => createdAt > now - DAY_MS);
  const approvals = approvalsAmong(today, { versions, secretArn: store.secretArn });
  const hasRoom = today.length < VERSIONS_A_DAY;
  if (hasRoom && approvals.length < MOST_OF_THE_WELL && areSpaced(approvals, now)) return;
  const isInNeed = await needsApproval(installable, parent, deps);
  if (hasRoom && approvals.length < MOST_IN_NEED && isInNeed) return;
  deps.log.warn("install.no_room", { approvals: approvals.length, versions: today.length });
  throw new CodedError("approval_too_soon", { shop: store.declaration.shop });
}

/** The versions that approvals brought: their IDs are derived from those of the versions that they were made from. */
export function approvalsAmong(
  today: readonly DatedVersion[],
  {
    versions,
    secretArn,
  }: { readonly versions: readonly DatedVersion[]; readonly secretArn: SecretArn },
): DatedVersion[] {
  const ids = new Set(versions.map(({ versionId }) => versionId));
  const approved = new Set<VersionId>();
  for (const from of [secretArn, ...ids]) {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const versionId = versionIdOf({ purpose: "install", from, attempt });
      if (!ids.has(versionId)) break;
      approved.add(versionId);
    }
  }
  return today.filter(({ versionId }) => approved.has(versionId));
}

/** Of what AWS dates later than now nobody can say how old it is. */
function areSpaced(approvals: readonly DatedVersion[], now: EpochMs): boolean {
  return approvals.every(({ createdAt }) => now - createdAt >= VERSION_SPACING_MS);
}

/** Whether an approval would mend something: what was seen of the store says so, or its token does. */
async function needsApproval(
  installable: InstallableStore,
  { record }: Parent,
  deps: InstallDeps,
): Promise<boolean> {
  if (record === undefined || needsMerchant(installable, deps)) return true;
  const { declaration, facts } = installable.store;
  const seenMissing = parseStatus(facts.tags).missingScopes ?? [];
  const missing = [...seenMissing, ...missingScopes(declaration.scopes, record.scopes)];
  if (missing.length > 0) return true;
  const { checked } = await checkEvenDead(installable.store, record.accessToken, deps);
  return checked === "token_dead";
}
