import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SetTopicAttributesCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { during, unlessMissing } from "../aws-error";
import { sameJson, samePolicy } from "../json-policy";
import { named, nameFor, oneName } from "../names";
import type { Change, Creation, ResourceType, Session } from "../resource-type";
import { computed, either, optional, regional, table, tagged } from "../table";
import { newTags, tagChange, tagList, tagMap } from "../tags";
import { present } from "../values";
import type { Properties } from "../wire";

export const topicTable = table("internal/service/sns/topic.go", {
  ...regional,
  ...tagged,
  ...named({ longest: 256, shape: /^[0-9A-Za-z_-]+(?:\.fifo)?$/ }),
  arn: computed("string"),
  beginningArchiveTime: computed("string"),
  deliveryPolicy: optional("json", { same: sameJson }),
  displayName: optional("string"),
  kmsMasterKeyId: optional("string"),
  owner: computed("string"),
  policy: either("json", { same: samePolicy }),
  signatureVersion: either("number", { between: [1, 2] }),
  tracingConfig: either("string", { among: ["Active", "PassThrough"] }),
});

/** The attribute of each property that can be set. */
const SETTABLE: Readonly<Record<string, string>> = {
  deliveryPolicy: "DeliveryPolicy",
  displayName: "DisplayName",
  kmsMasterKeyId: "KmsMasterKeyId",
  policy: "Policy",
  signatureVersion: "SignatureVersion",
  tracingConfig: "TracingConfig",
};

async function create(session: Creation, news: Properties) {
  const Name = nameFor(news);
  const tags = tagList(newTags(news));
  const input = new CreateTopicCommand({ Name, ...(tags.length > 0 ? { Tags: tags } : {}) });
  const made = await during(`creating SNS Topic (${Name})`, session.aws.sns.send(input));
  const id = made.TopicArn ?? "";
  session.made(id);
  await setAttributes(session, id, { news, changed: new Set(Object.keys(news)) });
  return { id };
}

async function setAttributes(
  { aws }: Session,
  TopicArn: string,
  { news, changed }: Pick<Change, "news" | "changed">,
): Promise<void> {
  for (const [name, AttributeName] of Object.entries(SETTABLE)) {
    const AttributeValue = String(news[name] ?? "");
    // An empty policy is not sent: a topic always has one.
    if (!changed.has(name) || (name === "policy" && AttributeValue === "")) continue;
    const input = new SetTopicAttributesCommand({ AttributeName, AttributeValue, TopicArn });
    await during(
      `setting SNS Topic (${TopicArn}) attribute (${AttributeName})`,
      aws.sns.send(input),
    );
  }
}

async function read({ aws: { sns } }: Session, id: string): Promise<Properties | undefined> {
  const asked = sns.send(new GetTopicAttributesCommand({ TopicArn: id }));
  const found = await unlessMissing(asked, ["NotFoundException"]);
  if (!found) return undefined;
  const listed = await sns.send(new ListTagsForResourceCommand({ ResourceArn: id }));
  const it = found.Attributes ?? {};
  const version = it["SignatureVersion"];
  return {
    ...present({
      arn: it["TopicArn"],
      beginningArchiveTime: it["BeginningArchiveTime"],
      deliveryPolicy: it["DeliveryPolicy"],
      displayName: it["DisplayName"],
      kmsMasterKeyId: it["KmsMasterKeyId"],
      name: id.split(":").at(-1),
      owner: it["Owner"],
      policy: it["Policy"],
      signatureVersion: version ? Number(version) : undefined,
      tracingConfig: it["TracingConfig"],
    }),
    tags: tagMap(listed.Tags),
  };
}

async function update(session: Session, change: Change): Promise<undefined> {
  const { sns } = session.aws;
  const ResourceArn = change.id;
  await setAttributes(session, change.id, change);
  const tags = tagChange(change);
  if (tags?.drop.length) {
    await sns.send(new UntagResourceCommand({ ResourceArn, TagKeys: tags.drop }));
  }
  if (tags && Object.keys(tags.set).length > 0) {
    await sns.send(new TagResourceCommand({ ResourceArn, Tags: tagList(tags.set) }));
  }
  return undefined;
}

export const snsTopic: ResourceType = {
  token: "aws:sns/topic:Topic",
  table: topicTable,
  autoName: { property: "name", max: 256 },
  validate: oneName,
  create,
  read,
  update,
  remove: async ({ aws }, id) => {
    const deleted = aws.sns.send(new DeleteTopicCommand({ TopicArn: id }));
    await during(`deleting SNS Topic (${id})`, unlessMissing(deleted, ["NotFoundException"]));
  },
};
