import { createCredentialMemory } from "../engine/credential-memory";
import { createRotationMemory } from "../engine/memory";
import {
  createPartsFactory,
  createSecretsManager,
  invocationLog,
  type LambdaContext,
} from "../runtime";
import { answerStep } from "./answer";

const rotateFunction = {
  createParts: createPartsFactory(process.env, {
    secretsManager: createSecretsManager(),
    credentials: createCredentialMemory(),
  }),
  memory: createRotationMemory(),
};

/** The rotate function: one step of a rotation per call. */
export async function handler(raw: unknown, context: LambdaContext): Promise<void> {
  await answerStep(raw, rotateFunction, { context, log: invocationLog("rotate", context) });
}
