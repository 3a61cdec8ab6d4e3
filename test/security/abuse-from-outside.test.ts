import net from "node:net";
import type { ShopDomain } from "../../contract/brands";
import { parseSweepRequest, type SweepRequest } from "../../contract/sweep";
import { sendToShopify } from "../../lambda/shopify/send";
import { FleetStand } from "../lambda/stand/fleet-stand";
import { InstallStand } from "../lambda/stand/install-stand";
import { SHOP, StoreStand } from "../lambda/stand/store-stand";
import { HOUR } from "../simulation/stage";
import { codeOf, deedsOf, polluting, valueWrites } from "./deeds";

const OTHER_SHOP = "evil.myshopify.com" as ShopDomain;

afterEach(() => {
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

describe("Shopify's answers", () => {
  const ANSWERS: Readonly<Record<string, [string, object]>> = {
    "a redirect to another host": [
      "redirect_refused",
      { status: 302, headers: { location: "https://evil.example/admin" }, body: "" },
    ],
    "a permanent redirect": [
      "redirect_refused",
      { status: 308, headers: { location: "https://evil.myshopify.com/" }, body: "" },
    ],
    "a megabyte": [
      "token_reply_malformed",
      { status: 200, headers: {}, body: "x".repeat(1_000_000) },
    ],
    "a token of a megabyte": [
      "token_reply_malformed",
      { status: 200, headers: {}, body: JSON.stringify({ access_token: "x".repeat(1_000_000) }) },
    ],
    "a token with a line break": [
      "token_reply_malformed",
      { status: 200, headers: {}, body: JSON.stringify({ access_token: "shpat_a\r\nhost: evil" }) },
    ],
    "scopes of a hundred kilobytes": [
      "record_too_large",
      {
        status: 200,
        headers: {},
        body: JSON.stringify({
          access_token: "shpat_0123456789abcdef0123456789abcdef",
          scope: Array.from({ length: 8_000 }, (_, index) => `read_scope_${index}`).join(","),
          expires_in: 86_399,
        }),
      },
    ],
    "keys for the prototypes": [
      "token_reply_malformed",
      { status: 200, headers: {}, body: '{"__proto__":{"access_token":"shpat_0123456789"}}' },
    ],
  };

  test.each(Object.entries(ANSWERS))("%s: %s", async (_name, [expected, reply]) => {
    const world = await StoreStand.create({ kind: "client-credentials" });
    world.clock.now += 20 * HOUR;
    world.calls.length = 0;
    const asked = jest.spyOn(world.shopify, "handle").mockResolvedValue(reply as never);
    expect(await codeOf(() => world.renew())).toBe(expected);
    expect(new Set(asked.mock.calls.map(([{ host }]) => host))).toEqual(new Set([SHOP]));
    expect(valueWrites(world)).toBe(0);
  });

  test.each([
    "evil.example",
    "acme.myshopify.com.evil.example",
    "acme.myshopify.com:8443",
    "evil.example#.myshopify.com",
    "169.254.169.254",
    "localhost",
    "",
  ])("no connection is made to %p", async (shop) => {
    const connect = jest.spyOn(net.Socket.prototype, "connect");
    const request = { shop: shop as ShopDomain, method: "GET", path: "/", headers: {} } as const;
    const code = await codeOf(() => sendToShopify({ ...request, body: {} }, 1_000));
    expect(code).toBe("shop_not_found");
    expect(connect).not.toHaveBeenCalled();
  });
});

describe("the sweep function", () => {
  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["another action", { action: "delete" }],
    ["an action of a prototype", { action: "constructor" }],
    ["an unknown key", { action: "sweep", force: true }],
    ["a store key with a path", { action: "migrate", store: "../other" }],
    ["more stores than there can be", { action: "check", stores: Array(1_001).fill("acme") }],
    ["keys for the prototypes alone", polluting()],
  ])("%s is refused", async (_name, event) => {
    expect(await codeOf(async () => parseSweepRequest(event))).toBe("event_malformed");
  });

  test("a store of another stack cannot be named, not even by an operator", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "custom-app" });
    await world.add("theirs", { kind: "custom-app", prefix: "shopify/other", holds: "none" });
    world.calls.length = 0;
    const request = { action: "check", stores: ["theirs"], stage: "AWSCURRENT" } as unknown;
    const result = await codeOf(() => world.act(request as SweepRequest));
    expect(result).toBe("secret_not_found");
    expect(deedsOf(world)).toMatchObject({ requests: 0, writes: 0 });
  });
});

describe("the install endpoint", () => {
  test("answers of nobody's: no code is exchanged, nothing is written", async () => {
    const install = await InstallStand.create();
    const visit = await install.begin();
    const rawQuery = install.approve(visit);
    const before = await install.snapshot();
    install.world.calls.length = 0;
    const elsewhere = rawQuery.replace(SHOP, OTHER_SHOP);
    const replies = [
      await install.callback(rawQuery, []),
      await install.callback(rawQuery, [visit.cookie.replace(".acme.", ".other.")]),
      await install.callback(elsewhere, [visit.cookie]),
      await install.callback(`${rawQuery}&shop=${OTHER_SHOP}`, [visit.cookie]),
      await install.callback(`${rawQuery}&__proto__=1`, [visit.cookie]),
      await install.callback("x".repeat(100_000), [visit.cookie]),
      await install.deliver("app/uninstalled", undefined, { secret: "not-the-client-secret" }),
      await install.deliver("__proto__", { myshopify_domain: SHOP }, { secret: "forged" }),
      await install.handle(polluting({ version: "2.0", routeKey: "POST /webhooks" })),
      await install.handle(undefined),
    ];
    expect(replies.map(({ statusCode }) => Math.floor(statusCode / 100))).toEqual(
      replies.map(() => 4),
    );
    expect(install.exchanges).toBe(0);
    expect(deedsOf(install.world)).toMatchObject({ requests: 0, writes: 0 });
    expect(await install.snapshot()).toBe(before);
  });
});
