import { DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { createReaderUser } from "../../../local/demo/reader-user";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { MarkedFleet } from "./marked-fleet";

/** What AWS answers to a reader of `acme` who tries everything: "allowed", or the action that the refusal names. */
export async function callsOfReader(fleet: MarkedFleet): Promise<Record<string, string>> {
  const policy = fleet.stores["acme"]?.readerPolicy ?? "";
  const credentials = await createReaderUser(fleet.world, "refused-reader", [policy]);
  const config = { ...clientConfigOf(fleet.world), credentials, maxAttempts: 1 };
  const secrets = new SecretsManagerClient(config);
  const lambda = new LambdaClient(config);
  const kms = new KMSClient(config);
  const SecretId = fleet.arnOf("acme");
  const ciphertext = await sealed(fleet);
  const read = (id: string) => secrets.send(new GetSecretValueCommand({ SecretId: id }));
  const tries: Record<string, () => Promise<unknown>> = {
    "own store": () => read(SecretId),
    "another store": () => read(fleet.arnOf("partner")),
    "app secret": () => read(fleet.made.appSecretArn),
    write: () => secrets.send(new PutSecretValueCommand({ SecretId, SecretString: "{}" })),
    delete: () => secrets.send(new DeleteSecretCommand({ SecretId })),
    policy: () => secrets.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy: "{}" })),
    rotate: () => secrets.send(new RotateSecretCommand({ SecretId })),
    call: () =>
      lambda.send(new InvokeCommand({ FunctionName: "shopify-dev-rotate", Payload: "{}" })),
    "open a refresh token": () =>
      kms.send(new DecryptCommand({ KeyId: fleet.made.refreshKeyArn, CiphertextBlob: ciphertext })),
  };
  const outcomes: Record<string, string> = {};
  for (const [name, call] of Object.entries(tries)) outcomes[name] = await outcomeOf(call);
  for (const client of [secrets, lambda, kms]) client.destroy();
  return outcomes;
}

async function outcomeOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return "allowed";
  } catch (error) {
    const { name, message } = error as Error;
    const [, action] = /is not authorized to perform: (\S+) on/.exec(message) ?? [];
    return action === undefined ? `${name}: ${message}` : `refused: ${action}`;
  }
}

/** Something that KMS takes for a ciphertext: the refusal has to be the policy's. */
async function sealed(fleet: MarkedFleet): Promise<Uint8Array | undefined> {
  const kms = new KMSClient(clientConfigOf(fleet.world));
  const Plaintext = Buffer.from("a refresh token");
  const encrypt = new EncryptCommand({ KeyId: fleet.made.secretsKeyArn, Plaintext });
  const { CiphertextBlob } = await kms.send(encrypt);
  kms.destroy();
  return CiphertextBlob;
}
