import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { defaultPrefixOf } from "../../contract/names";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { systemClock } from "../../contract/time";
import { refuse } from "./declare-fleet";
import type { Problem } from "./node";
import { parseFleet } from "./parse-fleet";
import { type Encryption, oddKeysOf, seeEncryption } from "./plain-secrets";
import type { FleetSpec } from "./spec";
import { findStackFile } from "./stack-file";
import { mergeStoresFile } from "./stores-file";

/** The namespace of our config: the name of the project in Pulumi.yaml. */
const NAMESPACE = "shopify-secrets:";

/**
 * Reads the fleet from the stack's config, warns where the arithmetic is fragile, and reports all
 * mistakes together, before any resource.
 */
export function readFleet(projectFolder: string): FleetSpec {
  const config = readConfig();
  const stackFile = findStackFile(projectFolder, pulumi.getStack());
  const merged = mergeStoresFile(config, (file) => readFileSync(join(projectFolder, file), "utf8"));
  const parsed = parseFleet(merged.config, {
    defaultPrefix: defaultPrefixOf(pulumi.getStack()),
    now: systemClock.now(),
  });
  const encryption = seeEncryption(config, { isEncrypted, stackFile });
  refuse([
    ...oddKeysOf(stackFile),
    ...strayNamespaces(),
    ...merged.problems,
    ...parsed.problems.map(merged.locate),
    ...encryption.problems,
  ]);
  for (const warning of parsed.warnings) void pulumi.log.warn(warning);
  tellUnseen(encryption);
  return parsed.fleet;
}

function tellUnseen({ unseen, isEnvironment }: Encryption): void {
  if (unseen === undefined) return;
  void (isEnvironment ? pulumi.log.info(unseen) : pulumi.log.warn(unseen));
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

/** Slips in the namespace: the engine hands such keys over, and nobody would read them. */
const STRAY_NAMESPACE = /^shopify[-_]?secrets?:/i;

function strayNamespaces(): Problem[] {
  const keys = Object.keys(pulumi.runtime.allConfig());
  return keys
    .filter((key) => STRAY_NAMESPACE.test(key) && !key.startsWith(NAMESPACE))
    .map((key) => ({
      path: `${key.split(":")[0]}:`,
      says: `is another namespace, whose keys nobody reads: write ${NAMESPACE}`,
    }));
}

/** Texts, also where they read as numbers: a stack may have the prefix 2026. */
const TEXT_KEYS = new Set(["prefix", "abandonPrefix", "kmsKeyArn", "installDomain", "storesFile"]);

// Every other scalar arrives as text too, so a number or a truth value is one when it reads as one.
function decode(text: string): unknown {
  return parseJsonQuietly(text) ?? text;
}

// Exported by the SDK, and marked internal in its types: `pulumi.Config` only warns.
function isEncrypted(key: string): boolean {
  const runtime = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
  return runtime.isConfigSecret(`${NAMESPACE}${key}`);
}
