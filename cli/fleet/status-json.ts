import { adviceOf } from "../../contract/errors";
import { originOf } from "../../contract/names";
import { encodeScopes, expandScopes } from "../../contract/scopes";
import type { Condition } from "../../contract/store/condition";
import { deletionOf } from "../../contract/store/secret-facts";
import { type EpochMs, isoOf } from "../../contract/time";
import type { Call } from "../command";
import type { Complaint } from "../print/complaints";
import { agingVersions } from "./api-versions";
import { type AppKeys, keyJson } from "./signing-keys";
import { issuedAtOf, nextRenewalOf, type StoreSeen } from "./store-view";
import type { Heartbeat } from "./sweep-heartbeat";

/** A store as `status` shows it. */
export interface Row {
  readonly seen: StoreSeen;
  readonly condition: Condition;
}

/** All that `status` shows. */
export interface Shown {
  readonly rows: readonly Row[];
  readonly deleted: readonly StoreSeen[];
  readonly missing: readonly Complaint[];
  readonly heartbeat: Heartbeat;
  readonly now: EpochMs;
  /** The keys that sign for the stores' apps. */
  readonly appKeys: readonly AppKeys[];
}

/** What brings a secret back that waits for its deletion. */
export function restoreOf({ store, facts }: StoreSeen): string {
  const origin = originOf(facts);
  return adviceOf("secret_pending_deletion", { store, ...(origin && { origin }) }).next;
}

/** The fleet as `status --json` prints it. */
export function statusJson(
  { prefix }: Pick<Call, "prefix">,
  { rows, deleted, missing, heartbeat, now, appKeys }: Shown,
): object {
  const { sweptAt, verdict } = heartbeat;
  const needing = needingIn({ rows, missing });
  return {
    prefix,
    sweep: { last_pass_at: sweptAt === undefined ? null : isoOf(sweptAt), verdict },
    stores_needing_a_person: needing,
    // Below it is a truth value; kept for those who read it here.
    needs_person: needing,
    // Versions of the Admin API that Shopify ends within a quarter, or has ended.
    aging_api_versions: agingVersions(
      rows.map(({ seen }) => seen),
      now,
    ).map(({ retiresAt, ...aging }) => ({ ...aging, retires_at: isoOf(retiresAt) })),
    stores: rows.map(jsonRow),
    // Of apps that sign alone; null: whoever asks may not see the keys.
    apps: appKeys.map(({ app, keys }) => ({
      app,
      signing_keys: keys?.map((key) => keyJson(key, keys)) ?? null,
    })),
    // Declared by the stack that --stack names, and without a secret.
    missing,
    deleted: deleted.map((seen) => ({
      store: seen.store,
      secret_arn: seen.secretArn,
      ...deletionJson(seen.facts.deletedAt ?? now, now),
      next: restoreOf(seen),
    })),
  };
}

/** When the deletion was asked for, or the end of the recovery window where AWS's date is that; null: AWS did not say it. */
function deletionJson(deletedAt: EpochMs, now: EpochMs): object {
  const { askedAt, endsAt } = deletionOf(deletedAt, now);
  return {
    deleted_at: askedAt === undefined ? null : isoOf(askedAt),
    deletion_date: endsAt === undefined ? null : isoOf(endsAt),
  };
}

/** How many stores need a person, those without a secret among them. */
export function needingIn({ rows, missing }: Pick<Shown, "rows" | "missing">): number {
  return missing.length + rows.filter(({ condition }) => condition.needsPerson).length;
}

const NO_ADVICE = { owner: null, says: null, next: null };

function jsonRow({ seen, condition }: Row): object {
  const { status: tags, declaration } = seen;
  const { state, code, needsPerson, owner, says, next } = condition;
  const time = (at: EpochMs | undefined) => (at === undefined ? null : isoOf(at));
  const expires = typeof tags.expiresAt === "number" ? tags.expiresAt : undefined;
  return {
    store: seen.store,
    kind: declaration?.kind ?? null,
    shop: declaration?.shop ?? null,
    app: declaration?.app ?? null,
    secret_arn: seen.secretArn,
    state,
    needs_person: needsPerson,
    code: code === "" ? null : code,
    ...(needsPerson || code !== "" ? { owner, says, next } : NO_ADVICE),
    api_version: declaration?.apiVersion ?? null,
    scopes_wanted: declaration?.scopes ?? [],
    scopes_granted: grantedScopes(seen),
    issued_at: time(issuedAtOf(seen)),
    expires_at: tags.expiresAt === "never" ? "never" : time(expires),
    refresh_token_expires_at: time(tags.refreshExpiresAt),
    last_success_at: time(tags.lastSuccessAt),
    last_error_code: tags.lastErrorCode === "" ? null : tags.lastErrorCode,
    last_error_at: time(tags.lastErrorAt),
    next_renewal_at: time(nextRenewalOf(seen)),
    version_id: seen.current ?? null,
  };
}

/** The granted ones of the wanted scopes; null: none are wanted, or no function has written them. */
function grantedScopes({ declaration, status: tags }: StoreSeen): string[] | null {
  if (declaration === undefined || tags.missingScopes === undefined) return null;
  if (declaration.scopes.length === 0) return null; // no function writes what it does not look for
  const missing = expandScopes(tags.missingScopes);
  const granted = declaration.scopes.filter((scope) => !missing.has(scope));
  return encodeScopes(granted)
    .split(",")
    .filter((scope) => scope !== "");
}
