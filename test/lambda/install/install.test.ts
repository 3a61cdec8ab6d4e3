import type { ShopDomain, StoreKey } from "../../../contract/brands";
import { SECRET_TAGS } from "../../../contract/names";
import { APP, CLIENT_ID, FIRST_SECRET, MINUTE, PREFIX } from "../../simulation/stage";
import { CALLBACK, HOST, InstallStand } from "../stand/install-stand";
import { SHOP, STORE } from "../stand/store-stand";
import { chainOf, isChainAlive } from "./chain";

const SECOND_SECRET = "shpss_second_client_secret";

describe("the merchant's link", () => {
  test("sends the browser to Shopify with a state, and keeps a ticket in it", async () => {
    const install = await InstallStand.create();
    const { reply, location } = await install.begin();
    expect(reply.statusCode).toBe(302);
    const url = new URL(location);
    expect(`${url.origin}${url.pathname}`).toBe(`https://${SHOP}/admin/oauth/authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: CLIENT_ID,
      scope: "read_products,write_orders",
      redirect_uri: CALLBACK,
      state: expect.stringMatching(/^[\w-]{43}$/),
    });
    const [cookie = ""] = reply.cookies;
    expect(cookie).toMatch(/^__Host-install-[\w-]{12}=v1\.acme\.\d+\.[\w-]{43}\.[\w-]{43}; /);
    expect(cookie).toMatch(/; Max-Age=600; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
    expect(JSON.stringify(reply)).not.toContain(FIRST_SECRET);
  });

  test("asks for no scopes when the store wants whatever the app has", async () => {
    const install = await InstallStand.create({ scopes: [] });
    expect(new URL((await install.begin()).location).searchParams.has("scope")).toBe(false);
  });

  describe("of a store that was renamed", () => {
    const rename = async (install: InstallStand, store: string) => {
      const Tags = [{ Key: SECRET_TAGS.store, Value: store }];
      await install.world.model.handle("TagResource", { SecretId: install.world.arn, Tags });
    };

    test.each(["brand", STORE])("holds the key of config, or the one before: %s", async (key) => {
      const install = await InstallStand.create();
      await rename(install, "brand");
      const reply = await install.install(key);
      expect(reply.statusCode).toBe(200);
      expect(install.line("install.promoted")).toMatchObject({ store: "brand" });
    });

    test("is another store's where that has the key now", async () => {
      const install = await InstallStand.create();
      await rename(install, "brand");
      const shop = "other.myshopify.com" as ShopDomain;
      const kind = "offline-expiring";
      await install.declareStore("elsewhere" as StoreKey, { kind, shop, app: APP });
      const SecretId = `${PREFIX}/stores/elsewhere/token`;
      const Tags = [{ Key: SECRET_TAGS.store, Value: STORE }];
      await install.world.model.handle("TagResource", { SecretId, Tags });
      expect((await install.open(STORE)).location).toContain(shop);
    });

    test("is asked of AWS once a minute, however many links lead nowhere", async () => {
      const install = await InstallStand.create();
      const asked = jest.spyOn(install.world.model, "handle");
      for (let link = 0; link < 20; link += 1) {
        expect((await install.open(`nowhere-${link}`)).reply.statusCode).toBe(404);
      }
      const lists = asked.mock.calls.filter(([operation]) => operation === "ListSecrets");
      expect(lists.length).toBe(1);
    });
  });

  test("every state is another one", async () => {
    const install = await InstallStand.create();
    const visits = await Promise.all([install.begin(), install.begin(), install.begin()]);
    expect(new Set(visits.map(({ location }) => location)).size).toBe(3);
    expect(new Set(visits.map(({ cookie }) => cookie)).size).toBe(3);
  });

  test("the callback address comes from the API or from config, whatever the Host header says", async () => {
    const install = await InstallStand.create();
    const evil = { host: "evil.example", "x-forwarded-host": "evil.example" };
    const redirectOf = async () =>
      new URL((await install.open(STORE, evil)).location).searchParams.get("redirect_uri");
    expect(await redirectOf()).toBe(`https://${HOST}/callback`);
    install.installDomain = "connect.example.com";
    expect(await redirectOf()).toBe("https://connect.example.com/callback");
  });
});

describe("an approval", () => {
  test("becomes a pair in Secrets Manager that works and can be renewed", async () => {
    const install = await InstallStand.create();
    const reply = await install.install();
    expect(reply.statusCode).toBe(200);
    expect(reply.body).toContain(`${SHOP} is connected`);
    expect(reply.body).toContain(`href="https://${SHOP}/admin" target="_top"`);
    expect(reply.cookies).toEqual([
      expect.stringMatching(/^__Host-install-[\w-]{12}=; Max-Age=0;/),
    ]);
    const { record, refreshToken } = await chainOf(install);
    expect(record).toMatchObject({ kind: "offline-expiring", shop: SHOP, app: "erp" });
    expect((record.expiresAt ?? 0) - record.issuedAt).toBe(3_600_000);
    expect(install.world.isAlive(record.accessToken.unseal())).toBe(true);
    expect(refreshToken).toMatch(/^shprt_/);
    expect(await install.world.tags()).toMatchObject({
      "shopify-secrets:state": "ok",
      "shopify-secrets:last-error-code": "",
    });
    expect(install.exchanges).toBe(1);
    install.world.clock.now += 35 * MINUTE;
    await install.world.renew();
    expect(await isChainAlive(install)).toBe(true);
  });

  test("is stored before anything else is asked of Shopify", async () => {
    const install = await InstallStand.create();
    await install.install();
    const operations = install.world.calls.map(({ operation }) => operation);
    const exchange = operations.indexOf("/admin/oauth/access_token");
    expect(operations.slice(exchange + 1, exchange + 3)).toEqual(["Encrypt", "PutSecretValue"]);
  });

  test("leaves no label but AWSCURRENT", async () => {
    const install = await InstallStand.create();
    await install.install();
    const { versionId } = await chainOf(install);
    expect(await install.world.labels()).toEqual({ [versionId]: ["AWSCURRENT"] });
  });

  test("of a store of kind offline becomes a token without an end", async () => {
    const install = await InstallStand.create({ kind: "offline" });
    expect((await install.install()).statusCode).toBe(200);
    const { record } = await chainOf(install);
    expect(record.expiresAt).toBeUndefined();
    expect(record.refreshTokenSealed).toBe("");
    expect(install.world.isAlive(record.accessToken.unseal())).toBe(true);
  });

  test.each(["absent", "text"] as const)(
    "whose reply names its life as %s lives an hour",
    async (expiresIn) => {
      const install = await InstallStand.create({ shopify: { expiresIn } });
      await install.install();
      const { record } = await chainOf(install);
      expect((record.expiresAt ?? 0) - record.issuedAt).toBe(3_600_000);
    },
  );

  test("with fewer scopes than wanted is promoted, recorded and reported", async () => {
    const install = await InstallStand.create();
    const visit = await install.begin();
    const edited = visit.location.replace("read_products%2Cwrite_orders", "read_products");
    const reply = await install.callback(install.approve({ location: edited }), [visit.cookie]);
    expect(reply.statusCode).toBe(200);
    expect(reply.body).toContain("asked for and not granted: write_orders.");
    expect((await chainOf(install)).record.scopes).toEqual(["read_products"]);
    expect(install.line("shopify.scope_missing")).toMatchObject({ missing_scopes: "write_orders" });
    expect(await install.world.tags()).toMatchObject({
      "shopify-secrets:state": "ok",
      "shopify-secrets:last-error-code": "scope_missing",
      "shopify-secrets:missing-scopes": "write_orders",
    });
  });

  test("whose token is refused at once is not promoted, but stays stored", async () => {
    const install = await InstallStand.create();
    install.world.shopify.control.break({ on: "admin-api", answer: 401 });
    const reply = await install.install();
    expect(reply.statusCode).toBe(502);
    expect(reply.body).toContain("token_dead");
    const labels = Object.values(await install.world.labels()).flat();
    expect(labels).toContain("SHOPIFY_SECRETS_INSTALLING");
    expect(await install.world.tags()).toMatchObject({
      "shopify-secrets:state": "awaiting_merchant",
    });
  });

  test("whose token cannot be tried is promoted, and the page says so", async () => {
    const install = await InstallStand.create();
    install.world.shopify.control.break({ on: "admin-api", answer: 503 });
    const reply = await install.install();
    expect(reply.statusCode).toBe(200);
    expect(reply.body).toContain("could not confirm");
    expect(await install.world.tags()).toMatchObject({
      "shopify-secrets:state": "ok",
      "shopify-secrets:last-error-code": "shopify_unreachable",
    });
  });

  test("that is throttled is exchanged a moment later", async () => {
    const install = await InstallStand.create();
    install.world.shopify.control.throttle({ on: "token-endpoint", calls: 2 });
    expect((await install.install()).statusCode).toBe(200);
    expect(install.exchanges).toBe(3);
  });

  test("is exchanged with the client secret before, when the newest is refused", async () => {
    const install = await InstallStand.create();
    await install.world.putAppSecret("shpss_mistyped", FIRST_SECRET);
    const reply = await install.install();
    expect(reply.statusCode).toBe(200);
    expect(await isChainAlive(install)).toBe(true);
  });

  test.each(["newest-secret", "oldest-secret"] as const)(
    "signed with the %s of two counts",
    async (callbackSignedWith) => {
      const install = await InstallStand.create({ shopify: { callbackSignedWith } });
      const { control } = install.world.shopify;
      control.addClientSecret({ clientId: CLIENT_ID, clientSecret: SECOND_SECRET });
      await install.world.putAppSecret(SECOND_SECRET);
      expect((await install.install()).statusCode).toBe(200);
    },
  );

  test.each([
    ["none", "percent"],
    ["extra-parameter", "percent"],
    ["spaced-parameter", "percent"],
    ["spaced-parameter", "form"],
  ] as const)(
    "with %s as further parameters, encoded as %s, counts",
    async (callbackExtras, callbackEncoding) => {
      const install = await InstallStand.create({ shopify: { callbackExtras, callbackEncoding } });
      expect((await install.install()).statusCode).toBe(200);
    },
  );

  test("may be given for several stores side by side in one browser", async () => {
    const install = await InstallStand.create();
    const [one, other] = [await install.begin(), await install.begin()];
    const cookies = [one.cookie, other.cookie];
    expect((await install.callback(install.approve(one), cookies)).statusCode).toBe(200);
    expect((await install.callback(install.approve(other), cookies)).statusCode).toBe(200);
    expect(await isChainAlive(install)).toBe(true);
  });

  test("given again retires the pair before it, and the newer one is AWSCURRENT", async () => {
    const install = await InstallStand.create();
    await install.install();
    const before = await chainOf(install);
    install.world.clock.now += 25 * MINUTE;
    await install.install();
    const after = await chainOf(install);
    expect(after.record.parentVersion).toBe(before.versionId);
    expect(await isChainAlive(install)).toBe(true);
    // Its refresh token ends with the exchange, its access token by itself, within the hour.
    const { control } = install.world.shopify;
    const { refreshToken, record } = before;
    expect(control.refreshTokenLife({ refreshToken }).usable).toBe(false);
    expect(install.world.isAlive(record.accessToken.unseal())).toBe(true);
    install.world.clock.now += 36 * MINUTE;
    expect(install.world.isAlive(record.accessToken.unseal())).toBe(false);
  });

  test("clears the mark of an uninstall", async () => {
    const install = await InstallStand.create();
    await install.install();
    install.world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
    await install.deliver("app/uninstalled");
    expect(await install.world.tags()).toMatchObject({ "shopify-secrets:state": "uninstalled" });
    await install.install();
    expect(await install.world.tags()).toMatchObject({ "shopify-secrets:state": "ok" });
  });

  test("that reached us before is said to be connected, and not exchanged into a loss", async () => {
    const install = await InstallStand.create();
    const visit = await install.begin();
    const query = install.approve(visit);
    expect((await install.callback(query, [visit.cookie])).statusCode).toBe(200);
    const again = await install.callback(query, [visit.cookie]);
    expect(again.statusCode).toBe(200);
    expect(await install.world.tags()).toMatchObject({ "shopify-secrets:state": "ok" });
    expect(await isChainAlive(install)).toBe(true);
  });

  test("whose code somebody else used is refused, and nothing is written", async () => {
    const install = await InstallStand.create();
    const visit = await install.begin();
    const query = install.approve(visit);
    await install.useCode(query);
    const before = await install.snapshot();
    const reply = await install.callback(query, [visit.cookie]);
    expect(reply.statusCode).toBe(400);
    expect(reply.body).toContain("code_unusable");
    expect(await install.snapshot()).toBe(before);
  });
});
