import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { during, isAwsError, unlessMissing } from "../aws-error";
import { samePolicy } from "../json-policy";
import { named, nameFor, oneName } from "../names";
import type { Change, Creation, ResourceType, Session } from "../resource-type";
import { computed, optional, required, table, tagged } from "../table";
import { newTags, tagChange, tagList, tagMap } from "../tags";
import { flag, needText, number, present, text } from "../values";
import type { Properties, Value } from "../wire";

export const roleTable = table("internal/service/iam/role.go", {
  ...tagged,
  ...named({ longest: 64, shape: /^[\w+=,.@-]*$/ }),
  arn: computed("string"),
  assumeRolePolicy: required("json", { same: samePolicy }),
  createDate: computed("string"),
  description: optional("string", { longest: 1_000 }),
  forceDetachPolicies: optional("boolean", { initial: false, read: "kept" }),
  // Also inputs officially, but deprecated there in favour of resources of their own.
  inlinePolicies: computed("list"),
  managedPolicyArns: computed("list"),
  maxSessionDuration: optional("number", { initial: 3600, between: [3600, 43200] }),
  path: optional("string", { initial: "/", forceNew: true }),
  permissionsBoundary: optional("string"),
  uniqueId: computed("string"),
});

const GONE = ["NoSuchEntityException"];

async function create(session: Creation, news: Properties) {
  const name = nameFor(news);
  const [description, boundary] = [text(news, "description"), text(news, "permissionsBoundary")];
  const tags = tagList(newTags(news));
  const input = new CreateRoleCommand({
    AssumeRolePolicyDocument: needText(news, "assumeRolePolicy"),
    MaxSessionDuration: number(news, "maxSessionDuration"),
    Path: text(news, "path"),
    RoleName: name,
    ...(description ? { Description: description } : {}),
    ...(boundary ? { PermissionsBoundary: boundary } : {}),
    ...(tags.length > 0 ? { Tags: tags } : {}),
  });
  const attempt = () => session.aws.iam.send(input);
  const isLate = (error: unknown) =>
    isAwsError(error, ["MalformedPolicyDocumentException"], "Invalid principal in policy") ||
    isAwsError(error, ["ConcurrentModificationException"]);
  await during(`creating IAM Role (${name})`, session.patience.retry(attempt, isLate));
  return { id: name };
}

async function read(session: Session, id: string): Promise<Properties | undefined> {
  const { iam } = session.aws;
  const found = await unlessMissing(iam.send(new GetRoleCommand({ RoleName: id })), GONE);
  const role = found?.Role;
  if (!role) return undefined;
  const [inline, managedPolicyArns] = await Promise.all([
    inlinePolicies(session, id),
    managedPolicies(session, id),
  ]);
  return {
    ...present({
      arn: role.Arn,
      assumeRolePolicy: decodeURIComponent(role.AssumeRolePolicyDocument ?? ""),
      createDate: role.CreateDate,
      description: role.Description,
      inlinePolicies: inline,
      managedPolicyArns,
      maxSessionDuration: role.MaxSessionDuration,
      name: role.RoleName,
      path: role.Path,
      permissionsBoundary: role.PermissionsBoundary?.PermissionsBoundaryArn,
      uniqueId: role.RoleId,
    }),
    tags: tagMap(role.Tags),
  };
}

async function inlinePolicies({ aws: { iam } }: Session, RoleName: string) {
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  return Promise.all(
    PolicyNames.map(async (PolicyName) => {
      const found = await iam.send(new GetRolePolicyCommand({ PolicyName, RoleName }));
      return { name: PolicyName, policy: decodeURIComponent(found.PolicyDocument ?? "") };
    }),
  );
}

async function managedPolicies({ aws: { iam } }: Session, RoleName: string) {
  const listed = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  return (listed.AttachedPolicies ?? []).map(({ PolicyArn }) => PolicyArn ?? "").sort();
}

async function update({ aws: { iam } }: Session, change: Change): Promise<undefined> {
  const { id: RoleName, news, changed } = change;
  if (changed.has("assumeRolePolicy")) {
    const PolicyDocument = needText(news, "assumeRolePolicy");
    const input = new UpdateAssumeRolePolicyCommand({ PolicyDocument, RoleName });
    await during(`updating IAM Role (${RoleName}) assume role policy`, iam.send(input));
  }
  if (changed.has("description") || changed.has("maxSessionDuration")) {
    const Description = text(news, "description") ?? "";
    const MaxSessionDuration = number(news, "maxSessionDuration");
    await iam.send(new UpdateRoleCommand({ Description, MaxSessionDuration, RoleName }));
  }
  if (changed.has("permissionsBoundary")) {
    const PermissionsBoundary = text(news, "permissionsBoundary");
    if (PermissionsBoundary) {
      await iam.send(new PutRolePermissionsBoundaryCommand({ PermissionsBoundary, RoleName }));
    } else await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
  }
  const tags = tagChange(change);
  if (tags?.drop.length) await iam.send(new UntagRoleCommand({ RoleName, TagKeys: tags.drop }));
  if (tags && Object.keys(tags.set).length > 0) {
    await iam.send(new TagRoleCommand({ RoleName, Tags: tagList(tags.set) }));
  }
  return undefined;
}

async function remove(session: Session, id: string, olds: Properties): Promise<void> {
  const { iam } = session.aws;
  const isForced = flag(olds, "forceDetachPolicies") === true;
  if (isForced || holdsAny(olds["managedPolicyArns"])) await detachManaged(session, id);
  if (isForced || holdsAny(olds["inlinePolicies"])) await deleteInline(session, id);
  const deleted = iam.send(new DeleteRoleCommand({ RoleName: id }));
  await during(`deleting IAM Role (${id})`, unlessMissing(deleted, GONE));
}

/** What the state names was attached when it was last read: the official provider takes it off, and all else with it. */
const holdsAny = (named: Value | undefined): boolean => Array.isArray(named) && named.length > 0;

async function detachManaged(session: Session, RoleName: string): Promise<void> {
  const { iam } = session.aws;
  for (const PolicyArn of await managedPolicies(session, RoleName)) {
    await iam.send(new DetachRolePolicyCommand({ PolicyArn, RoleName }));
  }
}

async function deleteInline(session: Session, RoleName: string): Promise<void> {
  const { iam } = session.aws;
  for (const { name } of await inlinePolicies(session, RoleName)) {
    await iam.send(new DeleteRolePolicyCommand({ PolicyName: name, RoleName }));
  }
}

export const iamRole: ResourceType = {
  token: "aws:iam/role:Role",
  table: roleTable,
  autoName: { property: "name", max: 64 },
  validate: oneName,
  create,
  read,
  update,
  remove,
};
