import type { Problem } from "./problem";
import { text, textMap, texts } from "./values";
import { holdsUnknown, isObject, type Properties, type Value } from "./wire";

export interface IgnoreTags {
  readonly keys: readonly string[];
  readonly keyPrefixes: readonly string[];
}

export interface ProviderConfig {
  readonly region: string;
  readonly profile?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly allowedAccountIds: readonly string[];
  readonly forbiddenAccountIds: readonly string[];
  readonly ignoreTags: IgnoreTags;
  readonly defaultTags: Record<string, string>;
}

// Source: terraform-provider-aws internal/provider/sdkv2/provider.go, pulumi-aws provider/resources.go.
const STRUCTURED = new Set([
  "allowedAccountIds",
  "forbiddenAccountIds",
  "ignoreTags",
  "defaultTags",
]);
const KNOWN = new Set([
  ...STRUCTURED,
  "accessKey",
  "maxRetries",
  "profile",
  "region",
  "secretKey",
  "skipCredentialsValidation",
  "skipMetadataApiCheck",
  "skipRegionValidation",
  "skipRequestingAccountId",
  "token",
]);
// The engine adds these to every provider's configuration.
const ENGINE = new Set(["version", "pluginDownloadURL", "__internal"]);

/** Refuses configuration that the stand-in would not act on. */
export function checkConfig(config: Properties): Problem[] {
  const decoded = decode(config);
  const problems = Object.keys(config)
    .filter((name) => !KNOWN.has(name) && !ENGINE.has(name))
    .map((name) => problem(name, `the stand-in aws provider knows no configuration "${name}"`));
  for (const name of STRUCTURED) {
    const value = decoded[name];
    if (value !== undefined && typeof value !== "object" && !holdsUnknown(value)) {
      problems.push(problem(name, `aws:${name} must be a list or an object`));
    }
  }
  const both = texts(decoded, "allowedAccountIds")?.length && texts(decoded, "forbiddenAccountIds");
  if (both && both.length > 0) {
    problems.push(problem("allowedAccountIds", "conflicts with forbiddenAccountIds"));
  }
  return problems;
}

const problem = (property: string, reason: string): Problem => ({ property, reason });

/** Reads the configuration; regions and credentials fall back to AWS's environment variables. */
export function parseConfig(
  config: Properties,
  environment: Record<string, string | undefined>,
): ProviderConfig {
  const decoded = decode(config);
  const region =
    text(decoded, "region") ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"];
  if (!region) throw new Error("Missing required configuration variable 'aws:region'");
  const ignore = isObject(decoded["ignoreTags"]) ? decoded["ignoreTags"] : {};
  const defaults = isObject(decoded["defaultTags"]) ? decoded["defaultTags"] : {};
  const profile = text(decoded, "profile");
  const credentials = credentialsOf(decoded);
  return {
    region,
    ...(profile ? { profile } : {}),
    ...(credentials ? { credentials } : {}),
    allowedAccountIds: texts(decoded, "allowedAccountIds") ?? [],
    forbiddenAccountIds: texts(decoded, "forbiddenAccountIds") ?? [],
    ignoreTags: {
      keys: texts(ignore, "keys") ?? [],
      keyPrefixes: texts(ignore, "keyPrefixes") ?? [],
    },
    defaultTags: textMap(defaults, "tags"),
  };
}

function credentialsOf(config: Properties): ProviderConfig["credentials"] {
  const [accessKeyId, secretAccessKey] = [text(config, "accessKey"), text(config, "secretKey")];
  if (!accessKeyId || !secretAccessKey) return undefined;
  const sessionToken = text(config, "token");
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** Throws the official provider's message for an account that the configuration rules out. */
export function refuseAccount(config: ProviderConfig, accountId: string): void {
  const { allowedAccountIds: allowed, forbiddenAccountIds: forbidden } = config;
  const ruledOut =
    forbidden.includes(accountId) || (allowed.length > 0 && !allowed.includes(accountId));
  if (ruledOut) throw new Error(`AWS account ID not allowed: ${accountId}`);
}

/** Structured provider configuration arrives as JSON texts; lists of numbers are account ids. */
function decode(config: Properties): Properties {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [
      name,
      STRUCTURED.has(name) ? parsed(value) : value,
    ]),
  );
}

function parsed(value: Value): Value {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as Value;
  } catch {
    return value;
  }
}
