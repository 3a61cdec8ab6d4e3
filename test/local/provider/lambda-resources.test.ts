import type { Properties } from "../../../local/provider/wire";
import { awsError, fakeAws, sessionOn, typeNamed } from "./stand-in";

const INVOCATION = typeNamed("aws:lambda/invocation:Invocation");
const FUNCTION = typeNamed("aws:lambda/function:Function");
const PERMISSION = typeNamed("aws:lambda/permission:Permission");

const MISSING = awsError("ResourceNotFoundException", "no such thing");

describe("an invocation", () => {
  const news = { functionName: "enrol", qualifier: "$LATEST", input: '{"secretId":"s"}' };
  const answering = (answer: object) => sessionOn(fakeAws({ Invoke: answer }).aws).session;
  const payload = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

  test("is one synchronous call, known by name, qualifier and digest of its input", async () => {
    const { aws, calls } = fakeAws({ Invoke: { Payload: payload({ ok: true }) } });
    await expect(INVOCATION.create(sessionOn(aws).session, news)).resolves.toEqual({
      id: "enrol,$LATEST,a3ef3f74754c6bb24fc824781f168e39",
      kept: { result: '{"ok":true}' },
    });
    expect(calls).toEqual([
      {
        name: "Invoke",
        input: expect.objectContaining({ InvocationType: "RequestResponse", Qualifier: "$LATEST" }),
      },
    ]);
  });

  test("fails with the function's own error", async () => {
    const error = { errorMessage: "client_secret_refused", errorType: "EnrolError", trace: [] };
    const session = answering({ FunctionError: "Unhandled", Payload: payload(error) });
    await expect(INVOCATION.create(session, news)).rejects.toThrow(
      `invoking Lambda Function (enrol): ${JSON.stringify(error)}`,
    );
  });

  test("calls nothing when it is deleted or read", async () => {
    const { aws, calls } = fakeAws({});
    const { session } = sessionOn(aws);
    await INVOCATION.remove(session, "id", news);
    await INVOCATION.read(session, "id", {});
    expect(calls).toEqual([]);
  });
});

