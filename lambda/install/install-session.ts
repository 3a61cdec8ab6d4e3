import { randomBytes } from "node:crypto";
import { isStoreKey, type StoreKey } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import type { Sealed } from "../../contract/sealed";
import { type EpochMs, epochMs, SECOND_MS } from "../../contract/time";
import type { ClientSecret } from "../engine/app-secret";
import type { InstallableStore } from "./installable";
import type { Newcomer } from "./newcomer";
import { areSame, isOneOf, ownSealOf } from "./own-seal";

/** How long a merchant may take from the link to the approval, in seconds. */
export const INSTALL_SESSION_SECONDS = 600;

const STATE_BYTES = 32;
const STATE = /^[A-Za-z0-9_-]{43}$/;
const VALUE = /^(v[12])\.([a-z0-9-]{1,48})\.(\d{10,12})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;
const OF_A_STORE = "v1";
const OF_A_NEWCOMER = "v2";
/** Bound to this host, over TLS, for all paths: browsers refuse a cookie of such a name otherwise. */
const NAME_HEAD = "__Host-install-";
/** One cookie per attempt, so that several stores can be approved side by side. */
const NAME_CHARACTERS = 12;
/** Only what we named: a name comes back in a header. */
const OWN_NAME = /^__Host-install-[A-Za-z0-9_-]{12}$/;
const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax";

/** The proof, kept by the browser, that it began an installation. */
export interface InstallSession {
  readonly store: StoreKey;
  /** Whether the store is yet to be made: its merchant came by himself. */
  readonly isNewcomers: boolean;
  readonly state: string;
  readonly issuedAt: EpochMs;
  readonly expiresAtSeconds: number;
  readonly seal: string;
}

/** Whom a session is for: a store, or a merchant whose store is yet to be made. */
export type SessionSubject = InstallableStore | Newcomer;

/** A new `state`, and the cookie that binds it to the browser, the store, its shop and its app. */
export function issueInstallSession(
  subject: SessionSubject,
  clientSecret: ClientSecret,
  now: EpochMs,
): { readonly state: string; readonly cookie: string } {
  const state = randomBytes(STATE_BYTES).toString("base64url");
  const expiresAtSeconds = Math.floor(now / SECOND_MS) + INSTALL_SESSION_SECONDS;
  const seal = sealOf(subject, { state, expiresAtSeconds }, clientSecret.secret);
  const version = "store" in subject ? OF_A_STORE : OF_A_NEWCOMER;
  const value = [version, subject.key, expiresAtSeconds, state, seal].join(".");
  return {
    state,
    cookie: `${nameOf(state)}=${value}; Max-Age=${INSTALL_SESSION_SECONDS}; ${ATTRIBUTES}`,
  };
}

/** The `Set-Cookie` that takes a used install session out of the browser. */
export function clearedInstallSession(state: string): string {
  return `${nameOf(state)}=; Max-Age=0; ${ATTRIBUTES}`;
}

/** As many links may be open in a browser at once: API Gateway refuses requests with more than 10,240 bytes of headers. */
const MOST_SESSIONS = 10;

/** The `Set-Cookie`s that take the oldest install sessions out of a browser that has many, to make room for one more. */
export function crowdedOutSessions(cookies: ReadonlyMap<string, string>): string[] {
  const own = [...cookies].filter(([name]) => OWN_NAME.test(name));
  const expiryOf = (value: string) => Number(VALUE.exec(value)?.[3] ?? 0);
  return own
    .sort(([, one], [, other]) => expiryOf(other) - expiryOf(one))
    .slice(MOST_SESSIONS - 1)
    .map(([name]) => `${name}=; Max-Age=0; ${ATTRIBUTES}`);
}

/**
 * Reads the install session that belongs to a `state`; it is not verified yet.
 *
 * @throws {CodedError} `install_state_invalid`
 */
export function readInstallSession(
  cookies: ReadonlyMap<string, string>,
  state: string,
): InstallSession {
  const value = STATE.test(state) ? cookies.get(nameOf(state)) : undefined;
  const [, version, store, expiry, own, seal] = VALUE.exec(value ?? "") ?? [];
  if (!isStoreKey(store) || own === undefined || seal === undefined || !areSame(own, state)) {
    throw new CodedError("install_state_invalid");
  }
  const expiresAtSeconds = Number(expiry);
  const issuedAt = epochMs((expiresAtSeconds - INSTALL_SESSION_SECONDS) * SECOND_MS);
  const isNewcomers = version === OF_A_NEWCOMER;
  return { store, isNewcomers, state, issuedAt, expiresAtSeconds, seal };
}

/**
 * Verifies an install session against the declaration as it is now.
 *
 * @throws {CodedError} `install_state_invalid`
 */
export function requireInstallSession(
  session: InstallSession,
  subject: SessionSubject,
  by: { readonly clientSecrets: readonly ClientSecret[]; readonly now: EpochMs },
): void {
  const seals = by.clientSecrets.map(({ secret }) => sealOf(subject, session, secret));
  const isYoung = by.now < session.expiresAtSeconds * SECOND_MS;
  if (!isOneOf(seals, session.seal) || !isYoung) {
    throw new CodedError("install_state_invalid", "store" in subject ? { store: subject.key } : {});
  }
}

function sealOf(
  subject: SessionSubject,
  session: { readonly state: string; readonly expiresAtSeconds: number },
  clientSecret: Sealed<string>,
): string {
  const bound = [...boundOf(subject), session.state, session.expiresAtSeconds];
  return ownSealOf("store" in subject ? "state" : "newcomer", bound, clientSecret);
}

function boundOf(subject: SessionSubject): string[] {
  if (!("store" in subject)) return [subject.key, subject.shop, subject.app];
  const { store, key, app } = subject;
  return [store.secretArn, key, store.declaration.shop, app];
}

function nameOf(state: string): string {
  return `${NAME_HEAD}${state.slice(0, NAME_CHARACTERS)}`;
}
