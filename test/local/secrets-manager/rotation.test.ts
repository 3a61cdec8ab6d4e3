import {
  ALL_STEPS,
  describeIt,
  EVERY_8_HOURS,
  INCOMPLETE,
  rotate,
  rotated,
  stepsOf,
  withSecret,
} from "./rotating";
import { type Answer, createWorld, FUNCTION, START, token } from "./world";

describe("a rotation", () => {
  // LocalStack's snapshot test_rotate_secret_with_lambda_success, recorded from AWS.
  test("moves AWSCURRENT and AWSPREVIOUS, and shows its dates and rules", async () => {
    const world = await withSecret(createWorld());
    expect(await rotated(world, 2)).toEqual({
      ARN: expect.any(String),
      Name: "s",
      VersionId: token(2),
    });
    expect(await describeIt(world)).toMatchObject({
      LastRotatedDate: new Date(START),
      NextRotationDate: expect.any(Date),
      RotationEnabled: true,
      RotationLambdaARN: FUNCTION,
      RotationRules: { AutomaticallyAfterDays: 1 },
      VersionIdsToStages: { [token(1)]: ["AWSPREVIOUS"], [token(2)]: ["AWSCURRENT"] },
    });
    expect(stepsOf(world)).toEqual(ALL_STEPS);
  });

  // LocalStack's snapshot test_rotate_secret_multiple_times_with_lambda_success, recorded from AWS.
  test("can be repeated; the oldest version loses its label", async () => {
    const world = await withSecret(createWorld());
    await rotated(world, 2);
    await rotated(world, 3);
    expect(await world.labels()).toEqual({
      [token(2)]: ["AWSPREVIOUS"],
      [token(3)]: ["AWSCURRENT"],
    });
  });

  // moto's test_rotate_secret_using_lambda, verified against AWS: what the function sees.
  test("shows the function a registered version without a value, and later the pending value", async () => {
    const world = await withSecret(createWorld());
    const finish = world.lambda.run;
    const seen: unknown[] = [];
    world.lambda.run = async (event) => {
      const read = {
        SecretId: event.SecretId,
        VersionId: event.ClientRequestToken,
        VersionStage: "AWSPENDING",
      };
      if (event.Step === "createSecret") {
        seen.push((await world.errorOf("GetSecretValue", read)).code);
        const list = await world.call("ListSecretVersionIds", {
          SecretId: "s",
          IncludeDeprecated: true,
        });
        seen.push((list["Versions"] as Answer[]).map((version) => version["VersionStages"]));
        seen.push((await world.labels())[token(2)]);
      }
      if (event.Step === "finishSecret")
        seen.push((await world.call("GetSecretValue", read))["VersionStages"]);
      await finish(event);
    };
    await rotated(world, 2);
    expect(seen).toEqual([
      "ResourceNotFoundException",
      [["AWSCURRENT"]],
      ["AWSPENDING"],
      ["AWSPENDING"],
    ]);
  });

  test("names the secret by its full ARN in every event", async () => {
    const world = await withSecret(createWorld());
    const ids = new Set<string>();
    const finish = world.lambda.run;
    world.lambda.run = (event) => {
      ids.add(event.SecretId);
      return finish(event);
    };
    const { ARN } = await rotated(world, 2);
    expect([...ids]).toEqual([ARN]);
  });

  test("answers before the function has run", async () => {
    const world = await withSecret(createWorld());
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    world.lambda.run = () => gate;
    await world.call("RotateSecret", rotate(2));
    expect(await world.labels()).toEqual({
      [token(1)]: ["AWSCURRENT"],
      [token(2)]: ["AWSPENDING"],
    });
    finish();
    await world.model.settled();
  });

  test("leaves AWSPENDING on the current version when the switch says so", async () => {
    const world = await withSecret(createWorld({ clearPendingAfterFinish: false }));
    await rotated(world, 2);
    expect((await world.labels())[token(2)]).toEqual(["AWSCURRENT", "AWSPENDING"]);
    await rotated(world, 3);
    expect((await world.labels())[token(3)]).toEqual(["AWSCURRENT", "AWSPENDING"]);
  });

  test.each([
    [true, ["AWSCURRENT", "AWSPENDING"]],
    [false, ["AWSPENDING"]],
  ])(
    "starts on a secret without a value (first value promoted at once: %s)",
    async (firstValueBecomesCurrent, labels) => {
      const world = await withSecret(createWorld({ firstValueBecomesCurrent }), null);
      const finish = world.lambda.run;
      let atTest: readonly string[] | undefined;
      world.lambda.run = async (event) => {
        if (event.Step === "testSecret") atTest = (await world.labels())[token(2)];
        await finish(event);
      };
      await rotated(world, 2);
      expect(atTest).toEqual(labels);
      expect(await world.labels()).toEqual({ [token(2)]: ["AWSCURRENT"] });
    },
  );
});

