import { type AppKey, isAppKey, isStoreKey, type StoreKey } from "./brands";

/** Where a stack's secrets live when config does not choose: `shopify/<stack>`. */
export function defaultPrefixOf(stack: string): string {
  return `shopify/${stack}`;
}

/** The tags of our own that Pulumi writes: what a list of secrets, and a policy, can tell them apart by. */
export const SECRET_TAGS = {
  store: "shopify-store",
  kind: "shopify-kind",
  app: "shopify-app",
  /** The app as Shopify knows it: its key in config is every stack's own choice. */
  clientId: "shopify-client-id",
  /** Where a store comes from that Pulumi's state does not know; without it the store is declared in config. */
  origin: "shopify-origin",
} as const;

/**
 * The tag of a listed store's secret that holds its shop's domain: who knows the shop alone finds the secret by it, and
 * need not read a list of 100,000. Its name is none that an operator has for tags of his own.
 */
export const LISTED_SHOP_TAG = "shopify-listed-shop";

/** Where stores come from that are not in config: a merchant installed an open app, or a list names them. */
export const STORE_ORIGINS = ["installed-by-merchant", "listed"] as const;

export type StoreOrigin = (typeof STORE_ORIGINS)[number];

/** The mark of a store that came by itself; lists filter by it, and no tag of an operator's begins so. */
export const INSTALLED = "installed-by-merchant" satisfies StoreOrigin;

/** The same for stores that a list names. */
export const LISTED = "listed" satisfies StoreOrigin;

/** Where a store comes from; undefined: from config. */
export function originOf({
  tags,
}: {
  readonly tags: ReadonlyMap<string, string>;
}): StoreOrigin | undefined {
  const origin = tags.get(SECRET_TAGS.origin);
  return STORE_ORIGINS.find((known) => known === origin);
}

/** The tag of the secret of an app that signs: the ARNs of its keys in the order in which they are tried, with a blank between. */
export const SIGNING_KEYS_TAG = "shopify-signing-keys";

const OF_A_STORE_OR_APP = /^(.+)\/(?:stores\/[^/]+\/token|apps\/[^/]+\/credential)$/;

/** Whether a secret is under this prefix, and not under a longer one: `shop/eu/stores/acme/token` is of `shop/eu`, not of `shop`. */
export function isOfPrefix(prefix: string, secretName: string): boolean {
  if (!secretName.startsWith(`${prefix}/`)) return false;
  const [, own = prefix] = OF_A_STORE_OR_APP.exec(secretName) ?? [];
  return own === prefix;
}

/** The name of a store secret: `<prefix>/stores/<store>/token`. */
export function storeSecretName(prefix: string, store: StoreKey): string {
  return `${prefix}/stores/${store}/token`;
}

/** The name of an app secret: `<prefix>/apps/<app>/credential`. */
export function appSecretName(prefix: string, app: AppKey): string {
  return `${prefix}/apps/${app}/credential`;
}

/** The store that a secret name under this prefix belongs to; undefined for any other name. */
export function storeKeyOf(prefix: string, secretName: string): StoreKey | undefined {
  return keyBetween(`${prefix}/stores/`, secretName, "/token", isStoreKey);
}

/**
 * The key of a store, as config has it: in its secret's tag. A store that was renamed (`formerly`) or given a
 * `secretName` has another key in the name, which says whose a secret without the tag is.
 */
export function storeKeyOfSecret(
  prefix: string,
  { name, tags }: { readonly name: string; readonly tags: ReadonlyMap<string, string> },
): StoreKey | undefined {
  const tagged = tags.get(SECRET_TAGS.store);
  return isStoreKey(tagged) ? tagged : storeKeyOf(prefix, name);
}

/** The app that a secret name under this prefix belongs to; undefined for any other name. */
export function appKeyOf(prefix: string, secretName: string): AppKey | undefined {
  return keyBetween(`${prefix}/apps/`, secretName, "/credential", isAppKey);
}

/** The name inside a full secret ARN, without the hyphen and six characters that AWS appends. */
export function secretNameOf(secretArn: string): string {
  const name = secretArn.split(":").slice(6).join(":");
  return name.replace(/-[A-Za-z0-9]{6}$/, "");
}

/** The region that an ARN names. */
export function secretRegionOf(secretArn: string): string {
  return secretArn.split(":")[3] ?? "";
}

/** The functions of a stack. */
export const FUNCTION_ROLES = ["rotate", "enrol", "sweep", "install"] as const;

/** The functions that only large fleets have. */
export const LARGE_FLEET_ROLES = ["work"] as const;

/** The function that a stack has besides, whose stores come from a list. */
export const LIST_ROLE = "apply";

export type FunctionRole =
  | (typeof FUNCTION_ROLES | typeof LARGE_FLEET_ROLES)[number]
  | typeof LIST_ROLE;

