import { CLIENT_ID } from "../../simulation/stage";
import { InstallStand } from "../stand/install-stand";
import { SHOP, STORE } from "../stand/store-stand";
import { chainOf } from "./chain";

/** An endpoint for an app whose installation Shopify manages, with a store that wants read_products and write_orders. */
async function managed(change: { embedded?: boolean; scopes?: string[] } = {}) {
  const install = await InstallStand.create();
  const app = { clientId: CLIENT_ID, managedInstall: true, ...change };
  install.world.shopify.control.changeApp(app);
  return install;
}

describe("an app whose installation Shopify manages", () => {
  test("is approved like any other where the release has the store's scopes", async () => {
    const install = await managed({ scopes: ["read_products", "write_orders"] });
    expect((await install.install()).body).toContain(`${SHOP} is connected`);
    expect((await chainOf(install)).record.scopes).toEqual(["read_products", "write_orders"]);
  });

  test("grants the released scopes and not the link's: what is missing is said on the page and in the status", async () => {
    const install = await managed({ scopes: ["read_products"] });
    const page = await install.install();
    expect(page.body).toContain("asked for and not granted: write_orders.");
    expect(await install.world.tags()).toMatchObject({
      "shopify-secrets:last-error-code": "scope_missing",
      "shopify-secrets:missing-scopes": "write_orders",
    });
  });

  test("opened in the admin's frame brings a session token, and is shown the way out", async () => {
    const install = await managed({ embedded: true, scopes: ["read_products", "write_orders"] });
    const { reply } = await install.openApp();
    expect(reply.statusCode).toBe(200);
    expect(reply.body).toContain(`href="/install/${STORE}" target="_top"`);
    const lines = install.lines.join("\n");
    expect(lines).toContain("install.app_opened");
    // The session token is a credential: no line shows it.
    expect(lines).not.toMatch(/eyJ[\w-]+\./);
  });
});
