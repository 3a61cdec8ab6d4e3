import type { ProveResult } from "../../../contract/sweep";
import { dispatch } from "../../../lambda/sweep/dispatch";
import { signingKeyPair } from "../../simulation/aws/kms";
import { CLIENT_ID, FIRST_SECRET, HOUR, MINUTE, signingKeyArn } from "../../simulation/stage";
import { FleetStand, type FleetStore } from "../stand/fleet-stand";
import {
  conditionIn,
  enableKeys,
  enrolled,
  FIRST,
  OWN,
  PUBLIC,
  paste,
  SECOND,
  SHOP,
  STORE,
  signingStore,
  watchAssertions,
} from "../stand/signing-store";

afterEach(enableKeys);

/** A store that lives by its app's first key, whose app has a second one since a minute. */
async function changingStore(declared: FleetStore): Promise<FleetStand> {
  const world = await signingStore(declared);
  paste(world);
  await enrolled(world);
  await world.pass(25 * MINUTE);
  await world.putSigningApp([FIRST, SECOND]);
  await enrolled(world);
  world.clock.now += MINUTE;
  return world;
}

async function prove(world: FleetStand, key = SECOND): Promise<ProveResult> {
  return (await world.act({ action: "prove", store: STORE, key })) as ProveResult;
}

function kidOf(assertion = ""): unknown {
  return JSON.parse(Buffer.from(assertion.split(".")[0] ?? "", "base64url").toString()).kid;
}

describe("a proof of the next key", () => {
  test.each([
    ["of the own organization", OWN],
    ["of a public app", PUBLIC],
  ])(
    "renews a store %s with that key a minute after `up`, and the store lives",
    async (_, declared) => {
      const world = await changingStore(declared);
      paste(world, SECOND);
      const before = await world.currentOf(STORE);
      const seen = watchAssertions(world);
      expect(await prove(world)).toEqual({ store: STORE, isProven: true, code: "" });
      expect(seen.map(kidOf)).toEqual(["second"]);
      expect((await world.currentOf(STORE)).versionId).not.toBe(before.versionId);
      expect(await world.isAlive(STORE)).toBe(true);
      expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "" });
      expect(world.notices).toEqual([]);
    },
  );

  test("changes nothing and tells nobody where Shopify does not know the key", async () => {
    const world = await changingStore(PUBLIC);
    const before = await world.currentOf(STORE);
    expect(await prove(world)).toEqual({
      store: STORE,
      isProven: false,
      code: "signing_key_unknown",
    });
    expect((await world.currentOf(STORE)).versionId).toBe(before.versionId);
    expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "", needsPerson: false });
    expect(world.notices).toEqual([]);
  });

  test("is not passed off by the pair that a store had before", async () => {
    const world = await FleetStand.create();
    await world.add(STORE, { kind: "offline-expiring", distribution: "public" });
    world.shopify.control.changeApp({ clientId: CLIENT_ID, distribution: "public" });
    world.shopify.control.changeShop({ shop: SHOP, organization: "org-of-a-merchant" });
    await world.putSigningApp([FIRST], FIRST_SECRET);
    await world.declare(STORE, PUBLIC);
    await world.pass(25 * MINUTE);
    expect(await prove(world, FIRST)).toMatchObject({
      isProven: false,
      code: "signing_key_unknown",
    });
    expect(await world.isAlive(STORE)).toBe(true);
  });

  test("comes once in twenty minutes, whatever else the store was renewed for", async () => {
    const world = await changingStore(PUBLIC);
    paste(world, SECOND);
    expect(await prove(world)).toMatchObject({ isProven: true });
    world.clock.now += MINUTE;
    const before = await world.currentOf(STORE);
    expect(await prove(world)).toMatchObject({ isProven: false, code: "version_budget_spent" });
    expect((await world.currentOf(STORE)).versionId).toBe(before.versionId);
    world.clock.now += 20 * MINUTE;
    expect(await prove(world)).toMatchObject({ isProven: true });
  });

  test("knows a key that config named a minute ago, though a warm function remembers the app without it", async () => {
    const world = await signingStore(PUBLIC);
    paste(world);
    paste(world, SECOND);
    await enrolled(world);
    world.clock.now += 25 * MINUTE;
    const warm = world.deps();
    await dispatch({ action: "renew", stores: [STORE] }, warm);
    world.clock.now += MINUTE;
    await world.putSigningApp([FIRST, SECOND]);
    const proof = await dispatch({ action: "prove", store: STORE, key: SECOND }, warm);
    expect(proof).toMatchObject({ isProven: true, code: "" });
  });

  test("is given up where the key is disabled, with the code of it", async () => {
    const world = await changingStore(PUBLIC);
    paste(world, SECOND);
    signingKeyPair(SECOND).state = "Disabled";
    expect(await prove(world)).toMatchObject({ isProven: false, code: "signing_key_unusable" });
    expect(await world.isAlive(STORE)).toBe(true);
  });

  test("is refused for a key that is none of the app's", async () => {
    const world = await changingStore(PUBLIC);
    expect(await prove(world, signingKeyArn("third"))).toMatchObject({
      isProven: false,
      code: "event_malformed",
    });
  });

  test("is refused for a store whose app does not sign", async () => {
    const world = await FleetStand.create();
    await world.add(STORE, { kind: "client-credentials" });
    await expect(prove(world)).rejects.toMatchObject({ code: "kind_not_renewable" });
  });

  test("leaves a store that lives on by the key that signs, for hours", async () => {
    const world = await changingStore(PUBLIC);
    paste(world, SECOND);
    await prove(world);
    await world.pass(3 * HOUR, async () => expect(await world.isAlive(STORE)).toBe(true));
    const seen = watchAssertions(world);
    await world.pass(HOUR);
    expect(new Set(seen.map(kidOf))).toEqual(new Set(["first"]));
  });
});
