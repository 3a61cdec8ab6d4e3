import {
  AttachRolePolicyCommand,
  DetachRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import { during, unlessMissing } from "../aws-error";
import type { ResourceType, Session } from "../resource-type";
import { required, table } from "../table";
import { needText } from "../values";
import type { Properties } from "../wire";

export const rolePolicyAttachmentTable = table("internal/service/iam/role_policy_attachment.go", {
  policyArn: required("string", { forceNew: true, locates: true }),
  role: required("string", { forceNew: true, locates: true }),
});

const GONE = ["NoSuchEntityException"];

async function read(
  { aws }: Session,
  _id: string,
  where: Properties,
): Promise<Properties | undefined> {
  const [role, policyArn] = [needText(where, "role"), needText(where, "policyArn")];
  const listed = aws.iam.send(new ListAttachedRolePoliciesCommand({ RoleName: role }));
  const policies = (await unlessMissing(listed, GONE))?.AttachedPolicies ?? [];
  return policies.some(({ PolicyArn }) => PolicyArn === policyArn)
    ? { policyArn, role }
    : undefined;
}

export const iamRolePolicyAttachment: ResourceType = {
  token: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  table: rolePolicyAttachmentTable,
  create: async ({ aws }, news) => {
    const [role, policyArn] = [needText(news, "role"), needText(news, "policyArn")];
    const attached = aws.iam.send(
      new AttachRolePolicyCommand({ PolicyArn: policyArn, RoleName: role }),
    );
    await during(`attaching IAM Policy (${policyArn}) to IAM Role (${role})`, attached);
    return { id: `${role}/${policyArn}` };
  },
  read,
  remove: async ({ aws }, _id, olds) => {
    const [RoleName, PolicyArn] = [needText(olds, "role"), needText(olds, "policyArn")];
    const detached = aws.iam.send(new DetachRolePolicyCommand({ PolicyArn, RoleName }));
    await during(
      `detaching IAM Policy (${PolicyArn}) from IAM Role (${RoleName})`,
      unlessMissing(detached, GONE),
    );
  },
};
