import type { Imports } from "../../contract/imports";
import { isHostName } from "../../contract/install";
import { LISTED_SHOP_TAG, SECRET_TAGS } from "../../contract/names";
import { isTopicArn } from "../../contract/policy";
import {
  STATUS_TAG_PREFIX,
  TAGS_OF_A_SECRET,
  TAGS_OF_FUNCTIONS,
} from "../../contract/store/status";
import { type ConfigNode, isMap } from "./node";
import { parseAddresses } from "./parse-allowlist";
import { parsePrincipals } from "./parse-principals";
import type { Settings, VpcPlacement } from "./spec";

/** AWS's default, and the longest. */
const DEFAULT_RECOVERY_WINDOW_DAYS = 30;
const DEFAULT_LOG_RETENTION_DAYS = 90;

/** The periods that CloudWatch Logs accepts, in days. */
export const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
] as const;

/** More at a time would only wait for Secrets Manager, which takes 50 writes a second. */
const MOST_STORES_AT_ONCE = 50;

// Function and role names are made of the prefix and end in the role and the region, and hold 64 characters.
const PREFIX = /^(?=.{1,36}$)[a-z0-9]+(?:[/-][a-z0-9]+)*$/;
const KEY_ARN = /^arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:key\/(?:mrk-)?[0-9a-f-]{32,36}$/;
const POLICY_ARN = /^arn:[a-z0-9-]+:iam::\d{12}:policy\/[\w+=,.@/-]+$/;
const SUBNET = /^subnet-[0-9a-f]+$/;
const SECURITY_GROUP = /^sg-[0-9a-f]+$/;
/** The tags of the functions and of AWS, which takes its own in no case. */
const RESERVED_BEGINNINGS = [STATUS_TAG_PREFIX, "aws:"];
/** The tags that the components give secrets. */
const RESERVED: readonly string[] = [...Object.values(SECRET_TAGS), LISTED_SHOP_TAG];
const RESERVED_SAYS = `tags that begin with ${RESERVED_BEGINNINGS.join(" or ")}, and ${RESERVED.join(", ")}, are not yours to set`;
// AWS's tag rules, which its services share: letters, digits, spaces and these, at most 50 tags on a resource.
const TAG_TEXT = /^[\p{L}\p{N}\p{Z}+\-=._:/@]*$/u;
/** Those of a store in config: none of them says where it comes from. */
const OF_DECLARED = Object.values(SECRET_TAGS).filter((tag) => tag !== SECRET_TAGS.origin);
/** What is left of them beside ours. */
export const MOST_TAGS = TAGS_OF_A_SECRET - OF_DECLARED.length - TAGS_OF_FUNCTIONS;

/** The settings of the stack; what is wrong is reported and replaced by its default. */
export function parseSettings(config: ConfigNode, defaultPrefix: string): Settings {
  return {
    prefix: parsePrefix(config.child("prefix"), defaultPrefix),
    abandonPrefix: config.child("abandonPrefix").text(),
    recoveryWindowDays: parseRecoveryWindow(config.child("recoveryWindowDays")),
    kmsKeyArn: parseKeyArn(config.child("kmsKeyArn")),
    breakGlass: parsePrincipals(config.child("breakGlass")),
    deployers: parsePrincipals(config.child("deployers")),
    permissionsBoundary: parseBoundary(config.child("permissionsBoundary")),
    formerRefreshKeyArns: parseFormerKeys(config.child("formerRefreshKeyArns")),
    vpc: parseVpc(config.child("vpc")),
    leavingVpc: parseLeavingVpc(config),
    logRetentionDays: parseLogRetention(config.child("logRetentionDays")),
    storesAtOnce: parseStoresAtOnce(config.child("storesAtOnce")),
    workQueue: config.child("workQueue").boolean(),
    installEndpoint: config.child("installEndpoint").boolean(),
    installDomain: parseInstallDomain(config.child("installDomain")),
    installOnlyOwnDomain: parseOnlyOwnDomain(config),
    installConcurrency: parseConcurrency(config.child("installConcurrency")),
    installAccessLog: config.child("installAccessLog").boolean(),
    readerPolicies: config.child("readerPolicies").boolean(),
    alarms: parseAlarms(config.child("alarms")),
    dashboard: config.child("dashboard").boolean(),
    formerFleet: config.child("formerFleet").text(),
    tags: parseTags(config.child("tags")),
    imports: parseImports(config.child("imports")),
  };
}

