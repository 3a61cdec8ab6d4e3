/** What the people of every test world have declared: the same names, the same app, the same texts in AWS. */

import type { Credential } from "../../contract/app";
import { encodeAppCredential } from "../../contract/app-credential";
import type { ApiVersion, AppKey, KeyArn, ShopDomain, StoreKey } from "../../contract/brands";
import { DEFAULT_API_VERSION } from "../../contract/brands";
import { encodeDeclaration } from "../../contract/declaration";
import type { Distribution } from "../../contract/distribution";
import type { Kind } from "../../contract/kinds";
import { functionName, SECRET_TAGS } from "../../contract/names";
import { rotationScheduleOf } from "../../contract/schedule";
import { Sealed } from "../../contract/sealed";

export const REGION = "us-east-1";
export const ACCOUNT = "000000000000";
export const PREFIX = "shopify/test";
export const APP = "erp" as AppKey;
export const CLIENT_ID = "erp-client";
export const FIRST_SECRET = "shpss_00000000000000000000000000000001";
export const SCOPES = ["read_products", "write_orders"];
export const REFRESH_KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/refresh`;
export const ROTATE_FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${functionName(PREFIX, "rotate")}`;
export const INSTALL_HOST = "abc123.execute-api.us-east-1.amazonaws.com";
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** What config says of a store. */
export interface Declared {
  readonly kind: Kind;
  /** Default: the shop that is named as the store. */
  readonly shop?: ShopDomain;
  /** Default: the app of every test. */
  readonly app?: AppKey | undefined;
  readonly scopes?: readonly string[];
  /** The version of the Admin API. Default: the product's own. */
  readonly apiVersion?: string | undefined;
  /** How config says that the app is distributed. Default: as a custom app, which it is at Shopify too. */
  readonly distribution?: Distribution | "unsaid" | undefined;
  /** How the app gets the store's tokens. Default: with its client secret. */
  readonly credential?: Credential | undefined;
}

export function shopOf(key: string): ShopDomain {
  return `${key}.myshopify.com` as ShopDomain;
}

/** The description that Pulumi gives a store's secret. */
export function descriptionOf(key: string, declared: Declared): string {
  const { kind, scopes = SCOPES, shop = shopOf(key), distribution = "custom" } = declared;
  const app = "app" in declared ? declared.app : APP;
  const apiVersion = (declared.apiVersion ?? DEFAULT_API_VERSION) as ApiVersion;
  const { credential } = declared;
  const said = { kind, shop, app, scopes, apiVersion, ...(credential && { credential }) };
  return encodeDeclaration(distribution === "unsaid" ? said : { ...said, distribution });
}

/** The tags that Pulumi gives a store's secret. */
export function tagsOf(key: string, kind: Kind): { Key: string; Value: string }[] {
  return [
    { Key: SECRET_TAGS.store, Value: key },
    { Key: SECRET_TAGS.kind, Value: kind },
    { Key: SECRET_TAGS.app, Value: APP },
    { Key: SECRET_TAGS.clientId, Value: CLIENT_ID },
  ];
}

/** The value that Pulumi gives the app's secret. */
export function appCredentialOf(
  clientSecret: string,
  given: { readonly previous?: string; readonly app?: AppKey; readonly clientId?: string } = {},
): string {
  return encodeAppCredential({
    app: given.app ?? APP,
    clientId: given.clientId ?? CLIENT_ID,
    clientSecret: Sealed.of(clientSecret),
    previousClientSecret: given.previous === undefined ? undefined : Sealed.of(given.previous),
  });
}

/** The app secret of an app that signs. Default: it has no client secret. */
export function signingCredentialOf(signingKeys: readonly KeyArn[], clientSecret?: string): string {
  return encodeAppCredential({
    app: APP,
    clientId: CLIENT_ID,
    clientSecret: clientSecret === undefined ? undefined : Sealed.of(clientSecret),
    previousClientSecret: undefined,
    signingKeys,
  });
}

/** The ARN of a key that signs. */
export function signingKeyArn(name: string): KeyArn {
  return `arn:aws:kms:${REGION}:${ACCOUNT}:key/${name}` as KeyArn;
}

/** The app as Shopify knows it. */
export function appAtShopify(): {
  clientId: string;
  clientSecret: string;
  scopes: string[];
  createdAt: number;
} {
  return { clientId: CLIENT_ID, clientSecret: FIRST_SECRET, scopes: [...SCOPES], createdAt: 0 };
}

/** How Pulumi switches a store's rotation on: nothing at once. */
export function rotationOf(key: string): object {
  const { expression, duration } = rotationScheduleOf(key as StoreKey, 8);
  return {
    RotationLambdaARN: ROTATE_FUNCTION,
    RotationRules: { ScheduleExpression: expression, Duration: duration },
    RotateImmediately: false,
  };
}
