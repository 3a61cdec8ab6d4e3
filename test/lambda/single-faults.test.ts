import { FAULTS } from "./world/faults";
import { Judge } from "./world/judge";
import { LambdaWorld } from "./world/lambda-world";
import { quietly, runScenario, SCENARIOS } from "./world/scenarios";

describe.each(SCENARIOS)("$name", (scenario) => {
  test("works without a fault", async () => {
    const { broken } = await runScenario(scenario);
    expect(broken).toEqual([]);
  });

  test.each(FAULTS)("survives one call that is %s, whichever it is", async (fault) => {
    const { calls } = await runScenario(scenario);
    expect(calls.length).toBeGreaterThanOrEqual(6);
    const outcomes: string[] = [];
    for (const [at, operation] of calls.entries()) {
      const { broken } = await runScenario(scenario, { strikes: [{ at, fault }] });
      outcomes.push(...broken.map((what) => `${fault} at call ${at} (${operation}): ${what}`));
    }
    expect(outcomes).toEqual([]);
  });
});

describe("a pair that the merchant has not granted yet", () => {
  test.each(FAULTS)("is awaited, and %s changes nothing", async (fault) => {
    for (let at = 0; at < 3; at += 1) {
      const world = await LambdaWorld.create({ kind: "offline-expiring", hasValue: false });
      const judge = await Judge.over(world);
      world.calls.length = 0;
      world.plan = ({ index }) => (index === at ? fault : undefined);
      await quietly(world.renew());
      world.plan = () => undefined;
      await expect(world.renew()).rejects.toMatchObject({ code: "refresh_token_missing" });
      expect(await world.current()).toBeUndefined();
      expect(await judge.conclude()).toEqual([]);
    }
  });
});