function parsePrefix(node: ConfigNode, fallback: string): string {
  const prefix = node.text() ?? fallback;
  if (!PREFIX.test(prefix)) {
    node.report(
      "must be lower-case letters and digits, in parts joined by / or -, at most 36 characters (set it when the stack's name does not fit)",
    );
  }
  return prefix;
}

function parseRecoveryWindow(node: ConfigNode): number {
  const days = node.number() ?? DEFAULT_RECOVERY_WINDOW_DAYS;
  const isAllowed = Number.isInteger(days) && (days === 0 || (days >= 7 && days <= 30));
  if (!isAllowed) node.report("must be 7 to 30 days, or 0 for deletion at once");
  return days;
}

const IMPORT_KEY = /^[A-Z]\w+\/[a-z0-9][\w.-]*$/;

function parseImports(node: ConfigNode): Imports {
  const found: Record<string, string> = {};
  for (const [key, child] of node.entries()) {
    const id = child.text();
    if (IMPORT_KEY.test(key) && id !== undefined && id !== "") found[key] = id;
    else child.report("is none of the imports that the command prints (docs/deploy.md)");
  }
  return found;
}

const KEY_WANTED = "must be the full ARN of a KMS key (arn:aws:kms:…:key/…), not an alias";

function parseKeyArn(node: ConfigNode): string | undefined {
  const arn = node.text();
  return arn === undefined || KEY_ARN.test(arn) ? arn : node.report(KEY_WANTED);
}

function parseFormerKeys(node: ConfigNode): string[] {
  if (node.isAbsent) return [];
  const isEmpty = Array.isArray(node.value) && node.value.length === 0;
  if (isEmpty) node.report("must be a list of at least one ARN");
  return node.texts(KEY_ARN, KEY_WANTED);
}

function parseVpc(node: ConfigNode): VpcPlacement | undefined {
  if (node.isAbsent) return undefined;
  node.allowKeys(["subnetIds", "securityGroupIds", "addresses"]);
  return {
    subnetIds: parseIds(node.child("subnetIds"), SUBNETS),
    securityGroupIds: parseIds(node.child("securityGroupIds"), SECURITY_GROUPS),
    addresses: parseAddresses(node.child("addresses")),
  };
}

function parseLeavingVpc(config: ConfigNode): boolean {
  const node = config.child("leavingVpc");
  const isLeaving = node.boolean() ?? false;
  if (isLeaving && !config.child("vpc").isAbsent) {
    node.report("is for functions that leave their VPC: take vpc out, or this");
  }
  return isLeaving;
}

interface Ids {
  readonly shape: RegExp;
  readonly example: string;
  /** As many as a function takes (Lambda API reference, VpcConfig). */
  readonly most: number;
}
const SUBNETS: Ids = { shape: SUBNET, example: "subnet-0123abcd", most: 16 };
const SECURITY_GROUPS: Ids = { shape: SECURITY_GROUP, example: "sg-0123abcd", most: 5 };

function parseIds(node: ConfigNode, { shape, example, most }: Ids): string[] {
  const { length } = node.items();
  if (length === 0) node.report(`must be a list of at least one ID, such as ${example}`);
  if (length > most) node.report(`must be at most ${most}: Lambda takes no more`);
  return node.texts(shape, `must be an ID such as ${example}`);
}

function parseLogRetention(node: ConfigNode): number {
  const days = node.number() ?? DEFAULT_LOG_RETENTION_DAYS;
  if (!(LOG_RETENTION_DAYS as readonly number[]).includes(days)) {
    node.report(`must be one of CloudWatch's periods: ${LOG_RETENTION_DAYS.join(", ")} days`);
  }
  return days;
}

