import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { functionName } from "../../contract/names";
import { PING } from "../../contract/ping";
import { SWEEP_EVERY_MS } from "../../contract/sweep";
import { awsClientOptions } from "../aws-client";
import { fieldsOfError } from "../log";
import { lateClient } from "./late-client";
import type { Call, SweepParts } from "./parts";
import { slotBefore } from "./plan";

/** The functions that may not be called for weeks; the others are called by schedules. */
const SELDOM_CALLED = ["enrol", "install"] as const;

/** Calls functions over the SDK's client. */
export function createCall(
  createClient: () => Pick<LambdaClient, "send"> = () => new LambdaClient(awsClientOptions()),
): Call {
  const send = lateClient(createClient);
  return async (FunctionName, event, deadline) => {
    const Payload = new TextEncoder().encode(JSON.stringify(event));
    const command = new InvokeCommand({ FunctionName, InvocationType: "Event", Payload });
    await send((client, options) => client.send(command, options), deadline);
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
