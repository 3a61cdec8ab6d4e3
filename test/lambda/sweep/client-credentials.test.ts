import { encodeStatus } from "../../../contract/store/status";
import { statusOfSuccess } from "../../../lambda/engine/status";
import { DAY, HOUR, MINUTE } from "../../simulation/stage";
import { FleetStand } from "../stand/fleet-stand";

const KIND = { kind: "client-credentials" } as const;

const create = async (isRotated: boolean): Promise<FleetStand> => {
  const world = await FleetStand.create();
  await world.add("acme", { ...KIND, isRotated });
  return world;
};

/** Puts a valueless pending version there, as a rotation does before its first step, and leaves it. */
async function leavePending(world: FleetStand): Promise<string> {
  const { record } = await world.currentOf("acme");
  await world.put(world.arnOf("acme"), { ...record, parentVersion: undefined }, ["AWSPENDING"]);
  const { labels } = await world.factsOf("acme");
  return Object.entries(labels).find(([, stages]) => stages.includes("AWSPENDING"))?.[0] ?? "";
}

const putsIn = (world: FleetStand) =>
  world.calls.filter(({ operation }) => operation === "PutSecretValue").length;

test("a store with a schedule is left to it until a quarter of its life is left", async () => {
  const world = await create(true);
  await world.pass(17 * HOUR + 50 * MINUTE);
  expect(putsIn(world)).toBe(0);
  await world.pass(20 * MINUTE);
  expect(putsIn(world)).toBe(1);
  expect(await world.isAlive("acme")).toBe(true);
  expect((await world.factsOf("acme")).tags).toMatchObject({ state: "ok" });
});

describe("a rotation that never comes although its schedule is on", () => {
  const codeOf = async (world: FleetStand) => (await world.factsOf("acme")).tags["last-error-code"];

  test("is told once, counted, and over when one came", async () => {
    const world = await create(true);
    await world.pass(7 * DAY);
    expect(await codeOf(world)).toBe("rotation_missed");
    expect(world.notices.map(({ turn, code }) => `${turn} ${code}`)).toEqual([
      "worse rotation_missed",
    ]);
    expect(world.metrics.at(-1)).toMatchObject({ RotationsMissed: 1, StoresOk: 1 });

    const { record } = await world.currentOf("acme");
    world.clock.now += MINUTE;
    await world.put(world.arnOf("acme"), await world.obtain("acme", "client-credentials"));
    const { versionId } = await world.currentOf("acme");
    const success = statusOfSuccess(
      { versionId: versionId as never, record },
      { ...world.deps(), clock: { now: () => world.clock.now as never } },
    );
    await world.deps().secrets.tag(world.arnOf("acme"), encodeStatus(success));
    await world.pass(HOUR);

    expect(await codeOf(world)).toBe("");
    expect(world.notices.at(-1)).toMatchObject({ turn: "mended" });
    expect(world.metrics.at(-1)).toMatchObject({ RotationsMissed: 0 });
  });

  test("is none where it came and failed, or where the token died early", async () => {
    const world = await create(true);
    await world.pass(17 * HOUR);
    const failed = { lastErrorCode: "shopify_unreachable", lastErrorAt: world.clock.now } as never;
    await world.deps().secrets.tag(world.arnOf("acme"), encodeStatus(failed));
    await world.pass(2 * HOUR);
    expect(putsIn(world)).toBe(1);
    expect(await codeOf(world)).toBe("");

    const accessToken = (await world.currentOf("acme")).record.accessToken.unseal();
    world.shopify.control.revokeToken({ accessToken });
    const asked = { action: "check", stores: ["acme" as never], stage: "AWSCURRENT" } as const;
    await world.act(asked);
    await world.pass(HOUR);
    expect(putsIn(world)).toBe(2);
    expect(await codeOf(world)).toBe("");
    expect(world.notices.map(({ code }) => code)).not.toContain("rotation_missed");
  });
});

