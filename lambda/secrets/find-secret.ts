import { DescribeSecretCommand } from "@aws-sdk/client-secrets-manager";
import { type ListedSecret, listedSecretsOf } from "../../contract/store/secret-facts";
import type { Deadline } from "../deadline";
import { awsErrorNameOf, codedAwsError } from "./aws-errors";
import { answered, createCall, type SecretsManagerSend } from "./secrets-manager";

/** Finds a secret by its whole name, without reading a value; undefined when there is none. */
export type FindSecret = (secretName: string) => Promise<ListedSecret | undefined>;

/** Finds secrets over an SDK client; no call outlives the deadline. */
export function createFindSecret(client: SecretsManagerSend, deadline: Deadline): FindSecret {
  const call = createCall(client, deadline);
  return async (secretName) => {
    try {
      const command = new DescribeSecretCommand({ SecretId: secretName });
      const reply = answered(await call((send, options) => send.send(command, options)));
      return listedSecretsOf([reply])[0];
    } catch (error) {
      if (awsErrorNameOf(error) === "ResourceNotFoundException") return undefined;
      throw codedAwsError(error);
    }
  };
}
