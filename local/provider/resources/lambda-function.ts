import {
  type Architecture,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetFunctionCommand,
  type GetFunctionResponse,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { zipArchive } from "../archive-zip";
import { during, isAwsError, unlessMissing } from "../aws-error";
import type { Change, Creation, Problem, ResourceType, Session } from "../resource-type";
import { tagChange, tagsMember } from "../tags";
import { flag, needText, number, present, texts } from "../values";
import { isArchive, type Properties } from "../wire";
import { configurationOf, describeFunction } from "./lambda-configuration";
import { functionTable } from "./lambda-function-table";

const GONE = ["ResourceNotFoundException"];
const CODE = ["code", "codeSha256", "sourceCodeHash", "architectures"];
const NOT_CONFIGURATION = new Set([
  ...CODE,
  "publish",
  "reservedConcurrentExecutions",
  "skipDestroy",
  "tags",
  "tagsAll",
]);

function validate(news: Properties): Problem[] {
  const missing = ["handler", "runtime"].filter((name) => news[name] === undefined);
  const problems = missing.map((property) => ({
    property,
    reason: "handler and runtime must be set when PackageType is Zip",
  }));
  if (news["code"] === undefined) {
    const reason =
      '"code": one of `code,imageUri,s3Bucket` must be specified; only code is stood in for';
    problems.push({ property: "code", reason });
  }
  return problems;
}

async function create(session: Creation, news: Properties) {
  const name = needText(news, "name");
  const { aws } = session;
  const architectures = texts(news, "architectures");
  const input = new CreateFunctionCommand({
    ...configurationOf(news, new Set(Object.keys(news))),
    Code: { ZipFile: codeOf(news) },
    FunctionName: name,
    PackageType: "Zip",
    Publish: flag(news, "publish"),
    Role: needText(news, "role"),
    ...tagsMember("Tags", news),
    ...(architectures ? { Architectures: architectures as Architecture[] } : {}),
  });
  const deed = `creating Lambda Function (${name})`;
  await during(
    deed,
    session.patience.retry(() => aws.lambda.send(input), isNotReady),
  );
  session.made(name);
  await settle(session, name, (found) => found.Configuration?.State !== "Pending");
  const reserved = number(news, "reservedConcurrentExecutions") ?? -1;
  if (reserved >= 0) await reserve(session, name, reserved);
  return { id: name };
}

function codeOf(news: Properties): Uint8Array {
  const archive = news["code"];
  if (!isArchive(archive)) throw new Error("the function's code must be an archive");
  return zipArchive(archive);
}

/** What passes by itself: IAM that is not there yet, a change that is still under way. */
function isNotReady(error: unknown): boolean {
  const passing = [
    "The role defined for the function cannot be assumed by Lambda",
    "The provided execution role does not have permissions",
    "throttled by EC2",
    "KMS key is invalid for CreateGrant",
  ];
  return (
    isAwsError(error, ["ResourceConflictException"]) ||
    passing.some((words) => isAwsError(error, ["InvalidParameterValueException"], words))
  );
}

async function settle(
  { aws, patience }: Session,
  name: string,
  isSettled: (found: GetFunctionResponse) => boolean,
): Promise<void> {
  class NotYet extends Error {}
  await patience.retry(
    async () => {
      const found = await aws.lambda.send(new GetFunctionCommand({ FunctionName: name }));
      if (!isSettled(found)) throw new NotYet(`Lambda Function (${name}) is still being changed`);
    },
    (error) => error instanceof NotYet || isAwsError(error, GONE),
  );
}

async function reserve({ aws }: Session, FunctionName: string, reserved: number): Promise<void> {
  const input = { FunctionName, ReservedConcurrentExecutions: reserved };
  if (reserved >= 0) await aws.lambda.send(new PutFunctionConcurrencyCommand(input));
  else await aws.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
}

async function read({ aws }: Session, id: string): Promise<Properties | undefined> {
  const FunctionName = id;
  const asked = aws.lambda.send(new GetFunctionCommand({ FunctionName }));
  const found = await unlessMissing(asked, GONE);
  if (!found?.Configuration) return undefined;
  const listed = await aws.lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
  const latest = listed.Versions?.at(-1) ?? found.Configuration;
  return { ...describeFunction(found, latest), tags: present({ ...found.Tags }) };
}

async function update(session: Session, change: Change): Promise<undefined> {
  const { id: FunctionName, news, changed } = change;
  const { lambda } = session.aws;
  const isUpdated = (found: GetFunctionResponse) =>
    found.Configuration?.LastUpdateStatus !== "InProgress";
  const isConfigured = [...changed].some((name) => !NOT_CONFIGURATION.has(name));
  if (isConfigured) {
    const input = { ...configurationOf(news, changed), FunctionName, Role: needText(news, "role") };
    const deed = `updating Lambda Function (${FunctionName}) configuration`;
    const attempt = () => lambda.send(new UpdateFunctionConfigurationCommand(input));
    await during(deed, session.patience.retry(attempt, isNotReady));
    await settle(session, FunctionName, isUpdated);
  }
  const isCode = CODE.some((name) => changed.has(name));
  if (isCode) {
    const architectures = texts(news, "architectures") as Architecture[] | undefined;
    const Architectures =
      changed.has("architectures") && architectures ? { Architectures: architectures } : {};
    const input = { FunctionName, ZipFile: codeOf(news), ...Architectures };
    const deed = `updating Lambda Function (${FunctionName}) code`;
    await during(deed, lambda.send(new UpdateFunctionCodeCommand(input)));
    await settle(session, FunctionName, isUpdated);
  }
  if (changed.has("reservedConcurrentExecutions")) {
    await reserve(session, FunctionName, number(news, "reservedConcurrentExecutions") ?? -1);
  }
  await updateTags(session, change);
  if (flag(news, "publish") && (isConfigured || isCode || changed.has("publish"))) {
    await lambda.send(new PublishVersionCommand({ FunctionName }));
  }
  return undefined;
}

async function updateTags({ aws }: Session, change: Change): Promise<void> {
  const tags = tagChange(change);
  const Resource = needText(change.olds, "arn");
  if (tags?.drop.length) {
    await aws.lambda.send(new UntagResourceCommand({ Resource, TagKeys: tags.drop }));
  }
  if (tags && Object.keys(tags.set).length > 0) {
    await aws.lambda.send(new TagResourceCommand({ Resource, Tags: tags.set }));
  }
}

function unsettledBy({ news, changed }: Omit<Change, "id">): string[] {
  const isCode = CODE.some((name) => changed.has(name));
  const isPublished =
    flag(news, "publish") &&
    [...changed].some(
      (name) => CODE.includes(name) || name === "publish" || !NOT_CONFIGURATION.has(name),
    );
  return [
    ...(isCode ? ["lastModified"] : []),
    ...(isPublished ? ["version", "qualifiedArn", "qualifiedInvokeArn"] : []),
  ];
}

async function remove({ aws }: Session, id: string, olds: Properties): Promise<void> {
  if (flag(olds, "skipDestroy")) return;
  const deleted = aws.lambda.send(new DeleteFunctionCommand({ FunctionName: id }));
  await during(`deleting Lambda Function (${id})`, unlessMissing(deleted, GONE));
}

export const lambdaFunction: ResourceType = {
  token: "aws:lambda/function:Function",
  table: functionTable,
  autoName: { property: "name", max: 64 },
  validate,
  unsettledBy,
  create,
  read,
  update,
  remove,
};
