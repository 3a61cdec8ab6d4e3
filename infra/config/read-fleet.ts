import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { defaultPrefixOf } from "../../contract/names";
import { systemClock } from "../../contract/time";
import { linesOfFile } from "./lines-of-file";
import type { Problem } from "./node";
import { parseFleet } from "./parse-fleet";
import { type Encryption, oddKeysOf, seeEncryption } from "./plain-secrets";
import { refuse } from "./refuse";
import type { FleetSpec } from "./spec";
import { isEncrypted, NAMESPACE, readOwnConfig } from "./stack-config";
import { findStackFile } from "./stack-file";
import { mergeStoresFile } from "./stores-file";

/**
 * Reads the fleet from the stack's config, warns where the arithmetic is fragile, and reports all
 * mistakes together, before any resource.
 */
export function readFleetSpec(projectFolder: string): FleetSpec {
  const config = readOwnConfig();
  const stackFile = findStackFile(projectFolder, pulumi.getStack());
  const merged = mergeStoresFile(config, (file) => readFileSync(join(projectFolder, file), "utf8"));
  const parsed = parseFleet(merged.config, {
    defaultPrefix: defaultPrefixOf(pulumi.getStack()),
    now: systemClock.now(),
    readLines: (file) => linesOfFile(join(projectFolder, file)),
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
  warnOfLongConfig();
  tellUnseen(encryption);
  return parsed.fleet;
}

/** One variable of a process's environment, in bytes (execve(2), MAX_ARG_STRLEN); the engine hands all config over in one. */
const LONGEST_CONFIG = 131_072;
const LONG_CONFIG = LONGEST_CONFIG * 0.75;

/** Beyond the end no program starts, and the engine says no more than "argument list too long". */
function warnOfLongConfig(): void {
  const { length } = Buffer.from(JSON.stringify(pulumi.runtime.allConfig()));
  if (length < LONG_CONFIG) return;
  const kilobytes = (bytes: number) => Math.round(bytes / 1_024);
  void pulumi.log.warn(
    `the stack's config has ${kilobytes(length)} kB, and on Linux a program gets at most ${kilobytes(LONGEST_CONFIG)}: move stores into a file that shopify-secrets:storesFile names`,
  );
}

function tellUnseen({ unseen, isEnvironment }: Encryption): void {
  if (unseen === undefined) return;
  void (isEnvironment ? pulumi.log.info(unseen) : pulumi.log.warn(unseen));
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
