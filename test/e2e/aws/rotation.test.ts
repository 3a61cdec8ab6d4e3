import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { AddPermissionCommand, RemovePermissionCommand } from "@aws-sdk/client-lambda";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { build } from "esbuild";
import { invokeFunction, rootHeaders } from "../../../local/aws/invoke";
import {
  rotationPortsOf,
  secretsManagerBehind,
  sendLabelUpdate,
} from "../../../local/aws/secret-backend";
import { SecretsManagerModel } from "../../../local/secrets-manager";
import { createFunction, createRole, outcomeOf } from "./account";
import { AwsWorld } from "./aws-world";
import { SIGNED_CALL } from "./signed-call";

let world: AwsWorld;
let model: SecretsManagerModel;

beforeAll(async () => {
  world = await AwsWorld.start((front, now) => {
    model = new SecretsManagerModel({
      region: front.place.region,
      accountId: front.place.accountId,
      now,
      ports: rotationPortsOf(front),
      onLabelUpdated: (update) => void sendLabelUpdate(front, update, now()),
    });
    return secretsManagerBehind(model);
  });
});

afterAll(() => world.stop());

test("Secrets Manager's model runs a rotation function in the emulator, once it is permitted", async () => {
  const { secrets, lambda } = world.clients();
  const roleArn = await createRole(world, "rotate", {
    statements: [{ Action: "secretsmanager:*", Resource: "*" }],
  });
  const functionArn = await createFunction(world, "rotate", { roleArn, source: ROTATE });
  const { ARN: SecretId } = await secrets.send(
    new CreateSecretCommand({ Name: "rotated", SecretString: "first" }),
  );
  const rotate = new RotateSecretCommand({
    SecretId,
    RotationLambdaARN: functionArn,
    RotationRules: { ScheduleExpression: "rate(8 hours)" },
  });
  expect(await outcomeOf(secrets.send(rotate))).toMatch(
    /^AccessDeniedException: Secrets Manager cannot invoke the specified Lambda function/,
  );
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: "rotate",
      StatementId: "secrets",
      Action: "lambda:InvokeFunction",
      Principal: "secretsmanager.amazonaws.com",
      SourceAccount: "000000000000",
    }),
  );
  await secrets.send(rotate);
  await model.settled();
  const read = await secrets.send(new GetSecretValueCommand({ SecretId }));
  expect(read.SecretString).toMatch(/^made by rotate for /);

  await lambda.send(
    new RemovePermissionCommand({ FunctionName: "rotate", StatementId: "secrets" }),
  );
  expect(await outcomeOf(secrets.send(new RotateSecretCommand({ SecretId })))).toMatch(
    /^AccessDeniedException/,
  );
  const described = await secrets.send(new DescribeSecretCommand({ SecretId }));
  expect(described.RotationLambdaARN).toBe(functionArn);
});

test("a moved AWSCURRENT is told to EventBridge, with the service's own event", async () => {
  const { secrets } = world.clients();
  const roleArn = await createRole(world, "listener", {});
  const source = `const seen = [];
    exports.handler = async (event) => event.ask ? seen : void seen.push(event);`;
  const functionArn = await createFunction(world, "listener", { roleArn, source });
  await events("PutRule", {
    Name: "labels",
    EventPattern: JSON.stringify({
      source: ["aws.secretsmanager"],
      "detail-type": ["Secret Label Updated"],
      detail: { name: ["watched"], labelUpdated: ["AWSCURRENT"] },
    }),
  });
  await events("PutTargets", { Rule: "labels", Targets: [{ Id: "1", Arn: functionArn }] });
  const made = await secrets.send(new CreateSecretCommand({ Name: "watched", SecretString: "v" }));
  const event = await firstOf(functionArn);
  expect(event).toMatchObject({
    source: "aws.secretsmanager",
    "detail-type": "Secret Label Updated",
    detail: { name: "watched", labelUpdated: "AWSCURRENT", versionId: made.VersionId },
    resources: [made.ARN],
  });
  expect(JSON.stringify(event)).not.toContain("SecretString");
});

test("the recipe's rule calls the recipe's function, which hands a new token to a service; other secrets do not", async () => {
  const { secrets } = world.clients();
  const pushed: unknown[] = [];
  const service = createServer((request, response) => {
    request.on("data", (chunk: Buffer) => pushed.push(JSON.parse(chunk.toString())));
    request.on("end", () => response.end());
  });
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/setting`;
  try {
    const roleArn = await createRole(world, "push", {
      statements: [{ Action: "secretsmanager:GetSecretValue", Resource: "*" }],
    });
    const functionArn = await createFunction(world, "push", { roleArn, source: await pushTo(url) });
    const EventPattern = readFileSync(join(PUSH, "rule.json"), "utf8");
    await events("PutRule", { Name: "push", EventPattern });
    await events("PutTargets", { Rule: "push", Targets: [{ Id: "1", Arn: functionArn }] });
    const text = (token: string) =>
      JSON.stringify({ shop: "acme.myshopify.com", access_token: token });
    const put = (Name: string, token: string) =>
      secrets.send(new CreateSecretCommand({ Name, SecretString: text(token) }));
    await put("shopify/other/stores/acme/token", "of another stack");
    await put("shopify/prod/stores/acme/token", "the new one");
    while (pushed.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(pushed).toEqual([{ shop: "acme.myshopify.com", access_token: "the new one" }]);
  } finally {
    service.closeAllConnections();
    service.close();
  }
});

const PUSH = join(__dirname, "../../../examples/push-on-rotation");

/** The example's function, deployed as its owner would: bundled, with the service's address. */
async function pushTo(url: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(PUSH, "index.mjs")],
    bundle: true,
    minify: true,
    platform: "node",
    format: "cjs",
    write: false,
    define: { "process.env.TARGET_URL": JSON.stringify(url) },
  });
  return outputFiles[0]?.text ?? "";
}

/** Waits for the listening function's first event: EventBridge delivers it in its own time. */
async function firstOf(functionArn: string): Promise<unknown> {
  for (;;) {
    const seen = (await invokeFunction(world.front, functionArn, { ask: true })) as unknown[];
    if (seen.length > 0) return seen[0];
  }
}

async function events(operation: string, input: unknown): Promise<void> {
  const headers = {
    ...rootHeaders("events", "us-east-1"),
    "x-amz-target": `AWSEvents.${operation}`,
    "content-type": "application/x-amz-json-1.1",
  };
  const reply = await fetch(world.front.url, {
    method: "POST",
    headers,
    body: JSON.stringify(input),
  });
  expect(await reply.text()).toContain("{");
  expect(reply.status).toBe(200);
}

const ROTATE = `${SIGNED_CALL}
exports.handler = async ({ Step, SecretId, ClientRequestToken }) => {
  if (Step === "createSecret") {
    const SecretString = "made by rotate for " + ClientRequestToken;
    await mustCall("PutSecretValue", { SecretId, ClientRequestToken, SecretString, VersionStages: ["AWSPENDING"] });
  }
  if (Step === "finishSecret") {
    const { VersionId } = await mustCall("GetSecretValue", { SecretId });
    await mustCall("UpdateSecretVersionStage", { SecretId, VersionStage: "AWSCURRENT", MoveToVersionId: ClientRequestToken, RemoveFromVersionId: VersionId });
  }
};
async function mustCall(operation, input) {
  const { status, answer } = await call(operation, input);
  if (status !== 200) throw new Error(JSON.stringify(answer));
  return answer;
}`;
