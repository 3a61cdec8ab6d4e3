import {
  ALL_STEPS,
  describeIt,
  EVERY_8_HOURS,
  MINUTE,
  rotated,
  stepsOf,
  withSecret,
} from "./rotating";
import { type Answer, createWorld, FUNCTION, START, token } from "./world";

describe("a rotation that fails", () => {
  test("stops at the first failed step and is tried again as a whole with the same token", async () => {
    const world = await withSecret(createWorld({ retryDelaysMs: [MINUTE, 10 * MINUTE] }));
    const succeed = world.lambda.run;
    world.lambda.run = async (event) => {
      if (event.Step === "testSecret" && world.clock.now < START + 5 * MINUTE)
        throw new Error("no");
      await succeed(event);
    };
    await rotated(world, 2);
    expect(stepsOf(world)).toEqual(["createSecret", "setSecret", "testSecret"]);
    await world.step();
    await world.step();
    expect(world.invocations.filter(({ step }) => step === "createSecret")).toEqual(
      [0, MINUTE, 11 * MINUTE].map((after) => ({
        step: "createSecret",
        token: token(2),
        at: START + after,
      })),
    );
    expect(await world.labels()).toEqual({
      [token(1)]: ["AWSPREVIOUS"],
      [token(2)]: ["AWSCURRENT"],
    });
    expect((await describeIt(world))["LastRotatedDate"]).toEqual(new Date(START + 11 * MINUTE));
  });

  test("is taken up by the next window, with the version that is pending", async () => {
    const world = await withSecret(createWorld({ retryDelaysMs: [], windowPoint: "earliest" }));
    const succeed = world.lambda.run;
    world.lambda.run = async () => Promise.reject(new Error("no"));
    await rotated(world, 2, { RotationRules: EVERY_8_HOURS });
    world.lambda.run = succeed;
    await world.step();
    expect(world.invocations.at(-1)).toEqual({
      step: "finishSecret",
      token: token(2),
      at: Date.UTC(2026, 10, 1, 2),
    });
  });

  test("did not succeed when the last step left AWSCURRENT where it was", async () => {
    const world = await withSecret(createWorld({ retryDelaysMs: [MINUTE] }));
    world.lambda.run = async () => undefined;
    await rotated(world, 2);
    expect(await describeIt(world)).not.toHaveProperty("LastRotatedDate");
    expect(world.model.nextDueAt()).toBe(START + MINUTE);
  });

  test.each([
    [false, 1],
    [true, 2],
  ])(
    "is over when its label was taken away (retried all the same: %s)",
    async (retryAfterLabelLost, tries) => {
      const world = await withSecret(createWorld({ retryAfterLabelLost, retryDelaysMs: [MINUTE] }));
      world.lambda.run = async () => Promise.reject(new Error("no"));
      await rotated(world, 2);
      await world.call("UpdateSecretVersionStage", {
        SecretId: "s",
        VersionStage: "AWSPENDING",
        RemoveFromVersionId: token(2),
      });
      await world.step();
      expect(world.invocations).toHaveLength(tries);
    },
  );

  test("leaves the schedule alone once it is over: the next window begins with a new token", async () => {
    const world = await withSecret(
      createWorld({ retryDelaysMs: [MINUTE], windowPoint: "earliest" }),
    );
    const succeed = world.lambda.run;
    world.lambda.run = async () => Promise.reject(new Error("no"));
    await rotated(world, 2, { RotationRules: EVERY_8_HOURS });
    await world.call("UpdateSecretVersionStage", {
      SecretId: "s",
      VersionStage: "AWSPENDING",
      RemoveFromVersionId: token(2),
    });
    await world.step();
    world.lambda.run = succeed;
    await world.step();
    expect(stepsOf(world)).toEqual(["createSecret", ...ALL_STEPS]);
    expect(world.invocations.at(-1)).toMatchObject({
      at: Date.UTC(2026, 10, 1, 2),
      token: expect.not.stringMatching(token(2)),
    });
  });

  test("can begin anew with the same token once its label was removed, as nothing is left of it", async () => {
    const world = await withSecret(createWorld({ retryDelaysMs: [] }));
    const succeed = world.lambda.run;
    world.lambda.run = async () => Promise.reject(new Error("no"));
    await rotated(world, 2);
    await world.call("UpdateSecretVersionStage", {
      SecretId: "s",
      VersionStage: "AWSPENDING",
      RemoveFromVersionId: token(2),
    });
    world.lambda.run = succeed;
    await rotated(world, 2);
    expect(await world.labels()).toEqual({
      [token(1)]: ["AWSPREVIOUS"],
      [token(2)]: ["AWSCURRENT"],
    });
  });

  test("cannot be promoted before it has a value", async () => {
    const world = await withSecret(createWorld({ retryDelaysMs: [] }));
    world.lambda.run = async () => Promise.reject(new Error("no"));
    await rotated(world, 2);
    const move = {
      SecretId: "s",
      VersionStage: "AWSCURRENT",
      RemoveFromVersionId: token(1),
      MoveToVersionId: token(2),
    };
    expect(await world.errorOf("UpdateSecretVersionStage", move)).toMatchObject({
      code: "ResourceNotFoundException",
    });
  });

  test("loses its label to another version, and vanishes when it never had a value", async () => {
    const world = await withSecret(createWorld({ retryDelaysMs: [] }));
    world.lambda.run = async () => Promise.reject(new Error("no"));
    await rotated(world, 2);
    await world.call("PutSecretValue", {
      SecretId: "s",
      ClientRequestToken: token(3),
      SecretString: "p",
      VersionStages: ["AWSPENDING"],
    });
    expect(await world.labels()).toEqual({
      [token(1)]: ["AWSCURRENT"],
      [token(3)]: ["AWSPENDING"],
    });
  });
});

