import * as pulumi from "@pulumi/pulumi";
import { plural } from "../../contract/plural";
import { systemClock } from "../../contract/time";
import type { Problem } from "./node";
import { parseFleet } from "./parse-fleet";
import type { FleetSpec } from "./spec";

/**
 * The fleet that a plain object declares, with the keys of stack config.
 *
 * @throws {pulumi.RunError} all mistakes together, by their paths
 */
export function declareFleet(
  config: Readonly<Record<string, unknown>>,
  defaultPrefix: string,
): FleetSpec {
  const { fleet, problems, warnings } = parseFleet(config, {
    defaultPrefix,
    now: systemClock.now(),
  });
  refuse(problems);
  for (const warning of warnings) void pulumi.log.warn(warning);
  return fleet;
}

/** Stops the program when there are problems, with one line for each and no stack. */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const lines = [...new Set(problems.map(({ path, says }) => `  ${path} ${says}`))];
  const count = plural(lines.length, "problem");
  throw new pulumi.RunError([`${count} in config; nothing was touched:`, ...lines].join("\n"));
}
