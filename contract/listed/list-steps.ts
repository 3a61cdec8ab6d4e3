import * as v from "valibot";
import type { EnrolPayload } from "../enrolment";
import { CodedError } from "../errors";
import type { Deed } from "./list-plan";
import { type ListWork, parseWork } from "./list-work";
import { parseWaveItem, type WaveItem, type WaveVerb } from "./wave-run";

/** The name of the map in the state machine, which stands in the ARNs of its runs. */
export const MAP_LABEL = "Stores";

/** The most stores that a run works on at once: each writes a few times a second, and Secrets Manager takes 50 writes a second. */
export const MOST_AT_ONCE = 100;

/** What a run that applies a list is begun with. */
export interface ListRunInput {
  /** The ETag of the list whose plan was shown. Default: nobody looked. */
  readonly listEtag?: string;
  /** The largest share of the stores that this run may retire, in percent. Default: what the list says. */
  readonly retireAtMost?: number;
}

/** What the state machine asks of the apply function. */
export type ListStep =
  | {
      readonly action: "plan";
      readonly run: string;
      readonly retireAtMost: number | undefined;
      /** The list that the run was begun for. Default: whichever is the newest. */
      readonly listEtag?: string | undefined;
      /** The share of stores that may fail, in percent, as config says it. */
      readonly toleratedFailures: number;
    }
  | { readonly action: "make"; readonly work: ListWork }
  | { readonly action: "schedule"; readonly work: ListWork }
  | {
      readonly action: "note";
      readonly run: string;
      readonly work: ListWork;
      readonly error: string;
      readonly cause: string;
    }
  | {
      readonly action: "note_change";
      readonly run: string;
      readonly item: WaveItem;
      readonly error: string;
      readonly cause: string;
    };

/** What a plan tells the state machine, and so whoever looks at the run. */
export interface Planned {
  readonly bucket: string;
  /** The object with the run's work. */
  readonly key: string;
  /** How many stores have work. */
  readonly tasks: number;
  /** The share of them that may fail before the run stops, in percent. */
  readonly tolerated: number;
  readonly counts: Readonly<Record<Deed, number>>;
  readonly same: number;
  readonly left: number;
}

/** What is next for a store whose secret is as it should be. */
export interface StoreMade {
  readonly next: "enrol" | "nothing";
  /** The enrol function's event; null: nothing is enrolled. */
  readonly enrol: EnrolPayload | null;
}

const RUN = /^[\w.-]{1,80}$/;
const WireError = v.object({
  Error: v.optional(v.string(), ""),
  Cause: v.optional(v.string(), ""),
});
const WireStep = v.variant("action", [
  v.object({
    action: v.literal("plan"),
    run: v.pipe(v.string(), v.regex(RUN)),
    input: v.optional(
      v.object({ retireAtMost: v.optional(v.number()), listEtag: v.optional(v.string()) }),
    ),
    // A run that began before the machine said it keeps the share of its own definition.
    tolerated_failures: v.optional(v.number(), 0),
  }),
  v.object({ action: v.literal("make"), item: v.unknown() }),
  v.object({ action: v.literal("schedule"), item: v.unknown() }),
  v.object({
    action: v.literal("note_change"),
    run: v.pipe(v.string(), v.regex(RUN)),
    item: v.unknown(),
    error: WireError,
  }),
  v.object({
    action: v.literal("note"),
    run: v.pipe(v.string(), v.regex(RUN)),
    item: v.unknown(),
    error: WireError,
  }),
]);

/**
 * Reads the event of the apply function.
 *
 * @throws {CodedError} `event_malformed`, naming the field and never its content
 */
export function parseListStep(event: unknown): ListStep {
  const parsed = v.safeParse(WireStep, event);
  if (!parsed.success) {
    throw new CodedError("event_malformed", {
      field: v.getDotPath(parsed.issues[0]) ?? "action",
    });
  }
  const step = parsed.output;
  switch (step.action) {
    case "plan": {
      const { action, run, input, tolerated_failures: toleratedFailures } = step;
      const { retireAtMost, listEtag } = input ?? {};
      return { action, run, retireAtMost, listEtag, toleratedFailures };
    }
    case "note": {
      const { Error: error, Cause: cause } = step.error;
      return { action: "note", run: step.run, work: parseWork(step.item), error, cause };
    }
    case "note_change": {
      const { Error: error, Cause: cause } = step.error;
      const { action, run } = step;
      return { action, run, item: parseWaveItem(step.item), error, cause };
    }
    default:
      return { action: step.action, work: parseWork(step.item) };
  }
}

/** Why a store failed in a run. */
export interface ListFailure {
  readonly store: string;
  readonly deed: Deed | WaveVerb;
  /** A code of ours; `unexpected` where the failure has none. */
  readonly code: string;
}
