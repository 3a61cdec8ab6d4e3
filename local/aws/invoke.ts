import type { Front } from "./front";

/** The function ran and failed; the message is its own `errorMessage`. */
export class FunctionFailed extends Error {
  override readonly name = "FunctionFailed";
  readonly functionArn: string;
  readonly errorType: string;

  constructor(functionArn: string, failure: { errorType: string; errorMessage: string }) {
    super(failure.errorMessage);
    this.functionArn = functionArn;
    this.errorType = failure.errorType;
  }
}

/** Lambda did not run the function at all: no such function, throttled, not ready. */
export class InvocationRefused extends Error {
  override readonly name = "InvocationRefused";
  readonly status: number;

  constructor(functionArn: string, reply: { status: number; body: string }) {
    super(`Lambda refused to invoke ${functionArn} (HTTP ${reply.status}): ${reply.body}`);
    this.status = reply.status;
  }
}

/** A function's time limit is at most 900 s. */
const LONGEST_INVOCATION_MS = 910_000;

/** Runs the function and waits; throws FunctionFailed or InvocationRefused. */
export async function invokeFunction(
  front: Front,
  functionArn: string,
  payload: unknown,
): Promise<unknown> {
  const path = `/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`;
  const reply = await fetch(`${front.emulatorUrl()}${path}`, {
    method: "POST",
    headers: rootHeaders("lambda", front.place.region),
    body: JSON.stringify(payload),
    signal: AbortSignal.timeout(LONGEST_INVOCATION_MS),
  });
  const body = await reply.text();
  if (!reply.ok) throw new InvocationRefused(functionArn, { status: reply.status, body });
  const result: unknown = body === "" ? null : JSON.parse(body);
  if (reply.headers.get("x-amz-function-error") === null) return result;
  throw new FunctionFailed(functionArn, failureOf(result));
}

function failureOf(result: unknown): { errorType: string; errorMessage: string } {
  const { errorType, errorMessage } = (result ?? {}) as Record<string, unknown>;
  return { errorType: String(errorType ?? "Unknown"), errorMessage: String(errorMessage ?? "") };
}

/** Whether the function's resource policy lets Secrets Manager run it for this secret. */
export async function mayRotate(
  front: Front,
  rotation: { functionArn: string; secretArn: string },
): Promise<boolean> {
  const [answer] = await front.policies().ask([
    {
      who: { service: "secretsmanager.amazonaws.com" },
      action: "lambda:InvokeFunction",
      resource: rotation.functionArn,
      context: {
        "aws:SourceArn": rotation.secretArn,
        "aws:SourceAccount": rotation.secretArn.split(":")[4] ?? "",
      },
    },
  ]);
  return answer?.allowed ?? false;
}

/** Whether EventBridge Scheduler may assume the schedule's role, and that role run the function. */
export async function maySchedule(
  front: Front,
  schedule: { functionArn: string; roleArn: string; scheduleArn: string },
): Promise<boolean> {
  const [answer] = await front.policies().ask([
    {
      who: {
        roleArn: schedule.roleArn,
        assumedBy: "scheduler.amazonaws.com",
        assumeContext: {
          "aws:SourceArn": groupArnOf(schedule.scheduleArn),
          "aws:SourceAccount": schedule.scheduleArn.split(":")[4] ?? "",
        },
      },
      action: "lambda:InvokeFunction",
      resource: schedule.functionArn,
    },
  ]);
  return answer?.allowed ?? false;
}

/** EventBridge Scheduler names the group, not the schedule (User Guide, "Confused deputy prevention"). */
function groupArnOf(scheduleArn: string): string {
  const [group] = scheduleArn.split(":schedule/")[1]?.split("/") ?? [];
  return `${scheduleArn.split(":schedule/")[0]}:schedule-group/${group}`;
}

/** Headers of the emulator's root; it does not check root's signature. */
export function rootHeaders(service: string, region: string): Record<string, string> {
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=test/19700101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=unchecked`,
    "content-type": "application/json",
  };
}
