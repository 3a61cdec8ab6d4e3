import type { Place } from "./statement";

/** The trust policy of a function's role. */
export function encodeLambdaTrust(): string {
  return encodeTrust("lambda.amazonaws.com");
}

/**
 * The trust policy of the role that calls the sweep: for schedules of this account, or EventBridge Scheduler
 * could be told by another account to use it.
 *
 * The source is the schedule's group; AWS warns against naming a schedule (User Guide, "Confused deputy prevention").
 */
export function encodeSchedulerTrust({ partition, region, accountId }: Place): string {
  const group = `arn:${partition}:scheduler:${region}:${accountId}:schedule-group/default`;
  return encodeTrust("scheduler.amazonaws.com", {
    StringEquals: { "aws:SourceAccount": accountId },
    ArnEquals: { "aws:SourceArn": group },
  });
}

/** The trust policy of the role that applies a list: for state machines of this account and region. */
export function encodeStatesTrust({ partition, region, accountId }: Place): string {
  return encodeTrust("states.amazonaws.com", {
    StringEquals: { "aws:SourceAccount": accountId },
    ArnLike: { "aws:SourceArn": `arn:${partition}:states:${region}:${accountId}:stateMachine:*` },
  });
}

function encodeTrust(service: string, condition?: object): string {
  const statement = {
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
    ...(condition === undefined ? {} : { Condition: condition }),
  };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}
