import type { EpochMs } from "../../contract/time";
import type { Front } from "../aws/front";
import { FunctionFailed, invokeFunction, maySchedule } from "../aws/invoke";
import { listSchedules, type Schedule } from "../aws/schedules";
import type { TimedSource } from "../clock/driver";
import { nextOccurrence } from "../clock/schedule-expression";

/**
 * EventBridge Scheduler in the world: fires each enabled schedule at its times, and waits for the function.
 *
 * A function's failure is the function's own affair here, as it is there: it stands in its log.
 */
export function fleetSchedules(front: Front, clock: { now(): EpochMs }): TimedSource {
  const firedUntil = new Map<string, number>();
  const next = (schedule: Schedule) =>
    nextOccurrence(schedule.expression, {
      after: firedUntil.get(schedule.arn) ?? schedule.createdAtMs,
      anchor: schedule.createdAtMs,
    });
  const enabled = createScheduleList(front);
  return {
    name: "schedule",
    nextDueAt: async () => {
      const times = (await enabled()).flatMap((schedule) => next(schedule) ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    runDue: async () => {
      for (const schedule of await enabled()) {
        const due = next(schedule);
        if (due === undefined || due > clock.now()) continue;
        firedUntil.set(schedule.arn, clock.now());
        await fire(front, schedule);
      }
    },
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

async function fire(front: Front, schedule: Schedule): Promise<void> {
  const { arn: scheduleArn, roleArn, targetArn: functionArn } = schedule;
  if (!(await maySchedule(front, { functionArn, roleArn, scheduleArn }))) return;
  try {
    await invokeFunction(front, functionArn, JSON.parse(schedule.input ?? "{}"));
  } catch (error) {
    if (!(error instanceof FunctionFailed)) throw error;
  }
}
