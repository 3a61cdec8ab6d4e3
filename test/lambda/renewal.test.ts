import { HOUR, LambdaWorld, MINUTE } from "./world/lambda-world";

describe("a rotation by Secrets Manager's steps", () => {
  test("renews the token and keeps the calls in budget", async () => {
    const world = await LambdaWorld.create({ kind: "client-credentials" });
    await world.scheduleRotation();
    const before = await world.current();
    world.clock.now += 8 * HOUR;
    world.calls.length = 0;
    await world.rotateNow();
    const after = await world.current();
    expect(world.failures).toEqual([]);
    expect(after?.versionId).not.toBe(before?.versionId);
    expect(after?.record.parentVersion).toBe(before?.versionId);
    expect(world.isAlive(after?.record.accessToken.unseal() ?? "")).toBe(true);
    const store = world.calls.filter(({ target }) => target === "secrets-manager");
    expect(store.map(({ operation }) => operation)).toEqual([
      "DescribeSecret",
      "GetSecretValue",
      "GetSecretValue",
      "GetSecretValue",
      "PutSecretValue",
      "UpdateSecretVersionStage",
      "TagResource",
    ]);
    expect(world.calls.filter(({ target }) => target === "shopify")).toHaveLength(2);
  });
});

describe("a direct renewal", () => {
  test.each(["client-credentials", "offline-expiring"] as const)("renews %s", async (kind) => {
    const world = await LambdaWorld.create({ kind });
    const before = await world.current();
    world.clock.now += 31 * MINUTE;
    world.calls.length = 0;
    await world.renew();
    const after = await world.current();
    expect(after?.record.parentVersion).toBe(before?.versionId);
    expect(world.isAlive(after?.record.accessToken.unseal() ?? "")).toBe(true);
    const aws = world.calls.filter(({ target }) => target === "secrets-manager");
    // The app credential is read once more.
    expect(aws.length).toBeLessThanOrEqual(kind === "client-credentials" ? 7 : 9);
  });
});
