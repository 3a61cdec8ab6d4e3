import type { AppCredential } from "../../contract/app-credential";
import type { AppKey, KeyArn, VersionId } from "../../contract/brands";
import type { ErrorCode } from "../../contract/errors";
import type { Sealed } from "../../contract/sealed";
import { type EpochMs, MINUTE_MS } from "../../contract/time";

/** A client secret that may be presented, and the app secret's version that it came with. */
export interface ClientSecret {
  readonly secret: Sealed<string>;
  /** Undefined for the previous client secret out of config, which has no version of its own. */
  readonly version: VersionId | undefined;
}

/** A key that may sign, and the app secret's version that names it first. */
export interface KeyProof {
  readonly keyArn: KeyArn;
  /** Undefined for a key that is named after another: a token that it got is behind. */
  readonly version: VersionId | undefined;
}

/** What an app proves by that it is the app. */
export type ClientProof = ClientSecret | KeyProof;

/** An app's credential as its app secret holds it now. */
export interface AppInHand {
  readonly credential: AppCredential;
  /** The app secret's version. */
  readonly version: VersionId;
  /** When the credential was changed last; undefined: AWS did not say. */
  readonly changedAt: EpochMs | undefined;
}

/** How long a credential that was read counts: no longer than a burst of rotations lasts. */
const KEPT_MS = 5 * MINUTE_MS;

/** What a process remembers of the apps: their credentials, and that Shopify refuses the newest one. In memory only. */
export interface CredentialMemory {
  /** The credential that was read some minutes ago, if it is of this very version. */
  recall(app: AppKey, version: VersionId | undefined, now: EpochMs): AppInHand | undefined;
  keep(app: AppInHand, now: EpochMs): void;
  /** Notes by which code Shopify refuses the newest client secret or key of an app, and that another one is used. */
  noteRefused(app: AppInHand, code: ErrorCode): void;
  /** What Shopify refuses the newest client secret or key with, where a token was obtained with another; empty: nothing. */
  refusalBehind(obtained: {
    readonly app: AppKey | undefined;
    readonly version: VersionId | undefined;
  }): ErrorCode | "";
}

export function createCredentialMemory(): CredentialMemory {
  const kept = new Map<AppKey, { readonly app: AppInHand; readonly at: EpochMs }>();
  const refused = new Map<AppKey, { readonly version: VersionId; readonly code: ErrorCode }>();
  return {
    recall: (app, version, now) => {
      const known = kept.get(app);
      if (known === undefined || version === undefined) return undefined;
      const ageMs = now - known.at;
      const isYoung = ageMs >= 0 && ageMs <= KEPT_MS;
      return isYoung && known.app.version === version ? known.app : undefined;
    },
    keep: (app, at) => {
      const { app: key } = app.credential;
      kept.set(key, { app, at });
      if (refused.get(key)?.version !== app.version) refused.delete(key);
    },
    noteRefused: ({ credential, version }, code) =>
      void refused.set(credential.app, { version, code }),
    refusalBehind: ({ app, version }) => {
      const newest = app === undefined ? undefined : refused.get(app);
      return newest === undefined || newest.version === version ? "" : newest.code;
    },
  };
}