describe("a function", () => {
  const SIGNATURE = "4dabf18193072939515e22adb298388d";
  const code = { [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7", assets: {}, hash: "h" };
  const news = {
    name: "rotate",
    role: "arn:aws:iam::000000000000:role/rotate",
    handler: "index.handler",
    runtime: "nodejs24.x",
    code,
    memorySize: 256,
    timeout: 30,
    publish: false,
    reservedConcurrentExecutions: -1,
  };
  const active = { Configuration: { State: "Active", LastUpdateStatus: "Successful" } };

  test("waits for its role", async () => {
    let left = 2;
    const late = awsError(
      "InvalidParameterValueException",
      "The role defined for the function cannot be assumed by Lambda.",
    );
    const answers = { CreateFunction: () => (left-- > 0 ? late : {}), GetFunction: active };
    const { aws, calls } = fakeAws(answers);
    const { session, made } = sessionOn(aws);
    await expect(FUNCTION.create(session, news)).resolves.toEqual({ id: "rotate" });
    expect(made).toEqual(["rotate"]);
    expect(calls.map(({ name }) => name)).toEqual([
      ...Array(3).fill("CreateFunction"),
      "GetFunction",
    ]);
  });

  test("is created with nothing but what was passed", async () => {
    const { aws, calls } = fakeAws({ CreateFunction: {}, GetFunction: active });
    await FUNCTION.create(sessionOn(aws).session, news);
    expect(calls[0]?.input).toEqual({
      Code: { ZipFile: expect.any(Uint8Array) },
      FunctionName: "rotate",
      Handler: "index.handler",
      MemorySize: 256,
      PackageType: "Zip",
      Publish: false,
      Role: news.role,
      Runtime: "nodejs24.x",
      Timeout: 30,
    });
  });

  test.each<[string, Properties, string[]]>([
    ["memory", { memorySize: 512 }, ["UpdateFunctionConfiguration", "GetFunction"]],
    ["code", { code: { ...code, hash: "other" } }, ["UpdateFunctionCode", "GetFunction"]],
    ["concurrency", { reservedConcurrentExecutions: 2 }, ["PutFunctionConcurrency"]],
    ["a limit", { reservedConcurrentExecutions: -1 }, ["DeleteFunctionConcurrency"]],
  ])("that gets other %s makes only the calls for it", async (_what, change, expected) => {
    const { aws, calls } = fakeAws({
      UpdateFunctionConfiguration: {},
      UpdateFunctionCode: {},
      GetFunction: active,
      PutFunctionConcurrency: {},
      DeleteFunctionConcurrency: {},
    });
    await FUNCTION.update?.(sessionOn(aws).session, {
      id: "rotate",
      olds: { ...news, arn: "arn" },
      news: { ...news, ...change },
      changed: new Set(Object.keys(change)),
    });
    expect(calls.map(({ name }) => name)).toEqual(expected);
  });

  test("is read with its environment, memory and limits", async () => {
    const FunctionArn = "arn:aws:lambda:us-east-1:000000000000:function:rotate";
    const Configuration = {
      FunctionName: "rotate",
      FunctionArn,
      MemorySize: 512,
      Environment: { Variables: { LOG_LEVEL: "debug" } },
      VpcConfig: { SubnetIds: [], SecurityGroupIds: [], VpcId: "" },
    };
    const { aws } = fakeAws({
      GetFunction: { Configuration, Tags: { a: "1" } },
      ListVersionsByFunction: {
        Versions: [{ FunctionArn: `${FunctionArn}:$LATEST`, Version: "$LATEST" }],
      },
    });
    const found = await FUNCTION.read(sessionOn(aws).session, "rotate", {});
    expect(found).toMatchObject({
      environment: { variables: { LOG_LEVEL: "debug" } },
      memorySize: 512,
      reservedConcurrentExecutions: -1,
      tracingConfig: { mode: "PassThrough" },
      invokeArn: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FunctionArn}/invocations`,
      version: "$LATEST",
      tags: { a: "1" },
    });
    expect(found).not.toHaveProperty("vpcConfig");
  });
});

describe("a permission", () => {
  const FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:rotate";
  const statement = {
    Sid: "mine",
    Effect: "Allow",
    Action: "lambda:InvokeFunction",
    Principal: { Service: "secretsmanager.amazonaws.com" },
    Resource: FUNCTION_ARN,
    Condition: {
      StringEquals: { "AWS:SourceAccount": "000000000000" },
      ArnLike: { "AWS:SourceArn": "arn:aws:secretsmanager:us-east-1:000000000000:secret:x/*" },
    },
  };
  const reading = (Policy: string, asked = "rotate") =>
    PERMISSION.read(sessionOn(fakeAws({ GetPolicy: { Policy } }).aws).session, "mine", {
      function: asked,
    });

  test("is read from the function's policy", async () => {
    const policy = JSON.stringify({ Statement: [{ Sid: "other" }, statement] });
    await expect(reading(policy)).resolves.toEqual({
      action: "lambda:InvokeFunction",
      function: "rotate",
      principal: "secretsmanager.amazonaws.com",
      sourceAccount: "000000000000",
      sourceArn: "arn:aws:secretsmanager:us-east-1:000000000000:secret:x/*",
      statementId: "mine",
    });
    await expect(reading(policy, FUNCTION_ARN)).resolves.toMatchObject({ function: FUNCTION_ARN });
  });

  test("is gone with its statement, its policy, or its function", async () => {
    await expect(reading('{"Statement":[]}')).resolves.toBeUndefined();
    const { session } = sessionOn(fakeAws({ GetPolicy: MISSING }).aws);
    await expect(PERMISSION.read(session, "mine", { function: "f" })).resolves.toBeUndefined();
  });
});
