import * as pulumi from "@pulumi/pulumi";
import { systemClock } from "../../contract/time";
import { type ParsedFleet, parseFleet } from "./parse-fleet";
import { refuse } from "./refuse";
import { spreadSecretOutputs } from "./secret-outputs";
import type { FleetSpec } from "./spec";
import { CONFIG_WORDS, type Words } from "./words";

/**
 * The fleet that a plain object declares, with the keys of stack config. Its secrets may be outputs: each of
 * `clientSecrets`, `previousClientSecrets` and `accessTokens`, or such a map as a whole. They are checked once they are known.
 *
 * @throws {pulumi.RunError} all mistakes together, by their paths
 */
export function declareFleet(
  config: Readonly<Record<string, unknown>>,
  defaultPrefix: string,
): FleetSpec {
  return declareIn(CONFIG_WORDS, { config, defaultPrefix });
}

/** What is declared, and how its secrets' names begin where it does not say. */
export interface FleetDeclaration {
  readonly config: Readonly<Record<string, unknown>>;
  readonly defaultPrefix: string;
}

/** The same in the words of the place where it is declared. */
export function declareIn(words: Words, declared: FleetDeclaration): FleetSpec {
  const { fleet, warnings } = proveIn(words, declared);
  for (const warning of warnings) void pulumi.log.warn(words.say(warning));
  return fleet;
}

/** The same, and nothing is told: for whoever looks first. */
export function proveIn(words: Words, { config, defaultPrefix }: FleetDeclaration): ParsedFleet {
  const declared = spreadSecretOutputs(config);
  refuse(declared.problems, words);
  const now = systemClock.now();
  const parsed = parseFleet(declared.config, { defaultPrefix, now, words });
  refuse(parsed.problems, words);
  return parsed;
}
