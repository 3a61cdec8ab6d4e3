import { DescribeSecretCommand } from "@aws-sdk/client-secrets-manager";
import { isSecretArn, type SecretArn } from "../../contract/brands";
import type { Deadline } from "../deadline";
import { awsErrorNameOf, codedAwsError } from "./aws-errors";
import type { SecretFacts } from "./port";
import { answered, createCall, factsOf, type SecretsManagerSend } from "./secrets-manager";

/** A secret that was found by its name. */
export interface FoundSecret {
  readonly secretArn: SecretArn;
  readonly facts: SecretFacts;
}

/** Finds a secret by its whole name, without reading a value; undefined when there is none. */
export type FindSecret = (secretName: string) => Promise<FoundSecret | undefined>;

/** Finds secrets over an SDK client; no call outlives the deadline. */
export function createFindSecret(client: SecretsManagerSend, deadline: Deadline): FindSecret {
  const call = createCall(client, deadline);
  return async (secretName) => {
    try {
      const command = new DescribeSecretCommand({ SecretId: secretName });
      const reply = answered(await call((send, options) => send.send(command, options)));
      return isSecretArn(reply.ARN) ? { secretArn: reply.ARN, facts: factsOf(reply) } : undefined;
    } catch (error) {
      if (awsErrorNameOf(error) === "ResourceNotFoundException") return undefined;
      throw codedAwsError(error);
    }
  };
}
