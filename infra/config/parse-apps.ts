import { isAppKey } from "../../contract/brands";
import { type ConfigNode, looksSecret } from "./node";
import { parseClientSecret } from "./parse-secrets";
import type { AppSpec } from "./spec";

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
  node.allowKeys(["clientId"]);
  const clientId = parseClientId(node.child("clientId"));
  const secretNode = config.child("clientSecrets").child(key);
  if (secretNode.isAbsent) {
    secretNode.report(`is missing: pulumi config set --secret --path '${secretNode.path}'`);
  }
  const clientSecret = parseClientSecret(secretNode);
  const previousClientSecret = parseClientSecret(config.child("previousClientSecrets").child(key));
  if (!isAppKey(key) || looksSecret(key)) return node.report(KEY_RULE);
  if (clientId === undefined || clientSecret === undefined) return undefined;
  return { app: key, clientId, clientSecret, previousClientSecret };
}

/** What a key of an app or a store looks like, in words. */
export const KEY_RULE =
  "a key is made of lower-case letters, digits and inner hyphens, at most 48 characters";

function parseClientId(node: ConfigNode): string | undefined {
  const clientId = node.requiredText("the client ID of the app, from its settings");
  if (clientId === undefined) return undefined;
  if (/^shp[a-z]{2}_/.test(clientId)) {
    return node.report(
      "holds a secret, and the client ID belongs here: rotate that secret, it stood in plain text",
    );
  }
  return CLIENT_ID.test(clientId) ? clientId : node.report("holds white space or is too long");
}
