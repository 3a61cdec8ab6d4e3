import { AwsError } from "./aws-error";
import { incompleteVersion } from "./operations/rotation";
import {
  holderOf,
  type ModelState,
  type RotationAttempt,
  type Secret,
  type Surroundings,
  versionOf,
  withSecret,
} from "./state";
import { withoutLabel, withoutVersion, withRegisteredVersion } from "./versions";
import { nextWindow, withRotation } from "./windows";

/** One attempt at one secret, as the service tells them apart. */
export interface AttemptKey {
  readonly secretArn: string;
  readonly token: string;
}

/** Something that the service does by itself at a time, epoch ms. */
export interface DueEvent {
  readonly at: number;
  readonly what: "retry" | "window";
  readonly secretArn: string;
}

/** The attempt, while it is still the secret's own; a cancelled or replaced one is undefined. */
export function attemptOf(state: ModelState, key: AttemptKey): RotationAttempt | undefined {
  const attempt = state.secrets.get(key.secretArn)?.rotation?.attempt;
  return attempt?.token === key.token ? attempt : undefined;
}

/** After the last step: a rotation succeeded when its version is AWSCURRENT. */
export function afterSteps(state: ModelState, key: AttemptKey, around: Surroundings): ModelState {
  const secret = state.secrets.get(key.secretArn);
  const attempt = attemptOf(state, key);
  if (!secret?.rotation || attempt === undefined) return state;
  if (attempt.kind === "test-only") return withSecret(state, afterTest(secret, key.token));
  if (holderOf(secret, "AWSCURRENT")?.id !== key.token) return afterFailure(state, key, around);
  const cleared = around.switches.clearPendingAfterFinish
    ? withoutLabel(secret, "AWSPENDING", key.token)
    : secret;
  const rotation = { ...secret.rotation, lastRotatedAt: around.now, attempt: undefined };
  return withSecret(state, { ...withRotation(cleared, rotation), changedAt: around.now });
}

/** After a step that failed: the whole rotation is tried again later with the same token, or given up. */
export function afterFailure(state: ModelState, key: AttemptKey, around: Surroundings): ModelState {
  const secret = state.secrets.get(key.secretArn);
  const attempt = attemptOf(state, key);
  if (!secret?.rotation || attempt === undefined) return state;
  if (attempt.kind === "test-only") return withSecret(state, afterTest(secret, key.token));
  const delay = around.switches.retryDelaysMs[attempt.failures];
  const next =
    delay === undefined
      ? undefined
      : { ...attempt, failures: attempt.failures + 1, retryAt: around.now + delay };
  return withSecret(state, withRotation(secret, { ...secret.rotation, attempt: next }));
}

/** Everything that is planned, soonest first. */
export function dueEvents(state: ModelState): readonly DueEvent[] {
  const events: DueEvent[] = [];
  for (const { arn: secretArn, rotation, deletion } of state.secrets.values()) {
    if (!rotation?.enabled || deletion !== undefined) continue;
    const { attempt, window } = rotation;
    if (attempt?.retryAt !== undefined) {
      events.push({ at: attempt.retryAt, what: "retry", secretArn });
    }
    if (window !== undefined) events.push({ at: window.fireAt, what: "window", secretArn });
  }
  return events.sort((one, other) => one.at - other.at);
}

/** Begins what is due; without a key nothing is to be run. */
export function begun(
  state: ModelState,
  event: DueEvent,
  around: Surroundings,
): { readonly state: ModelState; readonly key?: AttemptKey } {
  const secret = state.secrets.get(event.secretArn);
  if (!secret?.rotation) return { state };
  return event.what === "retry"
    ? begunRetry(state, secret, around)
    : begunWindow(state, secret, around);
}

function begunRetry(
  state: ModelState,
  secret: Secret,
  { switches }: Surroundings,
): { readonly state: ModelState; readonly key?: AttemptKey } {
  const { rotation } = secret;
  const attempt = rotation?.attempt;
  if (rotation === undefined || attempt === undefined) return { state };
  const stages = versionOf(secret, attempt.token)?.stages ?? [];
  const isAlive = stages.includes("AWSPENDING") || stages.includes("AWSCURRENT");
  const goesOn = isAlive || switches.retryAfterLabelLost;
  const next = goesOn ? { ...attempt, retryAt: undefined } : undefined;
  return {
    state: withSecret(state, withRotation(secret, { ...rotation, attempt: next })),
    ...(goesOn ? { key: { secretArn: secret.arn, token: attempt.token } } : {}),
  };
}

/** A scheduled rotation takes up the incomplete version, if there is one: "That rotation will be reattempted." */
function begunWindow(
  state: ModelState,
  secret: Secret,
  around: Surroundings,
): { readonly state: ModelState; readonly key?: AttemptKey } {
  const { rotation } = secret;
  if (rotation?.window === undefined) return { state };
  const anchor = around.now >= rotation.window.closesAt ? around.now : rotation.window.opensAt;
  const moved = withRotation(secret, { ...rotation, window: nextWindow(secret, anchor, around) });
  const isRunning = rotation.attempt !== undefined && rotation.attempt.retryAt === undefined;
  const registered = isRunning ? undefined : registeredForWindow(moved, around);
  if (registered === undefined) return { state: withSecret(state, moved) };
  const { secret: started, token } = registered;
  const attempt = { token, kind: "rotate", failures: 0 } as const;
  return {
    state: withSecret(state, {
      ...started,
      rotation: started.rotation && { ...started.rotation, attempt },
    }),
    key: { secretArn: secret.arn, token },
  };
}

function registeredForWindow(
  secret: Secret,
  around: Surroundings,
): { readonly secret: Secret; readonly token: string } | undefined {
  const incomplete = incompleteVersion(secret);
  if (incomplete !== undefined) return { secret, token: incomplete.id };
  const token = around.randomness.versionId();
  try {
    return { secret: withRegisteredVersion(secret, token, around), token };
  } catch (error) {
    if (error instanceof AwsError) return undefined; // the quota is used up: this window is missed
    throw error;
  }
}

function afterTest(secret: Secret, token: string): Secret {
  const tested = withoutVersion(secret, token);
  return tested.rotation === undefined
    ? tested
    : withRotation(tested, { ...tested.rotation, attempt: undefined });
}
