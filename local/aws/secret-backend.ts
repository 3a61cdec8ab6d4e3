import {
  type LabelUpdate,
  type RotationPorts,
  type SecretsManagerModel,
  serveSecretsManager,
} from "../secrets-manager";
import type { Front } from "./front";
import { InvocationRefused, invokeFunction, mayRotate } from "./invoke";
import type { SecretsManagerMouth } from "./secret-gate";
import { textOf } from "./secret-request";

/** The model of Secrets Manager as the front asks it. */
export function secretsManagerBehind(model: SecretsManagerModel): SecretsManagerMouth {
  const serve = serveSecretsManager(model);
  return {
    factsFor: (secretId) => {
      const facts = model.factsFor(secretId);
      if (facts === undefined) return undefined;
      return { ...facts, tags: Object.fromEntries(facts.tags.map((tag) => [tag.Key, tag.Value])) };
    },
    versionRead: (input) => versionRead(model, input),
    answer: async (amzTarget, body) => {
      const answer = await serve({ target: amzTarget, body: body.toString("utf8") });
      return { ...answer, body: Buffer.from(answer.body) };
    },
  };
}

async function versionRead(
  model: SecretsManagerModel,
  input: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  const named = textOf(input["VersionId"]);
  if (named !== undefined) return named;
  const facts = model.factsFor(textOf(input["SecretId"]) ?? "");
  if (facts === undefined) return undefined;
  const described = await model.handle("DescribeSecret", { SecretId: facts.arn });
  const { VersionIdsToStages } = described as { VersionIdsToStages?: Record<string, string[]> };
  const stage = textOf(input["VersionStage"]) ?? "AWSCURRENT";
  return Object.entries(VersionIdsToStages ?? {}).find(([, stages]) => stages.includes(stage))?.[0];
}

/** How the model runs rotation functions: as the service, under the function's resource policy. */
export function rotationPortsOf(front: Front): RotationPorts {
  const mayInvoke = (functionArn: string, secretArn: string) =>
    mayRotate(front, { functionArn, secretArn });
  return {
    mayInvoke,
    invoke: async (functionArn, event) => {
      if (!(await mayInvoke(functionArn, event.SecretId))) {
        throw new InvocationRefused(functionArn, { status: 403, body: "no permission" });
      }
      await invokeFunction(front, functionArn, event);
    },
  };
}

/** Sends the service's own event that a staging label has moved (User Guide, "Secret event notifications"). */
export function sendLabelUpdate(front: Front, update: LabelUpdate, nowMs: number): Promise<void> {
  return front.policies().sendEvent({
    source: "aws.secretsmanager",
    detailType: "Secret Label Updated",
    detail: {
      name: update.name,
      labelUpdated: update.labelUpdated,
      versionId: update.versionId,
    },
    time: new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, "Z"),
    resources: [update.secretArn],
    region: front.place.region,
  });
}
