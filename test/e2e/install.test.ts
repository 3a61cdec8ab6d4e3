import { join } from "node:path";
import type { StoreKey } from "../../contract/brands";
import { installLinkOf } from "../../contract/install";
import { MINUTE_MS } from "../../contract/time";
import { readRecord } from "../../local/demo/records";
import { DevStack } from "../../local/demo/stack";
import { DEV_APPS } from "../../local/world/dev-fixtures";
import type { World } from "../../local/world/world";
import { beginWorld } from "./begin-world";
import { type ServedEndpoint, serveEndpoint } from "./install/endpoint";
import { Merchant, type Seen } from "./install/merchant";
import { letListsArrive } from "./let-lists-arrive";

const STORE = "boutique" as StoreKey;
const SHOP = "boutique.myshopify.com";
const CONFIG: readonly (readonly [string, string])[] = [
  ["kind", "offline-expiring"],
  ["shop", SHOP],
  ["app", "catalog"],
  ["scopes[0]", "read_products"],
  ["scopes[1]", "write_orders"],
];

/** A store that is well takes another approval after 20 minutes. */
const AFTER_AN_APPROVAL_MS = 21 * MINUTE_MS;

/** What a pair lives, and the sweeps that see it end. */
const UNTIL_BELIEVED_MS = 100 * MINUTE_MS;

