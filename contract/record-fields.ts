import * as v from "valibot";
import {
  type ApiVersion,
  type AppKey,
  isApiVersion,
  isAppKey,
  isShopDomain,
  isVersionId,
  type ShopDomain,
  type VersionId,
} from "./brands";
import type { ErrorCode } from "./errors";
import { isKind, type Kind } from "./kinds";
import { parseJsonQuietly } from "./quiet-json";
import { parseScopes } from "./scopes";
import { Sealed } from "./sealed";
import { type EpochMs, parseIso } from "./time";

/** The value of a store secret: what an application needs to call the Admin API, and what a renewal needs to go on. */
export interface StoreRecord {
  readonly shop: ShopDomain;
  /** The app that the token belongs to; undefined for a custom app that is not declared. */
  readonly app: AppKey | undefined;
  readonly kind: Kind;
  readonly accessToken: Sealed<string>;
  /** The granted scopes, as Shopify gave them (compressed). */
  readonly scopes: readonly string[];
  readonly apiVersion: ApiVersion;
  readonly issuedAt: EpochMs;
  /** The end of the access token's life; undefined: until uninstall. */
  readonly expiresAt: EpochMs | undefined;
  /** `ok`, the inconclusive code of the check, or `untried`: a pair is stored before anything else is asked. */
  readonly checked: Checked;
  /** The version that this one succeeds; undefined for a first value. */
  readonly parentVersion: VersionId | undefined;
  /** The version of the app secret whose client secret obtained this token. */
  readonly appSecretVersion: VersionId | undefined;
  /** A salted fingerprint of the config's own static token, copied forward by every writer; empty: none. */
  readonly configTokenFingerprint: string;
  /** The refresh token under the functions' own key (base64 of KMS's ciphertext); empty: none. */
  readonly refreshTokenSealed: string;
  readonly refreshTokenExpiresAt: EpochMs | undefined;
}

/** What a token's check said before its version was stored. */
export type Checked = "ok" | "untried" | ErrorCode;

/** An empty string says "does not apply". */
const nothing = v.pipe(
  v.literal(""),
  v.transform(() => undefined),
);
const instant = v.pipe(
  v.string(),
  v.transform(parseIso),
  v.custom<EpochMs>((at) => at !== undefined),
);
const optionalInstant = v.union([nothing, instant]);
const optionalVersion = v.union([nothing, v.custom<VersionId>(isVersionId)]);

// Unknown keys are accepted: an older reader meets a newer writer during every upgrade.
const WireRecord = v.object({
  schema_version: v.pipe(v.string(), v.regex(/^1\.\d+$/)),
  shop: v.custom<ShopDomain>(isShopDomain),
  app: v.union([nothing, v.custom<AppKey>(isAppKey)]),
  kind: v.custom<Kind>(isKind),
  // What a header can carry: a line break in it would be shown by whoever refuses to send it.
  access_token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/)),
  scope: v.string(),
  api_version: v.custom<ApiVersion>(isApiVersion),
  issued_at: instant,
  expires_at: optionalInstant,
  checked: v.optional(v.string(), "ok"),
  parent_version: v.optional(optionalVersion, ""),
  app_secret_version: v.optional(optionalVersion, ""),
  config_token_fingerprint: v.optional(v.string(), ""),
  refresh_token_sealed: v.optional(v.string(), ""),
  refresh_token_expires_at: v.optional(optionalInstant, ""),
});

/** A record as it was read; `checked` may be a code of a later version. */
export type RecordFields = Omit<StoreRecord, "checked"> & { readonly checked: string };

/** What reading came to: the record, or the key that is wrong, never its content. */
export type RecordReading =
  | { readonly ok: true; readonly record: RecordFields }
  | { readonly ok: false; readonly field: string };

/** Reads the value of a store secret without the table of error codes, which an application's bundle need not carry. */
export function readRecord(text: string): RecordReading {
  const parsed = v.safeParse(WireRecord, parseJsonQuietly(text));
  if (!parsed.success) return { ok: false, field: v.getDotPath(parsed.issues[0]) ?? "value" };
  const wire = parsed.output;
  return {
    ok: true,
    record: {
      shop: wire.shop,
      app: wire.app,
      kind: wire.kind,
      accessToken: Sealed.of(wire.access_token),
      scopes: parseScopes(wire.scope),
      apiVersion: wire.api_version,
      issuedAt: wire.issued_at,
      expiresAt: wire.expires_at,
      checked: wire.checked,
      parentVersion: wire.parent_version,
      appSecretVersion: wire.app_secret_version,
      configTokenFingerprint: wire.config_token_fingerprint,
      refreshTokenSealed: wire.refresh_token_sealed,
      refreshTokenExpiresAt: wire.refresh_token_expires_at,
    },
  };
}
