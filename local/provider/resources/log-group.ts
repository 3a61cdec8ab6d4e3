import {
  AssociateKmsKeyCommand,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DisassociateKmsKeyCommand,
  ListTagsForResourceCommand,
  type LogGroupClass,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { during, unlessMissing } from "../aws-error";
import { named, nameFor, oneName } from "../names";
import type { Change, Creation, ResourceType, Session } from "../resource-type";
import { computed, either, optional, regional, table, tagged } from "../table";
import { tagChange, tagsMember } from "../tags";
import { flag, needText, number, present, text } from "../values";
import type { Properties } from "../wire";

const RETENTIONS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
  3288, 3653,
];

export const logGroupTable = table("internal/service/logs/group.go", {
  ...regional,
  ...tagged,
  ...named({ longest: 512, shape: /^[.\-_/#A-Za-z0-9]+$/ }),
  arn: computed("string"),
  kmsKeyId: optional("string"),
  logGroupClass: either("string", {
    forceNew: true,
    among: ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"],
  }),
  retentionInDays: optional("number", { initial: 0, among: RETENTIONS }),
  skipDestroy: optional("boolean", { initial: false, read: "kept" }),
});

const GONE = ["ResourceNotFoundException"];

async function create(session: Creation, news: Properties) {
  const { logs } = session.aws;
  const logGroupName = nameFor(news);
  const [kmsKeyId, logGroupClass] = [text(news, "kmsKeyId"), text(news, "logGroupClass")];
  const input = new CreateLogGroupCommand({
    logGroupName,
    ...tagsMember("tags", news),
    ...(kmsKeyId ? { kmsKeyId } : {}),
    ...(logGroupClass ? { logGroupClass: logGroupClass as LogGroupClass } : {}),
  });
  await during(`creating CloudWatch Logs Log Group (${logGroupName})`, logs.send(input));
  session.made(logGroupName);
  if (number(news, "retentionInDays")) await setRetention(session, logGroupName, news);
  return { id: logGroupName };
}

async function setRetention(
  session: Session,
  logGroupName: string,
  news: Properties,
): Promise<void> {
  const { logs } = session.aws;
  const retentionInDays = number(news, "retentionInDays");
  if (!retentionInDays) await logs.send(new DeleteRetentionPolicyCommand({ logGroupName }));
  else {
    const set = logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
    await during(`setting CloudWatch Logs Log Group (${logGroupName}) retention policy`, set);
  }
}

async function read({ aws: { logs } }: Session, id: string): Promise<Properties | undefined> {
  const described = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: id }));
  const group = described.logGroups?.find(({ logGroupName }) => logGroupName === id);
  if (!group) return undefined;
  const arn = group.arn?.replace(/:\*$/, "");
  const listed = logs.send(new ListTagsForResourceCommand({ resourceArn: arn }));
  return {
    ...present({
      arn,
      kmsKeyId: group.kmsKeyId,
      logGroupClass: group.logGroupClass ?? "STANDARD",
      name: group.logGroupName,
      retentionInDays: group.retentionInDays ?? 0,
    }),
    tags: present({ ...(await listed).tags }),
  };
}

async function update(session: Session, change: Change): Promise<undefined> {
  const { id: logGroupName, olds, news, changed } = change;
  const { logs } = session.aws;
  if (changed.has("retentionInDays")) await setRetention(session, logGroupName, news);
  if (changed.has("kmsKeyId")) {
    const kmsKeyId = text(news, "kmsKeyId");
    if (kmsKeyId) await logs.send(new AssociateKmsKeyCommand({ kmsKeyId, logGroupName }));
    else await logs.send(new DisassociateKmsKeyCommand({ logGroupName }));
  }
  const tags = tagChange(change);
  const resourceArn = needText(olds, "arn");
  if (tags?.drop.length) {
    await logs.send(new UntagResourceCommand({ resourceArn, tagKeys: tags.drop }));
  }
  if (tags && Object.keys(tags.set).length > 0) {
    await logs.send(new TagResourceCommand({ resourceArn, tags: tags.set }));
  }
  return undefined;
}

async function remove({ aws: { logs } }: Session, id: string, olds: Properties): Promise<void> {
  if (flag(olds, "skipDestroy")) return;
  const deleted = logs.send(new DeleteLogGroupCommand({ logGroupName: id }));
  await during(`deleting CloudWatch Logs Log Group (${id})`, unlessMissing(deleted, GONE));
}

export const logGroup: ResourceType = {
  token: "aws:cloudwatch/logGroup:LogGroup",
  table: logGroupTable,
  autoName: { property: "name", max: 512 },
  validate: oneName,
  create,
  read,
  update,
  remove,
};
