import type { ErrorCode } from "../../contract/errors";
import type { StoreState } from "../../contract/status";
import type { SweepResult } from "../../contract/sweep";
import type { Deed, Finding } from "./finding";
import type { ListedStore } from "./listed-store";

/** A store after the sweep. */
export interface Swept {
  readonly store: ListedStore;
  readonly finding: Finding;
  readonly state: StoreState;
  /** What people are told is wrong; empty: nothing. */
  readonly code: ErrorCode | "";
  /** Whether it was due and there was no time for it. */
  readonly isLeft: boolean;
}

/** What a sweep did, in numbers. */
export function summaryOf(swept: readonly Swept[]): SweepResult {
  const count = (...deeds: readonly Deed[]) =>
    swept.filter(({ finding }) => deeds.includes(finding.did)).length;
  return {
    stores: swept.length,
    renewed: count("renewed"),
    checked: count("checked"),
    adopted: count("adopted"),
    migrated: count("migrated"),
    failed: count("failed"),
    awaiting: count("awaited"),
    left: swept.filter(({ isLeft }) => isLeft).length,
  };
}
