import { createHash } from "node:crypto";
import { InvokeCommand } from "@aws-sdk/client-lambda";
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

async function create({ aws }: Creation, news: Properties) {
  const [name, qualifier] = [needText(news, "functionName"), needText(news, "qualifier")];
  const payload = needText(news, "input");
  const input = new InvokeCommand({
    FunctionName: name,
    InvocationType: "RequestResponse",
    Payload: new TextEncoder().encode(payload),
    Qualifier: qualifier,
  });
  const answer = await during(`invoking Lambda Function (${name})`, aws.lambda.send(input));
  const result = new TextDecoder().decode(answer.Payload);
  if (answer.FunctionError) throw new Error(`invoking Lambda Function (${name}): ${result}`);
  const digest = createHash("md5").update(payload).digest("hex");
  return { id: `${name},${qualifier},${digest}`, kept: { result } };
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