/** A merchant approves an app, in a real browser, on the local world. The tests of this file build on each other. */
describe("the install endpoint", () => {
  let world: World;
  let stack: DevStack;
  let endpoint: ServedEndpoint;
  let merchant: Merchant;
  let secretArn: string;

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    world.shopify.imitation.control.addShop({ shop: SHOP });
    stack = new DevStack(world);
    await stack.init();
    for (const [key, value] of CONFIG) {
      const path = `shopify-secrets:stores.${STORE}.${key}`;
      await stack.must(["config", "set", "--path", path, value]);
    }
  });

  afterAll(async () => {
    await endpoint?.close();
    await world?.stop();
  });

  const link = () => installLinkOf(`https://${endpoint.door.host}`, STORE);
  const record = async () => (await readRecord(world, secretArn)).record;

  async function tags(): Promise<Record<string, string>> {
    const { Tags } = (await world.secrets.handle("DescribeSecret", { SecretId: secretArn })) as {
      Tags: { Key: string; Value: string }[];
    };
    return Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
  }

  async function isAlive(): Promise<boolean> {
    const accessToken = (await record()).accessToken.unseal();
    return world.shopify.imitation.control.tokenLife({ accessToken }).death === null;
  }

  test("up provisions a store that awaits its merchant, and an endpoint", async () => {
    const run = await stack.up();
    expect(run.output).not.toContain("error:");
    expect(run.exitCode).toBe(0);
    secretArn = (await stack.stores())[STORE]?.secretArn ?? "";
    expect(await tags()).toMatchObject({ "shopify-secrets:state": "awaiting_merchant" });
    letListsArrive(world);
    const { output } = await stack.must(["stack", "output", "installBaseUrl"]);
    endpoint = await serveEndpoint(world, output);
    merchant = await Merchant.in(endpoint.browser);
  });

  test("the merchant opens the link, approves, and the store has its pair", async () => {
    const asked = await merchant.openLink(link());
    expect(new URL(asked.url).host).toBe(SHOP);
    expect(asked.text).toContain("write_orders");
    const seen = await merchant.press("#approve");
    expect(seen).toMatchObject({ status: 200, title: `${SHOP} is connected`, complaints: [] });
    await keepPictures(seen, "connected");
    expect(await record()).toMatchObject({ kind: "offline-expiring", shop: SHOP, app: "catalog" });
    expect(await isAlive()).toBe(true);
    expect(await tags()).toMatchObject({ "shopify-secrets:state": "ok" });
  });

  test("the app that is opened in the store's admin says that all is well, with a button", async () => {
    const { clientId } = DEV_APPS.catalog;
    const { control } = world.shopify.imitation;
    control.changeApp({ clientId, appUrl: `https://${endpoint.door.host}/` });
    const { url } = control.openApp({ clientId, shop: SHOP });
    const seen = await merchant.open(url);
    expect(seen).toMatchObject({
      status: 200,
      title: `${SHOP} does not need you`,
      complaints: [],
    });
    await keepPictures(seen, "well");
    expect(await merchant.open(url.replace("timestamp=1", "timestamp=2"))).toMatchObject({
      status: 400,
    });
    expect(await isAlive()).toBe(true);
  });

  test("another approval a moment later is not used", async () => {
    await merchant.openLink(link());
    expect(await merchant.press("#approve")).toMatchObject({
      status: 429,
      title: "This store was approved before",
    });
    expect(await isAlive()).toBe(true);
  });

  test("the page that is loaded again says the same, and nothing is lost", async () => {
    await world.driver.advance(AFTER_AN_APPROVAL_MS);
    const { url } = await merchant.openLink(link());
    expect(new URL(url).host).toBe(SHOP);
    const { page, complaints } = await merchant.press("#approve");
    expect(page.url()).not.toMatch(/[?&](code|hmac|state)=/);
    for (let loads = 0; loads < 3; loads += 1) {
      const again = await merchant.open(page.url());
      expect(again).toMatchObject({ status: 200, title: `${SHOP} is connected`, complaints });
    }
    expect(await isAlive()).toBe(true);
  });

  test("a lost reply of the code exchange: approve again, from the page itself", async () => {
    await world.driver.advance(AFTER_AN_APPROVAL_MS);
    const before = await readRecord(world, secretArn);
    const { control } = world.shopify.imitation;
    control.break({ on: "token-endpoint", answer: "drop", when: "after-effect", times: 1 });
    await merchant.openLink(link());
    const seen = await merchant.press("#approve");
    expect(seen).toMatchObject({ status: 502, title: "Please approve again" });
    await keepPictures(seen, "approve-again");
    expect(await tags()).toMatchObject({
      "shopify-secrets:state": "awaiting_merchant",
      "shopify-secrets:last-error-code": "code_exchange_lost",
    });
    expect((await readRecord(world, secretArn)).versionId).toBe(before.versionId);
    expect(await isAlive()).toBe(true);
    await merchant.press("main a");
    expect(await merchant.press("#approve")).toMatchObject({ status: 200 });
    expect(await tags()).toMatchObject({ "shopify-secrets:state": "ok" });
    expect(await isAlive()).toBe(true);
  });

  /** A client of an agency, whose store has lost the app until the sweep believes it: as good as one that never had it. */
  async function isClientWithout(app: { readonly distribution: "custom" | "public" }) {
    const { clientId } = DEV_APPS.catalog;
    const { control } = world.shopify.imitation;
    control.uninstall({ clientId, shop: SHOP });
    control.changeShop({ shop: SHOP, organization: "org-client" });
    const appUrl = `https://${endpoint.door.host}/`;
    control.changeApp({ clientId, appUrl, allowedAddresses: ["127.0.0.1"], ...app });
    await world.driver.advance(UNTIL_BELIEVED_MS);
    return () => control.distributionLink({ clientId, shop: SHOP }).url;
  }

  test("a custom app on a client's store: Shopify refuses our link, and its own one ends at the App URL", async () => {
    const distributionLink = await isClientWithout({ distribution: "custom" });
    const refused = await merchant.openLink(link());
    expect(refused.status).toBe(400);
    expect(refused.text).toContain("invalid_link");
    const asked = await merchant.open(distributionLink());
    expect(new URL(asked.url).host).toBe(SHOP);
    const carriedOn = await merchant.press("#approve");
    const seen = carriedOn.url.includes("/oauth/authorize")
      ? await merchant.press("#approve")
      : carriedOn;
    expect(seen).toMatchObject({ status: 200, title: `${SHOP} is connected` });
    expect(await isAlive()).toBe(true);
    expect(await tags()).toMatchObject({ "shopify-secrets:state": "ok" });
  });

  test("a public app on a client's store: our link is enough", async () => {
    await isClientWithout({ distribution: "public" });
    const asked = await merchant.openLink(link());
    expect(new URL(asked.url).host).toBe(SHOP);
    expect(await merchant.press("#approve")).toMatchObject({
      status: 200,
      title: `${SHOP} is connected`,
    });
    expect(await isAlive()).toBe(true);
  });

  test("strangers are refused at the real endpoint", async () => {
    const stranger = await Merchant.in(endpoint.browser);
    const base = `https://${endpoint.door.host}`;
    const undeclared = await stranger.open(`${base}/install/nobody`);
    expect(undeclared).toMatchObject({ status: 404, title: "This link leads nowhere" });
    await keepPictures(undeclared, "refused");
    const forged = await stranger.open(
      `${base}/callback?code=x&shop=${SHOP}&state=${"s".repeat(43)}&timestamp=1&hmac=${"0".repeat(64)}`,
    );
    expect(forged.status).toBe(400);
    const pasted = await stranger.open(`${base}/install/partner`);
    expect(pasted).toMatchObject({
      status: 200,
      title: "partner.myshopify.com does not need you",
    });
    const webhook = await fetch(`${endpoint.door.plainUrl}/webhooks`, {
      method: "POST",
      body: JSON.stringify({ myshopify_domain: SHOP }),
      headers: {
        "content-type": "application/json",
        "x-shopify-topic": "app/uninstalled",
        "x-shopify-shop-domain": SHOP,
        "x-shopify-hmac-sha256": `${"A".repeat(43)}=`,
      },
    });
    expect(webhook.status).toBe(401);
    expect(await tags()).toMatchObject({ "shopify-secrets:state": "ok" });
    await stranger.leave();
  });

  test("Pulumi sees no change", async () => {
    const { output, exitCode } = await stack.engine.run([
      "preview",
      "--refresh",
      "--expect-no-changes",
    ]);
    expect(output).not.toMatch(/[+~-] \d+ to (create|update|delete|replace)/);
    expect(exitCode).toBe(0);
  });
});

const WIDTHS = { phone: { width: 375, height: 667 }, desktop: { width: 1280, height: 800 } };

/** Takes a page's picture on a phone and on a desktop, and keeps it where INSTALL_SCREENSHOTS names a folder. */
async function keepPictures({ page }: Seen, name: string): Promise<void> {
  const folder = process.env["INSTALL_SCREENSHOTS"];
  for (const [screen, size] of Object.entries(WIDTHS)) {
    await page.setViewportSize(size);
    const isTooWide = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
    expect([name, screen, isTooWide]).toEqual([name, screen, false]);
    if (folder !== undefined)
      await page.screenshot({ path: join(folder, `${name}-${screen}.png`) });
  }
}
