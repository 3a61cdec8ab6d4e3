import { readdirSync, readFileSync } from "node:fs";
import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { CreateKeyCommand, EncryptCommand } from "@aws-sdk/client-kms";
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type InvokeCommandInput,
} from "@aws-sdk/client-lambda";
import { CreateScheduleCommand } from "@aws-sdk/client-scheduler";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { FunctionFailed, invokeFunction, maySchedule } from "../../../local/aws/invoke";
import { listSchedules } from "../../../local/aws/schedules";
import { until } from "../until";
import { allow, callerWith, createFunction, createRole, outcomeOf, sessionOf } from "./account";
import { AwsWorld } from "./aws-world";
import { zipOf } from "./zip-of";

let world: AwsWorld;

beforeAll(async () => {
  world = await AwsWorld.start();
});

afterAll(() => world.stop());

const LAMBDA_NONE = { Action: "lambda:ListFunctions", Resource: "*" };
const LAMBDA_ALL = { Action: "lambda:*", Resource: "*" };
const PASS = "iam:PassRole";

describe("handing over a role", () => {
  const deploy = (name: string, roleArn: string) =>
    new CreateFunctionCommand({
      FunctionName: name,
      Role: roleArn,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Code: { ZipFile: zipOf("index.js", "exports.handler = async () => 1;") },
    });

  test("CreateFunction needs iam:PassRole for that role, to Lambda", async () => {
    const roleArn = await createRole(world, "passed", {});
    const { lambda } = world.clients(await callerWith(world, "deployer", [LAMBDA_ALL]));
    expect(await outcomeOf(lambda.send(deploy("passed", roleArn)))).toMatch(
      /^AccessDeniedException: User: .*assumed-role\/deployer\/session is not authorized to perform: iam:PassRole on resource: arn:aws:iam::000000000000:role\/passed because/,
    );
    const pass = (service: string) =>
      allow(world, "deployer", [
        LAMBDA_ALL,
        {
          Action: PASS,
          Resource: roleArn,
          Condition: { StringEquals: { "iam:PassedToService": service } },
        },
      ]);
    await pass("scheduler.amazonaws.com");
    expect(await outcomeOf(lambda.send(deploy("passed", roleArn)))).toMatch(/iam:PassRole/);
    await pass("lambda.amazonaws.com");
    expect(await outcomeOf(lambda.send(deploy("passed", roleArn)))).toBe("allowed");
  });

  test("a role that trusts another service cannot be a function's", async () => {
    const roleArn = await createRole(world, "not-for-lambda", { service: "ec2.amazonaws.com" });
    expect(await outcomeOf(world.clients().lambda.send(deploy("x", roleArn)))).toBe(
      "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.",
    );
  });

  test("a function may enter a VPC only once its role may", async () => {
    const roleArn = await createRole(world, "networked", {});
    const { input } = deploy("networked", roleArn);
    const VpcConfig = { SubnetIds: ["subnet-1"], SecurityGroupIds: ["sg-1"] };
    const enter = () =>
      outcomeOf(world.clients().lambda.send(new CreateFunctionCommand({ ...input, VpcConfig })));
    expect(await enter()).toBe(
      "InvalidParameterValueException: The provided execution role does not have permissions to call CreateNetworkInterface on EC2",
    );
    await allow(world, "networked", [{ Action: "ec2:*NetworkInterface*", Resource: "*" }]);
    expect(await enter()).toBe("allowed");
  });

  test("CreateSchedule needs iam:PassRole too; the driver sees the schedule and whether it may run", async () => {
    const functionRole = await createRole(world, "sweep", {});
    const functionArn = await createFunction(world, "sweep", {
      roleArn: functionRole,
      source: "exports.handler = async () => 1;",
    });
    const roleArn = await createRole(world, "schedules", { service: "scheduler.amazonaws.com" });
    const { scheduler } = world.clients(
      await callerWith(world, "scheduling", [{ Action: "scheduler:*", Resource: "*" }]),
    );
    const create = new CreateScheduleCommand({
      Name: "sweep",
      ScheduleExpression: "rate(10 minutes)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: functionArn, RoleArn: roleArn, Input: '{"a":1}' },
    });
    expect(await outcomeOf(scheduler.send(create))).toMatch(
      /^AccessDeniedException: .*iam:PassRole/,
    );
    await world.clients().scheduler.send(create);
    const [schedule, ...others] = await listSchedules(world.front);
    expect(others).toEqual([]);
    expect(schedule).toMatchObject({
      name: "sweep",
      expression: "rate(10 minutes)",
      targetArn: functionArn,
      roleArn,
      input: '{"a":1}',
      isEnabled: true,
    });
    const scheduleArn = schedule?.arn ?? "";
    expect(await maySchedule(world.front, { functionArn, roleArn, scheduleArn })).toBe(false);
    await allow(world, "schedules", [{ Action: "lambda:InvokeFunction", Resource: functionArn }]);
    expect(await maySchedule(world.front, { functionArn, roleArn, scheduleArn })).toBe(true);
    expect(
      await maySchedule(world.front, { functionArn, roleArn: functionRole, scheduleArn }),
    ).toBe(false);
  });
});

