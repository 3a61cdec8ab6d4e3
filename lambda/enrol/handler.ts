import { type EnrolResult, parseEnrolRequest } from "../../contract/enrolment";
import { enrolmentSentenceOf } from "../../contract/errors";
import { isPing } from "../../contract/ping";
import { signerOverKms } from "../cipher/signer-over-kms";
import {
  answerCall,
  createDepsFactory,
  createSecretsManager,
  invocationLog,
  type LambdaContext,
} from "../runtime";
import { enrol } from "./enrol";

const createDeps = createDepsFactory(process.env, {
  secretsManager: createSecretsManager(),
  createSigner: signerOverKms(),
});

/**
 * The enrol function: `pulumi up` calls it once per store, the operator's command when a token is put; the sweep
 * keeps it awake.
 */
export async function handler(
  raw: unknown,
  context: LambdaContext,
): Promise<EnrolResult | undefined> {
  if (isPing(raw)) return undefined;
  return await answerCall("enrolment.done", invocationLog("enrol", context), async (line) => {
    const request = parseEnrolRequest(raw);
    const { store, kind, shop, secretArn, tokenSource } = request;
    if (tokenSource === "config") line.inWords = enrolmentSentenceOf;
    line.log = line.log.with({ store, kind, shop, secret_arn: secretArn });
    const result = await enrol(request, createDeps(context, line.log));
    const { outcome, why, checked } = result;
    line.facts = () => ({ outcome, why, checked });
    return result;
  });
}
