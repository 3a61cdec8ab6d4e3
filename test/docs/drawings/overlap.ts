import { kindFactsOf } from "../../../contract/kinds";
import {
  DEFAULT_ROTATION_HOURS,
  gapHoursOf,
  proveSchedule,
  ROTATION_WINDOW_HOURS,
} from "../../../contract/schedule";

/** Midnight of a day that means nothing: a drawing has hours. */
const ORIGIN = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;

/** Hours after midnight, as Mermaid's gantt reads them. */
const at = (hours: number): string =>
  new Date(ORIGIN + hours * HOUR).toISOString().slice(0, 16).replace("T", " ");

/**
 * The tokens of a store over a day in which a rotation window is missed, in the worst case that the schedule's own proof
 * reckons with: the first rotation at the beginning of its window, the next one at the end of the second window after it.
 */
export function drawOverlap(): string {
  const lifeSeconds = kindFactsOf({ kind: "client-credentials" }).lifetimeSeconds ?? 0;
  const life = Math.round(lifeSeconds / 3_600);
  const period = DEFAULT_ROTATION_HOURS;
  const { gapAfterMiss } = gapHoursOf(period);
  const { verdict } = proveSchedule(period, lifeSeconds);
  const task = (name: string, tags: string, [from, to]: readonly [number, number]) =>
    `    ${name} :${tags}, ${at(from)}, ${at(to)}`;
  const window = (name: string, tags: string, from: number) =>
    task(name, tags, [from, from + ROTATION_WINDOW_HOURS]);
  return [
    "gantt",
    `    title Renewed every ${period} hours (${verdict}), one window missed`,
    "    dateFormat YYYY-MM-DD HH:mm",
    "    axisFormat %H h",
    "    section Windows",
    window("first", "done", 0),
    window("missed", "crit", period),
    window("second", "done", 2 * period),
    "    section Tokens",
    task(`first token, ${life} h`, "active", [0, life]),
    task("second token", "active", [gapAfterMiss, gapAfterMiss + life]),
    "    section Applications",
    task(`both work, ${life - gapAfterMiss} h`, "done", [gapAfterMiss, life]),
  ].join("\n");
}