describe("calling a function", () => {
  test("is judged on the version or alias that it names, and on the function when it names none", async () => {
    const functionRole = await createRole(world, "called", {});
    const functionArn = await createFunction(world, "called", {
      roleArn: functionRole,
      source: "exports.handler = async () => 1;",
    });
    const { lambda } = world.clients(await callerWith(world, "calling", [LAMBDA_NONE]));
    const outcomes = async (resource: string) => {
      await allow(world, "calling", [{ Action: "lambda:InvokeFunction", Resource: resource }]);
      const call = (about: Partial<InvokeCommandInput>) =>
        outcomeOf(lambda.send(new InvokeCommand({ FunctionName: "called", ...about })));
      return [await call({}), await call({ Qualifier: "$LATEST" })];
    };
    const refused = expect.stringMatching(/^AccessDeniedException: .*lambda:InvokeFunction/);
    expect(await outcomes(functionArn)).toEqual(["allowed", refused]);
    expect(await outcomes(`${functionArn}:$LATEST`)).toEqual([refused, "allowed"]);
    expect(await outcomes(`${functionArn}:*`)).toEqual([refused, "allowed"]);
  });
});

describe("a function that nobody calls", () => {
  const DAY = 24 * 3_600;
  afterEach(() => world.moveClockTo(0));

  test("sleeps after two weeks: its next call fails, and a minute later it runs", async () => {
    const roleArn = await createRole(world, "idle", {});
    const source = "exports.handler = async () => 1;";
    await createFunction(world, "idle", { roleArn, source });
    const stateOf = async () => {
      const facts = new GetFunctionConfigurationCommand({ FunctionName: "idle" });
      const { State, StateReasonCode } = await world.clients().lambda.send(facts);
      return [State, StateReasonCode].filter(Boolean).join(" ");
    };
    const call = (about: Partial<InvokeCommandInput> = {}) =>
      outcomeOf(world.clients().lambda.send(new InvokeCommand({ FunctionName: "idle", ...about })));
    await until(async () => (await stateOf()) === "Active");
    expect(await call()).toBe("allowed");
    world.moveClockTo(13 * DAY);
    expect(await stateOf()).toBe("Active");
    expect(await call({ InvocationType: "Event" })).toBe("allowed");
    world.moveClockTo(26 * DAY);
    expect(await stateOf()).toBe("Active");
    world.moveClockTo(28 * DAY);
    expect(await stateOf()).toBe("Inactive Idle");
    expect(await call({ InvocationType: "DryRun" })).toBe("allowed");
    expect(await call()).toMatch(/^CodeArtifactUserPendingException: Lambda is initializing/);
    expect(await stateOf()).toBe("Pending Restoring");
    expect(await call()).toMatch(/^CodeArtifactUserPendingException/);
    world.moveClockTo(28 * DAY + 90);
    expect(await call()).toBe("allowed");
    expect(await stateOf()).toBe("Active");
  });
});

describe("a new role's rights", () => {
  afterEach(async () => {
    world.moveClockTo(0);
    await world.front.setNewRoleDelayMs(0);
  });

  test("are believed only after the delay, on the world's clock", async () => {
    const secretArn = world.secrets.add("late/secret");
    const read = { Action: "secretsmanager:GetSecretValue", Resource: "*" };
    const roleArn = await createRole(world, "late", { statements: [read] });
    const session = await sessionOf(world, roleArn);
    await world.front.setNewRoleDelayMs(600_000);
    const request = () => {
      const { secrets } = world.clients(session);
      return outcomeOf(secrets.send(new GetSecretValueCommand({ SecretId: secretArn })));
    };
    expect(await request()).toMatch(/^AccessDeniedException/);
    world.moveClockTo(700);
    expect(await request()).toBe("allowed");
    await allow(world, "late", [
      { ...read, Resource: "arn:aws:secretsmanager:*:*:secret:other-*" },
    ]);
    expect(await request()).toBe("allowed");
    world.moveClockTo(1400);
    expect(await request()).toMatch(/^AccessDeniedException/);
    world.moveClockTo(0);
  });

  test("include being a function's role", async () => {
    await world.front.setNewRoleDelayMs(600_000);
    const roleArn = await createRole(world, "too-new", {});
    const source = "exports.handler = async () => 1;";
    expect(await outcomeOf(createFunction(world, "too-new", { roleArn, source }))).toMatch(
      /cannot be assumed by Lambda/,
    );
    await world.front.setNewRoleDelayMs(0);
    expect(await outcomeOf(createFunction(world, "too-new", { roleArn, source }))).toBe("allowed");
  });
});

