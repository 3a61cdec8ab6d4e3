import { DAY, HOUR, MINUTE } from "../../simulation/stage";
import { FleetStand } from "../stand/fleet-stand";

const EXPIRING = { kind: "offline-expiring" } as const;
const MIGRATE = { action: "migrate", store: "partner" as never } as const;

/** A store with a non-expiring token, which config declares as expiring since. */
const permitted = async (switches: object = {}): Promise<FleetStand> => {
  const world = await FleetStand.create(switches);
  await world.add("partner", { kind: "offline" });
  await world.sweep();
  await world.declare("partner", EXPIRING);
  return world;
};

const livesOn = async (world: FleetStand, milliseconds: number): Promise<number> => {
  let dead = 0;
  await world.pass(milliseconds, async () => {
    if (!(await world.isAlive("partner"))) dead += 1;
  });
  return dead;
};

test("a migration moves the record in one step, and the pair is renewed from then on", async () => {
  const world = await permitted();
  const before = await world.currentOf("partner");
  const result = await world.act(MIGRATE);
  const after = await world.currentOf("partner");
  expect(result).toEqual({
    store: "partner",
    outcome: "migrated",
    versionId: after.versionId,
    expiresAt: "2026-11-01T01:00:00Z",
    scope: "read_products,write_orders",
  });
  expect(after.record).toMatchObject({ kind: "offline-expiring", parentVersion: before.versionId });
  const old = before.record.accessToken.unseal();
  expect(world.shopify.control.tokenLife({ accessToken: old }).death).toBe("migrated");
  expect(await livesOn(world, DAY)).toBe(0);
  expect(world.notices).toEqual([]);
});

test("a second migration changes nothing", async () => {
  const world = await permitted();
  await world.act(MIGRATE);
  const { versionId } = await world.currentOf("partner");
  world.calls.length = 0;
  expect(await world.act(MIGRATE)).toMatchObject({ outcome: "already_migrated", versionId });
  expect(world.calls.filter(({ target }) => target === "shopify")).toEqual([]);
});

test("two migrations at the same time converge on one pair", async () => {
  const world = await permitted();
  const results = await Promise.all([world.act(MIGRATE), world.act(MIGRATE)]);
  const { versionId } = await world.currentOf("partner");
  expect(results).toMatchObject([{ versionId }, { versionId }]);
  expect(await livesOn(world, 3 * HOUR)).toBe(0);
});

test("config has to permit it", async () => {
  const world = await FleetStand.create();
  await world.add("partner", { kind: "offline" });
  await expect(world.act(MIGRATE)).rejects.toMatchObject({ code: "migration_not_declared" });
  expect(await world.isAlive("partner")).toBe(true);
});

test("until the command comes, the non-expiring token is watched and left alone", async () => {
  const world = await permitted();
  await world.pass(3 * DAY);
  expect(await world.isAlive("partner")).toBe(true);
  expect((await world.factsOf("partner")).tags["state"]).toBe("ok");
  expect((await world.currentOf("partner")).record.kind).toBe("offline");
});

test("a token that Shopify does not migrate is left alone, and is not asked for again", async () => {
  const world = await permitted();
  const { record } = await world.currentOf("partner");
  world.shopify.control.revokeToken({ accessToken: record.accessToken.unseal() });
  await expect(world.act(MIGRATE)).rejects.toMatchObject({
    code: "subject_token_invalid",
    facts: { store: "partner" },
  });
  world.calls.length = 0;
  await world.pass(2 * HOUR);
  const asked = world.calls.filter(({ operation }) => operation.endsWith("/access_token"));
  expect(asked).toEqual([]);
});

describe.each([["remaining"], ["original"]] as const)(
  "cut off, with a replay that reports the %s life",
  (migrationReplayLife) => {
    test.each([0, 50, 90])(
      "is taken up by the sweep, whichever call it was and %i minutes later",
      async (minutes) => {
        const plain = await permitted({ migrationReplayLife });
        plain.calls.length = 0;
        await plain.act(MIGRATE);
        const calls = plain.calls.map(({ operation }) => operation);
        expect(calls.length).toBeGreaterThanOrEqual(8);
        const broken: string[] = [];
        for (const fault of ["killed_before", "killed_after"] as const) {
          for (const [at, operation] of calls.entries()) {
            const world = await permitted({ migrationReplayLife });
            world.calls.length = 0;
            world.plan = ({ index }) => (index === at ? fault : undefined);
            await world.act(MIGRATE).catch(() => undefined);
            world.plan = () => undefined;
            world.clock.now += minutes * MINUTE;
            await world.sweep();
            const dead = await livesOn(world, 80 * MINUTE);
            if (dead > 0) broken.push(`${fault} at ${at} (${operation}): ${dead} dead minutes`);
          }
        }
        expect(broken).toEqual([]);
      },
    );
  },
);

test("an answer that nobody knows ends a migration where the old token still works", async () => {
  const world = await permitted();
  world.shopify.control.break({ on: "token-endpoint", answer: 403, times: 1 });
  await expect(world.act(MIGRATE)).rejects.toMatchObject({ code: "token_request_refused" });
  expect((await world.factsOf("partner")).tags["migrating"]).toBe("");
  expect(await world.isAlive("partner")).toBe(true);
});

test("an answer that nobody knows, given for an exchange that was done, leaves it to be taken up", async () => {
  const world = await permitted();
  world.shopify.control.break({
    on: "token-endpoint",
    answer: 403,
    times: 1,
    when: "after-effect",
  });
  await expect(world.act(MIGRATE)).rejects.toMatchObject({ code: "token_request_refused" });
  expect(await world.isAlive("partner")).toBe(false);
  await world.sweep();
  expect(await livesOn(world, 2 * HOUR)).toBe(0);
});

test("while the old token cannot be tried, a migration is not taken for refused", async () => {
  const world = await permitted();
  world.shopify.control.break({
    on: "token-endpoint",
    answer: 403,
    times: 1,
    when: "after-effect",
  });
  const outage = world.shopify.control.break({ on: "admin-api", answer: 503 });
  await expect(world.act(MIGRATE)).rejects.toMatchObject({ code: "token_request_refused" });
  world.shopify.control.mend(outage);
  await world.sweep();
  expect(await livesOn(world, 2 * HOUR)).toBe(0);
});
