import { createWorld, DAY, FUNCTION, HOUR, START, token, type World } from "./world";

const put = (world: World, number: number, stages = ["AWSCURRENT"]): Promise<unknown> =>
  world.call("PutSecretValue", {
    SecretId: "s",
    ClientRequestToken: token(number),
    SecretString: `v${number}`,
    VersionStages: stages,
  });

const created = async (world: World): Promise<World> => {
  await world.call("CreateSecret", { Name: "s", ClientRequestToken: token(0) });
  return world;
};

const versionCount = async (world: World): Promise<number> => {
  let count = 0;
  let next: unknown;
  do {
    const page = await world.call("ListSecretVersionIds", {
      SecretId: "s",
      IncludeDeprecated: true,
      ...(next ? { NextToken: next } : {}),
    });
    count += (page["Versions"] as unknown[]).length;
    next = page["NextToken"];
  } while (next !== undefined);
  return count;
};

describe("the quota of versions", () => {
  test("a hundred new versions in 24 hours, and room again as they grow older", async () => {
    const world = await created(createWorld());
    for (let number = 1; number <= 100; number += 1) await put(world, number);
    await expect(put(world, 101)).rejects.toMatchObject({ code: "LimitExceededException" });
    expect((await world.labels())[token(100)]).toEqual(["AWSCURRENT"]);
    world.clock.now += DAY;
    await put(world, 101);
  });

  test.each([
    [true, "LimitExceededException"],
    [false, undefined],
  ])(
    "a registered version that never got a value counts: %s",
    async (valuelessVersionsCount, code) => {
      const world = await created(createWorld({ valuelessVersionsCount, retryDelaysMs: [] }));
      world.lambda.run = async () => Promise.reject(new Error("no"));
      for (let number = 1; number <= 99; number += 1) await put(world, number);
      await world.call("RotateSecret", {
        SecretId: "s",
        ClientRequestToken: token(500),
        RotationLambdaARN: FUNCTION,
      });
      await world.model.settled();
      await world.call("UpdateSecretVersionStage", {
        SecretId: "s",
        VersionStage: "AWSPENDING",
        RemoveFromVersionId: token(500),
      });
      const outcome = await put(world, 100).catch((error: unknown) => error);
      expect((outcome as { code?: string }).code).toBe(code);
    },
  );

  test("forgets unlabelled versions beyond the newest hundred, but none younger than 24 hours", async () => {
    const world = await created(createWorld());
    await put(world, 1, ["keep"]);
    for (let number = 2; number <= 70; number += 1) await put(world, number);
    world.clock.now += 23 * HOUR;
    for (let number = 101; number <= 130; number += 1) await put(world, number);
    world.clock.now += HOUR;
    for (let number = 201; number <= 240; number += 1) await put(world, number);
    expect(await versionCount(world)).toBe(101);
    expect(await world.labels()).toMatchObject({ [token(1)]: ["keep"] });
    const old = await world.errorOf("GetSecretValue", { SecretId: "s", VersionId: token(2) });
    expect(old.code).toBe("ResourceNotFoundException");
    await world.call("GetSecretValue", { SecretId: "s", VersionId: token(101) });
  });
});

describe("eventual consistency", () => {
  test("a read by version ID misses as often as the switch says", async () => {
    const world = await created(createWorld({ missedReads: 2 }));
    await put(world, 1);
    const read = { SecretId: "s", VersionId: token(1) };
    expect((await world.errorOf("GetSecretValue", read)).code).toBe("ResourceNotFoundException");
    expect((await world.errorOf("GetSecretValue", read)).code).toBe("ResourceNotFoundException");
    expect(await world.call("GetSecretValue", read)).toMatchObject({ SecretString: "v1" });
  });

  test("a read of AWSCURRENT sees the version before", async () => {
    const world = await created(createWorld({ missedReads: 1 }));
    await put(world, 1);
    await world.errorOf("GetSecretValue", { SecretId: "s" });
    await put(world, 2);
    expect(await world.call("GetSecretValue", { SecretId: "s" })).toMatchObject({
      SecretString: "v1",
      VersionStages: ["AWSCURRENT"],
    });
    expect(await world.call("GetSecretValue", { SecretId: "s" })).toMatchObject({
      SecretString: "v2",
    });
  });
});

