import { secretNameOf, storeKeyOf } from "../../contract/names";
import type { InvocationContext } from "../deadline";
import type { RotationMemory } from "../engine/memory";
import type { EngineParts } from "../engine/parts";
import { fieldsOfError, type Log } from "../log";
import { presentable } from "../runtime";
import { overhear } from "../shopify/overhear";
import { parseRotationEvent } from "./event";
import { rotate } from "./rotate";

/** What the rotate function is made of. */
export interface RotateFunction {
  readonly createParts: (context: InvocationContext, log: Log) => EngineParts;
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
  { createParts, memory }: RotateFunction,
  invocation: Invocation,
): Promise<void> {
  const startedAtMs = performance.now();
  let { log } = invocation;
  let heard = () => ({});
  const facts = () => ({ ...heard(), duration_ms: Math.round(performance.now() - startedAtMs) });
  try {
    const event = parseRotationEvent(raw);
    const { step, secretArn, versionId } = event;
    log = log.with({ step, secret_arn: secretArn, version_id: versionId });
    const parts = createParts(invocation.context, log);
    log = log.with({ store: storeKeyOf(parts.prefix, secretNameOf(secretArn)) });
    const shopify = overhear(parts.send);
    heard = shopify.facts;
    const outcome = await rotate(event, { ...parts, log, send: shopify.send, memory });
    log.info("rotation.step", { outcome, ...facts() });
  } catch (error) {
    log.error("rotation.step", { outcome: "failed", ...fieldsOfError(error), ...facts() });
    throw presentable(error);
  }
}
