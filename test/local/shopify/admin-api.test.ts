import type { FaultAnswer } from "../../../local/shopify/faults";
import { stableVersions } from "../../../local/shopify/rules/api-versions";
import {
  answered,
  arrange,
  CLIENT_ID,
  callWith,
  jsonOf,
  mint,
  SHOP,
  START,
  statusWith,
} from "./arrange";

const GRAPHQL = "/admin/api/2026-10/graphql.json";
const CHEAP_QUERY =
  "{ currentAppInstallation { accessScopes { handle } } shop { myshopifyDomain } }";
const HANDLES = ["read_products", "write_products", "read_orders"].map((handle) => ({ handle }));

const signedIn = async (switches = {}) => {
  const world = arrange({ switches });
  const token = (await mint(world)).access_token;
  const ask = (query: string) =>
    callWith(world, token, { method: "POST", path: GRAPHQL, body: JSON.stringify({ query }) });
  const get = (path: string) => callWith(world, token, { path });
  return { ...world, token, ask, get };
};

describe("the cheap checks", () => {
  test.each([
    ["expanded", HANDLES],
    ["compressed", HANDLES.slice(1)],
  ] as const)("access_scopes.json with accessScopesList %s", async (position, scopes) => {
    const { get } = await signedIn({ accessScopesList: position });
    expect(jsonOf(await get("/admin/oauth/access_scopes.json"))).toEqual({ access_scopes: scopes });
  });

  test("the GraphQL query names scopes and shop, with its cost", async () => {
    const { ask } = await signedIn();
    const body = jsonOf(await ask(CHEAP_QUERY));
    expect(body["data"]).toEqual({
      currentAppInstallation: { accessScopes: HANDLES },
      shop: { myshopifyDomain: SHOP },
    });
    expect(body["extensions"]).toMatchObject({ cost: { actualQueryCost: 3 } });
  });

  test("shop.json, with the API version and a request ID in the headers", async () => {
    const { get } = await signedIn();
    const answer = answered(await get("/admin/api/2026-07/shop.json"));
    expect(jsonOf(answer)).toMatchObject({ shop: { myshopify_domain: SHOP } });
    expect(answer.headers).toMatchObject({
      "x-shopify-api-version": "2026-07",
      "x-request-id": expect.any(String),
    });
  });

  test.each([
    ["no token", ""],
    ["an unknown token", "shpat_0"],
  ])("%s answers 401 in Shopify's words", async (_name, token) => {
    const reply = await callWith(arrange(), token);
    expect(answered(reply).status).toBe(401);
    expect(jsonOf(reply)).toEqual({
      errors: "[API] Invalid API key or access token (unrecognized login or wrong password)",
    });
  });

  test("a token of one shop is unknown to another", async () => {
    const { token, send, shopify } = await signedIn();
    shopify.control.addShop({ shop: "other.myshopify.com" });
    const reply = await callWith({ send }, token, { host: "other.myshopify.com" });
    expect(answered(reply).status).toBe(401);
  });
});

