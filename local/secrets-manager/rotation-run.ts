import { type AttemptKey, afterFailure, afterSteps, attemptOf } from "./attempts";
import type { ModelState, Surroundings } from "./state";

/** The event of a rotation function. */
export interface RotationEvent {
  readonly Step: RotationStep;
  /** The secret's full ARN. */
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

export type RotationStep = "createSecret" | "setSecret" | "testSecret" | "finishSecret";

/** The service's side of Lambda. */
export interface RotationPorts {
  /** Resolves when the function returned, rejects when it failed (function error, timeout, throttled). */
  invoke(functionArn: string, event: RotationEvent): Promise<void>;
  /** Whether the function's policy lets Secrets Manager call it for this secret. */
  mayInvoke(functionArn: string, secretArn: string): Promise<boolean>;
}

/** Where a run reads and replaces the state between the steps. */
export interface RunSite {
  readonly invoke: RotationPorts["invoke"];
  readonly state: () => ModelState;
  readonly replace: (change: (state: ModelState, around: Surroundings) => ModelState) => void;
}

const STEPS: readonly RotationStep[] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

/** Runs one attempt's steps in order until the first that fails; ends quietly when the attempt was cancelled. */
export async function runSteps(key: AttemptKey, site: RunSite): Promise<void> {
  const steps =
    attemptOf(site.state(), key)?.kind === "test-only" ? ["testSecret" as const] : STEPS;
  for (const Step of steps) {
    const functionArn = site.state().secrets.get(key.secretArn)?.rotation?.functionArn;
    if (functionArn === undefined || attemptOf(site.state(), key) === undefined) return;
    const event = { Step, SecretId: key.secretArn, ClientRequestToken: key.token };
    try {
      await site.invoke(functionArn, event);
    } catch {
      // The service tells nobody why: what failed is the function's to report.
      site.replace((state, around) => afterFailure(state, key, around));
      return;
    }
  }
  site.replace((state, around) => afterSteps(state, key, around));
}
