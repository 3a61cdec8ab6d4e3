import { createRotationMemory } from "../engine/memory";
import { fieldsOfError } from "../log";
import { createPartsFactory, invocationLog, type LambdaContext, presentable } from "../runtime";
import { parseRotationEvent } from "./event";
import { rotate } from "./rotate";

const createParts = createPartsFactory(process.env);
const memory = createRotationMemory();

/** The rotate function: one step of a rotation per call. */
export async function handler(raw: unknown, context: LambdaContext): Promise<void> {
  const startedAtMs = performance.now();
  let log = invocationLog("rotate", context);
  const durationMs = () => Math.round(performance.now() - startedAtMs);
  try {
    const event = parseRotationEvent(raw);
    const { step, secretArn, versionId } = event;
    log = log.with({ step, secret_arn: secretArn, version_id: versionId });
    const outcome = await rotate(event, { ...createParts(context, log), memory });
    log.info("rotation.step", { outcome, duration_ms: durationMs() });
  } catch (error) {
    log.error("rotation.step", {
      outcome: "failed",
      ...fieldsOfError(error),
      duration_ms: durationMs(),
    });
    throw presentable(error);
  }
}
