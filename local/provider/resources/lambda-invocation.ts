import { createHash } from "node:crypto";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { during } from "../aws-error";
import type { Creation, ResourceType } from "../resource-type";
import { computed, optional, regional, required, table } from "../table";
import { needText } from "../values";
import type { Properties } from "../wire";

export const invocationTable = table("internal/service/lambda/invocation.go", {
  ...regional,
  functionName: required("string", { forceNew: true, read: "kept" }),
  input: required("json", { forceNew: true, read: "kept" }),
  // CRUD calls the function on update and delete too; nothing here asks for it.
  lifecycleScope: optional("string", {
    initial: "CREATE_ONLY",
    among: ["CREATE_ONLY"],
    read: "kept",
  }),
  qualifier: optional("string", { initial: "$LATEST", forceNew: true, read: "kept" }),
  result: computed("string", { read: "kept" }),
  terraformKey: optional("string", { initial: "tf", read: "kept" }),
  triggers: optional("map", { forceNew: true, read: "kept" }),
});

export interface FunctionCall {
  readonly functionName: string;
  readonly qualifier: string;
  readonly payload: string;
}

/** Calls a function once and reads its answer; the resource and the data source do it alike. */
export async function callFunction(
  lambda: LambdaClient,
  { functionName, qualifier, payload }: FunctionCall,
): Promise<string> {
  const command = new InvokeCommand({
    FunctionName: functionName,
    InvocationType: "RequestResponse",
    Payload: new TextEncoder().encode(payload),
    Qualifier: qualifier,
  });
  const answer = await during(`invoking Lambda Function (${functionName})`, lambda.send(command));
  const result = new TextDecoder().decode(answer.Payload);
  if (answer.FunctionError) {
    throw new Error(`invoking Lambda Function (${functionName}): ${result}`);
  }
  return result;
}

/** Both give the payload's digest into their ID. */
export function digestOf(payload: string): string {
  return createHash("md5").update(payload).digest("hex");
}

async function create({ aws }: Creation, news: Properties) {
  const [functionName, qualifier] = [needText(news, "functionName"), needText(news, "qualifier")];
  const payload = needText(news, "input");
  const result = await callFunction(aws.lambda, { functionName, qualifier, payload });
  return { id: `${functionName},${qualifier},${digestOf(payload)}`, kept: { result } };
}

/** A call that was made: AWS keeps nothing to read, to change or to delete. */
export const lambdaInvocation: ResourceType = {
  token: "aws:lambda/invocation:Invocation",
  table: invocationTable,
  create,
  read: async () => ({}),
  update: async () => undefined,
  remove: async () => undefined,
};
