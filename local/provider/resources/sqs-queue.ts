import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueueTagsCommand,
  type QueueAttributeName,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { during, isAwsError, unlessMissing } from "../aws-error";
import { sameJson, samePolicy } from "../json-policy";
import { named, nameFor, oneName } from "../names";
import type { Change, Problem, ResourceType, Session } from "../resource-type";
import { computed, either, optional, regional, table, tagged } from "../table";
import { tagChange, tagsMember } from "../tags";
import { present } from "../values";
import { isUnknown, type Properties, type Value } from "../wire";

/** A standard queue; what only FIFO queues have is not stood in for. */
export const queueTable = table("internal/service/sqs/queue.go", {
  ...regional,
  ...tagged,
  ...named(),
  arn: computed("string"),
  delaySeconds: optional("number", { initial: 0, between: [0, 900] }),
  kmsMasterKeyId: optional("string"),
  maxMessageSize: optional("number", { initial: 262_144, between: [1_024, 1_048_576] }),
  messageRetentionSeconds: optional("number", { initial: 345_600, between: [60, 1_209_600] }),
  policy: either("json", { same: samePolicy }),
  receiveWaitTimeSeconds: optional("number", { initial: 0 }),
  redriveAllowPolicy: either("json", { same: sameJson }),
  redrivePolicy: either("json", { same: sameJson }),
  sqsManagedSseEnabled: either("boolean"),
  url: computed("string"),
  visibilityTimeoutSeconds: optional("number", { initial: 30, between: [0, 43_200] }),
});

/** The attribute of each property that can be set. */
const SETTABLE: Readonly<Record<string, QueueAttributeName>> = {
  delaySeconds: "DelaySeconds",
  kmsMasterKeyId: "KmsMasterKeyId",
  maxMessageSize: "MaximumMessageSize",
  messageRetentionSeconds: "MessageRetentionPeriod",
  policy: "Policy",
  receiveWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
  redriveAllowPolicy: "RedriveAllowPolicy",
  redrivePolicy: "RedrivePolicy",
  sqsManagedSseEnabled: "SqsManagedSseEnabled",
  visibilityTimeoutSeconds: "VisibilityTimeout",
};

/** The JSON protocol's name of the error, and that of the Query protocol. */
const GONE = ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"];
const DELETED_RECENTLY = ["QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently"];
const NAME = /^[0-9A-Za-z_-]{1,80}$/;

function validate(news: Properties): Problem[] {
  const { name, kmsMasterKeyId, sqsManagedSseEnabled } = news;
  const problems = oneName(news);
  if (name !== undefined && !isUnknown(name) && !NAME.test(String(name))) {
    problems.push({ property: "name", reason: `invalid queue name: ${String(name)}` });
  }
  if (kmsMasterKeyId !== undefined && sqsManagedSseEnabled !== undefined) {
    const reason = '"kmsMasterKeyId": conflicts with sqsManagedSseEnabled';
    problems.push({ property: "kmsMasterKeyId", reason });
  }
  return problems;
}

/** On creation a zero is not sent, but a choice about encryption is (attrmap, ResourceDataToAPIAttributesCreate). */
const isSentAtFirst = (name: string, value: Value): boolean =>
  name === "sqsManagedSseEnabled" || (value !== "" && value !== 0 && value !== false);

/** The attributes of these properties that are to be sent; those that were taken away as an empty text. */
function attributesOf(news: Properties, names: Iterable<string>) {
  const asked = [...names].flatMap((name) => {
    const attribute = SETTABLE[name];
    return attribute === undefined ? [] : [[attribute, String(news[name] ?? "")] as const];
  });
  return asked.length === 0 ? undefined : Object.fromEntries(asked);
}

async function create({ aws, patience }: Session, news: Properties) {
  const QueueName = nameFor(news);
  const sent = Object.keys(news).filter((name) => isSentAtFirst(name, news[name] ?? ""));
  const Attributes = attributesOf(news, sent);
  const input = new CreateQueueCommand({
    QueueName,
    ...tagsMember("tags", news),
    ...(Attributes ? { Attributes } : {}),
  });
  const attempt = () => aws.sqs.send(input);
  const made = patience.retry(attempt, (error) => isAwsError(error, DELETED_RECENTLY));
  const { QueueUrl = "" } = await during(`creating SQS Queue (${QueueName})`, made);
  return { id: QueueUrl };
}

async function read({ aws: { sqs } }: Session, id: string): Promise<Properties | undefined> {
  const asked = sqs.send(new GetQueueAttributesCommand({ QueueUrl: id, AttributeNames: ["All"] }));
  const found = await during(`reading SQS Queue (${id})`, unlessMissing(asked, GONE));
  if (!found) return undefined;
  const { Tags } = await sqs.send(new ListQueueTagsCommand({ QueueUrl: id }));
  const it = found.Attributes ?? {};
  const numbered = (attribute: QueueAttributeName) =>
    it[attribute] === undefined ? undefined : Number(it[attribute]);
  return {
    ...present({
      arn: it.QueueArn,
      delaySeconds: numbered("DelaySeconds"),
      kmsMasterKeyId: it.KmsMasterKeyId,
      maxMessageSize: numbered("MaximumMessageSize"),
      messageRetentionSeconds: numbered("MessageRetentionPeriod"),
      name: id.split("/").at(-1),
      policy: it.Policy,
      receiveWaitTimeSeconds: numbered("ReceiveMessageWaitTimeSeconds"),
      redriveAllowPolicy: it.RedriveAllowPolicy,
      redrivePolicy: it.RedrivePolicy,
      sqsManagedSseEnabled: it.SqsManagedSseEnabled && it.SqsManagedSseEnabled === "true",
      url: id,
      visibilityTimeoutSeconds: numbered("VisibilityTimeout"),
    }),
    tags: { ...Tags },
  };
}

async function update({ aws: { sqs } }: Session, change: Change): Promise<undefined> {
  const { id: QueueUrl, news, changed } = change;
  const Attributes = attributesOf(news, changed);
  if (Attributes !== undefined) {
    const input = new SetQueueAttributesCommand({ QueueUrl, Attributes });
    await during(`updating SQS Queue (${QueueUrl}) attributes`, sqs.send(input));
  }
  const tags = tagChange(change);
  if (tags?.drop.length) {
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: tags.drop }));
  }
  if (tags && Object.keys(tags.set).length > 0) {
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: tags.set }));
  }
  return undefined;
}

export const sqsQueue: ResourceType = {
  token: "aws:sqs/queue:Queue",
  table: queueTable,
  autoName: { property: "name", max: 80 },
  validate,
  create,
  read,
  update,
  remove: async ({ aws }, id) => {
    const deleted = aws.sqs.send(new DeleteQueueCommand({ QueueUrl: id }));
    await during(`deleting SQS Queue (${id})`, unlessMissing(deleted, GONE));
  },
};
