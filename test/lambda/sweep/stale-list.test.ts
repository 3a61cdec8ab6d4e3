import type { StoreKey } from "../../../contract/brands";
import { LONGEST_LIST_LAG_MS } from "../../../local/secrets-manager";
import { DAY, HOUR, MINUTE } from "../../simulation/stage";
import { FleetStand } from "../stand/fleet-stand";

const ACME = "acme" as StoreKey;

/** A fleet whose list is as far behind as AWS's may be. */
const behind = () => FleetStand.create({}, { listLagMs: LONGEST_LIST_LAG_MS });

async function stateOf(world: FleetStand): Promise<string | undefined> {
  return (await world.factsOf("acme")).tags["state"];
}

describe("a list of secrets that is five minutes behind", () => {
  test("announces no death of a store that was mended a minute ago", async () => {
    const world = await behind();
    await world.add("acme", { kind: "offline" });
    await world.pass(20 * MINUTE);
    const accessToken = (await world.currentOf("acme")).record.accessToken.unseal();
    world.shopify.control.revokeToken({ accessToken });
    await world.pass(2 * DAY);
    expect(await stateOf(world)).toBe("dead");
    expect(world.metrics.at(-1)).toMatchObject({ StaticTokensDead: 1 });
    await world.put(world.arnOf("acme"), await world.obtain("acme", "offline"));
    await world.act({ action: "check", stores: [ACME], stage: "AWSCURRENT" });
    expect(await stateOf(world)).toBe("ok");
    world.notices.length = 0;
    world.clock.now += 2 * MINUTE;

    await world.sweep();

    expect(await stateOf(world)).toBe("ok");
    expect(world.notices).toEqual([]);
    expect(world.metrics.at(-1)).toMatchObject({ StaticTokensDead: 0, StoresDead: 0 });
  });

  test("takes nothing back of a store that was enrolled a minute ago", async () => {
    const world = await behind();
    await world.add("acme", { kind: "offline-expiring", holds: "none" });
    world.clock.now += 10 * MINUTE;
    await world.sweep();
    expect(await stateOf(world)).toBe("awaiting_merchant");
    await world.put(world.arnOf("acme"), await world.obtain("acme", "offline-expiring"));
    await world.act({ action: "check", stores: [ACME], stage: "AWSCURRENT" });
    expect(await stateOf(world)).toBe("ok");
    world.clock.now += MINUTE;

    await world.sweep();

    expect(await stateOf(world)).toBe("ok");
  });

  test("hides no store from a command that names it", async () => {
    const world = await behind();
    await world.add("acme", { kind: "offline" });
    const named = { stores: [ACME] } as const;
    const checked = await world.act({ action: "check", ...named, stage: "AWSCURRENT" });
    expect(checked).toMatchObject({ stores: [{ store: "acme", answer: "works" }] });
    await world.declare("acme", { kind: "offline-expiring" });
    const migrated = await world.act({ action: "migrate", store: ACME });
    expect(migrated).toMatchObject({ outcome: "migrated" });
    const renewed = await world.act({ action: "renew", ...named });
    expect(renewed).toMatchObject({ stores: [{ store: "acme", code: "version_budget_spent" }] });
  });

  test("lets the first sweep, before anything is listed, do nothing and fail at nothing", async () => {
    const world = await behind();
    await world.add("acme", { kind: "client-credentials" });
    expect(await world.sweep()).toMatchObject({ stores: 0, failed: 0 });
    expect(world.metrics.at(-1)).toMatchObject({ SweepHeartbeat: 1 });
  });

  test("does nothing to a store that was deleted meanwhile", async () => {
    const world = await behind();
    await world.add("acme", { kind: "client-credentials", isRotated: false });
    world.clock.now += DAY - 2 * HOUR;
    await world.model.handle("DeleteSecret", { SecretId: world.arnOf("acme") });
    expect(await world.sweep()).toMatchObject({ stores: 1, renewed: 0, failed: 0 });
    expect(world.notices).toEqual([]);
  });

  test("costs a store that is well and rests no further call", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "offline-expiring" });
    await world.pass(20 * MINUTE);
    world.calls.length = 0;
    await world.sweep();
    const asked = world.calls.map(({ operation }) => operation);
    expect(asked.filter((operation) => operation === "DescribeSecret")).toEqual([]);
  });
});
