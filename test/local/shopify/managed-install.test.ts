import { type Arranged, answered, arrange, CLIENT_ID, REDIRECT_URI, SHOP } from "./arrange";

const FRESH = "fresh.myshopify.com";
const INSTALL = `/admin/oauth/install?${new URLSearchParams({ client_id: CLIENT_ID })}`;
const WIDER = new URLSearchParams({
  client_id: CLIENT_ID,
  redirect_uri: REDIRECT_URI,
  scope: "read_all_orders",
});

/** An app whose installation Shopify manages, and a shop of its organization that does not have it yet. */
function managed(change: { managedInstall?: boolean; embedded?: boolean } = {}): Arranged {
  const world = arrange();
  world.shopify.control.addShop({ shop: FRESH });
  const app = {
    managedInstall: true,
    scopes: ["read_products"],
    appUrl: "https://install.example/",
  };
  world.shopify.control.changeApp({ clientId: CLIENT_ID, ...app, ...change });
  return world;
}

const open = async (world: Arranged, path: string, host = FRESH) =>
  answered(await world.send({ host, path }));

const press = async (world: Arranged, answer: "approve" | "cancel") =>
  answered(
    await world.send({
      method: "POST",
      host: FRESH,
      path: "/admin/oauth/install",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ client_id: CLIENT_ID, answer }).toString(),
    }),
  );

const installation = (world: Arranged) =>
  world.shopify.control.installation({ clientId: CLIENT_ID, shop: FRESH });

test("the merchant agrees to the released scopes, and the App URL is opened without a code", async () => {
  const world = managed();
  expect((await open(world, INSTALL)).body).toContain("read_products");
  const { status, headers } = await press(world, "approve");
  expect(status).toBe(302);
  const parameters = new URL(headers["location"] ?? "").searchParams;
  expect([...parameters.keys()].sort()).toEqual(["hmac", "shop", "timestamp"]);
  expect(installation(world)).toEqual({ scopes: ["read_products"] });
});

test("a merchant who says no has installed nothing", async () => {
  const world = managed();
  expect((await press(world, "cancel")).body).toContain("Not installed");
  expect(installation(world)).toBeNull();
});

test("an authorize address shows the released scopes, whatever it asks for; the older way shows what it asks for", async () => {
  const path = `/admin/oauth/authorize?${WIDER}`;
  expect((await open(managed(), path)).body).not.toContain("read_all_orders");
  expect((await open(managed({ managedInstall: false }), path)).body).toContain("read_all_orders");
});

test("an installed app, and one with the older way, is only opened", async () => {
  expect((await open(managed(), INSTALL, SHOP)).status).toBe(302);
  const older = managed({ managedInstall: false });
  expect((await open(older, INSTALL)).status).toBe(302);
  expect(installation(older)).toBeNull();
});

test("an embedded one is opened with the token that it exchanges", async () => {
  const world = managed({ embedded: true });
  const { headers } = await open(world, INSTALL, SHOP);
  const { searchParams } = new URL(headers["location"] ?? "");
  expect(searchParams.get("id_token")).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
});

test("a custom app does not come to another organization's store by it", async () => {
  const world = managed();
  world.shopify.control.changeShop({ shop: FRESH, organization: "org-client" });
  world.shopify.control.changeApp({ clientId: CLIENT_ID, allowedAddresses: ["127.0.0.1"] });
  expect((await open(world, INSTALL)).body).toContain("invalid_link");
});
