import { ListSecretsCommand } from "@aws-sdk/client-secrets-manager";
import type { AppKey, ShopDomain, StoreKey } from "../../../contract/brands";
import { keysOfInstalled } from "../../../contract/installed-keys";
import { INSTALLED, SECRET_TAGS } from "../../../contract/names";

import { APP, CLIENT_ID, DAY, HOUR, MINUTE, shopOf } from "../../simulation/stage";
import { InstallStand } from "../stand/install-stand";
import { SHOP, STORE } from "../stand/store-stand";
import { KMS_KEY, OpenStand } from "./open-stand";

describe("a merchant whom nobody declared", () => {
  test("installs an open app, and has a store: with the tags, description and record of a declared one", async () => {
    const stand = await OpenStand.create();
    const shop = stand.openShop("wholegrain");
    const page = await stand.come(shop);
    expect(page.body).toContain(`${shop} is connected`);
    const secret = await stand.secretOf("wholegrain");
    expect(secret?.declared).toMatchObject({ kind: "offline-expiring", shop, app: APP });
    expect(secret?.tags).toMatchObject({
      team: "commerce",
      [SECRET_TAGS.store]: "wholegrain",
      [SECRET_TAGS.kind]: "offline-expiring",
      [SECRET_TAGS.clientId]: CLIENT_ID,
      [SECRET_TAGS.origin]: INSTALLED,
      "shopify-secrets:state": "ok",
    });
    expect(await stand.works("wholegrain", shop)).toBe(true);
    const facts = stand.install.world.model.factsFor(stand.nameOf("wholegrain"));
    expect(facts?.kmsKeyId).toBe(KMS_KEY);
    const [metrics] = stand.install.lines.filter((line) => line.includes('"NewStores":1'));
    expect(metrics).toBeDefined();
  });

  test("has none until the approval was verified", async () => {
    const stand = await OpenStand.create();
    const visit = await stand.arrive(stand.openShop("wholegrain"));
    expect(visit.reply.statusCode).toBe(302);
    expect(stand.keys).toEqual([STORE]);
  });

  test.each<[string, (query: URLSearchParams) => void, string]>([
    [
      "of another shop",
      (query) => query.set("shop", "evil.myshopify.com"),
      "callback_signature_invalid",
    ],
    [
      "without a signature",
      (query) => query.set("hmac", "0".repeat(64)),
      "callback_signature_invalid",
    ],
    ["of another state", (query) => query.set("state", "a".repeat(43)), "install_state_invalid"],
  ])("gets none by an answer %s", async (_how, change, code) => {
    const stand = await OpenStand.create();
    const visit = await stand.arrive(stand.openShop("wholegrain"));
    const query = new URLSearchParams(stand.install.approve(visit));
    change(query);
    const reply = await stand.install.callback(query.toString(), [visit.cookie]);
    expect(reply.body).toContain(code);
    expect(stand.keys).toEqual([STORE]);
    expect(stand.install.exchanges).toBe(0);
  });

  test("gets none by an answer that was begun in another browser, or too long ago", async () => {
    const stand = await OpenStand.create();
    const visit = await stand.arrive(stand.openShop("wholegrain"));
    const query = stand.install.approve(visit);
    const other = await stand.arrive(stand.openShop("other"));
    for (const cookies of [[], [other.cookie], [visit.cookie.replace("=v2.", "=v1.")]]) {
      expect((await stand.install.callback(query, cookies)).statusCode).toBeGreaterThanOrEqual(400);
    }
    stand.clock.now += 11 * MINUTE;
    expect((await stand.install.callback(query, [visit.cookie])).statusCode).toBe(400);
    expect(stand.keys).toEqual([STORE]);
  });

  test("gets none where the app is not open", async () => {
    const stand = await OpenStand.create();
    stand.install.openInstalls = undefined;
    const page = await stand.come(stand.openShop("wholegrain"));
    expect(page.body).toContain("This link leads nowhere");
    expect(stand.keys).toEqual([STORE]);
  });

  test("that was declared meanwhile, or before, gets the declared store", async () => {
    const stand = await OpenStand.create();
    const page = await stand.come(SHOP);
    expect(page.body).toContain(`${SHOP} is connected`);
    expect(stand.keys).toEqual([STORE]);
    expect((await stand.secretOf(STORE))?.tags[SECRET_TAGS.origin]).toBeUndefined();
  });

  test("that has two windows open has one store", async () => {
    const stand = await OpenStand.create();
    const shop = stand.openShop("wholegrain");
    const visits = [await stand.arrive(shop), await stand.arrive(shop)];
    const queries = visits.map((visit) => stand.install.approve(visit));
    const pages = [];
    for (const [index, visit] of visits.entries()) {
      pages.push(await stand.install.callback(queries[index] ?? "", [visit.cookie]));
    }
    expect(pages[0]?.body).toContain("is connected");
    expect(pages[1]?.statusCode).toBe(200);
    expect(stand.keys).toEqual([STORE, "wholegrain"]);
    expect(await stand.works("wholegrain", shop)).toBe(true);
  });

  test("comes to a store that the list does not show yet", async () => {
    const stand = await OpenStand.create({ model: { listLagMs: 5 * MINUTE } });
    stand.clock.now += HOUR;
    const shop = stand.openShop("wholegrain");
    await stand.come(shop);
    const again = await stand.arrive(shop);
    expect(again.reply.body).toContain(`${shop} does not need you`);
    expect(stand.keys).toEqual([STORE, "wholegrain"]);
  });

  test("comes to an app that the list does not show yet", async () => {
    const stand = await OpenStand.create({ model: { listLagMs: 5 * MINUTE } });
    const shop = stand.openShop("wholegrain");
    expect((await stand.come(shop)).body).toContain(`${shop} is connected`);
  });

  test("is led out of the admin's frame by a way that works for ten minutes", async () => {
    const stand = await OpenStand.create();
    stand.install.world.shopify.control.changeApp({ clientId: CLIENT_ID, embedded: true });
    const shop = stand.openShop("wholegrain");
    const framed = await stand.arrive(shop);
    const [, rawQueryString = ""] =
      /href="\/install\/wholegrain\?([^"]+)" target="_top"/.exec(framed.reply.body) ?? [];
    expect(rawQueryString).toContain(shop);
    const follow = (query: string) =>
      stand.install.request("GET /install/{store}", { store: "wholegrain", rawQueryString: query });
    const reply = await follow(rawQueryString);
    expect(reply.statusCode).toBe(302);
    expect(reply.headers["location"]).toContain(`https://${shop}/admin/oauth/authorize`);
    expect((await follow(rawQueryString.replace("wholegrain.my", "evil.my"))).statusCode).toBe(400);
    stand.clock.now += 10 * MINUTE;
    expect((await follow(rawQueryString)).statusCode).toBe(400);
    expect(stand.keys).toEqual([STORE]);
  });
});

