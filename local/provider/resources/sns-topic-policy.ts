import { GetTopicAttributesCommand, SetTopicAttributesCommand } from "@aws-sdk/client-sns";
import { during, unlessMissing } from "../aws-error";
import { samePolicy } from "../json-policy";
import type { ResourceType, Session } from "../resource-type";
import { computed, regional, required, table } from "../table";
import { needText, present } from "../values";
import type { Properties } from "../wire";

export const topicPolicyTable = table("internal/service/sns/topic_policy.go", {
  ...regional,
  arn: required("string", { forceNew: true }),
  owner: computed("string"),
  policy: required("json", { same: samePolicy }),
});

async function put({ aws }: Session, TopicArn: string, policy: string): Promise<void> {
  const input = { AttributeName: "Policy", AttributeValue: policy, TopicArn };
  const sent = aws.sns.send(new SetTopicAttributesCommand(input));
  await during(`setting SNS Topic Policy (${TopicArn})`, sent);
}

async function read({ aws }: Session, id: string): Promise<Properties | undefined> {
  const asked = aws.sns.send(new GetTopicAttributesCommand({ TopicArn: id }));
  const found = (await unlessMissing(asked, ["NotFoundException"]))?.Attributes;
  if (!found?.["Policy"]) return undefined;
  return present({ arn: found["TopicArn"], owner: found["Owner"], policy: found["Policy"] });
}

/** A topic always has a policy: taking ours away leaves the one that AWS makes by itself. */
function defaultPolicy(arn: string, owner: string): string {
  const actions = ["GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission"];
  const more = ["DeleteTopic", "Subscribe", "ListSubscriptionsByTopic", "Publish"];
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: [...actions, ...more].map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { "AWS:SourceOwner": owner } },
      },
    ],
  });
}

export const snsTopicPolicy: ResourceType = {
  token: "aws:sns/topicPolicy:TopicPolicy",
  table: topicPolicyTable,
  create: async (session, news) => {
    const id = needText(news, "arn");
    await put(session, id, needText(news, "policy"));
    return { id };
  },
  read,
  update: async (session, { id, news }) => {
    await put(session, id, needText(news, "policy"));
    return undefined;
  },
  remove: async (session, id, olds) => {
    const policy = defaultPolicy(id, needText(olds, "owner"));
    await unlessMissing(put(session, id, policy), ["NotFoundException"]);
  },
};
