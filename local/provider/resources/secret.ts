import { randomUUID } from "node:crypto";
import {
  CreateSecretCommand,
  DeleteResourcePolicyCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { during, isAwsError, unlessMissing } from "../aws-error";
import { samePolicy } from "../json-policy";
import { named, nameFor, oneName } from "../names";
import type { Change, Creation, ResourceType, Session } from "../resource-type";
import { computed, either, optional, regional, table, tagged } from "../table";
import { newTags, tagChange, tagList, tagMap } from "../tags";
import { flag, number, present, text } from "../values";
import type { Properties } from "../wire";

export const secretTable = table("internal/service/secretsmanager/secret.go", {
  ...regional,
  ...tagged,
  // AWS takes an exclamation mark too.
  ...named({ longest: 512, shape: /^[0-9A-Za-z/_+=.@-]+$/ }),
  arn: computed("string"),
  description: optional("string", { longest: 2_048 }),
  forceOverwriteReplicaSecret: optional("boolean", { initial: false, read: "kept" }),
  kmsKeyId: optional("string"),
  policy: either("json", { same: samePolicy }),
  recoveryWindowInDays: optional("number", { initial: 30, read: "kept" }),
});

const GONE = ["ResourceNotFoundException"];

function validate(news: Properties) {
  const days = number(news, "recoveryWindowInDays");
  const isWindow = days === undefined || days === 0 || (days >= 7 && days <= 30);
  const property = "recoveryWindowInDays";
  const reason = `expected ${property} to be 0 or in the range (7 - 30), got ${days}`;
  return isWindow ? oneName(news) : [...oneName(news), { property, reason }];
}

async function create(session: Creation, news: Properties) {
  const name = nameFor(news);
  const kmsKeyId = text(news, "kmsKeyId");
  const tags = tagList(newTags(news));
  const input = new CreateSecretCommand({
    ClientRequestToken: randomUUID(),
    Name: name,
    Description: text(news, "description") ?? "",
    ForceOverwriteReplicaSecret: flag(news, "forceOverwriteReplicaSecret"),
    ...(kmsKeyId ? { KmsKeyId: kmsKeyId } : {}),
    ...(tags.length > 0 ? { Tags: tags } : {}),
  });
  const attempt = () => session.aws.secretsManager.send(input);
  const made = await during(
    `creating Secrets Manager Secret (${name})`,
    session.patience.retry(attempt, isBeingDeleted),
  );
  const id = made.ARN ?? "";
  session.made(id);
  await putPolicy(session, id, news);
  return { id };
}

// A name is free again only some moments after its deletion is through.
const isBeingDeleted = (error: unknown): boolean =>
  ["scheduled for deletion", "was deleted"].some((words) =>
    isAwsError(error, ["InvalidRequestException"], words),
  );

async function putPolicy(
  { aws, patience }: Session,
  id: string,
  news: Properties,
): Promise<boolean> {
  const policy = text(news, "policy");
  if (!policy || policy === "{}") return false;
  const input = new PutResourcePolicyCommand({ SecretId: id, ResourcePolicy: policy });
  const isLate = (error: unknown) =>
    isAwsError(error, ["MalformedPolicyDocumentException"], "contains an unsupported principal");
  const put = patience.retry(() => aws.secretsManager.send(input), isLate);
  await during(`putting Secrets Manager Secret (${id}) policy`, put);
  return true;
}

async function read({ aws }: Session, id: string): Promise<Properties | undefined> {
  const SecretId = id;
  const described = aws.secretsManager.send(new DescribeSecretCommand({ SecretId }));
  const secret = await unlessMissing(described, GONE);
  if (!secret || secret.DeletedDate) return undefined;
  const policy = await aws.secretsManager.send(new GetResourcePolicyCommand({ SecretId }));
  return {
    ...present({
      arn: secret.ARN,
      description: secret.Description,
      kmsKeyId: secret.KmsKeyId,
      name: secret.Name,
      policy: policy.ResourcePolicy ?? "",
    }),
    tags: tagMap(secret.Tags),
  };
}

async function update(session: Session, change: Change): Promise<undefined> {
  const { id, news, changed } = change;
  const { secretsManager } = session.aws;
  if (changed.has("description") || changed.has("kmsKeyId")) {
    const kmsKeyId = text(news, "kmsKeyId");
    const input = new UpdateSecretCommand({
      ClientRequestToken: randomUUID(),
      Description: text(news, "description") ?? "",
      SecretId: id,
      ...(kmsKeyId ? { KmsKeyId: kmsKeyId } : {}),
    });
    await during(`updating Secrets Manager Secret (${id})`, secretsManager.send(input));
  }
  if (changed.has("policy") && !(await putPolicy(session, id, news))) {
    await secretsManager.send(new DeleteResourcePolicyCommand({ SecretId: id }));
  }
  const tags = tagChange(change);
  if (tags?.drop.length) {
    await secretsManager.send(new UntagResourceCommand({ SecretId: id, TagKeys: tags.drop }));
  }
  if (tags && Object.keys(tags.set).length > 0) {
    await secretsManager.send(new TagResourceCommand({ SecretId: id, Tags: tagList(tags.set) }));
  }
  return undefined;
}

async function remove({ aws }: Session, id: string, olds: Properties): Promise<void> {
  const days = number(olds, "recoveryWindowInDays") ?? 30;
  const how = days === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: days };
  const deleted = aws.secretsManager.send(new DeleteSecretCommand({ SecretId: id, ...how }));
  await during(`deleting Secrets Manager Secret (${id})`, unlessMissing(deleted, GONE));
}

export const secret: ResourceType = {
  token: "aws:secretsmanager/secret:Secret",
  table: secretTable,
  autoName: { property: "name", max: 512 },
  validate,
  create,
  read,
  update,
  remove,
};
