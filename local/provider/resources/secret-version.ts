import { randomUUID } from "node:crypto";
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { during, isAwsError, unlessMissing } from "../aws-error";
import type { Change, Creation, Problem, ResourceType, Session } from "../resource-type";
import { computed, either, optional, regional, required, table } from "../table";
import { needText, present, text, texts } from "../values";
import type { Properties } from "../wire";

export const secretVersionTable = table("internal/service/secretsmanager/secret_version.go", {
  ...regional,
  arn: computed("string"),
  hasSecretStringWo: computed("boolean"),
  // The Pulumi-only twin of arn (pulumi-aws, provider/resources.go).
  secretArn: computed("string"),
  secretBinary: optional("string", { forceNew: true, secret: true }),
  secretId: required("string", { forceNew: true }),
  secretString: optional("string", { forceNew: true, secret: true }),
  versionId: computed("string"),
  versionStages: either("set"),
});

const GONE = ["ResourceNotFoundException"];
const SEPARATOR = "|";

function validate(news: Properties): Problem[] {
  const both = news["secretBinary"] !== undefined && news["secretString"] !== undefined;
  return both
    ? [{ property: "secretString", reason: '"secretString": conflicts with secretBinary' }]
    : [];
}

async function create({ aws }: Creation, news: Properties) {
  const secretId = needText(news, "secretId");
  const [secretString, binary] = [text(news, "secretString"), text(news, "secretBinary")];
  const stages = texts(news, "versionStages");
  const input = new PutSecretValueCommand({
    ClientRequestToken: randomUUID(),
    SecretId: secretId,
    ...(secretString ? { SecretString: secretString } : {}),
    ...(binary ? { SecretBinary: Buffer.from(binary, "base64") } : {}),
    ...(stages ? { VersionStages: stages } : {}),
  });
  const put = aws.secretsManager.send(input);
  const { VersionId } = await during(`putting Secrets Manager Secret (${secretId}) value`, put);
  return { id: `${secretId}${SEPARATOR}${VersionId}` };
}

function splitId(id: string): { readonly secretId: string; readonly versionId: string } {
  const at = id.indexOf(SEPARATOR);
  return { secretId: id.slice(0, at), versionId: id.slice(at + 1) };
}

async function read({ aws }: Session, id: string): Promise<Properties | undefined> {
  const { secretId, versionId } = splitId(id);
  const input = new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId });
  const found = await unlessDeleted(unlessMissing(aws.secretsManager.send(input), GONE));
  if (!found) return undefined;
  return present({
    arn: found.ARN,
    hasSecretStringWo: false,
    secretArn: found.ARN,
    secretBinary: found.SecretBinary && Buffer.from(found.SecretBinary).toString("base64"),
    secretId,
    secretString: found.SecretString,
    versionId: found.VersionId,
    versionStages: found.VersionStages,
  });
}

async function unlessDeleted<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isAwsError(error, ["InvalidRequestException"], "deletion")) return undefined;
    if (isAwsError(error, ["InvalidRequestException"], "was deleted")) return undefined;
    throw error;
  }
}

/** Moves labels to this version and takes others off; AWSCURRENT can only be moved away. */
async function update(session: Session, { id, olds, news }: Change): Promise<undefined> {
  const [before, after] = [texts(olds, "versionStages") ?? [], texts(news, "versionStages") ?? []];
  for (const stage of after.filter((label) => !before.includes(label))) {
    await moveStage(session, id, stage);
  }
  for (const stage of before.filter((label) => !after.includes(label))) {
    if (stage !== "AWSCURRENT") await dropStage(session, id, stage);
  }
  return undefined;
}

async function moveStage({ aws }: Session, id: string, stage: string): Promise<void> {
  const { secretId, versionId } = splitId(id);
  const described = await aws.secretsManager.send(
    new DescribeSecretCommand({ SecretId: secretId }),
  );
  const versions = Object.entries(described.VersionIdsToStages ?? {});
  const holder = versions.find(([, stages]) => stages.includes(stage))?.[0];
  await aws.secretsManager.send(
    new UpdateSecretVersionStageCommand({
      MoveToVersionId: versionId,
      SecretId: secretId,
      VersionStage: stage,
      ...(holder ? { RemoveFromVersionId: holder } : {}),
    }),
  );
}

async function dropStage({ aws }: Session, id: string, stage: string): Promise<void> {
  const { secretId, versionId } = splitId(id);
  const input = { RemoveFromVersionId: versionId, SecretId: secretId, VersionStage: stage };
  await aws.secretsManager.send(new UpdateSecretVersionStageCommand(input));
}

/** By the labels in the state, as `resourceSecretVersionDelete`: one that came later, as AWSPREVIOUS, stays. */
async function remove(session: Session, id: string, olds: Properties): Promise<void> {
  for (const stage of texts(olds, "versionStages") ?? []) {
    if (stage !== "AWSCURRENT") await dropStage(session, id, stage);
  }
}

export const secretVersion: ResourceType = {
  token: "aws:secretsmanager/secretVersion:SecretVersion",
  table: secretVersionTable,
  validate,
  create,
  read,
  update,
  remove,
};
