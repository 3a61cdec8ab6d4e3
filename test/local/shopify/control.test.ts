import { SWITCH_NAMES, SWITCHES, switchesWith } from "../../../local/shopify/switches";
import {
  answered,
  arrange,
  askForToken,
  CLIENT_ID,
  callWith,
  jsonOf,
  mint,
  SHOP,
  statusWith,
} from "./arrange";

const ON = { clientId: CLIENT_ID, shop: SHOP };
const CLIENT_CREDENTIALS = { grant_type: "client_credentials" };

describe("faults", () => {
  test.each([
    ["before-effect", 0],
    ["after-effect", 1],
  ] as const)("a drop %s leaves %d new tokens", async (when, count) => {
    const world = arrange();
    world.shopify.control.break({ on: "token-endpoint", answer: "drop", when, times: 1 });
    expect(await askForToken(world, CLIENT_CREDENTIALS)).toMatchObject({ drop: true });
    expect(world.shopify.control.liveTokens(ON).count).toBe(count);
  });

  test("until mended, one plan at a time", async () => {
    const world = arrange();
    const { planId } = world.shopify.control.break({ on: "token-endpoint", answer: 520 });
    world.shopify.control.break({ on: "admin-api", answer: 503 });
    for (let attempt = 0; attempt < 3; attempt++) {
      const answer = answered(await askForToken(world, CLIENT_CREDENTIALS));
      expect([answer.status, answer.body]).toEqual([520, "error code: 520"]);
    }
    world.shopify.control.mend({ planId });
    const token = (await mint(world)).access_token;
    expect(await statusWith(world, token)).toBe(503);
    world.shopify.control.mend();
    expect(await statusWith(world, token)).toBe(200);
  });

  test("on one shop only", async () => {
    const world = arrange();
    world.shopify.control.addShop({ shop: "other.myshopify.com" });
    world.shopify.control.install({ clientId: CLIENT_ID, shop: "other.myshopify.com" });
    world.shopify.control.break({ shop: "other.myshopify.com", answer: 500 });
    expect(answered(await askForToken(world, CLIENT_CREDENTIALS)).status).toBe(200);
    expect(
      answered(await askForToken(world, CLIENT_CREDENTIALS, "other.myshopify.com")).status,
    ).toBe(500);
  });

  test("a throttle counts its calls and says when to come back, in fractions of a second", async () => {
    const world = arrange();
    world.shopify.control.throttle({ calls: 1, retryAfterSeconds: "0.5" });
    const answer = answered(await askForToken(world, CLIENT_CREDENTIALS));
    expect([answer.status, answer.headers["retry-after"]]).toEqual([429, "0.5"]);
    expect(answered(await askForToken(world, CLIENT_CREDENTIALS)).status).toBe(200);
  });

  test("a slow call names its delay", async () => {
    const world = arrange();
    world.shopify.control.slow({ on: "token-endpoint", delayMs: 1_500, times: 1 });
    expect(await askForToken(world, CLIENT_CREDENTIALS)).toMatchObject({
      status: 200,
      delayMs: 1_500,
    });
    expect(await askForToken(world, CLIENT_CREDENTIALS)).not.toHaveProperty("delayMs");
  });
});

describe("the call log", () => {
  test("counts served, refused by cause, distinct tokens and callers", async () => {
    const world = arrange();
    const [one, two] = [await mint(world), await mint(world)];
    await callWith(world, one.access_token, { headers: { "X-Caller": "warehouse" } });
    await callWith(world, one.access_token, { headers: { "X-Caller": "warehouse" } });
    await callWith(world, two.access_token, { headers: { "X-Caller": "warehouse" } });
    world.shopify.control.revokeToken({ accessToken: one.access_token });
    await callWith(world, one.access_token, { headers: { "X-Caller": "billing" } });
    expect(world.shopify.control.countCalls()).toEqual({
      served: 3,
      refused: 1,
      distinctTokens: 2,
      refusedBy: { "token-revoked": 1 },
      withDeadToken: 1,
      callers: {
        warehouse: { served: 3, refused: 0, distinctTokens: 2 },
        billing: { served: 0, refused: 1, distinctTokens: 0 },
      },
    });
    expect(world.shopify.control.countCalls({ caller: "billing" })).toMatchObject({
      served: 0,
      refused: 1,
    });
  });

  test("judges the token on arrival, whatever the answer says", async () => {
    const world = arrange();
    const { access_token } = await mint(world);
    world.shopify.control.break({ on: "admin-api", answer: 503 });
    await callWith(world, access_token);
    world.advance(86_400_000);
    await callWith(world, access_token);
    expect(world.shopify.control.readCalls()).toMatchObject([
      { status: 503, cause: "fault-503", tokenId: 1, secondsLeft: 86_399 },
      { status: 503, cause: "fault-503", tokenId: 1, secondsLeft: 0, tokenDeath: "expired" },
    ]);
    expect(world.shopify.control.countCalls()).toMatchObject({ withDeadToken: 1 });
  });

  test("knows the caller by X-Caller, else by User-Agent", async () => {
    const world = arrange();
    await world.send({ path: "/admin/api/2026-10/shop.json", headers: { "user-agent": "node" } });
    await world.send({ path: "/admin/api/2026-10/shop.json" });
    expect(world.shopify.control.readCalls().map(({ caller }) => caller)).toEqual([
      "node",
      "unknown",
    ]);
  });

  test("keeps the token endpoint apart, by grant and error", async () => {
    const world = arrange();
    await mint(world);
    await askForToken(world, { ...CLIENT_CREDENTIALS, client_secret: "wrong" });
    await askForToken(world, { grant_type: "refresh_token" });
    expect(world.shopify.control.readCalls({ surface: "token-endpoint" })).toMatchObject([
      { grant: "client_credentials", status: 200, tokenId: 1 },
      { grant: "client_credentials", status: 400, cause: "invalid_request" },
      { grant: "refresh_token", status: 401, cause: "invalid_request" },
    ]);
    expect(world.shopify.control.countCalls()).toMatchObject({ served: 0, refused: 0 });
  });

  test("holds no token, code or client secret", async () => {
    const world = arrange();
    const { access_token } = await mint(world);
    await callWith(world, access_token);
    const text = JSON.stringify([
      world.shopify.control.readCalls(),
      world.shopify.control.readCalls({ surface: "token-endpoint" }),
    ]);
    expect(text).not.toContain(access_token);
    expect(text).not.toContain("shpss_");
  });

  test("can be read from a moment on, and cleared", async () => {
    const world = arrange();
    const { access_token } = await mint(world);
    await callWith(world, access_token);
    world.advance(1_000);
    await callWith(world, access_token);
    expect(world.shopify.control.readCalls({ since: world.now() })).toHaveLength(1);
    world.shopify.control.clearCalls();
    expect(world.shopify.control.readCalls()).toHaveLength(0);
  });
});

