import type { Front } from "../aws/front";
import { invokeFunction, mayRotate } from "../aws/invoke";
import type { SecretsManagerMouth } from "../aws/secret-gate";
import { type ModelSwitches, SecretsManagerModel, serveSecretsManager } from "../secrets-manager";

export interface SecretsBackendOptions {
  readonly now: () => number;
  readonly switches?: Partial<ModelSwitches>;
}

/** The model of Secrets Manager as the front needs it: rotations really run the functions. */
export function createSecretsBackend(
  front: Front,
  options: SecretsBackendOptions,
): { readonly model: SecretsManagerModel; readonly mouth: SecretsManagerMouth } {
  const model = new SecretsManagerModel({
    ...front.place,
    ...options,
    ports: {
      invoke: async (functionArn, event) => {
        await invokeFunction(front, functionArn, event);
      },
      mayInvoke: (functionArn, secretArn) => mayRotate(front, { functionArn, secretArn }),
    },
  });
  return { model, mouth: mouthOf(model) };
}

function mouthOf(model: SecretsManagerModel): SecretsManagerMouth {
  const serve = serveSecretsManager(model);
  return {
    factsFor: (secretId) => {
      const facts = model.factsFor(secretId);
      if (facts === undefined) return undefined;
      return { ...facts, tags: Object.fromEntries(facts.tags.map((tag) => [tag.Key, tag.Value])) };
    },
    versionRead: async (input) => model.versionRead(input),
    answer: async (target, body) => {
      const answer = await serve({ target, body: body.toString("utf8") });
      return { ...answer, headers: { ...answer.headers }, body: Buffer.from(answer.body) };
    },
  };
}
