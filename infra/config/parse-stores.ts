import {
  type AppKey,
  DEFAULT_API_VERSION,
  isApiVersion,
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
import { isKind, KIND_FACTS, KINDS, type Kind } from "../../contract/kinds";
import { storeKeyOf, storeSecretName } from "../../contract/names";
import { parseScopes } from "../../contract/scopes";
import { type ConfigNode, looksSecret } from "./node";
import { KEY_RULE } from "./parse-apps";
import { parseRotationHours } from "./parse-rotation";
import { parseAccessToken } from "./parse-secrets";
import { parseShop } from "./parse-shop";
import type { StoreSpec } from "./spec";

/** What a store needs to know of the rest of config. */
export interface StoreContext {
  readonly prefix: string;
  readonly declaredApps: ReadonlySet<string>;
  readonly defaultRotation: ConfigNode;
  readonly accessTokens: ConfigNode;
  readonly warn: (warning: string) => void;
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
const SCOPE = /^[a-z][a-z0-9_]{1,79}$/;
const READER = /^arn:[a-z0-9-]+:iam::\d{12}:(?:role|user)\/[\w+=,.@/-]+$/;

/** One store of config; undefined when a part without which it makes no sense is wrong. */
export function parseStore(
  key: string,
  node: ConfigNode,
  context: StoreContext,
): StoreSpec | undefined {
  node.allowKeys(STORE_KEYS);
  const kind = parseKind(node.child("kind"));
  const rest = parseOptions(node, context.prefix);
  const accessToken = parseStaticToken(context.accessTokens.child(key), kind);
  const isKey = isStoreKey(key) && !looksSecret(key);
  if (!isKey) node.report(KEY_RULE);
  const declaration = parseDeclarationOf(node, kind, context.declaredApps);
  const rotationHours = kind && parseRotationHours(node, { kind, ...context });
  if (!isKey || declaration === undefined) return undefined;
  const secretName = rest.secretName ?? storeSecretName(context.prefix, rest.formerly ?? key);
  return { key, declaration, rotationHours, accessToken, ...rest, secretName };
}

function parseKind(node: ConfigNode): Kind | undefined {
  const kinds = KINDS.join(", ");
  const text = node.requiredText(`one of ${kinds}`);
  if (text === undefined || isKind(text)) return text;
  return node.report(`must be one of ${kinds}`);
}

function parseDeclarationOf(
  node: ConfigNode,
  kind: Kind | undefined,
  declaredApps: ReadonlySet<string>,
): Declaration | undefined {
  const shop = parseShop(node.child("shop"));
  const app = parseAppOf(node.child("app"), kind, declaredApps);
  const scopes = parseScopeList(node.child("scopes"));
  const apiVersion = parseApiVersion(node.child("apiVersion"));
  if (kind === undefined || shop === undefined) return undefined;
  const declaration: Declaration = { kind, shop, app, scopes, apiVersion };
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
  declaredApps: ReadonlySet<string>,
): AppKey | undefined {
  if (node.isAbsent) {
    const isRequired = kind !== undefined && KIND_FACTS[kind].app === "required";
    return isRequired ? node.report(`is missing: kind ${kind} needs the key of an app`) : undefined;
  }
  const app = node.text();
  if (app === undefined || (isAppKey(app) && declaredApps.has(app)))
    return app as AppKey | undefined;
  return node.report("names an app that is not declared under apps");
}

function parseScopeList(node: ConfigNode): string[] {
  const scopes = typeof node.value === "string" ? parseScopes(node.value) : node.texts();
  if (!scopes.every((scope) => SCOPE.test(scope))) {
    node.report("must be a list of Shopify's scopes, such as read_products");
  }
  return parseScopes(scopes.join(","));
}

function parseApiVersion(node: ConfigNode): Declaration["apiVersion"] {
  const version = node.text() ?? DEFAULT_API_VERSION;
  if (isApiVersion(version)) return version;
  node.report("must be a stable API version, such as 2026-10");
  return DEFAULT_API_VERSION;
}

function parseStaticToken(node: ConfigNode, kind: Kind | undefined): StoreSpec["accessToken"] {
  if (node.isAbsent) return undefined;
  if (kind !== undefined && !KIND_FACTS[kind].tokenInConfig) {
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

function parseOptions(node: ConfigNode, prefix: string): StoreOptions {
  return {
    readers: parseReaders(node.child("readers")),
    protect: node.child("protect").boolean() ?? false,
    secretName: parseSecretName(node.child("secretName"), prefix),
    formerly: parseFormerly(node.child("formerly")),
    adopt: parseAdopt(node.child("adopt")),
  };
}

function parseReaders(node: ConfigNode): string[] {
  const readers = node.texts();
  if (!readers.every((reader) => READER.test(reader))) {
    node.report("must hold full ARNs of IAM roles or users, without wildcards");
  }
  return readers;
}

// The functions may touch nothing outside the prefix, and find a store's key in its secret's name.
function parseSecretName(node: ConfigNode, prefix: string): string | undefined {
  const name = node.text();
  if (name === undefined || storeKeyOf(prefix, name) !== undefined) return name;
  return node.report(
    `must be ${prefix}/stores/<key>/token, because the functions may touch no other`,
  );
}

function parseFormerly(node: ConfigNode): StoreKey | undefined {
  const key = node.text();
  return key === undefined || isStoreKey(key) ? key : node.report("must be the store's key before");
}

function parseAdopt(node: ConfigNode): SecretArn | undefined {
  const arn = node.text();
  return arn === undefined || isSecretArn(arn)
    ? arn
    : node.report("must be the full ARN of a secret");
}