describe("CancelRotateSecret", () => {
  test("stops the steps and the schedule, and leaves the labels", async () => {
    const world = await withSecret(createWorld());
    const succeed = world.lambda.run;
    let cancelled: Answer | undefined;
    world.lambda.run = async (event) => {
      await succeed(event);
      if (event.Step === "setSecret")
        cancelled = await world.call("CancelRotateSecret", { SecretId: "s" });
    };
    await rotated(world, 2);
    expect(cancelled).toMatchObject({ Name: "s", VersionId: token(2) });
    expect(stepsOf(world)).toEqual(["createSecret", "setSecret"]);
    expect(await world.labels()).toEqual({
      [token(1)]: ["AWSCURRENT"],
      [token(2)]: ["AWSPENDING"],
    });
    expect(world.model.nextDueAt()).toBeUndefined();
    const described = await describeIt(world);
    expect(described).toMatchObject({
      RotationEnabled: false,
      RotationLambdaARN: FUNCTION,
      RotationRules: { AutomaticallyAfterDays: 1 },
    });
    expect(described).not.toHaveProperty("NextRotationDate");
  });

  test("hides the date of the last rotation until rotation is on again", async () => {
    const world = await withSecret(createWorld());
    await rotated(world, 2);
    await world.call("CancelRotateSecret", { SecretId: "s" });
    expect(await describeIt(world)).not.toHaveProperty("LastRotatedDate");
    await world.call("RotateSecret", {
      SecretId: "s",
      ClientRequestToken: token(3),
      RotateImmediately: false,
    });
    await world.model.settled();
    expect(await describeIt(world)).toMatchObject({
      RotationEnabled: true,
      LastRotatedDate: new Date(START),
      NextRotationDate: expect.any(Date),
    });
  });

  test("needs a secret that was set up for rotation", async () => {
    const world = await withSecret(createWorld());
    expect(await world.errorOf("CancelRotateSecret", { SecretId: "s" })).toMatchObject({
      code: "InvalidRequestException",
    });
  });
});
