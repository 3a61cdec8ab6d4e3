/** An answer of Secrets Manager that is an error: AWS's code, sentence and HTTP status. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: string;
  readonly httpStatus: number;

  constructor(code: string, message: string, httpStatus = 400) {
    super(message);
    this.code = code;
    this.httpStatus = httpStatus;
  }
}

export const secretNotFound = (): AwsError =>
  new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");

/** `what` is "staging label: AWSPENDING" or "VersionId: …". */
export const valueNotFound = (what: string): AwsError =>
  new AwsError(
    "ResourceNotFoundException",
    `Secrets Manager can't find the specified secret value for ${what}`,
  );

export const markedForDeletion = (): AwsError =>
  invalidRequest(
    "You can't perform this operation on the secret because it was marked for deletion.",
  );

export const invalidRequest = (message: string): AwsError =>
  new AwsError("InvalidRequestException", message);

export const invalidParameter = (message: string): AwsError =>
  new AwsError("InvalidParameterException", message);

export const invalidInput = (message: string): AwsError =>
  new AwsError("ValidationException", message);

export const tokenInUse = (token: string, arn: string): AwsError =>
  new AwsError(
    "ResourceExistsException",
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
  );

export const cannotInvoke = (): AwsError =>
  new AwsError(
    "AccessDeniedException",
    "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.",
  );
