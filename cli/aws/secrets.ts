import {
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  GetSecretValueCommand,
  ListSecretsCommand,
  type ListSecretsCommandOutput,
  RestoreSecretCommand,
  RotateSecretCommand,
  type SecretListEntry,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { Sealed } from "../../contract/sealed";
import { type EpochMs, epochMs } from "../../contract/time";
import { refusalOfAws } from "./aws-refusal";
import type { SecretFacts, SecretQuery, SecretsPort } from "./ports";

/** Secrets Manager through the SDK's client. */
export function createSecretsPort(client: Pick<SecretsManagerClient, "send">): SecretsPort {
  return {
    list: (query) => during("listing secrets", () => listAll(client, query)),
    describe: (SecretId) =>
      during("looking at the secret", async () =>
        factsOf(await client.send(new DescribeSecretCommand({ SecretId }))),
      ),
    rotate: (SecretId) =>
      during("rotating the secret", async () => {
        try {
          await client.send(new RotateSecretCommand({ SecretId }));
        } catch (error) {
          if (!isUnderWay(error)) throw error;
        }
      }),
    restore: (SecretId) =>
      during("restoring the secret", async () => {
        await client.send(new RestoreSecretCommand({ SecretId }));
      }),
    moveCurrent: (SecretId, { from, to }) =>
      during("moving AWSCURRENT", async () => {
        const labels = { MoveToVersionId: to, RemoveFromVersionId: from };
        const input = { SecretId, VersionStage: "AWSCURRENT", ...labels };
        await client.send(new UpdateSecretVersionStageCommand(input));
      }),
    dropPending: (SecretId, RemoveFromVersionId) =>
      during("dropping AWSPENDING", async () => {
        const input = { SecretId, VersionStage: "AWSPENDING", RemoveFromVersionId };
        await client.send(new UpdateSecretVersionStageCommand(input));
      }),
    readValue: (SecretId) =>
      during("reading the secret's value", async () => {
        const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
        return Sealed.of(SecretString ?? "");
      }),
  };
}

/** Secrets Manager says that it goes on with the rotation that is under way: that is what was asked for. */
function isUnderWay(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === "InvalidRequestException" &&
    /previous rotation/i.test(error.message)
  );
}

async function during<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusalOfAws(error, doing);
  }
}

async function listAll(
  client: Pick<SecretsManagerClient, "send">,
  query: SecretQuery,
): Promise<SecretFacts[]> {
  const found: SecretFacts[] = [];
  let NextToken: string | undefined;
  do {
    const page: ListSecretsCommandOutput = await client.send(
      new ListSecretsCommand({
        Filters: [{ Key: query.by, Values: [query.head] }],
        IncludePlannedDeletion: query.includeDeleted ?? false,
        MaxResults: 100,
        NextToken,
      }),
    );
    found.push(...(page.SecretList ?? []).map(factsOf));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

function factsOf(secret: SecretListEntry | DescribeSecretCommandOutput): SecretFacts {
  const versions =
    ("SecretVersionsToStages" in secret
      ? secret.SecretVersionsToStages
      : (secret as DescribeSecretCommandOutput).VersionIdsToStages) ?? {};
  return {
    secretArn: secret.ARN ?? "",
    name: secret.Name ?? "",
    description: secret.Description ?? "",
    tags: new Map((secret.Tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""])),
    stages: new Map(
      Object.entries(versions).flatMap(([version, stages]) =>
        stages.map((stage) => [stage, version] as const),
      ),
    ),
    rotates: secret.RotationEnabled ?? false,
    nextRotationAt: instantOf(secret.NextRotationDate),
    createdAt: instantOf(secret.CreatedDate),
    deletedAt: instantOf(secret.DeletedDate),
  };
}

function instantOf(date: Date | undefined): EpochMs | undefined {
  return date === undefined ? undefined : epochMs(date.getTime());
}
