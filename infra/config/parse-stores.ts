import {
  type ApiVersion,
  type AppKey,
  isAppKey,
  isSecretArn,
  isStoreKey,
  type SecretArn,
  type StoreKey,
} from "../../contract/brands";
import {
  type Declaration,
  encodeDeclaration,
  LONGEST_DESCRIPTION,
} from "../../contract/declaration";
import { isKind, isSigned, KINDS, type Kind, kindFactsOf } from "../../contract/kinds";
import { secretNameOf, storeKeyOf, storeSecretName } from "../../contract/names";
import { parseScopes } from "../../contract/scopes";
import { looksSecret } from "../../contract/secret-look";
import { likelyScopeFor } from "./known-scopes";
import { type ConfigNode, didYouMean, isMap } from "./node";
import { type ApiVersionContext, parseApiVersion } from "./parse-api-version";
import { keyRule } from "./parse-apps";
import { type DeclaredApp, kindUnder, misfitOf } from "./parse-distribution";
import { parsePrincipals } from "./parse-principals";
import { parseRotationHours } from "./parse-rotation";
import { parseAccessToken, plainSecretBelongs } from "./parse-secrets";
import { parseShop } from "./parse-shop";
import type { StoreSpec } from "./spec";

/** What a store needs to know of the rest of config. */
export interface StoreContext extends ApiVersionContext {
  readonly prefix: string;
  /** The apps of config, and what each says to its stores. */
  readonly declaredApps: ReadonlyMap<string, DeclaredApp>;
  readonly defaultRotation: ConfigNode;
  readonly defaultApiVersion: ApiVersion;
  readonly accessTokens: ConfigNode;
  /** Default: the keys of a store in config. */
  readonly keys?: readonly string[];
  /** What is said of keys that belong elsewhere. Default: where a token belongs. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

/** The keys of a store in config. */
export const STORE_KEYS = [
  "kind",
  "shop",
  "app",
  "scopes",
  "rotationHours",
  "apiVersion",
  "readers",
  "protect",
  "secretName",
  "formerly",
  "adopt",
];
/** What AWS appends to a secret's name in its ARN. */
const SUFFIX = /-[A-Za-z0-9]{6}$/;
/** Of a word that may be a client secret (32 hexadecimal digits) no scope is made: scopes are shown. */
const SCOPE = /^(?!.*[0-9a-f]{24})[a-z][a-z0-9_]{1,79}$/;

/** One store of config; undefined when a part without which it makes no sense is wrong. */
export function parseStore(
  key: string,
  node: ConfigNode,
  context: StoreContext,
): StoreSpec | undefined {
  if (!node.isAbsent && !isMap(node.value)) {
    return node.report("must be a map with at least kind and shop");
  }
  node.allowKeys(
    context.keys ?? STORE_KEYS,
    context.elsewhere ?? { accessToken: plainSecretBelongs(context.accessTokens.child(key)) },
  );
  const kind = parseKindUnder(node, context);
  const rest = parseOptions(key, node, context.prefix);
  const accessToken = parseTokenOf(key, { node, kind }, context);
  const isKey = isStoreKey(key) && !looksSecret(key);
  if (!isKey) node.report(keyRule(key));
  const declaration = parseDeclarationOf(node, kind, context);
  warnOfLikelySlips(node, declaration, context.warn);
  const rotationHours =
    kind && parseRotationHours(node, { ...context, declared: declaration ?? { kind } });
  if (!isKey || declaration === undefined) return undefined;
  const secretName = rest.secretName ?? storeSecretName(context.prefix, rest.formerly ?? key);
  reportOtherName(node, rest.adopt, secretName);
  const isMoved = node.child("kind").value !== kind && kindFactsOf(declaration).obtainable;
  const store = { key, declaration, rotationHours, accessToken, ...rest, secretName };
  return isMoved ? { ...store, isMoved } : store;
}

/** The store's kind; an app may say that none of its tokens stays without an end. */
function parseKindUnder(node: ConfigNode, { declaredApps }: StoreContext): Kind | undefined {
  const kind = parseKind(node.child("kind"));
  const app = node.child("app").value;
  return kind && kindUnder(typeof app === "string" ? declaredApps.get(app) : undefined, kind);
}

/** The token of config; the one of before a migration is of no use, and no reason to stop. */
function parseTokenOf(
  key: string,
  { node, kind }: { readonly node: ConfigNode; readonly kind: Kind | undefined },
  { accessTokens, warn }: StoreContext,
): StoreSpec["accessToken"] {
  const token = accessTokens.child(key);
  const isOfBefore = kind !== undefined && kind !== node.child("kind").value;
  if (!isOfBefore || token.isAbsent) return parseStaticToken(token, kind);
  const how = kindFactsOf({ kind }).obtainable ? "got with its key" : "migrated";
  warn(
    `${token.path} is not used: the app's tokens are ${how} (offlineTokens). Next: pulumi config rm --path '${token.path}'`,
  );
  return undefined;
}

function parseKind(node: ConfigNode): Kind | undefined {
  const kinds = KINDS.join(", ");
  const text = node.requiredText(`one of ${kinds}`);
  if (text === undefined || isKind(text)) return text;
  return node.report(`must be one of ${kinds}${didYouMean(text, KINDS)}`);
}

function parseDeclarationOf(
  node: ConfigNode,
  kind: Kind | undefined,
  context: StoreContext,
): Declaration | undefined {
  const shop = parseShop(node.child("shop"));
  const app = parseAppOf(node.child("app"), kind, context.declaredApps);
  const scopes = parseScopeList(node.child("scopes"));
  const apiVersion = parseApiVersion(node.child("apiVersion"), context.defaultApiVersion, context);
  if (kind === undefined || shop === undefined) return undefined;
  const { distribution, credential } = (app && context.declaredApps.get(app)) || {};
  const declaration: Declaration = {
    kind,
    shop,
    app,
    scopes,
    apiVersion,
    ...(distribution === undefined ? {} : { distribution }),
    ...(isSigned({ kind, credential }) ? { credential } : {}),
  };
  const misfit = misfitOf(declaration);
  if (misfit !== undefined) context.warn(`${node.path}: ${misfit}`);
  const length = encodeDeclaration(declaration).length;
  if (length > LONGEST_DESCRIPTION) {
    return node
      .child("scopes")
      .report(
        `the declaration takes ${length} characters and a secret's description holds ${LONGEST_DESCRIPTION}: list fewer scopes`,
      );
  }
  return declaration;
}

function parseAppOf(
  node: ConfigNode,
  kind: Kind | undefined,
  declaredApps: StoreContext["declaredApps"],
): AppKey | undefined {
  if (node.isAbsent) {
    const isRequired = kind !== undefined && kindFactsOf({ kind }).app === "required";
    return isRequired ? node.report(`is missing: kind ${kind} needs the key of an app`) : undefined;
  }
  const app = node.text();
  if (app === undefined || (isAppKey(app) && declaredApps.has(app)))
    return app as AppKey | undefined;
  const likely = didYouMean(app, [...declaredApps.keys()]);
  return node.report(`names an app that is not declared under apps${likely}`);
}

function parseScopeList(node: ConfigNode): string[] {
  const says = "must be one of Shopify's scopes, such as read_products";
  if (typeof node.value !== "string") return parseScopes(node.texts(SCOPE, says).join(","));
  const scopes = parseScopes(node.text() ?? "");
  if (!scopes.every((scope) => SCOPE.test(scope))) node.report(`every one of them ${says}`);
  return scopes;
}

/** Shopify leaves a scope that it does not know out of the token, and nothing else would say so. */
function warnOfLikelySlips(
  node: ConfigNode,
  declaration: Declaration | undefined,
  warn: StoreContext["warn"],
): void {
  for (const scope of declaration?.scopes ?? []) {
    const likely = likelyScopeFor(scope);
    const { path } = node.child("scopes");
    if (likely !== undefined)
      warn(`${path}: ${scope} is no scope that we know; did you mean ${likely}?`);
  }
}

function parseStaticToken(node: ConfigNode, kind: Kind | undefined): StoreSpec["accessToken"] {
  if (node.isAbsent) return undefined;
  if (kind !== undefined && !kindFactsOf({ kind }).tokenInConfig) {
    return node.report(`kind ${kind} takes no token from config, its tokens are made: remove this`);
  }
  return parseAccessToken(node);
}

interface StoreOptions {
  readonly readers: string[];
  readonly protect: boolean;
  readonly secretName: string | undefined;
  readonly formerly: StoreKey | undefined;
  readonly adopt: SecretArn | undefined;
}

function parseOptions(key: string, node: ConfigNode, prefix: string): StoreOptions {
  return {
    readers: parsePrincipals(node.child("readers")),
    protect: node.child("protect").boolean() ?? false,
    secretName: parseSecretName(node.child("secretName"), prefix),
    formerly: parseFormerly(node.child("formerly"), key),
    adopt: parseAdopt(node.child("adopt")),
  };
}

// The functions may touch nothing outside the prefix, and find a store's key in its secret's name.
function parseSecretName(node: ConfigNode, prefix: string): string | undefined {
  const name = node.text();
  if (name === undefined || storeKeyOf(prefix, name) !== undefined) return name;
  return node.report(
    `must be ${prefix}/stores/<key>/token, because the functions may touch no other`,
  );
}

function parseFormerly(node: ConfigNode, own: string): StoreKey | undefined {
  const key = node.text();
  if (key === undefined) return undefined;
  if (key === own) return node.report("is the store's own key: remove this");
  return isStoreKey(key) ? key : node.report("must be the store's key before");
}

function parseAdopt(node: ConfigNode): SecretArn | undefined {
  const arn = node.text();
  return arn === undefined || (isSecretArn(arn) && SUFFIX.test(arn))
    ? arn
    : node.report(
        "must be the full ARN of a secret, with the hyphen and six characters at its end (shopify-secrets restore <store>, which prints it)",
      );
}

/** Pulumi would replace what it adopts under another name. */
function reportOtherName(node: ConfigNode, adopt: SecretArn | undefined, secretName: string): void {
  if (adopt === undefined || secretNameOf(adopt) === secretName) return;
  node
    .child("adopt")
    .report(
      `is not the secret ${secretName}, which is this store's: adopt that one, or set secretName`,
    );
}
