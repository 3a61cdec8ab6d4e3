import { describeIt, EVERY_8_HOURS, rotated, stepsOf, withSecret } from "./rotating";
import { createWorld, DAY, HOUR, START, token } from "./world";

describe("the schedule", () => {
  test.each([
    ["earliest", 0],
    ["latest", HOUR - 1_000],
  ] as const)("fires every window at its %s moment, once", async (windowPoint, offset) => {
    const world = await withSecret(createWorld({ windowPoint }));
    await rotated(world, 2, { RotateImmediately: false, RotationRules: EVERY_8_HOURS });
    for (let window = 0; window < 6; window += 1) await world.step();
    await world.model.runDue();
    const begins = world.invocations
      .filter(({ step }) => step === "createSecret")
      .map(({ at }) => at);
    expect(begins).toEqual(
      [0, 1, 2, 3, 4, 5].map((window) => Date.UTC(2026, 10, 1, 2) + window * 8 * HOUR + offset),
    );
  });

  test("spreads by default: inside every window, the same in every run, not always the same moment", async () => {
    const moments = async (): Promise<number[]> => {
      const world = await withSecret(createWorld());
      await rotated(world, 2, { RotateImmediately: false, RotationRules: EVERY_8_HOURS });
      for (let window = 0; window < 12; window += 1) await world.step();
      return world.invocations.filter(({ step }) => step === "createSecret").map(({ at }) => at);
    };
    const offsets = (await moments()).map(
      (at, window) => at - Date.UTC(2026, 10, 1, 2) - window * 8 * HOUR,
    );
    expect(offsets).toHaveLength(12);
    for (const offset of offsets) expect(offset >= 0 && offset < HOUR).toBe(true);
    expect(new Set(offsets).size).toBeGreaterThan(6);
    expect(
      (await moments()).map((at, window) => at - Date.UTC(2026, 10, 1, 2) - window * 8 * HOUR),
    ).toEqual(offsets);
  });

  test("announces the end of the next window", async () => {
    const world = await withSecret(createWorld());
    await rotated(world, 2, { RotationRules: EVERY_8_HOURS });
    expect(await describeIt(world)).toMatchObject({
      NextRotationDate: new Date(Date.UTC(2026, 10, 1, 3)),
      RotationRules: { AutomaticallyAfterDays: 1, ...EVERY_8_HOURS },
    });
  });

  test("counts a value put by hand as a rotation when it goes by days", async () => {
    const world = await withSecret(createWorld({ windowPoint: "earliest" }));
    await rotated(world, 2, { RotationRules: { AutomaticallyAfterDays: 10 } });
    world.clock.now += 5 * DAY;
    await world.call("PutSecretValue", {
      SecretId: "s",
      ClientRequestToken: token(3),
      SecretString: "by hand",
    });
    expect(world.model.nextDueAt()).toBe(Date.UTC(2026, 10, 16));
  });

  // AWS's API text of RotateImmediately: a rotation that was planned before may still happen.
  test("keeps the planned window when nothing about the schedule changes", async () => {
    const world = await withSecret(createWorld({ windowPoint: "earliest" }));
    const RotationRules = { ScheduleExpression: "rate(8 hours)" };
    await rotated(world, 2, { RotateImmediately: false, RotationRules });
    world.clock.now += 5 * HOUR;
    await rotated(world, 3, { RotateImmediately: false, RotationRules });
    expect(world.model.nextDueAt()).toBe(Date.UTC(2026, 10, 1, 8));
    await rotated(world, 4, {
      RotateImmediately: false,
      RotationRules: { ScheduleExpression: "rate(9 hours)" },
    });
    expect(world.model.nextDueAt()).toBe(Date.UTC(2026, 10, 1, 14));
  });

  test("fires once, not once per window, after a jump of the clock", async () => {
    const world = await withSecret(createWorld({ windowPoint: "earliest" }));
    await rotated(world, 2, { RotateImmediately: false, RotationRules: EVERY_8_HOURS });
    world.clock.now += 3 * DAY;
    await world.model.runDue();
    expect(world.invocations.filter(({ step }) => step === "createSecret")).toHaveLength(1);
    expect(world.model.nextDueAt()).toBe(Date.UTC(2026, 10, 4, 2));
  });

  test("does not fire for a secret that is marked for deletion", async () => {
    const world = await withSecret(createWorld());
    await rotated(world, 2, { RotateImmediately: false, RotationRules: EVERY_8_HOURS });
    await world.call("DeleteSecret", { SecretId: "s", RecoveryWindowInDays: 7 });
    expect(world.model.nextDueAt()).toBe(START + 7 * DAY);
    await world.step();
    expect(stepsOf(world)).toEqual(["testSecret"]);
    expect(await world.errorOf("DescribeSecret", { SecretId: "s" })).toMatchObject({
      code: "ResourceNotFoundException",
    });
  });
});
