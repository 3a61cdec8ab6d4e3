import { createHmac } from "node:crypto";
import { signingKeyPair } from "../../simulation/aws/kms";
import { CLIENT_ID, FIRST_SECRET, MINUTE, signingKeyArn } from "../../simulation/stage";
import { InstallStand } from "../stand/install-stand";
import { SHOP } from "../stand/store-stand";

const KEY = signingKeyArn("first");

/** An app that signs, whose merchants approve and whose webhooks are signed with the client secret that has leaked. */
async function signingApp(distribution: "public" | "custom"): Promise<InstallStand> {
  const install = await InstallStand.create();
  const { control } = install.world.shopify;
  control.changeApp({ clientId: CLIENT_ID, distribution });
  if (distribution === "public") {
    control.changeShop({ shop: SHOP, organization: "org-of-a-merchant" });
  }
  control.pasteKey({ clientId: CLIENT_ID, jwk: signingKeyPair(KEY).jwk });
  await install.install();
  await install.world.putSigningApp([KEY], FIRST_SECRET);
  install.world.clock.now += 2 * MINUTE;
  return install;
}

/** What a thief asks the token endpoint with. */
async function asked(install: InstallStand, fields: Readonly<Record<string, string>>) {
  const reply = await install.world.shopify.handle({
    method: "POST",
    host: SHOP,
    path: "/admin/oauth/access_token",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ client_id: CLIENT_ID, client_secret: FIRST_SECRET, ...fields }),
  });
  if (reply.drop === true) throw new Error("the imitation let the request fall");
  return { status: reply.status, body: reply.body };
}

describe("the client secret of an app that signs, leaked", () => {
  test("gets no token for a merchant's store of a public app", async () => {
    const install = await signingApp("public");
    expect(await asked(install, { grant_type: "client_credentials" })).toMatchObject({
      status: 400,
      body: expect.stringContaining("shop_not_permitted"),
    });
  });

  test.each([
    ["granted", 200],
    ["refused", 400],
  ] as const)(
    "for a store of the own organization a token is %s, as Shopify may have it",
    async (clientSecretOfSigningApp, status) => {
      const install = await signingApp("custom");
      const name = "clientSecretOfSigningApp";
      install.world.shopify.control.setSwitch({ name, position: clientSecretOfSigningApp });
      const reply = await asked(install, { grant_type: "client_credentials" });
      expect(reply.status).toBe(status);
    },
  );

  test("opens no refresh token, of which it needs one", async () => {
    const install = await signingApp("public");
    const guess = { grant_type: "refresh_token", refresh_token: `shprt_${"0".repeat(32)}` };
    expect((await asked(install, guess)).status).toBe(401);
  });

  test("still signs webhooks, of which nothing is believed that the store's own token denies", async () => {
    const install = await signingApp("public");
    const before = await install.world.current();
    const uninstalled = { myshopify_domain: SHOP };
    const { statusCode } = await install.deliver("app/uninstalled", uninstalled, {
      secret: FIRST_SECRET,
    });
    expect(statusCode).toBe(200);
    expect((await install.world.current())?.versionId).toBe(before?.versionId);
    expect(Object.values(await install.world.tags())).not.toContain("uninstalled");
  });

  test("still signs callbacks, and Shopify alone has a code that is worth something", async () => {
    const install = await signingApp("public");
    const before = await install.world.current();
    const seconds = Math.floor(install.world.clock.now / 1_000);
    const query = `code=of-a-thief&shop=${SHOP}&state=of-a-thief&timestamp=${seconds}`;
    const hmac = createHmac("sha256", FIRST_SECRET).update(query).digest("hex");
    const { body } = await install.callback(`${query}&hmac=${hmac}`, []);
    expect(body).toContain("install_state");
    expect((await install.world.current())?.versionId).toBe(before?.versionId);
  });
});
