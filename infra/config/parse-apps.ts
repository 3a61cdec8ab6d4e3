import { isAppKey } from "../../contract/brands";
import { looksSecret } from "../../contract/secret-look";
import { type ConfigNode, isMap } from "./node";
import { parseAllowlistMode } from "./parse-allowlist";
import { parseCredential, parseSigningKeys } from "./parse-credential";
import { parseDistribution } from "./parse-distribution";
import { parseInstalls } from "./parse-installs";
import { parseClientSecret, parsePreviousClientSecret, plainSecretBelongs } from "./parse-secrets";
import type { AppSpec } from "./spec";

/** The keys of an app in config. */
export const APP_KEYS = [
  "clientId",
  "distribution",
  "credential",
  "signingKeys",
  "offlineTokens",
  "allowlist",
  "installs",
  "newStoresAnHour",
];
const CLIENT_ID = /^[\x21-\x7e]{1,256}$/;

/** The apps of config with their client secrets; a secret whose app is not declared is a problem. */
export function parseApps(config: ConfigNode): AppSpec[] {
  const apps = config
    .child("apps")
    .entries()
    .flatMap(([key, node]) => parseApp(key, node, config) ?? []);
  const declared = new Set(
    config
      .child("apps")
      .entries()
      .map(([key]) => key),
  );
  for (const secrets of [config.child("clientSecrets"), config.child("previousClientSecrets")]) {
    for (const [key, node] of secrets.entries()) {
      if (!declared.has(key))
        node.report("belongs to no app: declare it under apps, or remove this");
    }
  }
  return apps;
}

function parseApp(key: string, node: ConfigNode, config: ConfigNode): AppSpec | undefined {
  const secrets = config.child("clientSecrets");
  const secretNode = secrets.child(key);
  node.allowKeys(APP_KEYS, { clientSecret: plainSecretBelongs(secretNode) });
  const clientId = parseClientId(node.child("clientId"));
  const credential = parseCredential(node.child("credential"));
  const signs = credential === "signing-key";
  // What a store of an app that signs needs it for all the same, parseFleet knows.
  const isToldOtherwise = credential === undefined && !node.child("credential").isAbsent;
  if (
    !signs &&
    !isToldOtherwise &&
    secretNode.isAbsent &&
    (secrets.isAbsent || isMap(secrets.value))
  ) {
    reportMissingSecret(secretNode);
  }
  const clientSecret = parseClientSecret(secretNode, { clientId, isRequired: !signs });
  const previousClientSecret = parsePreviousClientSecret(
    config.child("previousClientSecrets").child(key),
  );
  if (!isAppKey(key) || looksSecret(key)) return node.report(keyRule(key));
  const distribution = parseDistribution(node.child("distribution"));
  const allowlist = parseAllowlistMode(node.child("allowlist"));
  const signingKeys = parseSigningKeys(node, signs);
  const open = parseInstalls(node, { distribution, credential });
  if (clientId === undefined || (clientSecret === undefined && !signs)) return undefined;
  const app = {
    app: key,
    clientId,
    clientSecret,
    previousClientSecret,
    distribution,
    allowlist,
    ...(open === undefined ? {} : { open }),
  };
  return signs ? { ...app, credential, signingKeys } : app;
}

/** Says that an app's client secret is missing. */
export function reportMissingSecret(node: ConfigNode, why = ""): void {
  node.report(`is missing${why}: pulumi config set --secret --path '${node.path}'`);
}

/** What a key of an app or a store looks like, in words, and what would do in place of this one. */
export function keyRule(key: string): string {
  const likely = key
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  const isLikely = isAppKey(likely) && likely !== key && !looksSecret(key);
  const rule =
    "a key is made of lower-case letters, digits and inner hyphens, at most 48 characters";
  return isLikely ? `${rule}: write ${likely}` : rule;
}

function parseClientId(node: ConfigNode): string | undefined {
  const clientId = node.requiredText("the client ID of the app, from its settings");
  if (clientId === undefined) return undefined;
  return CLIENT_ID.test(clientId) ? clientId : node.report("holds white space or is too long");
}
