import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  ListAliasesCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-kms";
import { during, unlessMissing } from "../aws-error";
import { named, nameFor, oneName } from "../names";
import type { Change, ResourceType, Session } from "../resource-type";
import { computed, regional, required, table } from "../table";
import { needText, present } from "../values";
import type { Properties, Value } from "../wire";

/** A key's id and its ARN mean the same key (internal/service/kms/diff.go). */
function sameKey(old: Value | undefined, next: Value | undefined): boolean {
  const keyId = (value: Value | undefined) =>
    String(value ?? "")
      .split(":key/")
      .at(-1);
  return keyId(old) === keyId(next);
}

export const aliasTable = table("internal/service/kms/alias.go", {
  ...regional,
  ...named({ longest: 256, shape: /^alias\/[a-zA-Z0-9/_-]+$/ }),
  arn: computed("string"),
  targetKeyArn: computed("string"),
  targetKeyId: required("string", { same: sameKey }),
});

async function read({ aws: { kms } }: Session, id: string): Promise<Properties | undefined> {
  let marker: string | undefined;
  do {
    const page = await kms.send(new ListAliasesCommand(marker ? { Marker: marker } : {}));
    const alias = page.Aliases?.find(({ AliasName }) => AliasName === id);
    if (alias) {
      const KeyId = alias.TargetKeyId;
      const key = await unlessMissing(kms.send(new DescribeKeyCommand({ KeyId })), [
        "NotFoundException",
      ]);
      const targetKeyArn = key?.KeyMetadata?.Arn;
      return present({ arn: alias.AliasArn, name: id, targetKeyId: KeyId, targetKeyArn });
    }
    marker = page.Truncated ? page.NextMarker : undefined;
  } while (marker);
  return undefined;
}

export const kmsAlias: ResourceType = {
  token: "aws:kms/alias:Alias",
  table: aliasTable,
  autoName: { property: "name", prefix: "alias/", max: 256 },
  validate: oneName,
  create: async ({ aws }, news) => {
    const id = nameFor(news);
    const TargetKeyId = needText(news, "targetKeyId");
    const input = new CreateAliasCommand({ AliasName: id, TargetKeyId });
    await during(`creating KMS Alias (${id})`, aws.kms.send(input));
    return { id };
  },
  read,
  update: async ({ aws }, { id, news }: Change) => {
    const TargetKeyId = needText(news, "targetKeyId");
    await aws.kms.send(new UpdateAliasCommand({ AliasName: id, TargetKeyId }));
    return undefined;
  },
  remove: async ({ aws }, id) => {
    const deleted = aws.kms.send(new DeleteAliasCommand({ AliasName: id }));
    await unlessMissing(deleted, ["NotFoundException"]);
  },
};
