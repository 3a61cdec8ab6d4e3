import {
  type LabelUpdate,
  type RotationPorts,
  type SecretsManagerModel,
  serveSecretsManager,
} from "../secrets-manager";
import type { Front } from "./front";
import { InvocationRefused, invokeFunction, mayRotate } from "./invoke";
import type { SecretsManagerMouth } from "./secret-gate";

/** The model of Secrets Manager as the front asks it. */
export function secretsManagerBehind(model: SecretsManagerModel): SecretsManagerMouth {
  const serve = serveSecretsManager(model);
  return {
    factsFor: (secretId) => {
      const facts = model.factsFor(secretId);
      if (facts === undefined) return undefined;
      return { ...facts, tags: Object.fromEntries(facts.tags.map((tag) => [tag.Key, tag.Value])) };
    },
    versionRead: async (input) => model.versionRead(input),
    answer: async (amzTarget, body) => {
      const answer = await serve({ target: amzTarget, body: body.toString("utf8") });
      return { ...answer, body: Buffer.from(answer.body) };
    },
  };
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
