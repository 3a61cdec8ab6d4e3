import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  type ListSecretsCommandOutput,
  ListSecretVersionIdsCommand,
  type ListSecretVersionIdsCommandOutput,
  RestoreSecretCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { Sealed } from "../../contract/sealed";
import {
  type DatedVersion,
  datedVersionsOf,
  type ListedSecret,
  listedSecretsOf,
  secretFactsOf,
} from "../../contract/store/secret-facts";
import { during } from "./aws-refusal";
import type { OperatorSecrets, SecretQuery } from "./ports";

/** Secrets Manager through the SDK's client. */
export function createOperatorSecrets(client: Pick<SecretsManagerClient, "send">): OperatorSecrets {
  return {
    list: (query) => during("listing secrets", () => listAll(client, query)),
    describe: (SecretId) =>
      during("looking at the secret", async () =>
        secretFactsOf(await client.send(new DescribeSecretCommand({ SecretId }))),
      ),
    find: (SecretId) =>
      during("looking at the secret", async () => {
        try {
          const reply = await client.send(new DescribeSecretCommand({ SecretId }));
          return listedSecretsOf([reply])[0];
        } catch (error) {
          if (error instanceof Error && error.name === "ResourceNotFoundException")
            return undefined;
          throw error;
        }
      }),
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
    versions: (SecretId) =>
      during("listing the secret's versions", () => listVersions(client, SecretId)),
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

async function listVersions(
  client: Pick<SecretsManagerClient, "send">,
  SecretId: string,
): Promise<DatedVersion[]> {
  const found: DatedVersion[] = [];
  let NextToken: string | undefined;
  do {
    const input = { SecretId, IncludeDeprecated: true, MaxResults: 100, NextToken };
    const page: ListSecretVersionIdsCommandOutput = await client.send(
      new ListSecretVersionIdsCommand(input),
    );
    found.push(...datedVersionsOf(page.Versions));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

async function listAll(
  client: Pick<SecretsManagerClient, "send">,
  query: SecretQuery,
): Promise<ListedSecret[]> {
  const found: ListedSecret[] = [];
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
    found.push(...listedSecretsOf(page.SecretList));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}
