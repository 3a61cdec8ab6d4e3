import * as v from "valibot";
import { type Credential, isCredential } from "./app";
import {
  type ApiVersion,
  type AppKey,
  isApiVersion,
  isAppKey,
  isShopDomain,
  type ShopDomain,
} from "./brands";
import { type Distribution, isDistribution } from "./distribution";
import { CodedError } from "./errors";
import { isKind, type Kind } from "./kinds";
import { parseJsonQuietly } from "./quiet-json";
import { encodeScopes, parseScopes } from "./scopes";

/** Secrets Manager's limit for a description, in characters. */
export const LONGEST_DESCRIPTION = 2_048;

/**
 * What config says of a store, kept in its secret's description and owned by Pulumi.
 *
 * Every function gets it from DescribeSecret or ListSecrets without reading a value, also for a store
 * that has no value yet. (Tag values hold 256 characters and no commas.)
 */
export interface Declaration {
  readonly kind: Kind;
  readonly shop: ShopDomain;
  /** Undefined for a static store that names no app. */
  readonly app: AppKey | undefined;
  /** The wanted scopes; empty: whatever the app has. */
  readonly scopes: readonly string[];
  readonly apiVersion: ApiVersion;
  /** How the app is distributed; undefined: config does not say. */
  readonly distribution?: Distribution | undefined;
  /** How the app gets the store's access tokens; undefined: with its client secret, or the merchant brings them. */
  readonly credential?: Credential | undefined;
}

/** What two stores have in common that are the same app on the same shop: an approval for one ends the tokens of the other. */
export function installationOf({ app, shop }: Pick<Declaration, "app" | "shop">): string {
  return `${app ?? ""} ${shop}`;
}

const WireDeclaration = v.object({
  v: v.literal(1),
  kind: v.custom<Kind>(isKind),
  shop: v.custom<ShopDomain>(isShopDomain),
  app: v.optional(v.custom<AppKey>(isAppKey)),
  scopes: v.string(),
  api: v.custom<ApiVersion>(isApiVersion),
  // One that only a newer version knows reads as unsaid.
  dist: v.fallback(v.optional(v.custom<Distribution>(isDistribution)), undefined),
  cred: v.fallback(v.optional(v.custom<Credential>(isCredential)), undefined),
});

/** The declaration as one line of JSON; its length is `config`'s to check against {@link LONGEST_DESCRIPTION}. */
export function encodeDeclaration(declaration: Declaration): string {
  return JSON.stringify({
    v: 1,
    kind: declaration.kind,
    shop: declaration.shop,
    ...(declaration.app === undefined ? {} : { app: declaration.app }),
    scopes: encodeScopes(declaration.scopes),
    api: declaration.apiVersion,
    ...(declaration.distribution === undefined ? {} : { dist: declaration.distribution }),
    ...(declaration.credential === undefined ? {} : { cred: declaration.credential }),
  });
}

/**
 * Reads the description of a store secret.
 *
 * @throws {CodedError} `declaration_malformed`
 */
export function parseDeclaration(description: string | undefined): Declaration {
  const parsed = v.safeParse(WireDeclaration, parseJsonQuietly(description ?? ""));
  if (!parsed.success) {
    throw new CodedError("declaration_malformed", {
      field: v.getDotPath(parsed.issues[0]) ?? "description",
    });
  }
  const { kind, shop, app, scopes, api, dist, cred } = parsed.output;
  return {
    kind,
    shop,
    app,
    scopes: parseScopes(scopes),
    apiVersion: api,
    ...(dist === undefined ? {} : { distribution: dist }),
    ...(cred === undefined ? {} : { credential: cred }),
  };
}
