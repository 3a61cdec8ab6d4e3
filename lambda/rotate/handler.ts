import { signerOverKms } from "../cipher/signer-over-kms";
import { createCredentialMemory } from "../engine/credential-memory";
import { createRotationMemory } from "../engine/memory";
import {
  createDepsFactory,
  createSecretsManager,
  invocationLog,
  type LambdaContext,
} from "../runtime";
import { answerStep } from "./dispatch";

const rotateFunction = {
  createDeps: createDepsFactory(process.env, {
    secretsManager: createSecretsManager(),
    createSigner: signerOverKms(),
    credentials: createCredentialMemory(),
  }),
  memory: createRotationMemory(),
};

/** The rotate function: one step of a rotation per call. */
export async function handler(raw: unknown, context: LambdaContext): Promise<void> {
  await answerStep(raw, rotateFunction, { context, log: invocationLog("rotate", context) });
}
