import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DescribeSecretCommand,
  ListSecretVersionIdsCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { World } from "../../../local/world/world";

/** Every version of a secret with its labels, newest to oldest as AWS lists them. */
export async function historyOf(world: World, secretArn: string): Promise<string[]> {
  const client = new SecretsManagerClient(clientConfigOf(world));
  try {
    const { Versions = [] } = await client.send(
      new ListSecretVersionIdsCommand({
        SecretId: secretArn,
        IncludeDeprecated: true,
        MaxResults: 100,
      }),
    );
    return Versions.map(({ VersionId, VersionStages = [] }) =>
      [VersionId, ...[...VersionStages].sort()].join(" "),
    ).sort();
  } finally {
    client.destroy();
  }
}

/** What DescribeSecret says. */
export async function describeSecret(world: World, secretId: string) {
  const client = new SecretsManagerClient(clientConfigOf(world));
  try {
    return await client.send(new DescribeSecretCommand({ SecretId: secretId }));
  } finally {
    client.destroy();
  }
}

/** Calls the enrol function as an operator does who puts a static token. */
export async function invokeEnrol(world: World, payload: unknown): Promise<unknown> {
  const client = new LambdaClient(clientConfigOf(world));
  try {
    const answer = await client.send(
      new InvokeCommand({ FunctionName: "shopify-dev-enrol", Payload: JSON.stringify(payload) }),
    );
    const text = Buffer.from(answer.Payload ?? []).toString("utf8");
    if (answer.FunctionError !== undefined) throw new Error(text);
    return JSON.parse(text);
  } finally {
    client.destroy();
  }
}
