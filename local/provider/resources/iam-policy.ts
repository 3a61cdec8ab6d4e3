import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  ListPolicyVersionsCommand,
  TagPolicyCommand,
  UntagPolicyCommand,
} from "@aws-sdk/client-iam";
import { during, unlessMissing } from "../aws-error";
import { samePolicy } from "../json-policy";
import { named, nameFor, oneName } from "../names";
import type { Change, ResourceType, Session } from "../resource-type";
import { computed, optional, required, table, tagged } from "../table";
import { newTags, tagChange, tagList, tagMap } from "../tags";
import { needText, present, text } from "../values";
import type { Properties } from "../wire";

export const policyTable = table("internal/service/iam/policy.go", {
  ...tagged,
  ...named(),
  arn: computed("string"),
  attachmentCount: computed("number"),
  delayAfterPolicyCreationInMs: optional("number", { read: "kept" }),
  description: optional("string", { forceNew: true }),
  path: optional("string", { initial: "/", forceNew: true }),
  policy: required("json", { same: samePolicy }),
  policyId: computed("string"),
});

const GONE = ["NoSuchEntityException"];
// AWS keeps five versions of a policy.
const MOST_VERSIONS = 5;

async function read({ aws: { iam } }: Session, id: string): Promise<Properties | undefined> {
  const PolicyArn = id;
  const found = await unlessMissing(iam.send(new GetPolicyCommand({ PolicyArn })), GONE);
  const it = found?.Policy;
  if (!it) return undefined;
  const VersionId = it.DefaultVersionId;
  const version = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
  return {
    ...present({
      arn: it.Arn,
      attachmentCount: it.AttachmentCount,
      description: it.Description,
      name: it.PolicyName,
      path: it.Path,
      policy: decodeURIComponent(version.PolicyVersion?.Document ?? ""),
      policyId: it.PolicyId,
    }),
    tags: tagMap(it.Tags),
  };
}

async function update(session: Session, change: Change): Promise<undefined> {
  const { iam } = session.aws;
  const { id: PolicyArn, news, changed } = change;
  if (changed.has("policy")) {
    const others = await otherVersions(session, PolicyArn);
    if (others.length + 1 >= MOST_VERSIONS)
      await dropVersions(session, PolicyArn, others.slice(-1));
    const PolicyDocument = needText(news, "policy");
    const input = new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true });
    await during(`updating IAM Policy (${PolicyArn})`, iam.send(input));
  }
  const tags = tagChange(change);
  if (tags?.drop.length) await iam.send(new UntagPolicyCommand({ PolicyArn, TagKeys: tags.drop }));
  if (tags && Object.keys(tags.set).length > 0) {
    await iam.send(new TagPolicyCommand({ PolicyArn, Tags: tagList(tags.set) }));
  }
  return undefined;
}

/** The versions besides the default one, newest first. */
async function otherVersions({ aws: { iam } }: Session, PolicyArn: string): Promise<string[]> {
  const listed = iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
  const versions = (await unlessMissing(listed, GONE))?.Versions ?? [];
  const ages = (version: { CreateDate?: Date | undefined }) => version.CreateDate?.getTime() ?? 0;
  return versions
    .filter((version) => !version.IsDefaultVersion)
    .sort((a, b) => ages(b) - ages(a))
    .map((version) => version.VersionId ?? "");
}

async function dropVersions(session: Session, PolicyArn: string, ids: string[]): Promise<void> {
  for (const VersionId of ids) {
    await session.aws.iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
  }
}

export const iamPolicy: ResourceType = {
  token: "aws:iam/policy:Policy",
  table: policyTable,
  autoName: { property: "name", max: 128 },
  validate: oneName,
  create: async ({ aws }, news) => {
    const name = nameFor(news);
    const tags = tagList(newTags(news));
    const input = new CreatePolicyCommand({
      Description: text(news, "description") ?? "",
      Path: text(news, "path"),
      PolicyDocument: needText(news, "policy"),
      PolicyName: name,
      ...(tags.length > 0 ? { Tags: tags } : {}),
    });
    const made = await during(`creating IAM Policy (${name})`, aws.iam.send(input));
    return { id: made.Policy?.Arn ?? "" };
  },
  read,
  update,
  remove: async (session, id) => {
    await dropVersions(session, id, await otherVersions(session, id));
    const deleted = session.aws.iam.send(new DeletePolicyCommand({ PolicyArn: id }));
    await during(`deleting IAM Policy (${id})`, unlessMissing(deleted, GONE));
  },
};
