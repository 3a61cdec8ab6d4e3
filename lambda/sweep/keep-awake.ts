import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { functionName } from "../../contract/names";
import { PING, SELDOM_CALLED } from "../../contract/ping";
import { SWEEP_EVERY_MS } from "../../contract/sweep";
import { awsClientOptions } from "../aws-client";
import { fieldsOfError } from "../log";
import type { FunctionCall, SweepDeps } from "./deps";
import { lateClient } from "./late-client";
import { slotBefore } from "./plan";

/** Calls functions over the SDK's client. */
export function createFunctionCall(
  createClient: () => Pick<LambdaClient, "send"> = () => new LambdaClient(awsClientOptions()),
): FunctionCall {
  const send = lateClient(createClient);
  return async (FunctionName, event, deadline) => {
    const Payload = new TextEncoder().encode(JSON.stringify(event));
    const command = new InvokeCommand({ FunctionName, InvocationType: "Event", Payload });
    await send((client, options) => client.send(command, options), deadline);
  };
}

/** Once a day, at the stack's own time of day, so that no pass has to remember it. */
export async function keepAwake(deps: SweepDeps): Promise<void> {
  const { prefix, clock } = deps;
  const now = clock.now();
  if (now - slotBefore(prefix, now) >= SWEEP_EVERY_MS) return;
  await Promise.all(SELDOM_CALLED.map((role) => ping(functionName(prefix, role), deps)));
}

/** A stack without one-hour stores has no install function; a call that is lost is made again tomorrow. */
async function ping(name: string, { callFunction, deadline, log }: SweepDeps): Promise<void> {
  try {
    await callFunction(name, PING, deadline);
  } catch (error) {
    log.info("sweep.not_kept_awake", { callee: name, ...fieldsOfError(error) });
  }
}
