import type { AppKey, ShopDomain, StoreKey } from "../../../contract/brands";
import { webhookHmac } from "../../../local/shopify/webhooks";
import { CLIENT_ID, FIRST_SECRET } from "../../simulation/stage";
import { InstallStand } from "../stand/install-stand";
import { SHOP } from "../stand/store-stand";

const STATE = "shopify-secrets:state";

async function installed(): Promise<InstallStand> {
  const install = await InstallStand.create();
  await install.install();
  return install;
}

const uninstall = ({ world }: InstallStand): void => {
  world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
};

const triesOf = ({ world }: InstallStand): number =>
  world.calls.filter(({ operation }) => operation.endsWith("/graphql.json")).length;

test.each([
  "customer.tags_added",
  "products/update",
  "Product",
  "customers/data_request",
  "customers/redact",
  "shop/redact",
])("a webhook about %s is acknowledged, so that Shopify keeps the subscription", async (topic) => {
  const install = await installed();
  const tries = triesOf(install);
  const reply = await install.deliver(topic, { id: 1 });
  expect(reply).toMatchObject({ statusCode: 200, body: "ignored\n" });
  expect(triesOf(install)).toBe(tries);
});

describe("what a webhook must be", () => {
  const body = JSON.stringify({ myshopify_domain: SHOP });
  const hmac = webhookHmac(body, FIRST_SECRET);
  const valid = {
    "x-shopify-topic": "app/uninstalled",
    "x-shopify-shop-domain": SHOP,
    "x-shopify-hmac-sha256": hmac,
  };

  interface Delivered {
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly isBase64Encoded?: boolean;
  }

  test.each<[string, Delivered, number]>([
    ["no signature", { headers: { ...valid, "x-shopify-hmac-sha256": "" } }, 400],
    [
      "a signature in hexadecimal",
      {
        headers: { ...valid, "x-shopify-hmac-sha256": Buffer.from(hmac, "base64").toString("hex") },
      },
      400,
    ],
    [
      "two signatures in one header",
      { headers: { ...valid, "x-shopify-hmac-sha256": `${hmac},${hmac}` } },
      400,
    ],
    [
      "two spellings that disagree",
      { headers: { ...valid, "shopify-shop-domain": "globex.myshopify.com" } },
      400,
    ],
    [
      "a signature of another secret",
      { headers: { ...valid, "x-shopify-hmac-sha256": webhookHmac(body, "shpss_guess") } },
      401,
    ],
    ["a changed body", { body: `${body} ` }, 401],
    [
      "a body that was signed as base64",
      {
        headers: {
          ...valid,
          "x-shopify-hmac-sha256": webhookHmac(Buffer.from(body).toString("base64"), FIRST_SECRET),
        },
      },
      401,
    ],
    ["no body", { body: "" }, 400],
    ["a body of 300 kB", { body: "x".repeat(300_000) }, 400],
    [
      "a body that is not JSON",
      {
        body: "uninstalled",
        headers: { ...valid, "x-shopify-hmac-sha256": webhookHmac("uninstalled", FIRST_SECRET) },
      },
      400,
    ],
    [
      "a look-alike shop",
      { headers: { ...valid, "x-shopify-shop-domain": `${SHOP}.evil.example` } },
      400,
    ],
    [
      "another shop than its body",
      { headers: { ...valid, "x-shopify-shop-domain": "globex.myshopify.com" } },
      400,
    ],
    ["no topic", { headers: { ...valid, "x-shopify-topic": "" } }, 400],
    [
      "a topic with a line break",
      { headers: { ...valid, "x-shopify-topic": "app/uninstalled\nx" } },
      400,
    ],
  ])("%s is refused, and nothing is written", async (_what, given, status) => {
    const install = await installed();
    uninstall(install);
    const [before, tries] = [await install.snapshot(), triesOf(install)];
    const reply = await install.request("POST /webhooks", { body, headers: valid, ...given });
    expect(reply).toMatchObject({ statusCode: status, body: "refused\n" });
    expect(install.line("webhook.refused")).toMatchObject({
      code: status === 401 ? "webhook_signature_invalid" : "webhook_malformed",
    });
    expect(await install.snapshot()).toBe(before);
    expect(triesOf(install)).toBe(tries);
  });

  test.each([true, false])(
    "its signature covers the raw body (base64: %s)",
    async (isBase64Encoded) => {
      const install = await installed();
      uninstall(install);
      const text = JSON.stringify({ name: "Käse & Wein ☕", myshopify_domain: SHOP });
      const reply = await install.request("POST /webhooks", {
        body: isBase64Encoded ? Buffer.from(text).toString("base64") : text,
        isBase64Encoded,
        headers: { ...valid, "x-shopify-hmac-sha256": webhookHmac(text, FIRST_SECRET) },
      });
      expect(reply.statusCode).toBe(200);
      expect(await install.world.tags()).toMatchObject({ [STATE]: "uninstalled" });
    },
  );

  test("the newer spelling of the headers counts too", async () => {
    const install = await installed();
    uninstall(install);
    const headers = Object.fromEntries(
      Object.entries(valid).map(([name, value]) => [name.replace("x-", ""), value]),
    );
    expect((await install.request("POST /webhooks", { body, headers })).statusCode).toBe(200);
    expect(await install.world.tags()).toMatchObject({ [STATE]: "uninstalled" });
  });

  test("a client secret that was replaced still counts", async () => {
    const install = await installed();
    await install.world.putAppSecret("shpss_second_client_secret");
    uninstall(install);
    expect((await install.deliver("app/uninstalled")).statusCode).toBe(200);
    expect(await install.world.tags()).toMatchObject({ [STATE]: "uninstalled" });
  });

  test("one signed by another declared app touches no store of this one", async () => {
    const install = await installed();
    await install.declareApp("crm" as AppKey, "crm-client", "shpss_crm");
    uninstall(install);
    const reply = await install.deliver("app/uninstalled", undefined, { secret: "shpss_crm" });
    expect(reply).toMatchObject({ statusCode: 200, body: "ignored\n" });
    expect(await install.world.tags()).toMatchObject({ [STATE]: "ok" });
  });

  test("one of a shop that is not declared is acknowledged and ignored", async () => {
    const install = await installed();
    const shop = "globex.myshopify.com";
    const reply = await install.deliver("app/uninstalled", { myshopify_domain: shop }, { shop });
    expect(reply).toMatchObject({ statusCode: 200, body: "ignored\n" });
  });

  test.each(["orders/create", "customers/redact", "constructor/name"])(
    "%s is acknowledged and ignored",
    async (topic) => {
      const install = await installed();
      expect(await install.deliver(topic)).toMatchObject({ statusCode: 200, body: "ignored\n" });
    },
  );

  test("one app that cannot be read does not silence the others", async () => {
    const install = await installed();
    await install.world.model.handle("CreateSecret", {
      Name: "shopify/test/apps/broken/credential",
      ClientRequestToken: install.world.model.newToken(),
      SecretString: "not a credential",
    });
    uninstall(install);
    expect((await install.deliver("app/uninstalled")).statusCode).toBe(200);
    expect(install.line("webhook.app_unreadable")).toMatchObject({ app: "broken" });
    expect(await install.world.tags()).toMatchObject({ [STATE]: "uninstalled" });
  });

  test("while AWS does not answer, another delivery is asked for", async () => {
    const install = await installed();
    install.world.plan = ({ target }) => (target === "secrets-manager" ? "throttled" : undefined);
    expect((await install.deliver("app/uninstalled")).statusCode).toBe(503);
  });

  test("a store of any kind of the same app is reached", async () => {
    const install = await installed();
    const [store, shop] = ["pasted" as StoreKey, "globex.myshopify.com" as ShopDomain];
    await install.declareStore(store, { kind: "client-credentials", shop, app: "erp" as AppKey });
    const reply = await install.deliver("app/uninstalled", { myshopify_domain: shop }, { shop });
    expect(reply).toMatchObject({ statusCode: 200, body: "ok\n" });
  });
});
