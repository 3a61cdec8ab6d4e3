import { S3Client } from "@aws-sdk/client-s3";
import {
  type ListStep,
  type Planned,
  parseListStep,
  type StoreMade,
} from "../../contract/listed/list-steps";
import { awsClientOptions } from "../aws-client";
import { answerCall, createSecretsManager, invocationLog, type LambdaContext } from "../runtime";
import { type ApplyDeps, createApplyDeps } from "./deps";
import { make } from "./make";
import { note } from "./note";
import { plan } from "./plan";
import { schedule } from "./schedule";

const createDeps = createApplyDeps(process.env, {
  secretsManager: createSecretsManager(),
  s3: new S3Client({ ...awsClientOptions() }),
});

/** The apply function: one step of a run that applies a list, called by Step Functions. */
export async function handler(
  raw: unknown,
  context: LambdaContext,
): Promise<Planned | StoreMade | undefined> {
  return await answerCall("list.step_done", invocationLog("apply", context), async (line) => {
    const step = parseListStep(raw);
    const about = "work" in step ? { store: step.work.store, deed: step.work.deed } : {};
    line.log = line.log.with({ step: step.action, ...about });
    return await answer(step, createDeps(context, line.log, step.action === "plan"));
  });
}

async function answer(step: ListStep, deps: ApplyDeps): Promise<Planned | StoreMade | undefined> {
  switch (step.action) {
    case "plan":
      return await plan(step, deps);
    case "make":
      return await make(step.work, deps);
    case "schedule":
      await schedule(step.work, deps);
      return undefined;
    case "note":
    case "note_change":
      await note(step, deps);
      return undefined;
    default:
      return step satisfies never;
  }
}
