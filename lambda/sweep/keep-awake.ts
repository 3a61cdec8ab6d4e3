import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { functionName } from "../../contract/names";
import { PING } from "../../contract/ping";
import { SWEEP_EVERY_MS } from "../../contract/sweep";
import { awsClientOptions } from "../aws-client";
import { limited } from "../deadline";
import { fieldsOfError } from "../log";
import { codedAwsError } from "../secrets/aws-errors";
import type { Call, SweepParts } from "./parts";
import { slotBefore } from "./plan";

/** The functions that may not be called for weeks; the others are called by schedules. */
const SELDOM_CALLED = ["enrol", "install"] as const;

/** Calls over the SDK's client, which is made at the first call: most sweeps make none. */
export function createCall(
  createClient: () => Pick<LambdaClient, "send"> = () => new LambdaClient(awsClientOptions()),
): Call {
  let client: Pick<LambdaClient, "send"> | undefined;
  return async (FunctionName, event, deadline) => {
    client ??= createClient();
    const lambda = client;
    const Payload = new TextEncoder().encode(JSON.stringify(event));
    const command = new InvokeCommand({ FunctionName, InvocationType: "Event", Payload });
    try {
      await limited(deadline, (abortSignal) => lambda.send(command, { abortSignal }));
    } catch (error) {
      throw codedAwsError(error);
    }
  };
}

/** Once a day, at the stack's own time of day, so that no pass has to remember it. */
export async function keepAwake(parts: SweepParts): Promise<void> {
  const { prefix, clock } = parts;
  const now = clock.now();
  if (now - slotBefore(prefix, now) >= SWEEP_EVERY_MS) return;
  await Promise.all(SELDOM_CALLED.map((role) => ping(functionName(prefix, role), parts)));
}

/** A stack without one-hour stores has no install function; a call that is lost is made again tomorrow. */
async function ping(name: string, { callFunction, deadline, log }: SweepParts): Promise<void> {
  try {
    await callFunction(name, PING, deadline);
  } catch (error) {
    log.info("sweep.not_kept_awake", { callee: name, ...fieldsOfError(error) });
  }
}
