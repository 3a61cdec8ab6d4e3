import type { AwsAnswer, AwsRefusal } from "./aws-client";

/** What any service of AWS answers in place of the truth, by name. */
const REFUSALS: Readonly<Record<string, AwsRefusal>> = {
  internal_error: { code: "InternalServiceError", message: "Try again.", httpStatus: 500 },
  throttled: { code: "ThrottlingException", message: "Rate exceeded", httpStatus: 400 },
  denied: {
    code: "AccessDeniedException",
    message: "User is not authorized to perform this operation",
    httpStatus: 400,
  },
};

export function answerOfLie(lie: string): AwsAnswer {
  if (lie === "garbled") return { isGarbled: true };
  const refusal = REFUSALS[lie];
  if (refusal === undefined) throw new Error(`AWS knows no answer ${lie}`);
  return { refusal };
}

/** Whether a lie only says what was true a while ago: services without such reads tell the truth. */
export function isStale(lie: string | undefined): boolean {
  return lie?.startsWith("stale") ?? false;
}