describe("eventual consistency of a batch", () => {
  test("is as often behind as single reads are, and then sees what was written", async () => {
    const world = await created(createWorld({ missedReads: 2 }));
    await put(world, 1);
    const read = async () => await world.call("BatchGetSecretValue", { SecretIdList: ["s"] });
    expect(await read()).toMatchObject({ SecretValues: [], Errors: [{ SecretId: "s" }] });
    expect(await read()).toMatchObject({ SecretValues: [], Errors: [{ SecretId: "s" }] });
    expect(await read()).toMatchObject({ SecretValues: [{ SecretString: "v1" }], Errors: [] });
  });
});

/** DeletedDate is the request's time (AWS's reference of SecretListEntry, and a recorded observation); the end only DeleteSecret tells. */
const ASKED = { DeletedDate: new Date(START) };

describe("deletion", () => {
  test("is dated by its request in a description and in a list, and by its end in the answer to the request", async () => {
    const world = await created(createWorld());
    expect(
      await world.call("DeleteSecret", { SecretId: "s", RecoveryWindowInDays: 7 }),
    ).toMatchObject({ DeletionDate: new Date(START + 7 * DAY) });
    world.clock.now += 2 * DAY;
    expect(await world.call("DescribeSecret", { SecretId: "s" })).toMatchObject(ASKED);
    expect(await world.call("ListSecrets", { IncludePlannedDeletion: true })).toMatchObject({
      SecretList: [ASKED],
    });
  });

  test("happens at the end of the recovery window, 30 days by default; then the name is free", async () => {
    const world = await created(createWorld());
    await world.call("DeleteSecret", { SecretId: "s" });
    world.clock.now += 30 * DAY - 1;
    expect(await world.call("DescribeSecret", { SecretId: "s" })).toMatchObject(ASKED);
    world.clock.now += 1;
    await world.call("CreateSecret", { Name: "s", ClientRequestToken: token(9) });
  });

  test.each([
    "GetSecretValue",
    "PutSecretValue",
    "UpdateSecret",
    "RotateSecret",
    "CancelRotateSecret",
    "DeleteSecret",
    "GetResourcePolicy",
    "UpdateSecretVersionStage",
  ])("%s is refused while it is planned", async (operation) => {
    const world = await created(createWorld());
    await world.call("DeleteSecret", { SecretId: "s" });
    const input = {
      SecretId: "s",
      ClientRequestToken: token(1),
      SecretString: "v",
      VersionStage: "x",
      MoveToVersionId: token(1),
      RotationLambdaARN: FUNCTION,
    };
    const given = operation === "DeleteSecret" ? { SecretId: "s" } : input;
    expect(await world.errorOf(operation, given)).toMatchObject({
      code: "InvalidRequestException",
    });
  });
});

describe("tags", () => {
  test.each([
    [[{ Key: "aws:reserved", Value: "v" }]],
    [[{ Key: "k", Value: "a,b" }]],
    [
      [
        { Key: "k", Value: "a" },
        { Key: "k", Value: "b" },
      ],
    ],
    [[{ Key: "k" }]],
    [Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: "v" }))],
  ])("refuses %j", async (Tags) => {
    const world = await created(createWorld());
    expect(await world.errorOf("TagResource", { SecretId: "s", Tags })).toMatchObject({
      code: "InvalidParameterException",
    });
    expect(await world.call("DescribeSecret", { SecretId: "s" })).not.toHaveProperty("Tags");
  });

  test("takes letters, digits, spaces and + - = . _ : / @", async () => {
    const world = await created(createWorld());
    await world.call("TagResource", {
      SecretId: "s",
      Tags: [{ Key: "über key", Value: "a+b-c=d.e_f:g/h@i 1" }],
    });
    expect(world.model.factsFor("s")?.tags).toEqual([
      { Key: "über key", Value: "a+b-c=d.e_f:g/h@i 1" },
    ]);
  });
});

test.each([
  ["alias/aws/secretsmanager", undefined],
  ["alias/shopify/dev/secrets", "alias/shopify/dev/secrets"],
])(
  "the key %s is described as %s: what AWS manages itself is left out",
  async (KmsKeyId, shown) => {
    const world = createWorld();
    await world.call("CreateSecret", { Name: "s", ClientRequestToken: token(0), KmsKeyId });
    expect((await world.call("DescribeSecret", { SecretId: "s" }))["KmsKeyId"]).toBe(shown);
  },
);
