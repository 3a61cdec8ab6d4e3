import { type EpochMs, epochMs, MINUTE_MS } from "../../contract/time";
import type { World } from "../world/world";
import { type CurrentRecord, readRecord } from "./records";

/** How many calls the applications must have made before the world goes on by a minute. */
const CALLS_A_MINUTE = 24;
const MINUTES_BEFORE = 2;
const MINUTES_AFTER = 3;
const POLL_MS = 20;
/**
 * Applications that do not call any more would keep the world waiting for ever. Long enough for a machine
 * that is busy with much else: only a standstill may end the wait.
 */
const PATIENCE_MS = 20 * MINUTE_MS;

/** What one rotation did to one store. */
export interface RotationSeen {
  readonly at: EpochMs;
  readonly secretArn: string;
  /** How old the old token was when it was replaced, in milliseconds. */
  readonly oldTokenAgeMs: number;
  /** What the imitation says of the old token's life after the new one was promoted, in seconds; 0: dead. */
  readonly oldTokenSecondsLeft: number;
  /** The fewest calls of the applications in any minute around the rotation. */
  readonly fewestCallsAMinute: number;
}

export interface RotationsOptions {
  /** How far to go, in milliseconds of the world. */
  readonly spanMs: number;
  /** Told after each rotation. */
  readonly onRotation?: (seen: RotationSeen) => void;
  /** Why the applications cannot go on, if they cannot. */
  readonly failure?: () => string | undefined;
  /** Does something while no call of the applications is under way. Default: at once. */
  readonly atRest?: (act: () => Promise<void>) => Promise<void>;
}

/**
 * Moves the world through its rotations: fast between them, and minute by minute around each, so that the
 * applications call before, during and after it.
 */
export async function goThroughRotations(
  world: World,
  secretArn: string,
  options: RotationsOptions,
): Promise<RotationSeen[]> {
  const end = world.clock.now() + options.spanMs;
  const rotations: RotationSeen[] = [];
  for (let due = nextRotation(world, end); due !== undefined; due = nextRotation(world, end)) {
    const seen = await goThroughOne(world, { secretArn, due }, options);
    rotations.push(seen);
    options.onRotation?.(seen);
  }
  await moveTo(world, end, options);
  return rotations;
}

/** A token of an hour may end on the way. */
async function moveTo(
  world: World,
  instant: number,
  { atRest = (act) => act() }: RotationsOptions,
): Promise<void> {
  await atRest(async () => void (await world.driver.moveTo(epochMs(instant))));
}

function nextRotation(world: World, end: number): number | undefined {
  const due = world.secrets.nextDueAt();
  return due === undefined || due > end ? undefined : due;
}

async function goThroughOne(
  world: World,
  { secretArn, due }: { secretArn: string; due: number },
  options: RotationsOptions,
): Promise<RotationSeen> {
  const before = await readRecord(world, secretArn);
  let fewestCallsAMinute = Number.POSITIVE_INFINITY;
  for (let minute = -MINUTES_BEFORE; minute <= MINUTES_AFTER; minute += 1) {
    await moveTo(world, due + minute * MINUTE_MS, options);
    fewestCallsAMinute = Math.min(fewestCallsAMinute, await awaitCalls(world, options));
  }
  return {
    at: epochMs(due),
    secretArn,
    oldTokenAgeMs: due - before.record.issuedAt,
    oldTokenSecondsLeft: secondsLeftOf(world, before),
    fewestCallsAMinute,
  };
}

/** Waits until the applications have called often enough since now, and returns how often they did. */
async function awaitCalls(world: World, { failure }: RotationsOptions): Promise<number> {
  const since = world.clock.now();
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const calls = world.shopify.imitation.control.countCalls({ since });
    const made = calls.served + calls.refused;
    if (made >= CALLS_A_MINUTE) return made;
    const why = failure?.();
    if (why !== undefined) throw new Error(`an application ended: ${why}`);
    if (performance.now() > giveUpAt) throw new Error("the applications make no calls any more");
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function secondsLeftOf(world: World, { record }: CurrentRecord): number {
  const life = world.shopify.imitation.control.tokenLife({
    accessToken: record.accessToken.unseal(),
  });
  return life.death === null && typeof life.secondsLeft === "number" ? life.secondsLeft : 0;
}
