import type { Notice } from "../../contract/notice";
import type { Deadline } from "../deadline";
import type { EngineParts } from "../engine/parts";
import type { FleetPort } from "./fleet-port";

/** What the sweep needs beside the engine's parts. */
export interface SweepParts extends EngineParts {
  readonly fleet: FleetPort;
  /** How many stores are worked on at the same time. */
  readonly storesAtOnce: number;
  /** Tells people of a store whose state changed; it may tell twice after a crash, and never not at all. */
  publish(notice: Notice): Promise<void>;
  /** Writes a line of metrics. */
  emit(line: string): void;
}

/** A deadline of its own for a part of the work: one slow store must not take the time of all. */
export function within(deadline: Deadline, milliseconds: number): Deadline {
  const kept = Math.max(0, deadline.remainingMs() - milliseconds);
  return {
    remainingMs: () => deadline.remainingMs() - kept,
    pause: (waitMs) => deadline.pause(waitMs),
  };
}
