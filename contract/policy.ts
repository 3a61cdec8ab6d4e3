/** One statement of a policy, as IAM and KMS read it. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: { readonly AWS: string };
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

/** Where the stack's resources are. */
export interface Place {
  /** `aws`, or the name of another partition. */
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

/** The place that an ARN names. */
export function placeOfArn(arn: string): Place {
  const [, partition = "aws", , region = "", accountId = ""] = arn.split(":");
  return { partition, region, accountId };
}

const TOPIC_ARN = /^arn:[a-z0-9-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/;

/** Whether a text is the full ARN of an SNS topic. */
export function isTopicArn(text: string): boolean {
  return TOPIC_ARN.test(text);
}

/** The characters that a managed policy may have, without white space (IAM User Guide, "IAM and AWS STS quotas"). */
export const MANAGED_POLICY_MAX = 6_144;

/** A policy as the text that AWS stores. */
export function encodePolicy(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** How a key knows that Secrets Manager of this place uses it, for somebody else. */
export function throughSecretsManager({
  region,
}: Place): Readonly<Record<"kms:ViaService", string>> {
  return { "kms:ViaService": `secretsmanager.${region}.amazonaws.com` };
}

/** Attach to a VPC; EC2 offers no narrower resource for these. */
export function mayJoinVpc(): Statement {
  return {
    Sid: "JoinVpc",
    Effect: "Allow",
    Action: [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
    ],
    Resource: "*",
  };
}

/** The partitions that the policies, endpoints and conditions of this product are right for. */
export const PARTITIONS = ["aws", "aws-us-gov"] as const;

/** The partition of a region, by the head of its name. */
export function partitionOf(region: string): string {
  const [, partition = "aws"] = PARTITION_HEADS.find(([head]) => region.startsWith(head)) ?? [];
  return partition;
}

const PARTITION_HEADS = [
  ["us-gov-", "aws-us-gov"],
  ["cn-", "aws-cn"],
  ["us-iso-", "aws-iso"],
  ["us-isob-", "aws-iso-b"],
  ["eu-isoe-", "aws-iso-e"],
  ["us-isof-", "aws-iso-f"],
  ["eusc-", "aws-eusc"],
] as const;

/** Why a partition is refused; undefined when the product is right there. */
export function partitionProblem(partition: string): string | undefined {
  if ((PARTITIONS as readonly string[]).includes(partition)) return undefined;
  return `shopify-secrets does not know the partition ${partition}: its policies hold for ${PARTITIONS.join(" and ")} only`;
}
