import {
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { during, unlessMissing } from "../aws-error";
import { samePolicy } from "../json-policy";
import { named, nameFor, oneName } from "../names";
import type { ResourceType, Session } from "../resource-type";
import { required, table } from "../table";
import { needText, present } from "../values";
import type { Properties } from "../wire";

export const rolePolicyTable = table("internal/service/iam/role_policy.go", {
  ...named({ longest: 128, shape: /^[\w+=,.@-]*$/ }),
  policy: required("json", { same: samePolicy }),
  role: required("string", { forceNew: true }),
});

async function put({ aws }: Session, id: string, news: Properties): Promise<void> {
  const input = new PutRolePolicyCommand({
    ...idParts(id),
    PolicyDocument: needText(news, "policy"),
  });
  await during(`putting IAM Role (${needText(news, "role")}) Policy (${id})`, aws.iam.send(input));
}

function idParts(id: string): { readonly RoleName: string; readonly PolicyName: string } {
  const at = id.indexOf(":");
  return { RoleName: id.slice(0, at), PolicyName: id.slice(at + 1) };
}

async function read({ aws }: Session, id: string): Promise<Properties | undefined> {
  const found = aws.iam.send(new GetRolePolicyCommand(idParts(id)));
  const policy = await unlessMissing(found, ["NoSuchEntityException"]);
  if (!policy) return undefined;
  const { RoleName: role, PolicyName: name, PolicyDocument } = policy;
  return present({ name, role, policy: decodeURIComponent(PolicyDocument ?? "") });
}

export const iamRolePolicy: ResourceType = {
  token: "aws:iam/rolePolicy:RolePolicy",
  table: rolePolicyTable,
  autoName: { property: "name", max: 128 },
  validate: oneName,
  create: async (session, news) => {
    const id = `${needText(news, "role")}:${nameFor(news)}`;
    await put(session, id, news);
    return { id };
  },
  read,
  update: async (session, { id, news }) => {
    await put(session, id, news);
    return undefined;
  },
  remove: async ({ aws }, id) => {
    const deleted = aws.iam.send(new DeleteRolePolicyCommand(idParts(id)));
    await during(
      `deleting IAM Role Policy (${id})`,
      unlessMissing(deleted, ["NoSuchEntityException"]),
    );
  },
};
