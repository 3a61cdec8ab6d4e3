import type { AppCredential } from "../../contract/app-credential";
import type { AppKey, VersionId } from "../../contract/brands";
import type { Sealed } from "../../contract/sealed";
import { type EpochMs, MINUTE_MS } from "../../contract/time";

/** A client secret that may be presented, and the app secret's version that it came with. */
export interface ClientSecret {
  readonly secret: Sealed<string>;
  /** Undefined for the previous client secret out of config, which has no version of its own. */
  readonly version: VersionId | undefined;
}

/** An app's credential as its app secret holds it now. */
export interface AppInHand {
  readonly credential: AppCredential;
  readonly current: ClientSecret;
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
  /** Notes that Shopify refuses the newest client secret of an app, and that the one before is used. */
  noteRefused(app: AppInHand): void;
  /** Whether a token was obtained with an older client secret than the newest, which Shopify refuses. */
  isBehind(obtained: {
    readonly app: AppKey | undefined;
    readonly version: VersionId | undefined;
  }): boolean;
}

export function createCredentialMemory(): CredentialMemory {
  const kept = new Map<AppKey, { readonly app: AppInHand; readonly at: EpochMs }>();
  const refused = new Map<AppKey, VersionId | undefined>();
  return {
    recall: (app, version, now) => {
      const known = kept.get(app);
      if (known === undefined || version === undefined) return undefined;
      const ageMs = now - known.at;
      const isYoung = ageMs >= 0 && ageMs <= KEPT_MS;
      return isYoung && known.app.current.version === version ? known.app : undefined;
    },
    keep: (app, at) => {
      const { app: key } = app.credential;
      kept.set(key, { app, at });
      if (refused.get(key) !== app.current.version) refused.delete(key);
    },
    noteRefused: ({ credential, current }) => void refused.set(credential.app, current.version),
    isBehind: ({ app, version }) =>
      app !== undefined && refused.has(app) && refused.get(app) !== version,
  };
}
