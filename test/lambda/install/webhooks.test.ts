import type { ShopDomain, StoreKey } from "../../../contract/brands";
import { LONGEST_LIST_LAG_MS } from "../../../local/secrets-manager";
import { APP, CLIENT_ID, HOUR, MINUTE } from "../../simulation/stage";
import { InstallStand } from "../stand/install-stand";
import { SHOP } from "../stand/store-stand";

const STATE = "shopify-secrets:state";
const ERROR_CODE = "shopify-secrets:last-error-code";

async function installed(): Promise<InstallStand> {
  const install = await InstallStand.create();
  await install.install();
  return install;
}

const uninstall = ({ world }: InstallStand): void => {
  world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
};

const tokenRequests = ({ world }: InstallStand): number =>
  world.calls.filter(({ operation }) => operation === "/admin/oauth/access_token").length;

const triesOf = ({ world }: InstallStand): number =>
  world.calls.filter(({ operation }) => operation.endsWith("/graphql.json")).length;

const writesOf = ({ world }: InstallStand): number =>
  world.calls.filter(({ operation }) => /^(Put|Update|Tag)/.test(operation)).length;

describe("app/uninstalled", () => {
  test("marks the store once its access token is dead; nothing is refreshed", async () => {
    const install = await installed();
    uninstall(install);
    const exchanges = tokenRequests(install);
    expect((await install.deliver("app/uninstalled")).statusCode).toBe(200);
    expect(await install.world.tags()).toMatchObject({
      [STATE]: "uninstalled",
      [ERROR_CODE]: "app_uninstalled",
    });
    expect(install.line("webhook.handled")).toMatchObject({ outcome: "marked_uninstalled" });
    expect(tokenRequests(install)).toBe(exchanges);
  });

  test("delivered twice does no more", async () => {
    const install = await installed();
    uninstall(install);
    await install.deliver("app/uninstalled");
    install.world.clock.now += MINUTE;
    const writes = writesOf(install);
    expect((await install.deliver("app/uninstalled")).statusCode).toBe(200);
    expect(writesOf(install)).toBe(writes);
    expect(install.line("webhook.handled")).toMatchObject({ outcome: "marked_before" });
  });

  test("that is late, after a new approval, changes nothing", async () => {
    const install = await installed();
    uninstall(install);
    await install.install();
    const before = await install.snapshot();
    for (let times = 0; times < 2; times += 1) {
      expect((await install.deliver("app/uninstalled")).statusCode).toBe(200);
      expect(install.line("webhook.handled")).toMatchObject({ outcome: "stale" });
    }
    expect(await install.snapshot()).toBe(before);
  });

  test("asks Shopify once, and asks for another delivery when Shopify is out", async () => {
    const install = await installed();
    const tries = triesOf(install);
    install.world.shopify.control.break({ on: "admin-api", answer: 503 });
    const before = await install.snapshot();
    expect((await install.deliver("app/uninstalled")).statusCode).toBe(503);
    expect(triesOf(install) - tries).toBe(1);
    expect(await install.snapshot()).toBe(before);
  });

  test("of a frozen shop says nothing", async () => {
    const install = await installed();
    install.world.shopify.control.changeShop({ shop: SHOP, state: "frozen" });
    const before = await install.snapshot();
    expect((await install.deliver("app/uninstalled")).statusCode).toBe(200);
    expect(await install.snapshot()).toBe(before);
  });

  test("with an access token that has ended anyway is left to the sweep", async () => {
    const install = await installed();
    install.world.clock.now += HOUR + MINUTE;
    const before = await install.snapshot();
    expect((await install.deliver("app/uninstalled")).statusCode).toBe(200);
    expect(install.line("webhook.handled")).toMatchObject({ outcome: "left_to_the_sweep" });
    expect(await install.snapshot()).toBe(before);
  });

  test("of a store without a value does nothing", async () => {
    const install = await InstallStand.create();
    expect((await install.deliver("app/uninstalled")).statusCode).toBe(200);
    expect(install.line("webhook.handled")).toMatchObject({ outcome: "left_to_the_sweep" });
  });

  test("does not mark an install that lands while it is handled, wherever that happens", async () => {
    let between = 0;
    for (let at = 0; at < 12; at += 1) {
      const install = await installed();
      uninstall(install);
      const first = install.world.calls.length;
      let isInside = false;
      install.world.before = async ({ index }) => {
        if (isInside || index < first + at) return;
        isInside = true;
        between += 1;
        await install.install();
      };
      expect((await install.deliver("app/uninstalled")).statusCode).toBe(200);
      if (!isInside) await install.install();
      expect(await install.world.tags()).toMatchObject({ [STATE]: "ok" });
    }
    expect(between).toBeGreaterThanOrEqual(7);
  });
});

