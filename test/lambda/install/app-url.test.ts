import { SECRET_TAGS } from "../../../contract/names";
import { STATUS_TAGS } from "../../../contract/store/status";
import { CLIENT_ID, MINUTE } from "../../simulation/stage";
import { HOST, InstallStand, OWN_PAGE } from "../stand/install-stand";
import { SHOP, STORE } from "../stand/store-stand";

/** A custom app on another organization's store, which Shopify's own link has just installed. */
async function installedByShopify(): Promise<InstallStand> {
  const install = await InstallStand.create();
  install.world.shopify.control.changeShop({ shop: SHOP, organization: "org-client" });
  return install;
}

async function connected(): Promise<InstallStand> {
  const install = await InstallStand.create();
  await install.install();
  return install;
}

describe("the App URL", () => {
  test("goes on to the approval of the declared store, which brings its token", async () => {
    const install = await installedByShopify();
    const visit = await install.openApp();
    expect(visit.reply.statusCode).toBe(302);
    expect(new URL(visit.location).host).toBe(SHOP);
    const reply = await install.callback(install.approve(visit), [visit.cookie]);
    expect(reply.statusCode).toBe(200);
    expect((await install.world.current())?.record.kind).toBe("offline-expiring");
  });

  test("of a store that was renamed goes on with the key that config has now", async () => {
    const install = await installedByShopify();
    await install.world.model.handle("TagResource", {
      SecretId: install.world.arn,
      Tags: [{ Key: SECRET_TAGS.store, Value: "acme-retail" }],
    });
    await install.openApp();
    expect(install.line("install.app_opened")).toMatchObject({ store: "acme-retail", shop: SHOP });
  });

  test.each([
    ["another shop", (query: URLSearchParams) => query.set("shop", "globex.myshopify.com")],
    ["another time", (query: URLSearchParams) => query.set("timestamp", "1764000000")],
    ["one parameter more", (query: URLSearchParams) => query.set("host", "aGVsbG8=")],
    [
      "a signature of another secret",
      (query: URLSearchParams) => query.set("hmac", "0".repeat(64)),
    ],
  ])("with %s is refused, and nothing is begun", async (_what, change) => {
    const install = await installedByShopify();
    const before = await install.snapshot();
    const { reply } = await install.openApp(change);
    expect(reply.statusCode).toBe(400);
    expect(install.line("install.refused")).toMatchObject({ code: "callback_signature_invalid" });
    expect(reply.cookies).toEqual([]);
    expect(await install.snapshot()).toBe(before);
  });

  test("without a signature is no request of ours", async () => {
    const install = await installedByShopify();
    const reply = await install.request("GET /", { rawQueryString: "" });
    expect(reply.statusCode).toBe(400);
  });

  test("that is older than 90 seconds is refused", async () => {
    const install = await installedByShopify();
    const { url } = install.world.shopify.control.openApp({ clientId: CLIENT_ID, shop: SHOP });
    install.world.clock.now += 2 * MINUTE;
    const rawQueryString = new URL(url).search.slice(1);
    const reply = await install.request("GET /", { rawQueryString });
    expect(install.line("install.refused")).toMatchObject({ code: "callback_stale" });
    expect(reply.statusCode).toBe(400);
  });

  test("of a shop that is not declared leads nowhere, and says so", async () => {
    const install = await installedByShopify();
    const elsewhere = "elsewhere.myshopify.com";
    install.world.shopify.control.addShop({ shop: elsewhere });
    install.world.shopify.control.install({ clientId: CLIENT_ID, shop: elsewhere });
    const { url } = install.world.shopify.control.openApp({ clientId: CLIENT_ID, shop: elsewhere });
    const reply = await install.request("GET /", { rawQueryString: new URL(url).search.slice(1) });
    expect(reply.statusCode).toBe(404);
    expect(install.line("install.refused")).toMatchObject({ code: "store_not_declared" });
  });

  test("in a frame of the admin shows a way out of it, and may be framed there and nowhere else", async () => {
    const install = await installedByShopify();
    install.world.shopify.control.changeApp({ clientId: CLIENT_ID, embedded: true });
    const { reply } = await install.openApp();
    expect(reply.statusCode).toBe(200);
    expect(reply.body).toContain(`href="/install/${STORE}" target="_top"`);
    expect(reply.headers["content-security-policy"]).toContain(
      `frame-ancestors https://admin.shopify.com https://${SHOP}`,
    );
    expect(reply.cookies).toEqual([]);
  });
});

describe("a store that is well", () => {
  test("shows a button in place of a redirect, on its link and on its App URL", async () => {
    const install = await connected();
    for (const visit of [await install.open(), await install.openApp()]) {
      expect(visit.reply.statusCode).toBe(200);
      expect(visit.reply.body).toContain(`<form method="post" action="/install/${STORE}">`);
      expect(visit.reply.cookies).toEqual([]);
      expect(visit.reply.headers["content-security-policy"]).toContain("form-action 'self'");
    }
  });

  test("is approved once more by that button", async () => {
    const install = await connected();
    const before = await install.world.current();
    install.world.clock.now += 25 * MINUTE;
    const visit = await install.press();
    expect(new URL(visit.location).host).toBe(SHOP);
    const reply = await install.callback(install.approve(visit), [visit.cookie]);
    expect(reply.statusCode).toBe(200);
    expect((await install.world.current())?.versionId).not.toBe(before?.versionId);
  });

  test.each([
    [OWN_PAGE, 200],
    [{ origin: `https://${HOST}` }, 200],
    [{}, 400],
    [{ "sec-fetch-site": "cross-site" }, 400],
    [{ "sec-fetch-site": "same-site", origin: "https://evil.example" }, 400],
    [{ origin: "null" }, 400],
  ])("takes the button from its own page only: %p is %i", async (headers, status) => {
    const install = await connected();
    const { reply } = await install.press(STORE, headers as Record<string, string>);
    expect(reply.statusCode).toBe(status);
    expect(reply.cookies.length).toBe(status === 200 ? 1 : 0);
  });
});

test.each(["refresh_token_dead", "app_uninstalled", "scope_missing"] as const)(
  "a store whose merchant is needed (%s) goes straight on",
  async (code) => {
    const install = await connected();
    const arn = install.world.arn;
    await install.world.model.handle("TagResource", {
      SecretId: arn,
      Tags: [
        { Key: STATUS_TAGS.lastErrorCode, Value: code },
        {
          Key: STATUS_TAGS.lastErrorAt,
          Value: new Date(install.world.clock.now + 1).toISOString(),
        },
      ],
    });
    // What a warm function was told of a store counts for half a minute.
    install.world.clock.now += 31_000;
    expect((await install.open()).reply.statusCode).toBe(302);
  },
);
