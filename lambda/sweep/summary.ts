import type { Condition } from "../../contract/store/condition";
import type { StoreView } from "../../contract/store/view";
import type { SweepResult } from "../../contract/sweep";
import type { ActionTaken, StoreOutcome } from "./outcome";

/** A store after the sweep: as its tags show it from now on. */
export interface Swept {
  readonly store: StoreView;
  readonly outcome: StoreOutcome;
  readonly condition: Condition;
  /** How far it came: through; sent to a worker, who looks for himself; or left, because it was due and there was no time. */
  readonly came: "through" | "sent" | "left";
}

/** What a sweep did, in numbers. */
export function summaryOf(swept: readonly Swept[]): SweepResult {
  const count = (...actions: readonly ActionTaken[]) =>
    swept.filter(({ outcome }) => actions.includes(outcome.action)).length;
  const sent = swept.filter(({ came }) => came === "sent").length;
  return {
    stores: swept.length,
    renewed: count("renewed"),
    checked: count("checked"),
    adopted: count("adopted"),
    migrated: count("migrated"),
    failed: count("failed"),
    awaiting: count("awaited"),
    left: swept.filter(({ came }) => came === "left").length,
    ...(sent === 0 ? {} : { sent }),
  };
}
