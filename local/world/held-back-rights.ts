import { SECOND_MS } from "../../contract/time";
import type { CallRecord } from "../aws/call-record";
import type { WorldClock } from "../clock/world-clock";

/** How much of the world's time passes at a refusal: about the pause after which people try again. */
const STEP_MS = 2 * SECOND_MS;

const READ = /^(?:Get|List|Simulate|Generate)/;

type SeenCall = Pick<CallRecord, "service" | "operation" | "allowed" | "atMs">;

/**
 * Lets the world's time pass where somebody waits until a change of IAM is believed.
 *
 * A role or a policy that was just changed is not believed for ten seconds, as in real IAM. Whoever is
 * refused meanwhile has to try again, as there; but ten real seconds at every deployment would teach
 * nobody more than the refusals do.
 */
export class HeldBackRights {
  readonly #clock: WorldClock;
  readonly #delayMs: number;
  #believedAtMs = 0;

  constructor(clock: WorldClock, delayMs: number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  /** Told of every call to AWS, when it has been answered. */
  see({ service, operation, allowed, atMs }: SeenCall): void {
    const isWaiting = this.#clock.now() < this.#believedAtMs;
    if (isWaiting && !allowed) this.#clock.advance(STEP_MS);
    if (service === "iam" && !READ.test(operation)) this.#believedAtMs = atMs + this.#delayMs;
  }

  /** Moves on to when everything that was changed so far is believed. */
  letPass(): void {
    this.#clock.advance(this.#believedAtMs - this.#clock.now());
  }
}
