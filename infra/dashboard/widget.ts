import type { FunctionRole } from "../../contract/names";
import type { Place } from "../policies/statement";

/** What a dashboard is made for. */
export interface DashboardSubject {
  readonly place: Place;
  /** The head of the stack's secret names. */
  readonly prefix: string;
  /** The functions that the stack has. */
  readonly functions: readonly FunctionRole[];
  /** Whether every merchant may install an app of the stack. Default: no. */
  readonly openInstalls?: boolean;
}

/** A widget of CloudWatch's (its guide, "Dashboard body structure and syntax"). */
export interface Widget {
  readonly type: "text" | "metric" | "log" | "alarm";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: Readonly<Record<string, unknown>>;
}
