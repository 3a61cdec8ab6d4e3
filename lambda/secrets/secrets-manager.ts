import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  PutSecretValueCommand,
  type SecretsManagerClient,
  TagResourceCommand,
  UpdateSecretVersionStageCommand,
  type UpdateSecretVersionStageCommandInput,
} from "@aws-sdk/client-secrets-manager";
import { isVersionId, type SecretArn } from "../../contract/brands";
import { Sealed } from "../../contract/sealed";
import { type SecretFacts, secretFactsOf } from "../../contract/store/secret-facts";
import type { EpochMs } from "../../contract/time";
import { type Deadline, limited } from "../deadline";
import { awsErrorNameOf, codedAwsError, unanswered } from "./aws-errors";
import type { NewVersion, Promotion, SecretsPort, SecretValue } from "./port";

/** The part of the SDK's client that is used: anything with its `send`. */
export type SecretsManagerSend = Pick<SecretsManagerClient, "send">;

/** The port over an SDK client; no call outlives the deadline. */
export function createSecretsPort(client: SecretsManagerSend, deadline: Deadline): SecretsPort {
  const call = createCall(client, deadline);
  return {
    describe: (secretArn) => describe(call, secretArn),
    readVersion: (secretArn, versionId) =>
      readValue(call, { SecretId: secretArn, VersionId: versionId }),
    readStage: (secretId, stage) => readValue(call, { SecretId: secretId, VersionStage: stage }),
    put: (secretArn, version) => put(call, secretArn, version),
    promote: (secretArn, promotion) => promote(call, secretArn, promotion),
    dropStage: (secretArn, versionId, stage) =>
      dropStage(call, { SecretId: secretArn, VersionStage: stage, RemoveFromVersionId: versionId }),
    tag: (secretArn, tags) => tag(call, secretArn, tags),
    under: (other) => createSecretsPort(client, other),
  };
}

/** Runs calls within a deadline. */
export type SecretsManagerCall = <T>(
  run: (client: SecretsManagerSend, options: { readonly abortSignal: AbortSignal }) => Promise<T>,
) => Promise<T>;

/** The command's own types are kept: each operation passes its own command. */
export function createCall(client: SecretsManagerSend, deadline: Deadline): SecretsManagerCall {
  return (run) => limited(deadline, (abortSignal) => run(client, { abortSignal }));
}

/** Nearly every answer names the secret; one that does not is no answer. */
export function answered<T extends { readonly ARN?: string | undefined }>(reply: T): T {
  if (reply.ARN === undefined) throw unanswered();
  return reply;
}

async function describe(call: SecretsManagerCall, secretArn: SecretArn): Promise<SecretFacts> {
  try {
    const command = new DescribeSecretCommand({ SecretId: secretArn });
    return secretFactsOf(answered(await call((client, options) => client.send(command, options))));
  } catch (error) {
    throw codedAwsError(error);
  }
}

async function readValue(
  call: SecretsManagerCall,
  input: GetSecretValueCommandInput,
): Promise<SecretValue | undefined> {
  try {
    const command = new GetSecretValueCommand(input);
    const reply = answered(await call((client, options) => client.send(command, options)));
    if (reply.SecretString === undefined || !isVersionId(reply.VersionId)) return undefined;
    return {
      versionId: reply.VersionId,
      text: Sealed.of(reply.SecretString),
      createdAt: reply.CreatedDate?.getTime() as EpochMs | undefined,
    };
  } catch (error) {
    // Said both of a missing secret and of a version without a value; DescribeSecret tells them apart.
    if (awsErrorNameOf(error) === "ResourceNotFoundException") return undefined;
    throw codedAwsError(error);
  }
}

async function put(
  call: SecretsManagerCall,
  secretArn: SecretArn,
  version: NewVersion,
): Promise<"stored" | "taken"> {
  try {
    const command = new PutSecretValueCommand({
      SecretId: secretArn,
      ClientRequestToken: version.versionId,
      SecretString: version.text.unseal(),
      VersionStages: [...version.stages],
      ...(version.rotationToken === undefined
        ? {}
        : { RotationToken: version.rotationToken.unseal() }),
    });
    answered(await call((client, options) => client.send(command, options)));
    return "stored";
  } catch (error) {
    if (awsErrorNameOf(error) === "ResourceExistsException") return "taken";
    throw codedAwsError(error);
  }
}

async function promote(
  call: SecretsManagerCall,
  secretArn: SecretArn,
  { to, from }: Promotion,
): Promise<"promoted" | "refused"> {
  try {
    const input: UpdateSecretVersionStageCommandInput = {
      SecretId: secretArn,
      VersionStage: "AWSCURRENT",
      MoveToVersionId: to,
      ...(from === undefined ? {} : { RemoveFromVersionId: from }),
    };
    const command = new UpdateSecretVersionStageCommand(input);
    answered(await call((client, options) => client.send(command, options)));
    return "promoted";
  } catch (error) {
    if (REFUSED_MOVES.has(awsErrorNameOf(error) ?? "")) return "refused";
    throw codedAwsError(error);
  }
}

// The label is elsewhere, or the version is gone.
const REFUSED_MOVES = new Set(["InvalidParameterException", "ResourceNotFoundException"]);

async function dropStage(
  call: SecretsManagerCall,
  input: UpdateSecretVersionStageCommandInput,
): Promise<void> {
  try {
    const command = new UpdateSecretVersionStageCommand(input);
    await call((client, options) => client.send(command, options));
  } catch (error) {
    if (REFUSED_MOVES.has(awsErrorNameOf(error) ?? "")) return; // the label is not there: as wanted
    throw codedAwsError(error);
  }
}

async function tag(
  call: SecretsManagerCall,
  secretArn: SecretArn,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const command = new TagResourceCommand({ SecretId: secretArn, Tags: list });
    await call((client, options) => client.send(command, options));
  } catch (error) {
    throw codedAwsError(error);
  }
}
