import { type EnrolResult, parseEnrolRequest } from "../../contract/enrolment";
import { enrolmentSentenceOf, sentenceOf } from "../../contract/errors";
import { fieldsOfError } from "../log";
import { createPartsFactory, invocationLog, type LambdaContext, presentable } from "../runtime";
import { enrol } from "./enrol";

const createParts = createPartsFactory(process.env);

/** The enrol function: `pulumi up` calls it once per store, the operator's command when a token is put. */
export async function handler(raw: unknown, context: LambdaContext): Promise<EnrolResult> {
  const startedAtMs = performance.now();
  let log = invocationLog("enrol", context);
  let inWords = sentenceOf;
  const durationMs = () => Math.round(performance.now() - startedAtMs);
  try {
    const request = parseEnrolRequest(raw);
    const { store, kind, shop, secretArn, tokenSource } = request;
    if (tokenSource === "config") inWords = enrolmentSentenceOf;
    log = log.with({ store, kind, shop, secret_arn: secretArn });
    const result = await enrol(request, createParts(context, log));
    const { outcome, why, checked } = result;
    log.info("enrolment.done", { outcome, why, checked, duration_ms: durationMs() });
    return result;
  } catch (error) {
    log.error("enrolment.done", {
      outcome: "failed",
      ...fieldsOfError(error),
      duration_ms: durationMs(),
    });
    throw presentable(error, inWords);
  }
}
