import { type ApiVersion, type AppKey, graphqlUrlOf, type ShopDomain } from "../contract/brands";
import type { Kind } from "../contract/kinds";
import { readRecord } from "../contract/record-fields";
import type { Sealed } from "../contract/sealed";
import type { EpochMs } from "../contract/time";
import { ReaderError } from "./errors";
import type { ShareScopes } from "./shared-scopes";

/** A store's current access token and what an application needs to use it. */
export interface StoreToken {
  readonly shop: ShopDomain;
  /** Goes into the header `X-Shopify-Access-Token`; `unseal()` is the only way out. */
  readonly accessToken: Sealed<string>;
  /** The granted scopes, as Shopify gave them: a write scope implies its read scope. */
  readonly scopes: readonly string[];
  readonly issuedAt: EpochMs;
  /** Undefined: the token lives until the app is uninstalled. */
  readonly expiresAt: EpochMs | undefined;
  readonly kind: Kind;
  /** The app that the token belongs to; undefined for a custom app that is not declared. */
  readonly app: AppKey | undefined;
  readonly apiVersion: ApiVersion;
  /** The store's GraphQL Admin API in that version. */
  readonly graphqlUrl: string;
  readonly secretArn: string;
  /** The version of the secret that holds this token; another version is another token. */
  readonly versionId: string;
}

/** One answer of Secrets Manager: a version and its value. */
export interface SecretReading {
  readonly secretArn: string;
  readonly versionId: string;
  /** The value, a secret; undefined when it is binary. */
  readonly text: string | undefined;
}

/**
 * Reads the token out of a secret's value.
 *
 * @throws {ReaderError} `record_malformed`, naming the field and never its content
 */
export function storeTokenOf(reading: SecretReading, shareScopes: ShareScopes): StoreToken {
  const { secretArn, versionId, text } = reading;
  const outcome = readRecord(text ?? "");
  if (!outcome.ok) throw new ReaderError("record_malformed", { field: outcome.field });
  const { record } = outcome;
  return {
    shop: record.shop,
    accessToken: record.accessToken,
    scopes: shareScopes(record.scopes),
    issuedAt: record.issuedAt,
    expiresAt: record.expiresAt,
    kind: record.kind,
    app: record.app,
    apiVersion: record.apiVersion,
    graphqlUrl: graphqlUrlOf(record.shop, record.apiVersion),
    secretArn,
    versionId,
  };
}
