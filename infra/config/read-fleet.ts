import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { defaultPrefixOf } from "../../contract/names";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { systemClock } from "../../contract/time";
import { refuse } from "./declare-fleet";
import { parseFleet } from "./parse-fleet";
import { plainSecretsOf } from "./plain-secrets";
import type { FleetSpec } from "./spec";
import { mergeStoresFile } from "./stores-file";

/** The namespace of our config: the name of the project in Pulumi.yaml. */
const NAMESPACE = "shopify-secrets:";

/**
 * Reads the fleet from the stack's config, warns where the arithmetic is fragile, and reports all
 * mistakes together, before any resource.
 */
export function readFleet(projectFolder: string): FleetSpec {
  const merged = mergeStoresFile(readConfig(), (file) =>
    readFileSync(join(projectFolder, file), "utf8"),
  );
  const parsed = parseFleet(merged.config, {
    defaultPrefix: defaultPrefixOf(pulumi.getStack()),
    now: systemClock.now(),
  });
  const plain = plainSecretsOf(merged.config, {
    isEncrypted,
    stackFile: readStackFile(projectFolder),
  });
  refuse([...merged.problems, ...parsed.problems.map(merged.locate), ...plain]);
  for (const warning of parsed.warnings) void pulumi.log.warn(warning);
  return parsed.fleet;
}

/**
 * Our part of config, as the engine hands it over: decrypted text, JSON for maps and lists.
 *
 * Read beside `pulumi.Config`, whose accessors wrap secrets in outputs: mistakes in a secret have to be
 * found before any resource. The parser seals every secret at once.
 */
function readConfig(): Record<string, unknown> {
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

/** Texts, also where they read as numbers: a stack may have the prefix 2026. */
const TEXT_KEYS = new Set(["prefix", "kmsKeyArn", "installDomain", "storesFile"]);

// Every other scalar arrives as text too, so a number or a truth value is one when it reads as one.
function decode(text: string): unknown {
  return parseJsonQuietly(text) ?? text;
}

// Exported by the SDK, and marked internal in its types: `pulumi.Config` only warns.
function isEncrypted(key: string): boolean {
  const runtime = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
  return runtime.isConfigSecret(`${NAMESPACE}${key}`);
}

/** The text of the stack's config file; undefined where the engine was told to read another one. */
function readStackFile(projectFolder: string): string | undefined {
  const file = join(projectFolder, `Pulumi.${pulumi.getStack()}.yaml`);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
