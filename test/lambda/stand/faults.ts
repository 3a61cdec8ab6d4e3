/** What can go wrong at a single call. */
export const FAULTS = [
  "fails_before",
  "fails_after",
  "throttled",
  "times_out",
  "answers_garbage",
  "killed_before",
  "killed_after",
] as const;

export type Fault = (typeof FAULTS)[number];

/** One call of a function to the outside. */
export interface CallPoint {
  readonly target: "secrets-manager" | "kms" | "shopify";
  readonly operation: string;
  /** Counted over the whole world, from 0. */
  readonly index: number;
}

/** Decides what happens to a call; undefined: nothing special. */
export type FaultPlan = (point: CallPoint) => Fault | undefined;

/** The function was killed: nothing that it does afterwards has an effect. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** An error as an AWS client throws it. */
export function awsError(name: string): Error {
  const error = new Error(`the ${name} of a test`);
  error.name = name;
  return error;
}

/** What a call does in the end, and how it fails and lies. */
export interface Outside<T> {
  readonly act: () => Promise<T>;
  readonly fail: (how: "unreachable" | "throttled" | "timed_out") => T | Promise<T>;
  readonly garbage: () => T;
}

/** A running invocation, as far as faults go. */
export interface Victim {
  killed: boolean;
  /** Lets all the time that is left pass. */
  spendEverything(): void;
}

/** Carries a call out with its fault. */
export async function withFault<T>(
  fault: Fault | undefined,
  victim: Victim,
  outside: Outside<T>,
): Promise<T> {
  if (victim.killed) throw new Killed();
  switch (fault) {
    case undefined:
      return await outside.act();
    case "fails_before":
      return await outside.fail("unreachable");
    case "fails_after":
      await done(outside);
      return await outside.fail("unreachable");
    case "throttled":
      return await outside.fail("throttled");
    case "times_out":
      victim.spendEverything();
      return await outside.fail("timed_out");
    case "answers_garbage":
      await done(outside);
      return outside.garbage();
    case "killed_before":
      victim.killed = true;
      throw new Killed();
    case "killed_after":
      await done(outside);
      victim.killed = true;
      throw new Killed();
    default:
      return fault satisfies never;
  }
}

/** Lets the effect happen; what it would have answered or thrown is lost. */
async function done<T>(outside: Outside<T>): Promise<void> {
  await outside.act().catch(() => undefined);
}