test("a store without a schedule is kept alive, and the gap is said", async () => {
  const world = await create(false);
  let dead = 0;
  await world.pass(3 * DAY, async () => {
    if (!(await world.isAlive("acme"))) dead += 1;
  });
  expect(dead).toBe(0);
  expect(putsIn(world)).toBe(6);
  expect((await world.factsOf("acme")).tags).toMatchObject({
    state: "ok",
    "last-error-code": "rotation_off",
  });
});

test("a stuck pending version is dropped at its second sighting, 20 minutes later at the earliest", async () => {
  const world = await create(true);
  const stuck = await leavePending(world);
  const isStuck = async () =>
    (await world.factsOf("acme")).labels[stuck]?.includes("AWSPENDING") ?? false;
  await world.sweep();
  expect((await world.factsOf("acme")).tags["pending-seen"]).toContain(stuck);
  await world.pass(10 * MINUTE);
  expect(await isStuck()).toBe(true);
  await world.pass(10 * MINUTE);
  expect(await isStuck()).toBe(false);
  expect(putsIn(world)).toBe(0);
});

test("a pending version that follows another one starts its own 20 minutes", async () => {
  const world = await create(true);
  await leavePending(world);
  await world.pass(10 * MINUTE);
  const second = await leavePending(world);
  await world.pass(20 * MINUTE);
  expect((await world.factsOf("acme")).labels[second]).toEqual(["AWSPENDING"]);
  await world.pass(10 * MINUTE);
  expect((await world.factsOf("acme")).labels[second]).toBeUndefined();
});

test("a rotation that fails for a day is bridged, and never costs more than 72 versions", async () => {
  const world = await create(true);
  await world.pass(17 * HOUR);
  world.shopify.control.break({ on: "token-endpoint", answer: 503 });
  await world.pass(4 * HOUR);
  expect((await world.factsOf("acme")).tags).toMatchObject({
    state: "failing",
    "last-error-code": "shopify_unreachable",
  });
  expect(world.metrics.at(-1)).toMatchObject({ TokensUnderQuarterLifeFailing: 1 });
  await world.pass(20 * HOUR);
  expect((await world.factsOf("acme")).tags["state"]).toBe("dead");
  world.shopify.control.mend({});
  await world.pass(10 * MINUTE);
  expect(await world.isAlive("acme")).toBe(true);
  expect((await world.versionTimes("acme")).length).toBeLessThanOrEqual(72);
  expect(world.notices.map(({ turn, state }) => `${turn} ${state}`)).toEqual([
    "worse failing",
    "worse dead",
    "mended ok",
  ]);
});

test("an uninstalled app is asked for less and less seldom while the token ends, and once an hour afterwards", async () => {
  const world = await create(true);
  world.shopify.control.uninstall({ clientId: "erp-client", shop: "acme.myshopify.com" });
  await world.pass(19 * HOUR);
  world.calls.length = 0;
  const askedIn = async (hours: number): Promise<number> => {
    const before = world.calls.length;
    await world.pass(hours * HOUR);
    return world.calls.slice(before).filter(({ target }) => target === "shopify").length;
  };
  expect(await askedIn(1)).toBe(1);
  expect(await askedIn(4)).toBe(11);
  // In the hour after its end: what was refused may be given.
  expect(await askedIn(1)).toBeGreaterThanOrEqual(5);
  expect(await askedIn(6)).toBe(6);
  expect((await world.factsOf("acme")).tags).toMatchObject({
    state: "dead",
    "last-error-code": "app_not_installed",
  });
});

test("a value that is no record is replaced", async () => {
  const world = await create(true);
  await world.model.handle("PutSecretValue", {
    SecretId: world.arnOf("acme"),
    ClientRequestToken: world.model.newToken(),
    SecretString: "pasted by hand",
  });
  await world.sweep();
  expect(await world.isAlive("acme")).toBe(true);
});
