import type { StoreKey } from "../../contract/brands";
import type { Declaration } from "../../contract/declaration";
import {
  ADVICE,
  type ErrorCode,
  type ErrorFacts,
  passesByItself,
  sentenceOf,
} from "../../contract/errors";
import { isStatic, KIND_FACTS, type Kind } from "../../contract/kinds";
import {
  REFRESH_MARGIN_MS,
  STUCK_TOLD_AFTER_MS,
  type StoreState,
  type StoreStatus,
} from "../../contract/status";
import { type EpochMs, epochMs, SECOND_MS } from "../../contract/time";

/** A store as its secret shows it, without its value. */
export interface StoreSeen {
  readonly store: StoreKey;
  readonly secretArn: string;
  /** Undefined: the description is not a declaration. */
  readonly declaration: Declaration | undefined;
  readonly status: StoreStatus;
  readonly stages: ReadonlyMap<string, string>;
  readonly rotates: boolean;
  readonly nextRotationAt: EpochMs | undefined;
  readonly createdAt: EpochMs | undefined;
  /** When the sweep came to the end of a pass; it says so on one store of the fleet. */
  readonly sweptAt: EpochMs | undefined;
}

/** How a store is, judged from what its secret shows. */
export interface Standing {
  readonly state: StoreState;
  /** The code of what is wrong, or of the last attempt that failed; empty: neither. */
  readonly code: ErrorCode | "";
  readonly needsPerson: boolean;
}

/** Judges a store: its state, the code of what is wrong, and whether somebody has to do something. */
export function judgeStore(seen: StoreSeen, now: EpochMs): Standing {
  const { status, declaration } = seen;
  if (declaration === undefined) return wrong("failing", "declaration_malformed");
  if (!seen.stages.has("AWSCURRENT")) return withoutValue(declaration, status);
  const state = status.state ?? "ok";
  const code = endsSoon(status, now) ? "refresh_token_ending" : status.lastErrorCode;
  if (state !== "ok") return wrong(state, code);
  if (typeof status.expiresAt === "number" && status.expiresAt <= now) {
    return wrong("dead", code || "token_dead");
  }
  if (isStuck(seen, now)) return wrong("failing", "rotation_stuck");
  if (code === "refresh_token_ending") return wrong("ok", code);
  if (status.lastErrorCode !== "") return lastAttempt(status, underQuarterLife(seen, now));
  return { state: "ok", code: "", needsPerson: false };
}

/** Whether the refresh token ends, and no definite answer says more of why. */
function endsSoon({ refreshExpiresAt, lastErrorCode }: StoreStatus, now: EpochMs): boolean {
  const isDefinite = lastErrorCode !== "" && !passesByItself(lastErrorCode);
  return (
    !isDefinite && refreshExpiresAt !== undefined && refreshExpiresAt - now < REFRESH_MARGIN_MS
  );
}

function wrong(state: StoreState, code: ErrorCode | ""): Standing {
  return { state, code, needsPerson: true };
}

function withoutValue({ kind, app }: Declaration, status: StoreStatus): Standing {
  const awaits =
    kind === "custom-app" || app === undefined ? "awaiting_token" : "awaiting_merchant";
  const state = status.state ?? (kind === "client-credentials" ? "failing" : awaits);
  const code = status.lastErrorCode || (state === "awaiting_token" ? "token_required" : "");
  return wrong(state, code);
}

/** A failed attempt that the next one may repair wakes nobody while the token is good. */
function lastAttempt(status: StoreStatus, isLate: boolean): Standing {
  const { lastErrorCode, lastErrorAt, lastSuccessAt } = status;
  if (lastErrorCode === "") return { state: "ok", code: "", needsPerson: false };
  const code = lastErrorCode;
  const needsPerson = isLate || !passesByItself(code);
  // A success that says what it found, such as a missing scope, left the token alive.
  const failedSince = (lastErrorAt ?? 0) > (lastSuccessAt ?? 0);
  return { state: needsPerson && failedSince ? "failing" : "ok", code, needsPerson };
}

function isStuck({ stages, status }: StoreSeen, now: EpochMs): boolean {
  const pending = stages.get("AWSPENDING");
  if (pending === undefined || pending === stages.get("AWSCURRENT")) return false;
  return status.pendingSeen !== undefined && now - status.pendingSeen.at > STUCK_TOLD_AFTER_MS;
}

/** Whether less than a quarter of the token's life is left. */
export function underQuarterLife({ declaration, status }: StoreSeen, now: EpochMs): boolean {
  const lifeSeconds = declaration && KIND_FACTS[declaration.kind].lifetimeSeconds;
  if (lifeSeconds === undefined || typeof status.expiresAt !== "number") return false;
  return status.expiresAt - now < (lifeSeconds * SECOND_MS) / 4;
}

/** When the token was issued, as far as its end tells; undefined: it has no end, or nobody said so. */
export function issuedAtOf({ declaration, status }: StoreSeen): EpochMs | undefined {
  const lifeSeconds = declaration && KIND_FACTS[declaration.kind].lifetimeSeconds;
  if (lifeSeconds === undefined || typeof status.expiresAt !== "number") return undefined;
  return epochMs(status.expiresAt - lifeSeconds * SECOND_MS);
}

/** When the token is renewed next: the end of the rotation window, or half a pair's life. */
export function nextRenewalOf(seen: StoreSeen): EpochMs | undefined {
  const { declaration, status, rotates, nextRotationAt } = seen;
  if (declaration === undefined) return undefined;
  const { renewer, lifetimeSeconds = 0 } = KIND_FACTS[declaration.kind];
  if (renewer === "secrets-manager") return rotates ? nextRotationAt : undefined;
  if (renewer === "nobody" || typeof status.expiresAt !== "number") return undefined;
  return epochMs(status.expiresAt - (lifetimeSeconds * SECOND_MS) / 2);
}

/** What a person is told of a store: who can mend it, what is wrong, and the next command. */
export function adviceFor(
  seen: Pick<StoreSeen, "store" | "declaration">,
  { state, code }: Standing,
): { readonly owner: string; readonly says: string; readonly next: string } {
  if (code === "") return adviceWithoutCode(seen.store, state);
  const kind = seen.declaration?.kind;
  if (code === "token_dead" && kind !== undefined) return adviceForDead(seen.store, kind);
  const sentence = sentenceOf(code, factsOf(seen));
  const [says = "", next = ""] = sentence.slice(code.length + 2).split(". Next: ");
  return { owner: ADVICE[code].owner, says, next };
}

/** The code's own advice is for every kind; of this store the kind is known. */
function adviceForDead(store: StoreKey, kind: Kind) {
  const { owner, says } = ADVICE.token_dead;
  return { owner, says, next: `shopify-secrets ${isStatic(kind) ? "put" : "rotate"} ${store}` };
}

function adviceWithoutCode(store: StoreKey, state: StoreState) {
  if (state === "awaiting_merchant") {
    const says = "the merchant has not approved the app yet";
    const next = `shopify-secrets install-link ${store}, and send the link to the merchant`;
    return { owner: "merchant", says, next };
  }
  if (state === "uninstalled") {
    const says = "the merchant uninstalled the app";
    const next = `shopify-secrets install-link ${store}, or take the store out of config`;
    return { owner: "merchant", says, next };
  }
  return {
    owner: "operator",
    says: `the store is ${state}`,
    next: `shopify-secrets check ${store}`,
  };
}

function factsOf({ store, declaration }: Pick<StoreSeen, "store" | "declaration">): ErrorFacts {
  return { store, ...(declaration?.app === undefined ? {} : { app: declaration.app }) };
}
