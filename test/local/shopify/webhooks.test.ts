import type { Switches } from "../../../local/shopify/switches";
import { type WebhookRequest, webhookHmac } from "../../../local/shopify/webhooks";
import {
  approve,
  arrange,
  CLIENT_ID,
  FIRST_SECRET,
  HOUR,
  SECOND,
  SECOND_SECRET,
  SHOP,
  START,
} from "./arrange";

const MINUTE = 60 * SECOND;
const ON = { clientId: CLIENT_ID, shop: SHOP };

/** A world whose app answers webhooks with the given results in turn, then with 200. */
function listening(results: (number | "unreachable")[] = [], switches: Partial<Switches> = {}) {
  const received: WebhookRequest[] = [];
  const deliver = async (request: WebhookRequest) => {
    received.push(request);
    return results.shift() ?? 200;
  };
  return { ...arrange({ deliver, switches }), received };
}

test("an uninstall sends app/uninstalled with the shop, signed on the raw body", async () => {
  const { shopify, received } = listening();
  shopify.control.uninstall(ON);
  expect(shopify.nextDueAt()).toBe(START);
  expect(await shopify.runDue()).toBe(1);
  const [request] = received;
  expect(request?.address).toBe("https://install.example/webhooks");
  expect(JSON.parse(request?.body ?? "")).toMatchObject({ myshopify_domain: SHOP });
  expect(request?.headers).toEqual({
    "Content-Type": "application/json",
    "X-Shopify-Topic": "app/uninstalled",
    "X-Shopify-Shop-Domain": SHOP,
    "X-Shopify-Hmac-Sha256": webhookHmac(request?.body ?? "", FIRST_SECRET),
    "X-Shopify-API-Version": "2026-10",
    "X-Shopify-Webhook-Id": expect.stringMatching(/^[0-9a-f-]{36}$/),
    "X-Shopify-Event-Id": expect.stringMatching(/^[0-9a-f-]{36}$/),
    "X-Shopify-Triggered-At": new Date(START).toISOString(),
  });
  expect(shopify.nextDueAt()).toBeUndefined();
});

test("a change of scopes sends app/scopes_update with both lists; the same scopes again send nothing", async () => {
  const world = listening();
  world.shopify.control.changeScopes({ ...ON, scopes: ["read_orders"] });
  approve(world, { scope: "read_orders" });
  expect(await world.shopify.runDue()).toBe(1);
  expect(JSON.parse(world.received[0]?.body ?? "")).toMatchObject({
    previous: ["read_products", "write_products", "read_orders"],
    current: ["read_orders"],
  });
});

test("an app without a webhook address is told nothing", async () => {
  const { shopify } = listening();
  shopify.control.addApp({ clientId: "silent" });
  shopify.control.install({ clientId: "silent", shop: SHOP });
  shopify.control.uninstall({ clientId: "silent", shop: SHOP });
  expect(shopify.nextDueAt()).toBeUndefined();
});

describe("signing secret", () => {
  const signedWith = async (switches: Partial<Switches>, minutesAfterRevocation: number) => {
    const world = listening([], switches);
    world.shopify.control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: FIRST_SECRET });
    world.advance(minutesAfterRevocation * MINUTE);
    world.shopify.control.uninstall(ON);
    await world.shopify.runDue();
    const hmac = world.received[0]?.headers["X-Shopify-Hmac-Sha256"];
    return [FIRST_SECRET, SECOND_SECRET].find(
      (secret) => webhookHmac(world.received[0]?.body ?? "", secret) === hmac,
    );
  };

  test.each([
    ["none", 0, SECOND_SECRET],
    ["one-hour", 59, FIRST_SECRET],
    ["one-hour", 60, SECOND_SECRET],
  ] as const)(
    "webhookSecretLag %s, %d minutes after the revocation",
    async (position, minutes, secret) => {
      expect(await signedWith({ webhookSecretLag: position }, minutes)).toBe(secret);
    },
  );
});

test("webhookHeaders both-spellings: the newer lower-case names come along", async () => {
  const { shopify, received } = listening([], { webhookHeaders: "both-spellings" });
  shopify.control.uninstall(ON);
  await shopify.runDue();
  const headers = received[0]?.headers ?? {};
  expect(headers["shopify-hmac-sha256"]).toBe(headers["X-Shopify-Hmac-Sha256"]);
  expect(headers["shopify-topic"]).toBe("app/uninstalled");
});

describe("retries", () => {
  test("eight over four hours, with one id; then the subscription is dropped", async () => {
    const world = listening(
      Array.from({ length: 9 }, (_, attempt) => (attempt % 2 === 0 ? 500 : "unreachable")),
    );
    world.shopify.control.uninstall(ON);
    const dueMinutes: number[] = [];
    for (let due = world.shopify.nextDueAt(); due !== undefined; due = world.shopify.nextDueAt()) {
      dueMinutes.push((due - START) / MINUTE);
      world.advance(due - world.now());
      await world.shopify.runDue();
    }
    expect(dueMinutes).toEqual([0, 1, 3, 8, 20, 45, 90, 150, 240]);
    expect(new Set(world.received.map(({ headers }) => headers["X-Shopify-Webhook-Id"])).size).toBe(
      1,
    );
    expect(world.shopify.control.webhooks()).toMatchObject([{ state: "given-up" }]);
    expect(world.shopify.control.droppedSubscriptions()).toEqual([
      `${CLIENT_ID}, ${SHOP}, app/uninstalled`,
    ]);
  });

  test("a dropped subscription gets nothing more until the app subscribes again", async () => {
    const world = listening(Array.from({ length: 9 }, () => 500));
    world.shopify.control.uninstall(ON);
    for (let round = 0; round < 9; round++) {
      world.advance(2 * HOUR);
      await world.shopify.runDue();
    }
    const again = () => {
      world.shopify.control.install(ON);
      world.shopify.control.uninstall(ON);
      return world.shopify.nextDueAt();
    };
    expect(again()).toBeUndefined();
    world.shopify.control.resubscribeWebhooks();
    expect(again()).toBe(world.now());
  });

  test("a retry that is taken ends them", async () => {
    const world = listening([503]);
    world.shopify.control.uninstall(ON);
    await world.shopify.runDue();
    expect(await world.shopify.runDue()).toBe(0);
    world.advance(MINUTE);
    expect(await world.shopify.runDue()).toBe(1);
    expect(world.shopify.control.webhooks()).toMatchObject([
      { state: "delivered", attempts: [{ result: 503 }, { result: 200 }] },
    ]);
  });
});

test("on demand a delivery is late", async () => {
  const world = listening();
  world.shopify.control.delayWebhooks({ seconds: 7_200, count: 1 });
  world.shopify.control.changeScopes({ ...ON, scopes: [] });
  world.shopify.control.uninstall(ON);
  expect(await world.shopify.runDue()).toBe(1);
  expect(world.received[0]?.headers["X-Shopify-Topic"]).toBe("app/uninstalled");
  expect(world.shopify.nextDueAt()).toBe(START + 2 * HOUR);
});

test("on demand a delivery comes twice, with the same id", async () => {
  const world = listening();
  world.shopify.control.uninstall(ON);
  await world.shopify.runDue();
  const [webhook] = world.shopify.control.webhooks();
  world.shopify.control.redeliverWebhook({ id: webhook?.id ?? "", afterSeconds: 60 });
  world.advance(MINUTE);
  await world.shopify.runDue();
  const ids = world.received.map(({ headers }) => headers["X-Shopify-Webhook-Id"]);
  expect(ids).toEqual([webhook?.id, webhook?.id]);
});