function parseStoresAtOnce(node: ConfigNode): number | undefined {
  const stores = node.number();
  if (stores === undefined) return undefined;
  const isAllowed = Number.isInteger(stores) && stores >= 1 && stores <= MOST_STORES_AT_ONCE;
  return isAllowed ? stores : node.report(`must be 1 to ${MOST_STORES_AT_ONCE} stores`);
}

function parseInstallDomain(node: ConfigNode): string | undefined {
  const host = node.text();
  if (host === undefined || isHostName(host)) return host;
  return node.report("must be a host name in lower case, without https:// and without a path");
}

function parseOnlyOwnDomain(config: ConfigNode): boolean | undefined {
  const node = config.child("installOnlyOwnDomain");
  const isOnly = node.boolean();
  if (isOnly === true && config.child("installDomain").isAbsent) {
    return node.report("needs installDomain: without it nothing would answer");
  }
  return isOnly;
}

function parseConcurrency(node: ConfigNode): number | undefined {
  const requests = node.number();
  if (requests === undefined) return undefined;
  const isAllowed = Number.isInteger(requests) && requests >= 1 && requests <= 1_000;
  return isAllowed ? requests : node.report("must be 1 to 1000 requests at once");
}

function parseBoundary(node: ConfigNode): string | undefined {
  const arn = node.text();
  if (arn === undefined || POLICY_ARN.test(arn)) return arn;
  return node.report(
    "must be the full ARN of a managed policy of this account, as shopify-secrets boundary-policy names it",
  );
}

function parseAlarms(node: ConfigNode): Settings["alarms"] {
  if (node.isAbsent || node.value === false) return undefined;
  if (node.value === true) return { topicArn: undefined };
  if (!isMap(node.value)) {
    return node.report("must be true, false, or a map with the topicArn of your own SNS topic");
  }
  node.allowKeys(["topicArn"]);
  const topicNode = node.child("topicArn");
  const topicArn = topicNode.requiredText(
    "the ARN of your SNS topic; for one of the stack's own write alarms: true",
  );
  if (topicArn === undefined || isTopicArn(topicArn)) return { topicArn };
  return topicNode.report("must be the full ARN of an SNS topic");
}

function parseTags(node: ConfigNode): Record<string, string> {
  const tags = new Map<string, string>();
  for (const [key, child] of node.entries()) {
    const value = child.tagText();
    if (isReserved(key)) child.report(RESERVED_SAYS);
    else if (key === "" || key.length > 128 || !TAG_TEXT.test(key)) {
      child.report("a tag's key has 1 to 128 letters, digits, spaces and + - = . _ : / @");
    } else if (value !== undefined && (value.length > 256 || !TAG_TEXT.test(value))) {
      child.report("a tag's value has at most 256 letters, digits, spaces and + - = . _ : / @");
    } else if (value !== undefined) tags.set(key, value);
  }
  reportTwins(node);
  if (tags.size > MOST_TAGS) {
    node.report(
      `are ${tags.size}: AWS takes ${TAGS_OF_A_SECRET} on a resource, and ${MOST_TAGS} are left beside the functions' own`,
    );
  }
  return Object.fromEntries(tags);
}

/** The functions' roles have the tags as well, and IAM takes `Team` and `team` for one. */
function reportTwins(node: ConfigNode): void {
  const seen = new Map<string, string>();
  for (const [key, child] of node.entries()) {
    const twin = seen.get(key.toLowerCase());
    if (twin === undefined) seen.set(key.toLowerCase(), key);
    else child.report("differs from another tag in capitals alone, and IAM takes both for one");
  }
}

function isReserved(tag: string): boolean {
  const beginning = tag.toLowerCase();
  return RESERVED.includes(tag) || RESERVED_BEGINNINGS.some((head) => beginning.startsWith(head));
}
