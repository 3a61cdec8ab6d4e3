import type { Front } from "./front";
import { rootHeaders } from "./invoke";

/** An EventBridge schedule. */
export interface Schedule {
  readonly arn: string;
  readonly name: string;
  /** `rate(…)`, `cron(…)` or `at(…)`. */
  readonly expression: string;
  readonly timezone: string;
  readonly targetArn: string;
  /** The text sent to the target; undefined for AWS's default. */
  readonly input: string | undefined;
  readonly roleArn: string;
  readonly isEnabled: boolean;
  readonly createdAtMs: number;
}

interface ListedSchedule {
  readonly Name: string;
  readonly GroupName: string;
}

interface DescribedSchedule {
  readonly Arn: string;
  readonly Name: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly Target: { readonly Arn: string; readonly RoleArn: string; readonly Input?: string };
  readonly State?: string;
  /** Seconds since the epoch. */
  readonly CreationDate: number;
}

/** All EventBridge schedules, for the clock that fires them. */
export async function listSchedules(front: Front): Promise<readonly Schedule[]> {
  const { Schedules } = (await readJson(front, "/schedules?MaxResults=100000")) as {
    Schedules: readonly ListedSchedule[];
  };
  const described = Schedules.map(({ Name, GroupName }) => {
    const group = encodeURIComponent(GroupName);
    return readJson(front, `/schedules/${encodeURIComponent(Name)}?groupName=${group}`);
  });
  return ((await Promise.all(described)) as DescribedSchedule[]).map(scheduleOf);
}

function scheduleOf(described: DescribedSchedule): Schedule {
  return {
    arn: described.Arn,
    name: described.Name,
    expression: described.ScheduleExpression,
    timezone: described.ScheduleExpressionTimezone ?? "UTC",
    targetArn: described.Target.Arn,
    input: described.Target.Input,
    roleArn: described.Target.RoleArn,
    isEnabled: (described.State ?? "ENABLED") === "ENABLED",
    createdAtMs: described.CreationDate * 1000,
  };
}

async function readJson(front: Front, path: string): Promise<unknown> {
  const headers = rootHeaders("scheduler", front.place.region);
  const reply = await fetch(`${front.emulatorUrl()}${path}`, { headers });
  if (!reply.ok) throw new Error(`schedules could not be read: HTTP ${reply.status}`);
  return reply.json();
}

/** How Lambda treats asynchronous calls of a function that fail. */
export interface AsynchronousRetries {
  readonly attempts: number;
  readonly ageSeconds: number;
}

/** Lambda's defaults (Lambda developer guide, "Configuring error handling settings for asynchronous invocations"). */
const DEFAULT_RETRIES: AsynchronousRetries = { attempts: 2, ageSeconds: 21_600 };

/** What a function's event-invoke configuration says; Lambda's defaults where it has none. */
export async function retriesOf(front: Front, functionArn: string): Promise<AsynchronousRetries> {
  const path = `/2019-09-25/functions/${encodeURIComponent(functionArn)}/event-invoke-config`;
  const headers = rootHeaders("lambda", front.place.region);
  const reply = await fetch(`${front.emulatorUrl()}${path}`, { headers });
  if (reply.status === 404) return DEFAULT_RETRIES;
  if (!reply.ok) throw new Error(`a function's retries could not be read: HTTP ${reply.status}`);
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = (await reply.json()) as {
    readonly MaximumRetryAttempts?: number;
    readonly MaximumEventAgeInSeconds?: number;
  };
  return {
    attempts: MaximumRetryAttempts ?? DEFAULT_RETRIES.attempts,
    ageSeconds: MaximumEventAgeInSeconds ?? DEFAULT_RETRIES.ageSeconds,
  };
}
