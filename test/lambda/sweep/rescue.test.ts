import { peek } from "../../simulation/aws/kms";
import { MINUTE } from "../../simulation/stage";
import { FAULTS, type Fault } from "../stand/faults";
import { FleetStand } from "../stand/fleet-stand";

const TOKENS = "/admin/oauth/access_token";

/**
 * A pair whose stored refresh token Shopify has retired, half an hour before its next renewal: the schedule
 * was delivered twice, and Shopify kept the pair of the other sweep.
 */
async function overtaken(): Promise<FleetStand> {
  const world = await FleetStand.create({ overtakenReplacement: "dead" });
  await world.add("acme", { kind: "offline-expiring" });
  await world.pass(20 * MINUTE);
  world.clock.now += 10 * MINUTE;
  await Promise.all([world.sweep(), world.sweep()]);
  const { record } = await world.currentOf("acme");
  const refreshToken = peek(record.refreshTokenSealed) ?? "";
  const { control } = world.shopify;
  expect(control.refreshTokenLife({ refreshToken })).toMatchObject({ usable: false });
  await world.pass(20 * MINUTE);
  world.clock.now += 10 * MINUTE;
  world.calls.length = 0;
  return world;
}

async function deadMinutes(world: FleetStand, milliseconds: number): Promise<number> {
  let dead = 0;
  await world.pass(milliseconds, async () => {
    if (!(await world.isAlive("acme"))) dead += 1;
  });
  return dead;
}

/** The calls of a rescue that goes well, and the first one that follows the refusal. */
async function plainRescue(): Promise<{ calls: readonly string[]; first: number }> {
  const world = await overtaken();
  expect(await world.sweep()).toMatchObject({ renewed: 1, failed: 0 });
  const calls = world.calls.map(({ operation }) => operation);
  expect(calls.filter((operation) => operation === TOKENS)).toHaveLength(2);
  return { calls, first: calls.indexOf(TOKENS) + 1 };
}

test("a retired refresh token leads to the one before it", async () => {
  await plainRescue();
});

describe("a rescue in which one call", () => {
  test.each(FAULTS)("is %s costs no minute, whichever it is", async (fault) => {
    const { calls, first } = await plainRescue();
    const broken: string[] = [];
    for (let at = first; at < calls.length; at += 1) {
      const world = await overtaken();
      world.plan = ({ index }) => (index === at ? fault : undefined);
      await world.sweep().catch(() => undefined);
      world.plan = () => undefined;
      const dead = await deadMinutes(world, 100 * MINUTE);
      if (dead > 0) broken.push(`${at} (${calls[at]}): ${dead} dead minutes`);
      const told = world.notices.map(({ state, code }) => `${state} ${code}`);
      if (told.length > 0) broken.push(`${at} (${calls[at]}): ${told.join(", ")}`);
    }
    expect(broken).toEqual([]);
  });

  test.each<[string, Fault]>([
    [TOKENS, "fails_before"],
    [TOKENS, "fails_after"],
    [TOKENS, "throttled"],
    ["Decrypt", "throttled"],
    ["GetSecretValue", "fails_before"],
  ])(
    "is %s and fails for as long as the sweep lasts (%s) costs no minute",
    async (failing, fault) => {
      const { first } = await plainRescue();
      const world = await overtaken();
      world.plan = ({ operation, index }) =>
        index >= first && operation === failing ? fault : undefined;
      await world.sweep();
      world.plan = () => undefined;
      expect(await deadMinutes(world, 100 * MINUTE)).toBe(0);
      expect(world.notices).toEqual([]);
    },
  );
});
