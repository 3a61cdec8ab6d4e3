import { Sealed } from "../../../contract/sealed";
import type { ShopifyReply } from "../../../lambda/shopify/exchange";
import { DAY, HOUR, MINUTE } from "../../simulation/stage";
import { FleetStand } from "../stand/fleet-stand";

const CLIENT = { clientId: "erp-client", shop: "acme.myshopify.com" };
const html = (status: number): ShopifyReply => ({
  status,
  headers: { location: "https://elsewhere.example/" },
  body: Sealed.of("<html><title>Shopify</title></html>"),
});
const refuses = (status: number, error: string, description = ""): ShopifyReply => ({
  status,
  headers: {},
  body: Sealed.of(JSON.stringify({ error, error_description: description })),
});

const TOKENS = "/access_token";
const TRIALS = "graphql.json";

const STRAYS: readonly (readonly [string, string, ShopifyReply])[] = [
  ["302", TOKENS, html(302)],
  ["404", TOKENS, html(404)],
  ["401", TOKENS, refuses(401, "invalid_request", "This request requires an active refresh_token")],
  ["app_not_installed", TOKENS, refuses(400, "app_not_installed")],
  ["store_not_permitted", TOKENS, refuses(400, "shop_not_permitted")],
  ["302", TRIALS, html(302)],
  ["404", TRIALS, html(404)],
  ["401", TRIALS, html(401)],
];

/** Answers one request of those that match, counted from 0, in Shopify's place. */
function strayAt(
  world: FleetStand,
  at: number,
  { path, reply }: { readonly path: string; readonly reply: ShopifyReply },
): () => boolean {
  let asked = 0;
  world.stray = (request) => {
    if (!request.path.endsWith(path)) return undefined;
    asked += 1;
    return asked === at + 1 ? reply : undefined;
  };
  return () => asked > at;
}

async function deadMinutes(world: FleetStand, milliseconds: number): Promise<number> {
  let dead = 0;
  await world.pass(milliseconds, async () => {
    if (!(await world.isAlive("acme"))) dead += 1;
  });
  return dead;
}

const LIVES = [
  { kind: "offline-expiring", isRotated: false, length: 3 * HOUR, renewals: 4 },
  { kind: "client-credentials", isRotated: false, length: 30 * HOUR, renewals: 2 },
  { kind: "client-credentials", isRotated: true, length: 30 * HOUR, renewals: 1 },
] as const;

describe.each(LIVES)("a $kind store (rotated: $isRotated)", (life) => {
  const { kind, isRotated, length, renewals } = life;
  const moments = Array.from({ length: renewals }, (_, index) => index);

  test.each(STRAYS)(
    "loses no minute to one stray %s of %s, and nobody is told",
    async (...stray) => {
      const [, path, reply] = stray;
      for (const index of moments) {
        const world = await FleetStand.create();
        await world.add("acme", { kind, isRotated });
        const hasCome = strayAt(world, index, { path, reply });
        const dead = await deadMinutes(world, length);
        const told = world.notices.map(({ state, code }) => `${state} ${code}`);
        // The second line begins when little life is left, and says what it met: here no rotation ever comes.
        const usual = isRotated ? /refusal_unconfirmed|rotation_missed/ : /rotation_off/;
        const unusual = told.filter((what) => !usual.test(what));
        expect({ index, dead, unusual }).toEqual({ index, dead: 0, unusual: [] });
        expect(hasCome()).toBe(true);
        expect((await world.factsOf("acme")).tags["state"]).toBe("ok");
      }
    },
  );
});