describe("the key of a store that came by itself", () => {
  const keys = (shop: string) => keysOfInstalled({ app: APP, shop: shop as ShopDomain });

  test("is the shop's handle, or that and a hash where another store has it", async () => {
    const [first, second] = keys("wholegrain.myshopify.com");
    expect(first).toBe("wholegrain");
    expect(second).toMatch(/^wholegrain-[0-9a-z]{7}$/);
    const stand = await OpenStand.create();
    const declared = shopOf("somebody-else");
    await stand.install.declareStore("wholegrain" as StoreKey, {
      kind: "offline-expiring",
      shop: declared,
      app: APP,
    });
    const shop = stand.openShop("wholegrain");
    expect((await stand.come(shop)).body).toContain(`${shop} is connected`);
    expect(await stand.works(second ?? "", shop)).toBe(true);
    expect((await stand.secretOf("wholegrain"))?.declared.shop).toBe(declared);
    // And again, once the name is free: it keeps the key that it has.
    await stand.install.world.model.handle("DeleteSecret", {
      SecretId: stand.nameOf("wholegrain"),
      ForceDeleteWithoutRecovery: true,
    });
    stand.uninstall(shop);
    await stand.deliver();
    expect((await stand.come(shop)).body).toContain(`${shop} is connected`);
    expect(stand.keys).toEqual([STORE, second].sort());
  });

  test("is another for another app on the same shop", () => {
    const other = keysOfInstalled({
      app: "other" as AppKey,
      shop: "wholegrain.myshopify.com" as ShopDomain,
    });
    expect(other[0]).toBe("wholegrain");
    expect(other[1]).not.toBe(keys("wholegrain.myshopify.com")[1]);
  });

  test.each([
    ["a".repeat(60), 1],
    ["a".repeat(48), 2],
    [`${"a".repeat(39)}-b`, 2],
    ["ends-with-", 1],
    ["x", 2],
  ])("is one whatever the handle is: %s", (handle, count) => {
    const found = keys(`${handle}.myshopify.com`);
    expect(found).toHaveLength(count);
    for (const key of found) expect(key).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/);
  });
});