describe("GraphQL", () => {
  test.each([
    [
      "named, with variables",
      "query Cheap($n: Int = 1) { shop { name } }",
      { shop: { name: "acme" } },
    ],
    ["aliases", "{ s: shop { d: myshopifyDomain } }", { s: { d: SHOP } }],
    [
      "arguments",
      '{ products(first: 1, query: "a)b{") { nodes { id } } }',
      { products: { nodes: [] } },
    ],
    ["comments", "{ # first\n shop { name # last\n } }", { shop: { name: "acme" } }],
    ["__typename", "{ __typename }", { __typename: "QueryRoot" }],
  ])("%s", async (_name, query, data) => {
    const { ask } = await signedIn();
    expect(jsonOf(await ask(query))["data"]).toEqual(data);
  });

  test.each([
    ["an unknown field", "{ shop { weather } }", "undefinedField"],
    ["an unknown root field", "{ toString }", "undefinedField"],
    ["an open brace", "{ shop { name }", "parseError"],
    ["a stray character", "{ shop ~ }", "parseError"],
    ["no query", "", "parseError"],
  ])("%s is an error with status 200", async (_name, query, code) => {
    const { ask } = await signedIn();
    const reply = await ask(query);
    expect(answered(reply).status).toBe(200);
    expect(jsonOf(reply)["errors"]).toMatchObject([{ extensions: { code } }]);
  });

  test("a missing scope is ACCESS_DENIED, and the rest is answered", async () => {
    const { ask, shopify } = await signedIn();
    shopify.control.changeScopes({ clientId: CLIENT_ID, shop: SHOP, scopes: ["read_orders"] });
    expect(
      jsonOf(await ask("{ shop { name } products(first: 1) { nodes { id } } }")),
    ).toMatchObject({
      data: { shop: { name: "acme" }, products: null },
      errors: [{ path: ["products"], extensions: { code: "ACCESS_DENIED" } }],
    });
  });

  test("a body that is no JSON is refused", async () => {
    const { send, token } = await signedIn();
    const reply = await callWith({ send }, token, {
      method: "POST",
      path: GRAPHQL,
      body: "query=…",
    });
    expect(answered(reply).status).toBe(400);
  });

  test("THROTTLED comes with status 200", async () => {
    const { ask, shopify } = await signedIn();
    shopify.control.break({ on: "admin-api", answer: "THROTTLED", times: 1 });
    const reply = await ask(CHEAP_QUERY);
    expect(answered(reply).status).toBe(200);
    expect(jsonOf(reply)["errors"]).toMatchObject([{ extensions: { code: "THROTTLED" } }]);
    expect(jsonOf(await ask(CHEAP_QUERY))["errors"]).toBeUndefined();
  });
});

describe("403, by its four causes", () => {
  test("missing scope", async () => {
    const { get, shopify } = await signedIn();
    expect(answered(await get("/admin/api/2026-10/products/count.json")).status).toBe(200);
    shopify.control.changeScopes({ clientId: CLIENT_ID, shop: SHOP, scopes: ["read_orders"] });
    expect(answered(await get("/admin/api/2026-10/products/count.json")).status).toBe(403);
    expect(answered(await get("/admin/api/2026-10/shop.json")).status).toBe(200);
  });

  test("source address not on the app's allowlist", async () => {
    const { token, send, shopify } = await signedIn();
    shopify.control.changeApp({ clientId: CLIENT_ID, allowedAddresses: ["203.0.113.7"] });
    expect(await statusWith({ send }, token)).toBe(403);
    const fixed = await callWith({ send }, token, { remoteAddress: "203.0.113.7" });
    expect(answered(fixed).status).toBe(200);
  });

  test("flagged shop", async () => {
    const { token, shopify, send } = await signedIn();
    shopify.control.changeShop({ shop: SHOP, flagged: true });
    expect(await statusWith({ send }, token)).toBe(403);
  });

  test.each([
    {
      app: "public, made in 2025",
      distribution: "public",
      createdAt: Date.UTC(2025, 0, 1),
      before: 200,
      after: 401,
    },
    {
      app: "public, made in April 2026",
      distribution: "public",
      createdAt: Date.UTC(2026, 3, 1),
      before: 403,
      after: 401,
    },
    {
      app: "custom",
      distribution: "custom",
      createdAt: Date.UTC(2026, 5, 1),
      before: 200,
      after: 200,
    },
  ] as const)("non-expiring token of a $app app: $before, from 2027 on $after", async (row) => {
    const world = arrange();
    const { distribution, createdAt } = row;
    world.shopify.control.addApp({ clientId: "app", clientSecret: "s", distribution, createdAt });
    const { accessToken } = world.shopify.control.issueToken({
      clientId: "app",
      shop: SHOP,
      kind: "offline",
    });
    expect(await statusWith(world, accessToken)).toBe(row.before);
    world.advance(Date.UTC(2027, 0, 1) - START);
    const reply = await callWith(world, accessToken);
    expect(answered(reply).status).toBe(row.after);
  });

  test("non-expiring token of a public app, where Shopify refuses and does not invalidate it", async () => {
    const world = arrange({ switches: { nonExpiringAfterTheEnd: "refused" } });
    world.shopify.control.changeApp({ clientId: CLIENT_ID, distribution: "public" });
    const owner = { clientId: CLIENT_ID, shop: SHOP };
    const { accessToken } = world.shopify.control.issueToken({ ...owner, kind: "offline" });
    world.advance(Date.UTC(2027, 0, 1) - START);
    const reply = answered(await callWith(world, accessToken));
    expect(reply.status).toBe(403);
    expect(reply.body).toContain("Non-expiring access tokens are no longer accepted");
  });
});

