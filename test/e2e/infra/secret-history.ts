import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  paginateListSecretVersionIds,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { type FunctionRole, functionName } from "../../../contract/names";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { World } from "../../../local/world/world";

const FILLER = "TEST_FILLER";

/** A new schedule tests itself once, on a version that goes again. */
async function settled(world: World): Promise<void> {
  await world.secrets.settled();
}

/** Every version of a secret with its labels, in the order of their IDs. */
export async function historyOf(world: World, secretArn: string): Promise<string[]> {
  await settled(world);
  const client = new SecretsManagerClient(clientConfigOf(world));
  const asked = { SecretId: secretArn, IncludeDeprecated: true };
  const history: string[] = [];
  try {
    for await (const { Versions = [] } of paginateListSecretVersionIds({ client }, asked)) {
      for (const { VersionId, VersionStages = [] } of Versions) {
        history.push([VersionId, ...[...VersionStages].sort()].join(" "));
      }
    }
  } finally {
    client.destroy();
  }
  return history.sort();
}

/**
 * Gives a secret so many more versions, copies of its current value that end without a label, as if it
 * had been written to as often: Secrets Manager keeps about a hundred.
 */
export async function crowd(world: World, secretArn: string, versions: number): Promise<void> {
  const client = new SecretsManagerClient(clientConfigOf(world));
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    let VersionId: string | undefined;
    for (let count = 0; count < versions; count += 1) {
      const filler = { SecretId: secretArn, SecretString, VersionStages: [FILLER] };
      ({ VersionId } = await client.send(new PutSecretValueCommand(filler)));
    }
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: secretArn,
        VersionStage: FILLER,
        RemoveFromVersionId: VersionId,
      }),
    );
  } finally {
    client.destroy();
  }
}

/** Every store's labelled versions, by its key and in its order; empty: it has no value. */
export async function versionsOfStores(
  world: World,
): Promise<Record<string, Record<string, string[]>>> {
  await settled(world);
  const found: [string, Record<string, string[]>][] = [];
  // Not by a list, which may be five minutes behind.
  for (const { name, versions } of world.secrets.state.secrets.values()) {
    const [, key] = /\/stores\/([^/]+)\/token$/.exec(name) ?? [];
    const labelled = versions.filter(({ stages }) => stages.length > 0);
    if (key === undefined) continue;
    found.push([key, Object.fromEntries(labelled.map(({ id, stages }) => [id, [...stages]]))]);
  }
  return Object.fromEntries(found.sort(([one], [other]) => (one < other ? -1 : 1)));
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

/** Calls one of the stack's functions as an operator's command does. */
export async function invokeFunction(
  world: World,
  role: FunctionRole,
  payload: unknown,
): Promise<unknown> {
  const client = new LambdaClient(clientConfigOf(world));
  const FunctionName = functionName("shopify/dev", role);
  try {
    const answer = await client.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }),
    );
    const text = Buffer.from(answer.Payload ?? []).toString("utf8");
    if (answer.FunctionError !== undefined) throw new Error(text);
    return JSON.parse(text);
  } finally {
    client.destroy();
  }
}
