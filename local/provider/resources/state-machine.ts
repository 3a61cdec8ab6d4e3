import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeStateMachineCommand,
  ListTagsForResourceCommand,
  type StateMachineType,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { during, isAwsError, unlessMissing } from "../aws-error";
import { named, nameFor, oneName } from "../names";
import type { Change, ResourceType, Session } from "../resource-type";
import { computed, optional, regional, required, table, tagged } from "../table";
import { newTags, tagChange } from "../tags";
import { needText, present } from "../values";
import type { Properties } from "../wire";

export const stateMachineTable = table("internal/service/sfn/state_machine.go", {
  ...regional,
  ...tagged,
  ...named({ longest: 80, shape: /^[\w-]+$/ }),
  arn: computed("string"),
  creationDate: computed("string"),
  definition: required("string"),
  publish: optional("boolean", { initial: false, read: "kept" }),
  roleArn: required("string"),
  status: computed("string"),
  type: optional("string", { forceNew: true, initial: "STANDARD", among: ["STANDARD", "EXPRESS"] }),
});

const GONE = ["StateMachineDoesNotExist"];

const tagsOf = (tags: Record<string, string>) =>
  Object.entries(tags).map(([key, value]) => ({ key, value }));

/** "The service must be able to assume the role" only some seconds after the role is there. */
const isRoleLate = (error: unknown): boolean =>
  isAwsError(error, ["AccessDeniedException"], "authorized to assume") ||
  isAwsError(error, ["StateMachineDeleting"]);

async function read({ aws: { sfn } }: Session, id: string): Promise<Properties | undefined> {
  const asked = sfn.send(new DescribeStateMachineCommand({ stateMachineArn: id }));
  const found = await unlessMissing(asked, GONE);
  if (!found) return undefined;
  const { tags } = await sfn.send(new ListTagsForResourceCommand({ resourceArn: id }));
  return {
    ...present({
      arn: found.stateMachineArn,
      creationDate: found.creationDate,
      definition: found.definition,
      name: found.name,
      roleArn: found.roleArn,
      status: found.status,
      type: found.type,
    }),
    tags: Object.fromEntries((tags ?? []).map(({ key = "", value = "" }) => [key, value])),
  };
}

async function update({ aws: { sfn }, patience }: Session, change: Change): Promise<undefined> {
  const { id, news, changed } = change;
  if (changed.has("definition") || changed.has("roleArn")) {
    const [definition, roleArn] = [needText(news, "definition"), needText(news, "roleArn")];
    const input = new UpdateStateMachineCommand({ stateMachineArn: id, definition, roleArn });
    await during(
      `updating Step Functions State Machine (${id})`,
      patience.retry(() => sfn.send(input), isRoleLate),
    );
  }
  const tags = tagChange(change);
  if (tags?.drop.length) {
    await sfn.send(new UntagResourceCommand({ resourceArn: id, tagKeys: tags.drop }));
  }
  if (tags && Object.keys(tags.set).length > 0) {
    await sfn.send(new TagResourceCommand({ resourceArn: id, tags: tagsOf(tags.set) }));
  }
  return undefined;
}

export const stateMachine: ResourceType = {
  token: "aws:sfn/stateMachine:StateMachine",
  table: stateMachineTable,
  autoName: { property: "name", max: 80 },
  validate: oneName,
  create: async ({ aws: { sfn }, patience }, news) => {
    const name = nameFor(news);
    const tags = tagsOf(newTags(news));
    const input = new CreateStateMachineCommand({
      name,
      definition: needText(news, "definition"),
      roleArn: needText(news, "roleArn"),
      type: needText(news, "type") as StateMachineType,
      ...(tags.length > 0 ? { tags } : {}),
    });
    const made = patience.retry(() => sfn.send(input), isRoleLate);
    const deed = `creating Step Functions State Machine (${name})`;
    const { stateMachineArn = "" } = await during(deed, made);
    return { id: stateMachineArn };
  },
  read,
  update,
  remove: async ({ aws }, id) => {
    const deleted = aws.sfn.send(new DeleteStateMachineCommand({ stateMachineArn: id }));
    await during(`deleting Step Functions State Machine (${id})`, unlessMissing(deleted, GONE));
  },
};