describe("what says nothing about the token", () => {
  test.each([
    ["frozen", 402],
    ["locked", 423],
    ["closed", 404],
  ] as const)("a %s shop answers %d, and 200 when it is open again", async (state, status) => {
    const { token, send, shopify } = await signedIn();
    shopify.control.changeShop({ shop: SHOP, state });
    expect(await statusWith({ send }, token)).toBe(status);
    shopify.control.changeShop({ shop: SHOP, state: "open" });
    expect(await statusWith({ send }, token)).toBe(200);
  });

  test.each([
    [401, 401],
    [402, 402],
    [404, 404],
    [423, 423],
    [429, 429],
    [430, 430],
    [500, 500],
    [503, 503],
    [520, 520],
    ["missing-scope", 403],
    ["address-not-allowed", 403],
    ["non-expiring-token", 403],
    ["flagged-shop", 403],
    ["ACCESS_DENIED", 200],
  ] as const)("%p on demand answers %d, so many times", async (answer: FaultAnswer, status) => {
    const { token, send, shopify } = await signedIn();
    shopify.control.break({ on: "admin-api", answer, times: 2 });
    const statuses = [await statusWith({ send }, token), await statusWith({ send }, token)];
    expect(statuses).toEqual([status, status]);
    expect(jsonOf(await callWith({ send }, token))).toHaveProperty("access_scopes");
  });
});

describe("API versions", () => {
  test("the four stable ones move on with the clock, from what is known", () => {
    expect(stableVersions(START)).toEqual(["2026-10", "2026-07", "2026-04", "2026-01"]);
    expect(stableVersions(Date.UTC(2024, 0, 1))).toEqual([
      "2026-10",
      "2026-07",
      "2026-04",
      "2026-01",
    ]);
    expect(stableVersions(Date.UTC(2027, 4, 1))).toEqual([
      "2027-04",
      "2027-01",
      "2026-10",
      "2026-07",
    ]);
  });

  test.each([
    ["2026-10", "2026-10"],
    ["2026-01", "2026-01"],
    ["2025-10", "2026-01"],
    ["2021-04", "2026-01"],
    ["2027-01", "2027-01"],
    ["unstable", "unstable"],
    ["2027-04", undefined],
    ["2026-09", undefined],
    ["latest", undefined],
  ])("%s is served by %s", async (requested, served) => {
    const { get } = await signedIn();
    const answer = answered(await get(`/admin/api/${requested}/shop.json`));
    expect(answer.status).toBe(served === undefined ? 404 : 200);
    expect(answer.headers["x-shopify-api-version"]).toBe(served);
  });
});

test.each([
  ["follow-installation", ["read_orders"]],
  ["fixed-at-mint", ["read_products", "write_products", "read_orders"]],
] as const)("scopesOfLiveTokens %s", async (position, handles) => {
  const { get, shopify } = await signedIn({ scopesOfLiveTokens: position });
  shopify.control.changeScopes({ clientId: CLIENT_ID, shop: SHOP, scopes: ["read_orders"] });
  expect(jsonOf(await get("/admin/oauth/access_scopes.json"))).toEqual({
    access_scopes: handles.map((handle) => ({ handle })),
  });
});

test("DELETE api_permissions/current.json uninstalls the app", async () => {
  const { token, send, shopify } = await signedIn();
  await callWith({ send }, token, {
    method: "DELETE",
    path: "/admin/api_permissions/current.json",
  });
  expect(await statusWith({ send }, token)).toBe(401);
  expect(shopify.control.installation({ clientId: CLIENT_ID, shop: SHOP })).toBeNull();
});
