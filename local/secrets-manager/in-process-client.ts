import { SecretsManagerServiceException } from "@aws-sdk/client-secrets-manager";
import { AwsError } from "./aws-error";
import type { SecretsManagerModel } from "./model";

/** What a command of @aws-sdk/client-secrets-manager is, as far as it matters here. */
export interface SdkCommand {
  readonly input: object;
}

/** Looks like the SDK's client to code that only sends commands. */
export interface InProcessClient {
  send(command: SdkCommand): Promise<object>;
}

/** Operations for which the SDK makes up a missing ClientRequestToken. */
const WITH_TOKEN = new Set(["CreateSecret", "PutSecretValue", "UpdateSecret", "RotateSecret"]);

/**
 * Answers SDK commands from the model, without HTTP.
 *
 * @throws {SecretsManagerServiceException} by AWS's name, with `$metadata`
 */
export function createInProcessClient(model: SecretsManagerModel): InProcessClient {
  return {
    async send(command) {
      const operation = command.constructor.name.replace(/Command$/, "");
      const $metadata = { httpStatusCode: 200, requestId: model.newToken(), attempts: 1 };
      try {
        const answer = await model.handle(operation, withToken(operation, command.input, model));
        return { ...answer, $metadata };
      } catch (error) {
        throw error instanceof AwsError ? sdkException(error, $metadata) : error;
      }
    },
  };
}

function withToken(operation: string, input: object, model: SecretsManagerModel): object {
  const given = (input as { ClientRequestToken?: string }).ClientRequestToken;
  if (!WITH_TOKEN.has(operation) || given !== undefined) return input;
  return { ...input, ClientRequestToken: model.newToken() };
}

function sdkException(error: AwsError, metadata: object): SecretsManagerServiceException {
  return new SecretsManagerServiceException({
    name: error.code,
    message: error.message,
    $fault: error.httpStatus < 500 ? "client" : "server",
    $metadata: { ...metadata, httpStatusCode: error.httpStatus },
  });
}