describe("a delivery for a store that is not listed", () => {
  const OTHER = "other-shop.myshopify.com";
  const about = (triggeredAt: number) => ({
    shop: OTHER,
    headers: { "x-shopify-triggered-at": new Date(triggeredAt).toISOString() },
  });

  test("is asked for again while the store may be too new for AWS's list, and handled then", async () => {
    const install = await InstallStand.create({ model: { listLagMs: LONGEST_LIST_LAG_MS } });
    const { world } = install;
    world.clock.now += 10 * MINUTE;
    const triggeredAt = world.clock.now;
    await install.declareStore("other" as StoreKey, {
      kind: "offline",
      shop: OTHER as ShopDomain,
      app: APP,
    });
    const body = { myshopify_domain: OTHER };
    const early = await install.deliver("app/uninstalled", body, about(triggeredAt));
    expect(early.statusCode).toBe(503);
    world.clock.now += 7 * MINUTE;
    const late = await install.deliver("app/uninstalled", body, about(triggeredAt));
    expect(late.statusCode).toBe(200);
    expect(install.line("webhook.handled")).toBeDefined();
  });

  test("is ignored ten minutes after it was triggered, or where nothing says when that was", async () => {
    const install = await InstallStand.create();
    const { world } = install;
    const body = { myshopify_domain: OTHER };
    const at = world.clock.now - 11 * MINUTE;
    expect((await install.deliver("app/uninstalled", body, about(at))).statusCode).toBe(200);
    const untold = await install.deliver("app/uninstalled", body, { shop: OTHER });
    expect(untold.statusCode).toBe(200);
    expect(install.line("webhook.ignored")).toMatchObject({ why: "store" });
  });
});

describe("app/scopes_update", () => {
  const changeTo = ({ world }: InstallStand, scopes: string[]): void => {
    world.shopify.control.changeScopes({ clientId: CLIENT_ID, shop: SHOP, scopes });
  };

  test("that takes a wanted scope away is reported, and one that gives it back clears that", async () => {
    const install = await installed();
    changeTo(install, ["read_products"]);
    expect((await install.deliver("app/scopes_update", { current: [] })).statusCode).toBe(200);
    expect(install.line("webhook.scopes_missing")).toMatchObject({
      missing_scopes: "write_orders",
    });
    expect(await install.world.tags()).toMatchObject({
      [STATE]: "ok",
      [ERROR_CODE]: "scope_missing",
      "shopify-secrets:missing-scopes": "write_orders",
    });
    changeTo(install, ["read_products", "write_orders"]);
    await install.deliver("app/scopes_update", { current: [] });
    expect(await install.world.tags()).toMatchObject({
      [STATE]: "ok",
      [ERROR_CODE]: "",
      "shopify-secrets:missing-scopes": "",
    });
  });

  test("is not believed by its words: the token itself is asked", async () => {
    const install = await installed();
    const before = await install.snapshot();
    await install.deliver("app/scopes_update", { current: ["nothing_at_all"] });
    expect(install.line("webhook.handled")).toMatchObject({ outcome: "scopes_complete" });
    expect(await install.snapshot()).toBe(before);
  });
});
