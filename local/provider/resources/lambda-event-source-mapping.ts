import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  type EventSourceMappingConfiguration,
  GetEventSourceMappingCommand,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { fromApi, toApi } from "../api-names";
import { during, isAwsError, unlessMissing } from "../aws-error";
import type { Change, Creation, Problem, ResourceType, Session } from "../resource-type";
import { computed, optional, regional, required, table, tagged } from "../table";
import { tagChange, tagsMember } from "../tags";
import { needText, number, object, present, rfc3339, texts } from "../values";
import { isUnknown, type Properties, type Value } from "../wire";

/** The provider takes ten for what AWS has where the program says nothing (its DiffSuppressFunc of SQS). */
const sameBatchSize = (old: Value | undefined, next: Value | undefined): boolean =>
  old === 10 && (next === undefined || next === 0);

const functionNameOf = (value: Value | undefined): string =>
  String(value ?? "").replace(/^arn:[^:]+:lambda:[^:]*:\d*:function:/, "");

/** A name and its ARN are the same to the provider (suppressEquivalentFunctionNameOrARN). */
const sameFunction = (old: Value | undefined, next: Value | undefined): boolean =>
  functionNameOf(old) === functionNameOf(next);

/** A mapping of a queue of SQS; what only other sources have is not stood in for. */
export const eventSourceMappingTable = table("internal/service/lambda/event_source_mapping.go", {
  ...regional,
  ...tagged,
  arn: computed("string"),
  batchSize: optional("number", { same: sameBatchSize }),
  enabled: optional("boolean", { initial: true }),
  eventSourceArn: optional("string", { forceNew: true }),
  functionArn: computed("string"),
  functionName: required("string", { same: sameFunction }),
  functionResponseTypes: optional("set"),
  lastModified: computed("string"),
  lastProcessingResult: computed("string"),
  maximumBatchingWindowInSeconds: optional("number"),
  scalingConfig: optional("object", { of: { maximumConcurrency: optional("number") } }),
  state: computed("string"),
  stateTransitionReason: computed("string"),
  uuid: computed("string"),
});

const PLAIN = [
  "batchSize",
  "enabled",
  "functionName",
  "functionResponseTypes",
  "maximumBatchingWindowInSeconds",
];
const GONE = ["ResourceNotFoundException"];

function validate(news: Properties): Problem[] {
  const problems: Problem[] = [];
  const say = (property: string, reason: string) => problems.push({ property, reason });
  if (news["eventSourceArn"] === undefined) {
    const both = "event_source_arn,self_managed_event_source";
    say("eventSourceArn", `"event_source_arn": one of \`${both}\` must be specified`);
  }
  const concurrency = number(object(news, "scalingConfig") ?? {}, "maximumConcurrency");
  if (concurrency !== undefined && concurrency < 2) {
    const name = "scaling_config.0.maximum_concurrency";
    say("scalingConfig", `expected ${name} to be at least (2), got ${concurrency}`);
  }
  for (const type of texts(news, "functionResponseTypes") ?? []) {
    if (type === "ReportBatchItemFailures" || isUnknown(type)) continue;
    const name = "function_response_types";
    say(
      "functionResponseTypes",
      `expected ${name} to be one of ["ReportBatchItemFailures"], got ${type}`,
    );
  }
  return problems;
}

/** What passes by itself: IAM that is not there yet (retryEventSourceMapping). */
function isRoleLate(error: unknown): boolean {
  const passing = [
    "cannot be assumed by Lambda",
    "execution role does not have permissions",
    "ensure the role can perform",
  ];
  return passing.some((words) => isAwsError(error, ["InvalidParameterValueException"], words));
}

const find = ({ aws }: Session, UUID: string) =>
  unlessMissing(aws.lambda.send(new GetEventSourceMappingCommand({ UUID })), GONE);

/** Waits until the mapping is in none of the states that pass. */
async function settle(
  session: Session,
  id: string,
  isSettled: (found: EventSourceMappingConfiguration | undefined) => boolean,
): Promise<void> {
  class NotYet extends Error {}
  await session.patience.retry(
    async () => {
      const found = await find(session, id);
      if (!isSettled(found)) throw new NotYet(`its state is ${found?.State}`);
    },
    (error) => error instanceof NotYet,
  );
}

const isSteady = (found: EventSourceMappingConfiguration | undefined): boolean =>
  found?.State === "Enabled" || found?.State === "Disabled";