/** The functions of a stack, by what its config says beside its stores. */
export function functionRolesOf(
  config: { readonly workQueue?: boolean | undefined; readonly list?: boolean | undefined } = {},
): FunctionRole[] {
  return [
    ...FUNCTION_ROLES,
    ...(config.workQueue ? LARGE_FLEET_ROLES : []),
    ...(config.list ? ([LIST_ROLE] as const) : []),
  ];
}

/** A prefix as names have it that take no `/`. */
export function hyphened(prefix: string): string {
  return prefix.replaceAll("/", "-");
}

/** The name of a stack's function: the prefix with hyphens, then its role, such as `shopify-dev-rotate`. */
export function functionName(prefix: string, role: FunctionRole): string {
  return `${hyphened(prefix)}-${role}`;
}

/** The tag by which a bounded deployer knows its stack's keys and API, whose ARNs AWS makes up. */
export const PREFIX_TAG = "shopify-prefix";

/** The name of the policy that bounds a stack's roles. */
export function boundaryName(prefix: string, region: string): string {
  return `${hyphened(prefix)}-boundary-${region}`;
}

/** The name of a function's role: roles are the account's, functions the region's. */
export function functionRoleName(prefix: string, role: FunctionRole, region: string): string {
  return `${functionName(prefix, role)}-${region}`;
}

/** The name of the role by which EventBridge Scheduler calls the sweep: the longest name of a stack. */
export function sweepCallerRoleName(prefix: string, region: string): string {
  return `${functionName(prefix, "sweep")}-by-schedule-${region}`;
}

/** The bucket of a stack's list: names of buckets are all the world's. */
export function listBucketName(
  prefix: string,
  place: { readonly region: string; readonly accountId: string },
): string {
  return `${hyphened(prefix)}-${place.region}-${place.accountId}`;
}

/** The ARN of that bucket. */
export function listBucketArn(
  prefix: string,
  place: Parameters<typeof listBucketName>[1] & { readonly partition: string },
): string {
  return `arn:${place.partition}:s3:::${listBucketName(prefix, place)}`;
}

/** The state machine that applies a stack's list. */
export function listMachineName(prefix: string): string {
  return functionName(prefix, LIST_ROLE);
}

/** The name of the role that Step Functions takes on for it. */
export function listMachineRoleName(prefix: string, region: string): string {
  return `${functionName(prefix, LIST_ROLE)}-steps-${region}`;
}

/** The name of a stack's dashboard: dashboards are the account's, whatever region made them. */
export function dashboardName(prefix: string, region: string): string {
  return `${hyphened(prefix)}-${region}`;
}

/** The log group of a stack's function. */
export function logGroupName(prefix: string, role: FunctionRole): string {
  return `/aws/lambda/${functionName(prefix, role)}`;
}

/** The log group of API Gateway's own lines about the install endpoint. */
export function accessLogGroupName(prefix: string): string {
  return `${logGroupName(prefix, "install")}-access`;
}

/** The description of the key of a stack's secrets: what it is found by while no alias leads to it. */
export function secretsKeyDescription(prefix: string): string {
  return `Shopify access tokens under ${prefix}`;
}

export function secretsKeyAlias(prefix: string): string {
  return `alias/${prefix}/secrets`;
}

/** The description of the key of a stack's refresh tokens, which has no alias. */
export function refreshKeyDescription(prefix: string): string {
  return `Shopify refresh tokens under ${prefix}`;
}

/** The description of a key that signs for an app, which has no alias. */
export function signingKeyDescription(prefix: string, app: AppKey, name: string): string {
  return `Signs for the Shopify app ${app} under ${prefix}: ${name}`;
}

/** The name that config has for a key that the stack made; undefined: the key is somebody's own. */
export function signingKeyNameIn(
  description: string,
  prefix: string,
  app: AppKey,
): string | undefined {
  const head = signingKeyDescription(prefix, app, "");
  return description.startsWith(head) ? description.slice(head.length) : undefined;
}

/** The name of the topic that a stack makes for its notices. */
export function noticeTopicName(prefix: string): string {
  return `${hyphened(prefix)}-notices`;
}

/** The name of the queue between a large fleet's sweep and its workers. */
export function workQueueName(prefix: string): string {
  return `${hyphened(prefix)}-work`;
}

/** The name of the schedule that calls the sweep. */
export function sweepScheduleName(prefix: string): string {
  return `${functionName(prefix, "sweep")}-schedule`;
}

// biome-ignore lint/complexity/useMaxParams: the two ends read best on either side of the name
function keyBetween<K extends string>(
  head: string,
  name: string,
  tail: string,
  isKey: (text: unknown) => text is K,
): K | undefined {
  if (!name.startsWith(head) || !name.endsWith(tail)) return undefined;
  const key = name.slice(head.length, name.length - tail.length);
  return isKey(key) ? key : undefined;
}
