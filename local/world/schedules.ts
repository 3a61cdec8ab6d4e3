import { type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../contract/time";
import type { Front } from "../aws/front";
import { FunctionFailed, InvocationRefused, invokeFunction, maySchedule } from "../aws/invoke";
import { listSchedules, retriesOf, type Schedule } from "../aws/schedules";
import type { TimedSource } from "../clock/driver";
import { nextOccurrence } from "../clock/schedule-expression";

/** EventBridge Scheduler in the world. */
export interface FleetSchedules extends TimedSource {
  /** Fires what was created and has not fired yet; a function that fails says so in its log. */
  fireNew(): Promise<void>;
}

/**
 * EventBridge Scheduler in the world: fires each enabled schedule at its times, and waits for the function.
 *
 * It calls Lambda asynchronously (Lambda developer guide, "Invoke a Lambda function on a schedule"), so what
 * fails is run again by Lambda, one minute and then two minutes later, as often as the function's own
 * configuration says. A rate without a start fires at once (Scheduler user guide, "Rate-based schedules": "If
 * you do not provide a StartDate, your schedule starts invoking the target immediately").
 */
export function fleetSchedules(front: Front, clock: { now(): EpochMs }): FleetSchedules {
  const firedUntil = new Map<string, number>();
  const retries = new Set<Retry>();
  const next = (schedule: Schedule) => {
    const fired = firedUntil.get(schedule.arn);
    if (fired === undefined && schedule.expression.startsWith("rate(")) return schedule.createdAtMs;
    const after = fired ?? schedule.createdAtMs;
    return nextOccurrence(schedule.expression, { after, anchor: schedule.createdAtMs });
  };
  const enabled = createScheduleList(front);
  const fire = async (event: Event) => {
    const again = await deliver(front, event, clock.now());
    if (again !== undefined) retries.add(again);
  };
  const fireDue = async (isMeant: (schedule: Schedule) => boolean) => {
    for (const schedule of await enabled()) {
      const due = next(schedule);
      if (!isMeant(schedule) || due === undefined || due > clock.now()) continue;
      firedUntil.set(schedule.arn, clock.now());
      await fire({ schedule, sentAt: clock.now(), attempts: 0 });
    }
  };
  return {
    name: "schedule",
    nextDueAt: async () => {
      const times = (await enabled()).flatMap((schedule) => next(schedule) ?? []);
      const all = [...times, ...[...retries].map(({ at }) => at)];
      return all.length === 0 ? undefined : Math.min(...all);
    },
    runDue: async () => {
      for (const retry of [...retries].filter(({ at }) => at <= clock.now())) {
        retries.delete(retry);
        await fire(retry.event);
      }
      await fireDue(() => true);
    },
    // Nobody waits for it, and the world may end meanwhile.
    fireNew: () => fireDue(({ arn }) => !firedUntil.has(arn)).catch(() => undefined),
  };
}

/** The enabled schedules; asked for again only after somebody has spoken to the scheduler. */
function createScheduleList(front: Front): () => Promise<readonly Schedule[]> {
  let known: Promise<readonly Schedule[]> | undefined;
  let callsSeen = 0;
  return () => {
    const calls = front.calls();
    const isTouched = calls.slice(callsSeen).some((call) => call.service === "scheduler");
    if (known === undefined || isTouched || calls.length < callsSeen) {
      known = listSchedules(front).then((all) => all.filter((schedule) => schedule.isEnabled));
    }
    callsSeen = calls.length;
    return known;
  };
}

/** An event in Lambda's queue. */
interface Event {
  readonly schedule: Schedule;
  readonly sentAt: number;
  /** How often the function ran for it. */
  readonly attempts: number;
}

interface Retry {
  readonly at: number;
  readonly event: Event;
}

/** "a one-minute wait before the second attempt, and a two-minute wait between the second and third". */
const WAITS_MS = [MINUTE_MS, 2 * MINUTE_MS];
/** A throttled event is tried again after a second at first, and every five minutes at last. */
const THROTTLED_WAIT_MS = 5 * MINUTE_MS;

/** Runs the function once; what is to be tried again, and when. */
async function deliver(front: Front, event: Event, now: number): Promise<Retry | undefined> {
  const { schedule, attempts, sentAt } = event;
  const { arn: scheduleArn, roleArn, targetArn: functionArn } = schedule;
  if (!(await maySchedule(front, { functionArn, roleArn, scheduleArn }))) return undefined;
  try {
    await invokeFunction(front, functionArn, JSON.parse(schedule.input ?? "{}"));
    return undefined;
  } catch (error) {
    const isFailure = error instanceof FunctionFailed;
    const isThrottled = error instanceof InvocationRefused && error.status === 429;
    if (!isFailure && !isThrottled) {
      if (error instanceof InvocationRefused) return undefined;
      throw error;
    }
    const { attempts: most, ageSeconds } = await retriesOf(front, functionArn);
    if (isFailure && attempts >= most) return undefined;
    const at = now + (isFailure ? (WAITS_MS[attempts] ?? HOUR_MS) : THROTTLED_WAIT_MS);
    if (at - sentAt > ageSeconds * SECOND_MS) return undefined;
    return { at, event: { ...event, attempts: attempts + (isFailure ? 1 : 0) } };
  }
}