describe("a pair whose app is gone", () => {
  async function gone(): Promise<FleetStand> {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "offline-expiring" });
    await world.pass(20 * MINUTE);
    world.shopify.control.revokeAll(CLIENT);
    return world;
  }

  test("is told of before its token ends", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "offline-expiring" });
    await world.pass(20 * MINUTE);
    // Another acquisition, which nobody stored: the refresh token is dead, and the access token is not.
    world.shopify.control.issuePair(CLIENT);
    await world.pass(35 * MINUTE);
    expect(await world.isAlive("acme")).toBe(true);
    expect(world.notices.map(({ turn, state, code }) => [turn, state, code])).toEqual([
      ["worse", "failing", "refresh_token_dead"],
    ]);
  });

  test("is asked for at every sweep until an hour after its end, and once a day from then on", async () => {
    const world = await gone();
    world.calls.length = 0;
    await world.pass(100 * MINUTE);
    const asked = () => world.calls.filter(({ operation }) => operation.endsWith("/access_token"));
    expect(asked().length).toBeLessThanOrEqual(10);
    world.calls.length = 0;
    await world.pass(3 * DAY);
    expect(asked().length).toBeLessThanOrEqual(3);
    expect(asked().length).toBeGreaterThanOrEqual(2);
  });
});

test("a mark of an uninstall that is none costs a pair no minute", async () => {
  const world = await FleetStand.create();
  await world.add("acme", { kind: "offline-expiring" });
  await world.pass(20 * MINUTE);
  const Tags = [
    { Key: "shopify-secrets:state", Value: "uninstalled" },
    { Key: "shopify-secrets:last-error-code", Value: "app_uninstalled" },
    { Key: "shopify-secrets:last-error-at", Value: new Date(world.clock.now).toISOString() },
  ];
  await world.model.handle("TagResource", { SecretId: world.arnOf("acme"), Tags });
  expect(await deadMinutes(world, 2 * HOUR)).toBe(0);
  expect((await world.factsOf("acme")).tags["state"]).toBe("ok");
});

test("stores whose refusal a version before the tag wrote down are asked as seldom as before, and not told again", async () => {
  const world = await FleetStand.create();
  await world.add("acme", { kind: "offline-expiring" });
  await world.pass(20 * MINUTE);
  world.shopify.control.revokeAll(CLIENT);
  await world.pass(3 * HOUR);
  const Tags = [{ Key: "shopify-secrets:refused", Value: "" }];
  await world.model.handle("TagResource", { SecretId: world.arnOf("acme"), Tags });
  world.calls.length = 0;
  const told = world.notices.length;
  await world.pass(DAY);
  const asked = world.calls.filter(({ operation }) => operation.endsWith("/access_token"));
  expect(asked.length).toBeLessThanOrEqual(3);
  expect((await world.factsOf("acme")).tags["last-error-code"]).toBe("refresh_token_dead");
  expect(world.notices).toHaveLength(told);
});

describe.each(["custom-app", "offline"] as const)("a static token (%s)", (kind) => {
  const dead = html(401);

  async function checked(): Promise<FleetStand> {
    const world = await FleetStand.create();
    await world.add("acme", { kind });
    await world.pass(10 * MINUTE);
    return world;
  }

  /** Shopify answers 401 for as long as one sweep lasts. */
  async function glitch(world: FleetStand): Promise<void> {
    world.stray = () => dead;
    await world.pass(DAY, async () => {
      if (world.calls.some(({ target }) => target === "shopify")) world.stray = () => undefined;
    });
  }

  test("is not called dead for one answer", async () => {
    const world = await checked();
    const hasCome = strayAt(world, 0, { path: TRIALS, reply: dead });
    await world.pass(DAY);
    expect(hasCome()).toBe(true);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "ok",
      "last-error-code": "",
    });
    expect(world.notices).toEqual([]);
  });

  test("nor for the answers of one sweep", async () => {
    const world = await checked();
    world.calls.length = 0;
    await glitch(world);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "ok",
      "last-error-code": "",
    });
    expect(world.notices).toEqual([]);
  });

  test("that a person finds dead is tried again by the next sweep", async () => {
    const world = await checked();
    world.clock.now += MINUTE;
    world.stray = () => dead;
    const CHECK = { action: "check", stores: [], stage: "AWSCURRENT" } as const;
    expect(await world.act(CHECK)).toMatchObject({ stores: [{ state: "dead" }] });
    world.stray = () => undefined;
    await world.pass(10 * MINUTE);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "ok",
      "last-error-code": "",
    });
    expect(world.notices.map(({ turn }) => turn)).toEqual(["worse", "mended"]);
  });
});
