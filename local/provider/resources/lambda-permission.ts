import { randomBytes } from "node:crypto";
import {
  AddPermissionCommand,
  type FunctionUrlAuthType,
  GetPolicyCommand,
  RemovePermissionCommand,
} from "@aws-sdk/client-lambda";
import { during, isAwsError, unlessMissing } from "../aws-error";
import { importedAs } from "../imported";
import { serially } from "../patience";
import type { Creation, Problem, ResourceType, Session } from "../resource-type";
import { either, optional, regional, required, table } from "../table";
import { flag, needText, present, text } from "../values";
import { isObject, type Properties, type Value } from "../wire";

const nameOf = (arn: string): string => arn.split(":function:").at(-1) ?? "";

export const permissionTable = table("internal/service/lambda/permission.go", {
  ...regional,
  action: required("string", { forceNew: true }),
  eventSourceToken: optional("string", { forceNew: true }),
  // `function_name` there (pulumi-aws, provider/resources.go).
  function: required("string", { forceNew: true, locates: true }),
  functionUrlAuthType: optional("string", { forceNew: true, among: ["AWS_IAM", "NONE"] }),
  invokedViaFunctionUrl: optional("boolean", { forceNew: true }),
  principal: required("string", { forceNew: true }),
  principalOrgId: optional("string", { forceNew: true }),
  qualifier: optional("string", { forceNew: true, locates: true }),
  sourceAccount: optional("string", { forceNew: true }),
  sourceArn: optional("string", { forceNew: true }),
  statementId: either("string", { forceNew: true }),
  statementIdPrefix: either("string", { forceNew: true, read: "kept" }),
});

const GONE = ["ResourceNotFoundException"];

function validate(news: Properties): Problem[] {
  const both = news["statementId"] !== undefined && news["statementIdPrefix"] !== undefined;
  const reason = '"statementIdPrefix": conflicts with statementId';
  return both ? [{ property: "statementIdPrefix", reason }] : [];
}

async function create(session: Creation, news: Properties) {
  const FunctionName = needText(news, "function");
  const prefix = text(news, "statementIdPrefix") ?? "terraform-";
  const StatementId = text(news, "statementId") ?? `${prefix}${randomBytes(13).toString("hex")}`;
  const input = new AddPermissionCommand({
    Action: needText(news, "action"),
    FunctionName,
    Principal: needText(news, "principal"),
    StatementId,
    ...without({
      EventSourceToken: text(news, "eventSourceToken"),
      FunctionUrlAuthType: text(news, "functionUrlAuthType") as FunctionUrlAuthType | undefined,
      InvokedViaFunctionUrl: flag(news, "invokedViaFunctionUrl") || undefined,
      PrincipalOrgID: text(news, "principalOrgId"),
      Qualifier: text(news, "qualifier"),
      SourceAccount: text(news, "sourceAccount"),
      SourceArn: text(news, "sourceArn"),
    }),
  });
  const attempt = () => session.aws.lambda.send(input);
  const isLate = (error: unknown) => isAwsError(error, ["ResourceConflictException", ...GONE]);
  // Lambda loses permissions that are added to one function at once.
  const added = serially(FunctionName, () => session.patience.retry(attempt, isLate));
  await during(`adding Lambda Permission (${FunctionName}/${StatementId})`, added);
  return { id: StatementId };
}

const without = <T extends object>(input: T): T =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as T;

interface Statement {
  readonly Sid?: string;
  readonly Action?: string;
  readonly Resource?: string;
  readonly Principal?: Value;
  readonly Condition?: { readonly [test: string]: { readonly [key: string]: string } };
}

async function read(
  { aws }: Session,
  id: string,
  where: Properties,
): Promise<Properties | undefined> {
  const FunctionName = needText(where, "function");
  const Qualifier = text(where, "qualifier");
  const input = new GetPolicyCommand({ FunctionName, ...(Qualifier ? { Qualifier } : {}) });
  const found = await unlessMissing(aws.lambda.send(input), GONE);
  const statements = (JSON.parse(found?.Policy ?? "{}").Statement ?? []) as Statement[];
  const statement = statements.find(({ Sid }) => Sid === id);
  return statement ? describe(statement, FunctionName) : undefined;
}

function describe(statement: Statement, askedAs: string): Properties {
  const { Condition = {}, Resource = "" } = statement;
  const [name = "", qualifier] = nameOf(Resource).split(":");
  const equals = Condition["StringEquals"] ?? {};
  const isUrlOnly = Condition["Bool"]?.["lambda:InvokedViaFunctionUrl"];
  return present({
    action: statement.Action,
    eventSourceToken: equals["lambda:EventSourceToken"],
    function: askedAs.startsWith("arn:") ? Resource.split(":").slice(0, 7).join(":") : name,
    functionUrlAuthType: equals["lambda:FunctionUrlAuthType"],
    invokedViaFunctionUrl: isUrlOnly === undefined ? undefined : String(isUrlOnly) === "true",
    principal: principalOf(statement.Principal),
    principalOrgId: equals["aws:PrincipalOrgID"],
    qualifier,
    sourceAccount: equals["AWS:SourceAccount"],
    sourceArn: Condition["ArnLike"]?.["AWS:SourceArn"],
    statementId: statement.Sid,
  });
}

const principalOf = (principal: Value | undefined): Value | undefined =>
  isObject(principal) ? (principal["AWS"] ?? principal["Service"]) : principal;

async function remove({ aws }: Session, id: string, olds: Properties): Promise<void> {
  const FunctionName = needText(olds, "function");
  const Qualifier = text(olds, "qualifier");
  const input = { FunctionName, StatementId: id, ...(Qualifier ? { Qualifier } : {}) };
  const removed = serially(FunctionName, () => aws.lambda.send(new RemovePermissionCommand(input)));
  await during(`removing Lambda Permission (${FunctionName}/${id})`, unlessMissing(removed, GONE));
}

export const lambdaPermission: ResourceType = {
  token: "aws:lambda/permission:Permission",
  table: permissionTable,
  validate,
  create,
  read,
  // `<function>/<statement ID>`, or with a qualifier `<function>:<qualifier>/<statement ID>`.
  imported: importedAs("function"),
  remove,
};
