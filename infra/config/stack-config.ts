import * as pulumi from "@pulumi/pulumi";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { SECRET_KEYS } from "./plain-secrets";
import { refuse } from "./refuse";

/** The namespace of our config, whatever the program's own project is called. */
export const NAMESPACE = "shopify-secrets:";

/**
 * Our part of config, as the engine hands it over: decrypted text, JSON for maps and lists.
 *
 * Read beside `pulumi.Config`, whose accessors wrap secrets in outputs: mistakes in a secret have to be
 * found before any resource. The parser seals every secret at once.
 */
export function readOwnConfig(): Record<string, unknown> {
  const own = Object.entries(pulumi.runtime.allConfig()).filter(([key]) =>
    key.startsWith(NAMESPACE),
  );
  return Object.fromEntries(
    own.map(([fullKey, text]) => {
      const key = fullKey.slice(NAMESPACE.length);
      return [key, TEXT_KEYS.has(key) ? text : decode(text)];
    }),
  );
}

/**
 * What stands under `shopify-secrets:` in the stack config of a program of one's own, for `declareFleet`: so that every
 * `pulumi config set` of a message does there what it says.
 *
 * @throws {pulumi.RunError} client secrets or tokens that are not encrypted
 */
export function readStackConfig(): Record<string, unknown> {
  const config = readOwnConfig();
  refuse(
    SECRET_KEYS.filter((key) => key in config && !isEncrypted(key)).map((key) => ({
      path: `${NAMESPACE}${key}`,
      says: "stands there in plain text: set it again with --secret",
    })),
  );
  return config;
}

/** Texts, also where they read as numbers: a stack may have the prefix 2026. */
const TEXT_KEYS = new Set(["prefix", "abandonPrefix", "kmsKeyArn", "installDomain", "storesFile"]);

// Every other scalar arrives as text too, so a number or a truth value is one when it reads as one.
function decode(text: string): unknown {
  return parseJsonQuietly(text) ?? text;
}

/** Whether the engine holds a key of ours as a secret: exported by the SDK, and marked internal in its types. */
export function isEncrypted(key: string): boolean {
  const runtime = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
  return runtime.isConfigSecret(`${NAMESPACE}${key}`);
}
