import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { during, isAwsError, unlessMissing } from "../aws-error";
import { samePolicy } from "../json-policy";
import type { Change, Creation, ResourceType, Session } from "../resource-type";
import { computed, either, optional, regional, table, tagged } from "../table";
import { newTags, tagChange } from "../tags";
import { flag, needText, number, present, text } from "../values";
import type { Properties } from "../wire";

export const keyTable = table("internal/service/kms/key.go", {
  ...regional,
  ...tagged,
  arn: computed("string"),
  bypassPolicyLockoutSafetyCheck: optional("boolean", { initial: false, read: "kept" }),
  customerMasterKeySpec: optional("string", { initial: "SYMMETRIC_DEFAULT", forceNew: true }),
  deletionWindowInDays: optional("number", { between: [7, 30], read: "kept" }),
  description: either("string", { longest: 8_192 }),
  enableKeyRotation: optional("boolean", { initial: false }),
  isEnabled: optional("boolean", { initial: true }),
  keyId: computed("string"),
  keyUsage: optional("string", {
    initial: "ENCRYPT_DECRYPT",
    forceNew: true,
    among: ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"],
  }),
  multiRegion: either("boolean", { forceNew: true }),
  policy: either("json", { same: samePolicy }),
  rotationPeriodInDays: either("number", { between: [90, 2560] }),
});

const GONE = ["NotFoundException"];
const POLICY_NAME = "default";

async function create(session: Creation, news: Properties) {
  const policy = text(news, "policy");
  const description = text(news, "description");
  const tags = kmsTags(newTags(news));
  const input = new CreateKeyCommand({
    BypassPolicyLockoutSafetyCheck: flag(news, "bypassPolicyLockoutSafetyCheck"),
    KeySpec: needText(news, "customerMasterKeySpec") as KeySpec,
    KeyUsage: needText(news, "keyUsage") as KeyUsageType,
    MultiRegion: flag(news, "multiRegion"),
    ...(description ? { Description: description } : {}),
    ...(policy ? { Policy: policy } : {}),
    ...(tags.length > 0 ? { Tags: tags } : {}),
  });
  const attempt = () => session.aws.kms.send(input);
  const isIamLate = (error: unknown) => isAwsError(error, ["MalformedPolicyDocumentException"]);
  const made = await during("creating KMS Key", session.patience.retry(attempt, isIamLate));
  const id = made.KeyMetadata?.KeyId ?? "";
  session.made(id);
  if (flag(news, "enableKeyRotation")) await setRotation(session.aws.kms, id, news);
  if (flag(news, "isEnabled") === false) {
    await session.aws.kms.send(new DisableKeyCommand({ KeyId: id }));
  }
  return { id };
}

const kmsTags = (tags: Record<string, string>) =>
  Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

async function setRotation(kms: KMSClient, id: string, news: Properties): Promise<void> {
  const period = number(news, "rotationPeriodInDays");
  const isOn = flag(news, "enableKeyRotation");
  const deed = `${isOn ? "enabling" : "disabling"} KMS Key (${id}) rotation`;
  if (!isOn) await during(deed, kms.send(new DisableKeyRotationCommand({ KeyId: id })));
  else {
    const input = { KeyId: id, ...(period ? { RotationPeriodInDays: period } : {}) };
    await during(deed, kms.send(new EnableKeyRotationCommand(input)));
  }
}

async function read({ aws: { kms } }: Session, id: string): Promise<Properties | undefined> {
  const described = await unlessMissing(kms.send(new DescribeKeyCommand({ KeyId: id })), GONE);
  const key = described?.KeyMetadata;
  // A key that waits for its deletion is gone to the official provider.
  if (!key || key.KeyState === "PendingDeletion" || key.KeyState === "PendingReplicaDeletion") {
    return undefined;
  }
  const [policy, rotation, tags] = await Promise.all([
    kms.send(new GetKeyPolicyCommand({ KeyId: id, PolicyName: POLICY_NAME })),
    kms.send(new GetKeyRotationStatusCommand({ KeyId: id })),
    kms.send(new ListResourceTagsCommand({ KeyId: id })),
  ]);
  return {
    ...present({
      arn: key.Arn,
      customerMasterKeySpec: key.KeySpec,
      description: key.Description,
      isEnabled: key.Enabled,
      keyId: key.KeyId,
      keyUsage: key.KeyUsage,
      multiRegion: key.MultiRegion ?? false,
      policy: policy.Policy,
      enableKeyRotation: rotation.KeyRotationEnabled ?? false,
      rotationPeriodInDays: rotation.RotationPeriodInDays,
    }),
    tags: Object.fromEntries((tags.Tags ?? []).map((tag) => [tag.TagKey, tag.TagValue ?? ""])),
  };
}

async function update({ aws: { kms } }: Session, change: Change): Promise<undefined> {
  const { id, news, changed } = change;
  const KeyId = id;
  const isEnabled = flag(news, "isEnabled");
  // A disabled key takes no changes: enable first, disable last.
  if (changed.has("isEnabled") && isEnabled) await kms.send(new EnableKeyCommand({ KeyId }));
  if (changed.has("enableKeyRotation") || changed.has("rotationPeriodInDays")) {
    await setRotation(kms, id, news);
  }
  if (changed.has("description")) {
    const Description = text(news, "description") ?? "";
    await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description }));
  }
  if (changed.has("policy")) {
    const Policy = needText(news, "policy");
    await kms.send(new PutKeyPolicyCommand({ KeyId, PolicyName: POLICY_NAME, Policy }));
  }
  const tags = tagChange(change);
  if (tags?.drop.length) await kms.send(new UntagResourceCommand({ KeyId, TagKeys: tags.drop }));
  if (tags && Object.keys(tags.set).length > 0) {
    await kms.send(new TagResourceCommand({ KeyId, Tags: kmsTags(tags.set) }));
  }
  if (changed.has("isEnabled") && !isEnabled) await kms.send(new DisableKeyCommand({ KeyId }));
  return undefined;
}

async function remove({ aws: { kms } }: Session, id: string, olds: Properties): Promise<void> {
  const window = number(olds, "deletionWindowInDays");
  const input = { KeyId: id, ...(window ? { PendingWindowInDays: window } : {}) };
  try {
    await kms.send(new ScheduleKeyDeletionCommand(input));
  } catch (error) {
    const isGone = isAwsError(error, GONE);
    const isGoing = isAwsError(error, ["KMSInvalidStateException"], "pending deletion");
    if (!isGone && !isGoing) throw error;
  }
}

export const kmsKey: ResourceType = {
  token: "aws:kms/key:Key",
  table: keyTable,
  create,
  read,
  update,
  remove,
};