describe("the limit of new stores", () => {
  test("turns merchants away before their approval is used, tells of it, and counts an hour", async () => {
    const stand = await OpenStand.create({}, { apps: [{ app: APP, newStoresAnHour: 2 }] });
    for (const handle of ["one", "two"]) {
      expect((await stand.come(stand.openShop(handle))).statusCode).toBe(200);
    }
    const third = stand.openShop("three");
    const exchanges = stand.install.exchanges;
    const refused = await stand.come(third);
    expect(refused).toMatchObject({ statusCode: 429 });
    expect(refused.body).toContain("new_stores_too_many");
    expect(stand.install.exchanges).toBe(exchanges);
    expect(stand.install.lines.some((line) => line.includes('"NewStoresRefused":1'))).toBe(true);
    expect(stand.keys).toEqual([STORE, "one", "two"].sort());
    stand.clock.now += HOUR;
    expect((await stand.come(third)).statusCode).toBe(200);
  });

  test("of 0 closes the door, which is said without an hour, and is no flood that people are told of", async () => {
    const stand = await OpenStand.create({}, { apps: [{ app: APP, newStoresAnHour: 0 }] });
    const exchanges = stand.install.exchanges;
    const refused = await stand.come(stand.openShop("one"));
    expect(refused).toMatchObject({ statusCode: 403 });
    expect(refused.body).toContain("takes in no new stores now");
    expect(refused.body).toContain("new_stores_closed");
    expect(refused.body).not.toMatch(/hour|later/);
    expect(stand.install.exchanges).toBe(exchanges);
    expect(stand.install.lines.join("")).not.toContain("NewStoresRefused");
    expect(stand.keys).toEqual([STORE]);
  });

  test("is not for those who are there, or come back", async () => {
    const stand = await OpenStand.create({}, { apps: [{ app: APP, newStoresAnHour: 1 }] });
    const shop = stand.openShop("one");
    await stand.come(shop);
    expect((await stand.arrive(shop)).reply.body).toContain("does not need you");
    stand.uninstall(shop);
    await stand.deliver();
    expect((await stand.come(shop)).body).toContain("is connected");
    expect((await stand.come(stand.openShop("two"))).statusCode).toBe(429);
  });

  test("does not turn away the second window of a merchant whose first one made his store meanwhile", async () => {
    const stand = await OpenStand.create({}, { apps: [{ app: APP, newStoresAnHour: 1 }] });
    const { install } = stand;
    const shop = stand.openShop("wholegrain");
    const visits = [await stand.arrive(shop), await stand.arrive(shop)];
    const [first = "", second = ""] = visits.map((visit) => install.approve(visit));
    let isFirst = true;
    const { clientOf } = install;
    install.clientOf = (invocation) => ({
      send: async (command, options) => {
        if (isFirst && command instanceof ListSecretsCommand && command.input.SortBy) {
          isFirst = false;
          await install.callback(first, [visits[0]?.cookie ?? ""]);
        }
        return await clientOf(invocation).send(command as never, options as never);
      },
    });
    const reply = await install.callback(second, [visits[1]?.cookie ?? ""]);
    expect(isFirst).toBe(false);
    expect(reply.body).not.toContain("new_stores_too_many");
    expect(install.lines.join("")).not.toContain("NewStoresRefused");
    expect(stand.keys).toEqual([STORE, "wholegrain"]);
    expect(await stand.works("wholegrain", shop)).toBe(true);
  });

  test("counts what was verified alone: a thousand forged answers leave it as it is", async () => {
    const stand = await OpenStand.create({}, { apps: [{ app: APP, newStoresAnHour: 1 }] });
    const visit = await stand.arrive(stand.openShop("one"));
    const query = stand.install.approve(visit);
    for (let time = 0; time < 1_000; time += 1) {
      const forged = query.replace(/hmac=[0-9a-f]{8}/, `hmac=${String(time).padStart(8, "0")}`);
      expect((await stand.install.callback(forged, [visit.cookie])).statusCode).toBe(400);
    }
    expect((await stand.install.callback(query, [visit.cookie])).statusCode).toBe(200);
  });
});

