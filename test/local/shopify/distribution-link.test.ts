import { callbackHmac, signedText } from "../../../local/shopify/rules/callback";
import {
  type Arranged,
  answered,
  arrange,
  CLIENT_ID,
  DAY,
  REDIRECT_URI,
  SECOND_SECRET,
} from "./arrange";

const CLIENT = "client.myshopify.com";
const APP_URL = "https://install.example/";
const AUTHORIZE = `/admin/oauth/authorize?${new URLSearchParams({ client_id: CLIENT_ID, redirect_uri: REDIRECT_URI, state: "st" })}`;

/** A custom app, and a store of a client's organization. */
function agency(switches: Parameters<typeof arrange>[0] = {}): Arranged {
  const world = arrange(switches);
  world.shopify.control.changeApp({
    clientId: CLIENT_ID,
    appUrl: APP_URL,
    allowedAddresses: ["127.0.0.1"],
  });
  world.shopify.control.addShop({ shop: CLIENT, organization: "org-client" });
  return world;
}

async function visit(world: Arranged, url: string) {
  const { host, pathname, search } = new URL(url);
  return answered(await world.send({ host, path: `${pathname}${search}` }));
}

async function press(world: Arranged, page: string, answer: "approve" | "cancel") {
  const [, action = "", name = "", value = ""] =
    /action="([^"]+)">\s*<input type="hidden" name="(\w+)" value="(\w+)">/.exec(page) ?? [];
  return answered(
    await world.send({
      method: "POST",
      host: CLIENT,
      path: action,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ [name]: value, answer }).toString(),
    }),
  );
}

const link = (world: Arranged) =>
  world.shopify.control.distributionLink({ clientId: CLIENT_ID, shop: CLIENT }).url;

test("an authorize address is refused where a custom app is not installed on another organization's store", async () => {
  const world = agency();
  const page = answered(await world.send({ host: CLIENT, path: AUTHORIZE }));
  expect(page.status).toBe(400);
  expect(page.body).toContain("invalid_link");
});

test.each([
  ["the switch says that it works", { switches: { authorizeOnForeignStore: "page" } }, {}],
  ["the app is public", {}, { distribution: "public" }],
  ["the store is of the same organization", {}, { organization: "org-client" }],
] as const)("but not where %s", async (_why, options, change) => {
  const world = agency(options);
  world.shopify.control.changeApp({ clientId: CLIENT_ID, ...change });
  expect(answered(await world.send({ host: CLIENT, path: AUTHORIZE })).status).toBe(200);
});

test("Shopify's own link installs the app with the released scopes and opens the App URL, signed", async () => {
  const world = agency();
  const page = await visit(world, link(world));
  expect(page.body).toContain("write_products");
  const { status, headers } = await press(world, page.body, "approve");
  expect(status).toBe(302);
  const location = new URL(headers["location"] ?? "");
  expect(`${location.origin}${location.pathname}`).toBe(APP_URL);
  const parameters = Object.fromEntries(location.searchParams);
  expect(Object.keys(parameters).sort()).toEqual(["hmac", "shop", "timestamp"]);
  expect(parameters["hmac"]).toBe(callbackHmac(signedText(parameters), SECOND_SECRET));
  // From now on the ordinary way is open.
  expect(answered(await world.send({ host: CLIENT, path: AUTHORIZE })).status).toBe(200);
});

test("an embedded app is opened with host and embedded", () => {
  const world = agency();
  world.shopify.control.changeApp({ clientId: CLIENT_ID, embedded: true });
  world.shopify.control.install({ clientId: CLIENT_ID, shop: CLIENT });
  const { url } = world.shopify.control.openApp({ clientId: CLIENT_ID, shop: CLIENT });
  expect(new URL(url).searchParams.get("embedded")).toBe("1");
  expect(new URL(url).searchParams.has("host")).toBe(true);
});

test("the link ends after seven days, and is for one store", async () => {
  const world = agency();
  const url = link(world);
  const elsewhere = url.replace(CLIENT, "acme.myshopify.com");
  expect((await visit(world, elsewhere)).body).toContain("invalid_link");
  world.advance(7 * DAY);
  expect((await visit(world, url)).body).toContain("invalid_link");
});

test("a merchant who says no has installed nothing", async () => {
  const world = agency();
  const page = await visit(world, link(world));
  expect((await press(world, page.body, "cancel")).status).toBe(200);
  expect(world.shopify.control.installation({ clientId: CLIENT_ID, shop: CLIENT })).toBeNull();
});
