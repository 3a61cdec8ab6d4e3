import type { ConfigNode } from "./node";

const PRINCIPAL = /^arn:[a-z0-9-]+:iam::\d{12}:(?:role|user)\/[\w+=,.@/-]+$/;

/** The ARNs of IAM roles and users in a list, as `aws:PrincipalArn` has them. */
export function parsePrincipals(node: ConfigNode): string[] {
  return node.texts(
    PRINCIPAL,
    "must be the full ARN of an IAM role or user, without wildcards; for a session of a role the role's own: arn:aws:iam::<account>:role/<name>",
  );
}
