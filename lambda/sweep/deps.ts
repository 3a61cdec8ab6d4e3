import type { Notice } from "../../contract/notice";
import { labelOf, type StoreView } from "../../contract/store/view";
import { SECOND_MS } from "../../contract/time";
import { type Deadline, within } from "../deadline";
import { type EngineDeps, under } from "../engine/deps";
import type { FleetPort } from "../secrets/fleet-port";
import type { OrderQueue } from "./order-queue";

/** Calls a function with an event, and does not wait for what it does. */
export type FunctionCall = (
  functionName: string,
  event: object,
  deadline: Deadline,
) => Promise<void>;

/** The most time that one store may take, AWS, Shopify and all: a slow one must not take the time of the others. */
const STORE_BUDGET_MS = 30 * SECOND_MS;

/** What the sweep needs beside the engine's dependencies. */
export interface SweepDeps extends EngineDeps {
  readonly fleet: FleetPort;
  /** How many stores are worked on at the same time. */
  readonly storesAtOnce: number;
  /** Whether the stack has a topic, and with it somebody to tell. */
  readonly hasTopic: boolean;
  /** Tells people of a store whose state changed; it may tell twice after a crash, and never not at all. */
  publish(notice: Notice, deadline: Deadline): Promise<void>;
  /** The address that this function's requests come from; undefined: nobody could tell. */
  findOwnAddress(): Promise<string | undefined>;
  /** Calls another function of the stack, without waiting for what it does. */
  readonly callFunction: FunctionCall;
  /** Carries what a pass finds to workers; undefined: the pass does it itself. */
  readonly orderQueue?: OrderQueue | undefined;
  /** Writes a line of metrics. */
  emit(line: string): void;
}

/** The dependencies for one store: its names in every line, and its share of the time. */
export function depsFor(store: StoreView, deps: SweepDeps): SweepDeps {
  const names = { store: labelOf(store), shop: store.declaration?.shop };
  const own = under(deps, within(deps.deadline, STORE_BUDGET_MS));
  return { ...own, log: deps.log.with(names) };
}