describe("a merchant who uninstalls", () => {
  async function installed() {
    const stand = await OpenStand.create();
    const shop = stand.openShop("wholegrain");
    await stand.come(shop);
    return { stand, shop };
  }

  test("has a parked store, and nobody is told; who comes back at once has it again", async () => {
    const { stand, shop } = await installed();
    const before = await stand.secretOf("wholegrain");
    stand.uninstall(shop);
    await stand.deliver();
    expect((await stand.secretOf("wholegrain"))?.tags["shopify-secrets:state"]).toBe("uninstalled");
    expect((await stand.come(shop)).body).toContain("is connected");
    expect(await stand.secretOf("wholegrain")).toMatchObject({
      arn: before?.arn,
      isDeleted: false,
    });
    expect(await stand.works("wholegrain", shop)).toBe(true);
    // Shopify's request to forget the shop comes all the same: no sweep was there, and what ended is not yet dead.
    await stand.pass(48 * HOUR);
    const told = { topic: "shop/redact", outcome: "again" };
    expect(stand.install.line("webhook.handled")).toMatchObject(told);
    expect(await stand.secretOf("wholegrain")).toMatchObject({
      arn: before?.arn,
      isDeleted: false,
    });
  });

  test("is removed when Shopify asks for it, with a window, and comes back with name and ARN", async () => {
    const { stand, shop } = await installed();
    const before = await stand.secretOf("wholegrain");
    stand.uninstall(shop);
    await stand.deliver();
    await stand.pass(48 * HOUR);
    expect(stand.install.line("webhook.handled")).toMatchObject({ outcome: "removed" });
    expect(await stand.secretOf("wholegrain")).toMatchObject({ arn: before?.arn, isDeleted: true });
    stand.clock.now += 20 * DAY;
    expect((await stand.come(shop)).body).toContain("is connected");
    expect(await stand.secretOf("wholegrain")).toMatchObject({
      arn: before?.arn,
      isDeleted: false,
    });
    expect(await stand.works("wholegrain", shop)).toBe(true);
  });

  test("comes back a moment after the removal, and no line complains", async () => {
    const { stand, shop } = await installed();
    stand.uninstall(shop);
    await stand.deliver();
    await stand.install.deliver("shop/redact", { shop_domain: shop }, { shop });
    expect((await stand.secretOf("wholegrain"))?.isDeleted).toBe(true);
    expect((await stand.come(shop)).body).toContain("is connected");
    expect((await stand.secretOf("wholegrain"))?.isDeleted).toBe(false);
    expect(stand.install.line("status.not_written")).toBeUndefined();
  });

  test("comes back to a new secret once the window is over", async () => {
    const { stand, shop } = await installed();
    const before = await stand.secretOf("wholegrain");
    stand.uninstall(shop);
    await stand.deliver();
    await stand.pass(48 * HOUR);
    stand.clock.now += 30 * DAY;
    expect((await stand.come(shop)).body).toContain("is connected");
    expect((await stand.secretOf("wholegrain"))?.arn).not.toBe(before?.arn);
  });

  test("is removed though the uninstall was never heard of", async () => {
    const { stand, shop } = await installed();
    stand.uninstall(shop);
    // Nothing was delivered for two days, and the token is over.
    stand.clock.now += 30 * MINUTE;
    const body = { shop_id: 1, shop_domain: shop };
    const reply = await stand.install.deliver("shop/redact", body, { shop });
    expect(reply.statusCode).toBe(200);
    expect((await stand.secretOf("wholegrain"))?.isDeleted).toBe(true);
  });

  test.each<[string, object, boolean]>([
    ["a delivery under another shop's name", { shop_domain: "evil.myshopify.com" }, true],
    ["a delivery while its token works", { shop_domain: "wholegrain.myshopify.com" }, false],
  ])("is not removed by %s", async (_what, body, isRefused) => {
    const { stand, shop } = await installed();
    const reply = await stand.install.deliver("shop/redact", body, { shop });
    expect(reply.statusCode).toBe(isRefused ? 400 : 200);
    expect((await stand.secretOf("wholegrain"))?.isDeleted).toBe(false);
  });

  test("is not removed while Shopify does not answer: it is asked again", async () => {
    const { stand, shop } = await installed();
    stand.install.world.stray = () => {
      throw new Error("no answer");
    };
    const reply = await stand.install.deliver("shop/redact", { shop_domain: shop }, { shop });
    expect(reply.statusCode).toBe(503);
    expect((await stand.secretOf("wholegrain"))?.isDeleted).toBe(false);
  });

  test("is not forgotten by an answer that says nothing of him: Shopify is to ask again", async () => {
    const { stand, shop } = await installed();
    stand.install.world.shopify.control.changeShop({ shop, state: "frozen" });
    const reply = await stand.install.deliver("shop/redact", { shop_domain: shop }, { shop });
    expect(stand.install.line("webhook.handled")).toMatchObject({ outcome: "again" });
    expect(reply.statusCode).toBe(503);
    expect((await stand.secretOf("wholegrain"))?.isDeleted).toBe(false);
  });

  test.each([
    ["soon", MINUTE],
    ["when his token is over, and nobody renewed it", 2 * HOUR],
  ])("comes back %s, though the uninstall was never heard of", async (_when, afterMs) => {
    const { stand, shop } = await installed();
    const before = await stand.secretOf("wholegrain");
    stand.uninstall(shop);
    stand.clock.now += afterMs;
    expect((await stand.come(shop)).body).toContain("is connected");
    expect((await stand.secretOf("wholegrain"))?.arn).toBe(before?.arn);
    expect(await stand.works("wholegrain", shop)).toBe(true);
  });

  test("of a store of config keeps it: it is its operator's", async () => {
    const stand = await OpenStand.create();
    await stand.come(SHOP);
    stand.uninstall(SHOP);
    await stand.deliver();
    await stand.pass(48 * HOUR);
    expect(stand.install.line("webhook.handled")).toMatchObject({ outcome: "not_ours_to_remove" });
    expect((await stand.secretOf(STORE))?.isDeleted).toBe(false);
  });
});

test("without an open app the topics and the list are as they were", async () => {
  const install = await InstallStand.create();
  const reply = await install.deliver("shop/redact", { shop_domain: SHOP });
  expect(reply.statusCode).toBe(200);
  expect(install.line("webhook.ignored")).toMatchObject({ why: "topic" });
});