describe("KMS called directly", () => {
  test("knows the encryption context and no ViaService", async () => {
    const key = await world.clients().kms.send(new CreateKeyCommand({}));
    const KeyId = key.KeyMetadata?.Arn ?? "";
    const { kms } = world.clients(
      await callerWith(world, "sealer", [
        {
          Action: "kms:Encrypt",
          Resource: KeyId,
          Condition: { StringEquals: { "kms:EncryptionContext:store": "one" } },
        },
      ]),
    );
    const encrypt = (store: string) =>
      outcomeOf(
        kms.send(
          new EncryptCommand({ KeyId, Plaintext: Buffer.from("x"), EncryptionContext: { store } }),
        ),
      );
    expect(await encrypt("one")).toBe("allowed");
    expect(await encrypt("two")).toMatch(/^AccessDenied/);
    const via = world.clients(
      await callerWith(world, "via-sealer", [
        {
          Action: "kms:Encrypt",
          Resource: KeyId,
          Condition: {
            StringEquals: { "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com" },
          },
        },
      ]),
    );
    const direct = new EncryptCommand({ KeyId, Plaintext: Buffer.from("x") });
    expect(await outcomeOf(via.kms.send(direct))).toMatch(/^AccessDenied/);
  });
});

describe("a function", () => {
  const SOURCE = `
    let calls = 0;
    class StoreError extends Error { constructor() { super("no such store"); this.name = "StoreError"; this.code = "store_unknown"; } }
    exports.handler = async (event) => {
      calls += 1;
      console.log("call " + calls);
      if (event.fail) throw new StoreError();
      return { calls, now: Date.now(), pid: process.pid, node: process.version };
    };`;

  test("fails with its own error type and lives on", async () => {
    const roleArn = await createRole(world, "failing", {});
    const functionArn = await createFunction(world, "failing", { roleArn, source: SOURCE });
    const failure = await invokeFunction(world.front, functionArn, { fail: true }).catch(
      (e: unknown) => e,
    );
    expect(failure).toBeInstanceOf(FunctionFailed);
    expect(failure).toMatchObject({
      message: "no such store",
      errorType: "StoreError",
      functionArn,
    });
    expect(await invokeFunction(world.front, functionArn, {})).toMatchObject({ calls: 2 });
  });

  test("sees the world's clock at once after a jump, in the same environment, on Node 24", async () => {
    const roleArn = await createRole(world, "clocked", {});
    const functionArn = await createFunction(world, "clocked", { roleArn, source: SOURCE });
    const ask = async () =>
      (await invokeFunction(world.front, functionArn, {})) as {
        calls: number;
        now: number;
        node: string;
      };
    const before = await ask();
    world.moveClockTo(36 * 3600);
    const after = await ask();
    world.moveClockTo(0);
    expect(after.now - before.now).toBeGreaterThanOrEqual(36 * 3_600_000);
    expect(after.calls).toBe(before.calls + 1);
    expect(after.node).toMatch(/^v24\./);
  });

  test("writes its log only with the rights to", async () => {
    const logs = new CloudWatchLogsClient({
      endpoint: world.front.url,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    const logGroupName = "/aws/lambda/logging";
    const linesOf = async (): Promise<string[]> => {
      const lines: string[] = [];
      const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName }));
      for (const { logStreamName } of logStreams ?? []) {
        const { events } = await logs.send(
          new GetLogEventsCommand({ logGroupName, logStreamName }),
        );
        lines.push(...(events ?? []).map((event) => event.message ?? ""));
      }
      return lines;
    };
    const roleArn = await createRole(world, "logging", {});
    const functionArn = await createFunction(world, "logging", { roleArn, source: SOURCE });
    await invokeFunction(world.front, functionArn, {});
    expect(await outcomeOf(linesOf())).toMatch(/^ResourceNotFoundException/);
    await allow(world, "logging", [
      {
        Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/logging:*",
      },
    ]);
    await invokeFunction(world.front, functionArn, { fail: true }).catch(() => undefined);
    const text = (await linesOf()).join("\n");
    expect(text).toContain("call 2");
    expect(text).toMatch(/ERROR\tInvoke Error.*"errorType":"StoreError".*"code":"store_unknown"/);
  });

  test("does not outlive the emulator", async () => {
    const other = await AwsWorld.start();
    const roleArn = await createRole(other, "mortal", {});
    const functionArn = await createFunction(other, "mortal", { roleArn, source: SOURCE });
    const { pid } = (await invokeFunction(other.front, functionArn, {})) as { pid: number };
    expect(isRunning(pid)).toBe(true);
    await other.stop();
    expect(isRunning(other.emulator.pid)).toBe(false);
    // Killed with its group, but a busy machine takes a moment to end it; one that lives on is the test's time-out.
    while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(
      readdirSync("/dev/shm").filter((file) => file.endsWith(`_${other.emulator.pid}`)),
    ).toEqual([]);
  });

  /** A process that has ended but was not yet collected by its parent does not run. */
  function isRunning(pid: number): boolean {
    try {
      return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
      return false;
    }
  }
});