describe("RotateSecret refuses", () => {
  // LocalStack's snapshot test_rotate_secret_invalid_lambda_arn, recorded from AWS.
  test("a function that the service may not call, and changes nothing", async () => {
    const world = await withSecret(createWorld());
    world.lambda.mayInvoke = false;
    expect(await world.errorOf("RotateSecret", rotate(2))).toMatchObject({
      code: "AccessDeniedException",
      message:
        "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.",
    });
    expect(await describeIt(world)).not.toHaveProperty("RotationEnabled");
    expect(await world.labels()).toEqual({ [token(1)]: ["AWSCURRENT"] });
  });

  // LocalStack's snapshot test_first_rotate_secret_with_missing_lambda_arn, recorded from AWS.
  test("a secret without a function", async () => {
    const world = await withSecret(createWorld());
    const input = {
      SecretId: "s",
      ClientRequestToken: token(2),
      RotationRules: { AutomaticallyAfterDays: 1 },
    };
    expect(await world.errorOf("RotateSecret", input)).toMatchObject({
      code: "InvalidRequestException",
      message: "No Lambda rotation function ARN is associated with this secret.",
    });
  });

  test("a new one while AWSPENDING sits on a version that is not current", async () => {
    const world = await withSecret(createWorld());
    await world.call("PutSecretValue", {
      SecretId: "s",
      ClientRequestToken: token(2),
      SecretString: "p",
      VersionStages: ["AWSPENDING"],
    });
    expect(await world.errorOf("RotateSecret", rotate(3))).toMatchObject(INCOMPLETE);
    expect(
      await world.errorOf("RotateSecret", rotate(3, { RotateImmediately: false })),
    ).toMatchObject(INCOMPLETE);
  });

  test("and starts again once the label was removed, or a new current value put", async () => {
    const world = await withSecret(createWorld({ retryDelaysMs: [] }));
    const succeed = world.lambda.run;
    world.lambda.run = async () => Promise.reject(new Error("no"));
    await rotated(world, 2);
    expect(await world.errorOf("RotateSecret", rotate(3))).toMatchObject(INCOMPLETE);
    await world.call("UpdateSecretVersionStage", {
      SecretId: "s",
      VersionStage: "AWSPENDING",
      RemoveFromVersionId: token(2),
    });
    await rotated(world, 3);
    expect(await world.errorOf("RotateSecret", rotate(4))).toMatchObject(INCOMPLETE);
    await world.call("PutSecretValue", {
      SecretId: "s",
      ClientRequestToken: token(5),
      SecretString: "by hand",
    });
    world.lambda.run = succeed;
    await rotated(world, 6);
    expect(await world.labels()).toEqual({
      [token(5)]: ["AWSPREVIOUS"],
      [token(6)]: ["AWSCURRENT"],
    });
  });

  test("nothing when the same token comes twice: one rotation, the same answer", async () => {
    const world = await withSecret(createWorld());
    const [first, second] = await Promise.all([
      world.call("RotateSecret", rotate(2)),
      world.call("RotateSecret", rotate(2)),
    ]);
    await world.model.settled();
    expect(second).toEqual(first);
    expect(stepsOf(world)).toEqual(ALL_STEPS);
  });
});

describe("RotateImmediately=false", () => {
  // moto's test_rotate_secret_using_lambda_dont_rotate_immediately, verified against AWS.
  test("tests a throw-away copy of the current value, and nothing else", async () => {
    const world = await withSecret(createWorld());
    let seen: Answer | undefined;
    world.lambda.run = async ({ SecretId }) => {
      seen = await world.call("GetSecretValue", { SecretId, VersionStage: "AWSPENDING" });
    };
    await rotated(world, 2, { RotateImmediately: false });
    expect(stepsOf(world)).toEqual(["testSecret"]);
    expect(seen).toMatchObject({
      SecretString: "old",
      VersionStages: ["AWSPENDING"],
      VersionId: token(2),
    });
    expect(await world.labels()).toEqual({ [token(1)]: ["AWSCURRENT"] });
    expect(
      await world.errorOf("GetSecretValue", { SecretId: "s", VersionId: token(2) }),
    ).toMatchObject({ code: "ResourceNotFoundException" });
  });

  test("keeps its schedule when the test fails, and does not try the test again", async () => {
    const world = await withSecret(createWorld({ windowPoint: "earliest" }));
    const succeed = world.lambda.run;
    world.lambda.run = async () => Promise.reject(new Error("no"));
    await rotated(world, 2, { RotateImmediately: false, RotationRules: EVERY_8_HOURS });
    expect(await world.labels()).toEqual({ [token(1)]: ["AWSCURRENT"] });
    expect(world.model.nextDueAt()).toBe(Date.UTC(2026, 10, 1, 2));
    world.lambda.run = succeed;
    await world.step();
    expect(stepsOf(world)).toEqual(["testSecret", ...ALL_STEPS]);
  });
});
