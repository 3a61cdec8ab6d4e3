import {
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  PutFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import { fromApi, toApi } from "../api-names";
import { during, unlessMissing } from "../aws-error";
import type { ResourceType, Session } from "../resource-type";
import { optional, regional, required, table } from "../table";
import { needText, object, present, text } from "../values";
import type { Properties } from "../wire";

export const eventInvokeConfigTable = table(
  "internal/service/lambda/function_event_invoke_config.go",
  {
    ...regional,
    destinationConfig: optional("object", {
      of: {
        onFailure: optional("object", { of: { destination: required("string") } }),
        onSuccess: optional("object", { of: { destination: required("string") } }),
      },
    }),
    functionName: required("string", { forceNew: true }),
    maximumEventAgeInSeconds: optional("number", { between: [60, 21_600] }),
    maximumRetryAttempts: optional("number", { initial: 2, between: [0, 2] }),
    qualifier: optional("string", { forceNew: true }),
  },
);

const PLAIN = ["maximumEventAgeInSeconds", "maximumRetryAttempts"];
const GONE = ["ResourceNotFoundException"];

/** `<function>`, or `<function>:<qualifier>`. */
function idParts(id: string): { readonly FunctionName: string; readonly Qualifier?: string } {
  const [, FunctionName = id, Qualifier] = /^(.+?)(?::([^:]+))?$/.exec(id) ?? [];
  return { FunctionName, ...(Qualifier === undefined ? {} : { Qualifier }) };
}

async function put({ aws }: Pick<Session, "aws">, id: string, news: Properties): Promise<void> {
  const destinations = object(news, "destinationConfig");
  const command = new PutFunctionEventInvokeConfigCommand({
    ...idParts(id),
    ...toApi(news, PLAIN),
    ...(destinations === undefined ? {} : { DestinationConfig: destinationsOf(destinations) }),
  });
  await during(`putting Lambda Function Event Invoke Config (${id})`, aws.lambda.send(command));
}

function destinationsOf(destinations: Properties) {
  const [OnFailure, OnSuccess] = ["onFailure", "onSuccess"].map((name) => {
    const found = object(destinations, name);
    return found === undefined ? {} : { Destination: needText(found, "destination") };
  });
  return { OnFailure, OnSuccess };
}

async function read({ aws }: Session, id: string): Promise<Properties | undefined> {
  const { FunctionName, Qualifier } = idParts(id);
  const asked = aws.lambda.send(new GetFunctionEventInvokeConfigCommand(idParts(id)));
  const found = await unlessMissing(asked, GONE);
  if (!found) return undefined;
  const { OnFailure, OnSuccess } = found.DestinationConfig ?? {};
  const ends = present({
    onFailure: OnFailure?.Destination && { destination: OnFailure.Destination },
    onSuccess: OnSuccess?.Destination && { destination: OnSuccess.Destination },
  });
  return {
    ...fromApi(found, PLAIN),
    functionName: FunctionName,
    ...present({
      qualifier: Qualifier,
      destinationConfig: Object.keys(ends).length === 0 ? undefined : ends,
    }),
  };
}

export const lambdaEventInvokeConfig: ResourceType = {
  token: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  table: eventInvokeConfigTable,
  create: async (session, news) => {
    const qualifier = text(news, "qualifier");
    const name = needText(news, "functionName");
    const id = qualifier === undefined ? name : `${name}:${qualifier}`;
    await put(session, id, news);
    return { id };
  },
  read,
  update: async (session, { id, news }) => {
    await put(session, id, news);
    return undefined;
  },
  remove: async ({ aws }, id) => {
    const deleted = aws.lambda.send(new DeleteFunctionEventInvokeConfigCommand(idParts(id)));
    await during(
      `deleting Lambda Function Event Invoke Config (${id})`,
      unlessMissing(deleted, GONE),
    );
  },
};
