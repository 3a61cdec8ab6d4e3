import type { Place, Statement } from "./statement";

/** Publish on the topic of the notices. */
export function mayPublishNotices(topicArn: string): Statement {
  return {
    Sid: "PublishNotices",
    Effect: "Allow",
    Action: ["sns:Publish"],
    Resource: topicArn,
  };
}

/**
 * The policy of an own topic: this account's alarms publish, and its IAM decides on the rest.
 *
 * AWS's key for SNS cannot be used by CloudWatch, so the topic has none; no message holds a secret.
 */
export function encodeTopicPolicy(
  topicArn: string,
  { partition, region, accountId }: Place,
): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Alarms",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: topicArn,
        Condition: {
          StringEquals: { "aws:SourceAccount": accountId },
          ArnLike: {
            "aws:SourceArn": `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:*`,
          },
        },
      },
      {
        Sid: "ThisAccount",
        Effect: "Allow",
        Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
        Action: ["sns:Publish", "sns:Subscribe"],
        Resource: topicArn,
      },
    ],
  });
}
