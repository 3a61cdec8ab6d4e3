import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { createInProcessClient, serveSecretsManager } from "../../../local/secrets-manager";
import { createWorld, FUNCTION, REGION, START, templateFunction, token, type World } from "./world";

describe("the HTTP mouth", () => {
  let world: World;
  let server: Server;
  let client: SecretsManagerClient;

  beforeEach(async () => {
    world = createWorld();
    const serve = serveSecretsManager(world.model);
    server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      const target = request.headers["x-amz-target"];
      const answer = await serve({ target: typeof target === "string" ? target : undefined, body });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    client = new SecretsManagerClient({
      region: REGION,
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    });
  });

  afterEach(async () => {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  test("gives the SDK dates as dates and bytes as bytes", async () => {
    await client.send(
      new CreateSecretCommand({ Name: "s", SecretBinary: new Uint8Array([0, 255]) }),
    );
    const read = await client.send(new GetSecretValueCommand({ SecretId: "s" }));
    expect(read.CreatedDate).toEqual(new Date(START));
    expect([...(read.SecretBinary ?? [])]).toEqual([0, 255]);
    const list = await client.send(new ListSecretsCommand({}));
    expect(list.SecretList?.[0]).toMatchObject({
      Name: "s",
      LastAccessedDate: new Date(Date.UTC(2026, 10, 1)),
    });
    const batch = await client.send(new BatchGetSecretValueCommand({ SecretIdList: ["s", "x"] }));
    expect(batch.SecretValues?.[0]?.CreatedDate).toEqual(new Date(START));
    expect(batch.Errors?.[0]?.ErrorCode).toBe("ResourceNotFoundException");
  });

  test("gives the SDK its own exceptions", async () => {
    const read = client.send(new GetSecretValueCommand({ SecretId: "nobody" }));
    await expect(read).rejects.toBeInstanceOf(ResourceNotFoundException);
    await expect(read).rejects.toMatchObject({
      message: "Secrets Manager can't find the specified secret.",
      $metadata: { httpStatusCode: 400 },
    });
  });

  test("rotates for the SDK", async () => {
    world.lambda.run = templateFunction(world);
    await client.send(new CreateSecretCommand({ Name: "s", SecretString: "a" }));
    const { VersionId } = await client.send(
      new RotateSecretCommand({
        SecretId: "s",
        RotationLambdaARN: FUNCTION,
        RotationRules: { ScheduleExpression: "rate(8 hours)" },
      }),
    );
    await world.model.settled();
    const described = await client.send(new DescribeSecretCommand({ SecretId: "s" }));
    expect(described.VersionIdsToStages?.[VersionId ?? ""]).toEqual(["AWSCURRENT"]);
    expect(described.NextRotationDate).toBeInstanceOf(Date);
  });
});

describe("the wire", () => {
  const ask = (target: string | undefined, body: string) =>
    serveSecretsManager(createWorld().model)({ target, body });

  // LocalStack's snapshot test_no_client_request_token, recorded from AWS: __type and Message in the body.
  test("names an error in the body and in a header", async () => {
    const answer = await ask(
      "secretsmanager.PutSecretValue",
      '{"SecretId":"s","SecretString":"x"}',
    );
    expect(answer.status).toBe(400);
    expect(answer.headers).toMatchObject({
      "content-type": "application/x-amz-json-1.1",
      "x-amzn-errortype": "InvalidRequestException",
    });
    expect(JSON.parse(answer.body)).toEqual({
      __type: "InvalidRequestException",
      Message: expect.stringContaining("ClientRequestToken"),
    });
  });

  test.each([
    [undefined, "{}", "UnknownOperationException"],
    ["secretsmanager.ReplicateSecretToRegions", "{}", "UnknownOperationException"],
    ["secretsmanager.CreateSecret", '{"Name":"s","SecretString":"canary', "SerializationException"],
    ["secretsmanager.CreateSecret", '"canary"', "SerializationException"],
    ["secretsmanager.CreateSecret", '{"Name":7}', "SerializationException"],
  ])("refuses %s %s", async (target, body, code) => {
    const answer = await ask(target, body);
    expect(answer.headers["x-amzn-errortype"]).toBe(code);
    expect(answer.body).not.toContain("canary");
  });
});

describe("the mouth in process", () => {
  test("looks like the SDK's client", async () => {
    const client = createInProcessClient(createWorld().model);
    const made = await client.send(new CreateSecretCommand({ Name: "s", SecretString: "a" }));
    expect(made).toMatchObject({
      Name: "s",
      VersionId: expect.any(String),
      $metadata: { httpStatusCode: 200 },
    });
    await client.send(
      new PutSecretValueCommand({ SecretId: "s", ClientRequestToken: token(2), SecretString: "b" }),
    );
    expect(await client.send(new GetSecretValueCommand({ SecretId: "s" }))).toMatchObject({
      SecretString: "b",
      CreatedDate: new Date(START),
    });
  });

  test("throws what the SDK throws", async () => {
    const client = createInProcessClient(createWorld().model);
    const read = client.send(new GetSecretValueCommand({ SecretId: "nobody" }));
    await expect(read).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      $fault: "client",
      $metadata: { httpStatusCode: 400 },
    });
  });
});

test("factsFor tells what a policy evaluation needs", async () => {
  const world = createWorld();
  world.lambda.run = templateFunction(world);
  await world.call("CreateSecret", {
    Name: "s",
    ClientRequestToken: token(1),
    SecretString: "a",
    KmsKeyId: "key",
    Tags: [{ Key: "k", Value: "v" }],
  });
  await world.call("PutResourcePolicy", {
    SecretId: "s",
    ResourcePolicy: '{"Statement":{"Effect":"Deny","Principal":"*","Action":"*"}}',
  });
  await world.call("RotateSecret", {
    SecretId: "s",
    ClientRequestToken: token(2),
    RotationLambdaARN: FUNCTION,
  });
  await world.model.settled();
  const facts = world.model.factsFor("s");
  expect(facts).toEqual({
    arn: expect.stringMatching(/:secret:s-[A-Za-z0-9]{6}$/),
    name: "s",
    tags: [{ Key: "k", Value: "v" }],
    rotationLambdaArn: FUNCTION,
    resourcePolicy: '{"Statement":{"Effect":"Deny","Principal":"*","Action":"*"}}',
    kmsKeyId: "key",
  });
  expect(world.model.factsFor(facts?.arn.slice(0, -7) ?? "")).toEqual(facts);
  expect(world.model.factsFor("nobody")).toBeUndefined();
});
