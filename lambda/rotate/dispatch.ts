import { secretNameOf, storeKeyOf } from "../../contract/names";
import type { InvocationContext } from "../deadline";
import type { EngineDeps } from "../engine/deps";
import type { RotationMemory } from "../engine/memory";
import type { Log } from "../log";
import { answerCall } from "../runtime";
import { recordCalls } from "../shopify/record-calls";
import { parseRotationEvent } from "./event";
import { rotate } from "./rotate";

/** What the rotate function is made of. */
export interface RotateFunction {
  readonly createDeps: (context: InvocationContext, log: Log) => EngineDeps;
  /** What earlier steps told this process. */
  readonly memory: RotationMemory;
}

/** What surrounds one call of the function. */
export interface Invocation {
  readonly context: InvocationContext;
  readonly log: Log;
}

/** Answers one call of Secrets Manager, and writes the step's one line. */
export async function answerStep(
  raw: unknown,
  { createDeps, memory }: RotateFunction,
  invocation: Invocation,
): Promise<void> {
  await answerCall("rotation.step", invocation.log, async (line) => {
    const event = parseRotationEvent(raw);
    const { step, secretArn, versionId } = event;
    line.log = line.log.with({ step, secret_arn: secretArn, version_id: versionId });
    const deps = createDeps(invocation.context, line.log);
    const log = line.log.with({ store: storeKeyOf(deps.prefix, secretNameOf(secretArn)) });
    line.log = log;
    const { send, facts } = recordCalls(deps.send);
    line.facts = facts;
    const outcome = await rotate(event, { ...deps, log, send, memory });
    line.facts = () => ({ outcome, ...facts() });
  });
}
