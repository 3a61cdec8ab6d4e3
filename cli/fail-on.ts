import { STORE_STATES, type StoreState } from "../contract/store/status";
import type { Option, Typed } from "./command";
import { usageError } from "./refusal";

/** What a pipeline may be stopped by: a state, or something that needs a person while the token works. */
const CAUSES = [
  ...STORE_STATES.filter((state) => state !== "ok"),
  "attention",
  "silent",
  "deleted",
  "missing",
] as const;

export type Cause = (typeof CAUSES)[number];

/** `--fail-on`: what makes the exit code 1. */
export const FAIL_ON_OPTION = {
  type: "string",
  value: "states",
  help: `what the exit code is 1 for: any, none, or some of ${CAUSES.join(",")} (default: all but awaiting_merchant and deleted)`,
} as const satisfies Option;

/**
 * A store that waits for its merchant's first approval is as it was declared: nothing is wrong with it. A secret that waits
 * for its deletion was most likely retired.
 */
const DEFAULT: readonly Cause[] = CAUSES.filter(
  (cause) => cause !== "awaiting_merchant" && cause !== "deleted",
);

/**
 * The causes that `--fail-on` names.
 *
 * @throws {Refusal} a word that is none
 */
export function failOnOf({ text }: Pick<Typed, "text">): ReadonlySet<Cause> {
  const given = text("fail-on");
  if (given === undefined) return new Set(DEFAULT);
  if (given === "any") return new Set(CAUSES);
  if (given === "none") return new Set();
  const words = given.split(",").map((word) => word.trim().replaceAll("-", "_"));
  const causes = CAUSES.filter((cause) => words.includes(cause));
  if (causes.length === new Set(words).size) return new Set(causes);
  throw usageError(
    "--fail-on names something else than states",
    `give any, none, or some of ${CAUSES.join(",")}`,
  );
}

/** Which cause a store that needs a person is; undefined: it needs nobody. */
export function causeOf(found: {
  readonly state: StoreState;
  readonly needsPerson: boolean;
  /** Whether it has a value: then an approval was lost, and its token ends. */
  readonly hasValue: boolean;
}): Cause | undefined {
  const { state, needsPerson, hasValue } = found;
  if (!needsPerson) return undefined;
  if (state === "ok") return "attention";
  return state === "awaiting_merchant" && hasValue ? "failing" : state;
}