describe("tokens", () => {
  test("tokenLife tells life, age and death", async () => {
    const world = arrange();
    const { access_token: accessToken } = await mint(world);
    world.advance(399_000);
    expect(world.shopify.control.tokenLife({ accessToken })).toEqual({
      tokenId: 1,
      kind: "client-credentials",
      death: null,
      secondsLeft: 86_000,
      ageSeconds: 399,
    });
    world.advance(86_000_000);
    expect(world.shopify.control.tokenLife({ accessToken })).toMatchObject({
      death: "expired",
      secondsLeft: 0,
    });
    expect(world.shopify.control.tokenLife({ accessToken: "x" })).toMatchObject({
      death: "unknown",
    });
  });

  test("a pasted token is what the operator pasted, and installs the app where it is missing", async () => {
    const world = arrange();
    world.shopify.control.addApp({ clientId: "legacy", scopes: ["read_orders"] });
    world.shopify.control.issueToken({
      clientId: "legacy",
      shop: SHOP,
      kind: "custom-app",
      accessToken: "shpat_pasted",
    });
    expect(jsonOf(await callWith(world, "shpat_pasted"))).toEqual({
      access_scopes: [{ handle: "read_orders" }],
    });
    expect(world.shopify.control.tokenLife({ accessToken: "shpat_pasted" }).secondsLeft).toBe(
      "never",
    );
  });

  test("revokeRefreshToken and revokeAll end tokens without an uninstall", async () => {
    const world = arrange();
    const { control } = world.shopify;
    const one = control.issuePair(ON);
    expect(control.refreshTokenLife({ refreshToken: one.refreshToken })).toMatchObject({
      usable: true,
      retired: null,
    });
    control.revokeRefreshToken({ refreshToken: one.refreshToken });
    expect(control.refreshTokenLife({ refreshToken: one.refreshToken })).toMatchObject({
      usable: false,
      retired: "revoked",
    });
    expect(await statusWith(world, one.accessToken)).toBe(200);
    control.revokeAll(ON);
    expect(await statusWith(world, one.accessToken)).toBe(401);
    expect(control.installation(ON)).not.toBeNull();
  });
});

describe("mistakes of the caller", () => {
  const { control } = arrange().shopify;

  test.each([
    [
      "an unknown app",
      () => control.install({ clientId: "nobody", shop: SHOP }),
      /no app has this client ID/,
    ],
    [
      "an unknown shop",
      () => control.install({ clientId: CLIENT_ID, shop: "x" }),
      /no shop has this domain/,
    ],
    ["a shop that exists", () => control.addShop({ shop: SHOP }), /exists/],
    ["an app that exists", () => control.addApp({ clientId: CLIENT_ID }), /exists/],
    ["a domain outside myshopify.com", () => control.addShop({ shop: "acme.example" }), /Invalid/],
    [
      "a position that a switch lacks",
      () => control.setSwitch({ name: "scopeText", position: "up" }),
      /no position/,
    ],
    ["an unknown argument", () => control.mend({ plan: 1 } as never), /Invalid key/],
    ["a status that is none", () => control.break({ answer: 42 }), /Invalid/],
  ])("%s throws", (_name, attempt, message) => {
    expect(attempt).toThrow(message);
  });
});

describe("switches", () => {
  test.each(SWITCH_NAMES)("%s starts in its first position and takes every other", (name) => {
    const { control } = arrange().shopify;
    expect(control.switches()[name]).toBe(SWITCHES[name].positions[0]);
    for (const position of SWITCHES[name].positions) {
      control.setSwitch({ name, position });
      expect(control.switches()[name]).toBe(position);
    }
  });

  test("a switch turned while the world runs counts from then on", async () => {
    const world = arrange();
    world.shopify.control.setSwitch({ name: "scopeText", position: "expanded" });
    expect((await mint(world)).scope).toBe("read_products,write_products,read_orders");
    expect(switchesWith().scopeText).toBe("compressed");
  });
});
