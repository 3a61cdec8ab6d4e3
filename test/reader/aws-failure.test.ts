import { inspect } from "node:util";
import { judgeAwsFailure } from "../../reader/aws-failure";
import { READER_ADVICE, READER_ERROR_CODES, ReaderError } from "../../reader/errors";
import { awsError } from "./stub-secrets-manager";

test.each([
  [
    "ResourceNotFoundException",
    "Secrets Manager can't find the specified secret.",
    "secret_missing",
  ],
  [
    "ResourceNotFoundException",
    "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    "value_missing",
  ],
  ["InvalidRequestException", "…marked for deletion.", "secret_pending_deletion"],
  ["InvalidParameterException", "Invalid name.", "secret_missing"],
  ["AccessDeniedException", "User is not authorized to perform…", "access_denied"],
  ["AccessDeniedException", "Access to KMS is not allowed", "key_denied"],
  ["DecryptionFailure", "", "key_denied"],
  ["ExpiredTokenException", "", "credentials_missing"],
  ["UnrecognizedClientException", "", "credentials_missing"],
  ["CredentialsProviderError", "Could not load credentials", "credentials_missing"],
  ["ThrottlingException", "Rate exceeded", "secrets_manager_unreachable"],
  ["InternalServiceError", "", "secrets_manager_unreachable"],
  ["TimeoutError", "", "secrets_manager_unreachable"],
  ["constructor", "", "secrets_manager_unreachable"],
])("%s (%s) is %s", (name, message, code) => {
  const error = judgeAwsFailure(awsError(name, message));
  expect(error).toMatchObject({ code, facts: { awsError: name } });
});

test.each([undefined, null, "a text", 7, {}, { name: 5, message: {} }])(
  "what is no exception (%p) counts as an outage",
  (failure) => {
    expect(judgeAwsFailure(failure)).toMatchObject({
      code: "secrets_manager_unreachable",
      facts: {},
    });
  },
);

test("nothing of AWS's sentence is kept, nor a name that is none", () => {
  const shown = inspect(judgeAwsFailure(awsError("shpat_canary-1", "shpat_canary-2")), {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
  });
  expect(shown).not.toContain("canary");
});

test.each(READER_ERROR_CODES)("%s says what is wrong and what to do next", (code) => {
  const error = new ReaderError(code, { store: "acme" });
  const { says, retryable } = READER_ADVICE[code];
  expect(error.message).toMatch(new RegExp(`^${code}: .+ \\(acme\\)\\. Next: .+`));
  expect(error.message).toContain(says);
  expect(error.message).not.toContain("<store>");
  expect(error.retryable).toBe(retryable);
});