async function create(session: Creation, news: Properties) {
  const EventSourceArn = needText(news, "eventSourceArn");
  const scaling = object(news, "scalingConfig");
  const input = new CreateEventSourceMappingCommand({
    ...toApi<{ FunctionName: string }>(news, PLAIN),
    EventSourceArn,
    ...tagsMember("Tags", news),
    ...(scaling ? { ScalingConfig: toApi(scaling, ["maximumConcurrency"]) } : {}),
  });
  const made = session.patience.retry(() => session.aws.lambda.send(input), isRoleLate);
  const deed = `creating Lambda Event Source Mapping (${EventSourceArn})`;
  const { UUID = "" } = await during(deed, made);
  session.made(UUID);
  const settled = settle(session, UUID, isSteady);
  await during(`waiting for Lambda Event Source Mapping (${UUID}) create`, settled);
  return { id: UUID };
}

async function read(session: Session, id: string): Promise<Properties | undefined> {
  const found = await during(`reading Lambda Event Source Mapping (${id})`, find(session, id));
  if (!found) return undefined;
  const Resource = found.EventSourceMappingArn;
  const { Tags } = await session.aws.lambda.send(new ListTagsCommand({ Resource }));
  return {
    ...fromApi(found, ["batchSize", "eventSourceArn", "functionArn", "functionResponseTypes"]),
    ...fromApi(found, ["lastProcessingResult", "maximumBatchingWindowInSeconds"]),
    ...fromApi(found, ["state", "stateTransitionReason"]),
    ...present({
      arn: Resource,
      enabled: isOn(found),
      functionName: found.FunctionArn,
      lastModified: rfc3339(found.LastModified),
      scalingConfig: fromApi(found.ScalingConfig ?? {}, ["maximumConcurrency"]),
      uuid: found.UUID,
    }),
    tags: { ...Tags },
  };
}

const isOn = ({ State = "" }: EventSourceMappingConfiguration): boolean | undefined =>
  ["Enabled", "Enabling"].includes(State) ||
  (["Disabled", "Disabling"].includes(State) ? false : undefined);

async function update(session: Session, change: Change): Promise<undefined> {
  const { id: UUID, news, changed } = change;
  const { lambda } = session.aws;
  const asked = PLAIN.filter((name) => changed.has(name));
  if (asked.length > 0 || changed.has("scalingConfig")) {
    const input = new UpdateEventSourceMappingCommand({
      UUID,
      ...toApi<object>(withZeros(news), asked),
      // "AWS ignores the removal if this is left as nil."
      ...(changed.has("scalingConfig")
        ? { ScalingConfig: toApi(object(news, "scalingConfig") ?? {}, ["maximumConcurrency"]) }
        : {}),
    });
    const sent = session.patience.retry(() => lambda.send(input), isRoleLate);
    await during(`updating Lambda Event Source Mapping (${UUID})`, sent);
    const settled = settle(session, UUID, isSteady);
    await during(`waiting for Lambda Event Source Mapping (${UUID}) update`, settled);
  }
  const tags = tagChange(change);
  const Resource = needText(change.olds, "arn");
  if (tags?.drop.length) {
    await lambda.send(new UntagResourceCommand({ Resource, TagKeys: tags.drop }));
  }
  if (tags && Object.keys(tags.set).length > 0) {
    await lambda.send(new TagResourceCommand({ Resource, Tags: tags.set }));
  }
  return undefined;
}

/** What an update sends for a property that was taken away. */
const withZeros = (news: Properties): Properties => ({
  batchSize: 0,
  functionResponseTypes: [],
  maximumBatchingWindowInSeconds: 0,
  ...news,
});

async function remove(session: Session, UUID: string): Promise<void> {
  const attempt = () => session.aws.lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  const isBusy = (error: unknown) => isAwsError(error, ["ResourceInUseException"]);
  const deleted = unlessMissing(session.patience.retry(attempt, isBusy), GONE);
  await during(`deleting Lambda Event Source Mapping (${UUID})`, deleted);
  const gone = settle(session, UUID, (found) => found === undefined);
  await during(`waiting for Lambda Event Source Mapping (${UUID}) delete`, gone);
}

export const lambdaEventSourceMapping: ResourceType = {
  token: "aws:lambda/eventSourceMapping:EventSourceMapping",
  table: eventSourceMappingTable,
  validate,
  create,
  read,
  update,
  remove,
};
