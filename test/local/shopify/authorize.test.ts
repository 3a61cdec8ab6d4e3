import { callbackHmac, signedText } from "../../../local/shopify/rules/callback";
import {
  type Arranged,
  answered,
  approve,
  arrange,
  CLIENT_ID,
  FIRST_SECRET,
  REDIRECT_URI,
  SECOND_SECRET,
  SHOP,
  START,
  tokenFor,
} from "./arrange";

const PATH = "/admin/oauth/authorize";
const pathWith = (parameters: Record<string, string>) =>
  `${PATH}?${new URLSearchParams({ client_id: CLIENT_ID, redirect_uri: REDIRECT_URI, state: "st", ...parameters })}`;

/** Presses a button of the page that a browser would show. */
async function press(world: Arranged, page: string, button: "approve" | "cancel") {
  const approval = /name="approval" value="([0-9a-f]+)"/.exec(page)?.[1] ?? "";
  const form = {
    method: "POST",
    path: PATH,
    headers: { "content-type": "application/x-www-form-urlencoded" },
  };
  return answered(
    await world.send({
      ...form,
      body: new URLSearchParams({ approval, answer: button }).toString(),
    }),
  );
}

const pageOf = async (world: Arranged, parameters: Record<string, string> = {}) =>
  answered(await world.send({ path: pathWith(parameters) })).body;

describe("the signature of the callback", () => {
  // Both vectors are Shopify's own, from its documentation over the years.
  test.each([
    {
      secret: "hush",
      query:
        "code=0907a61c0c8d55e99db179b68161bc00&shop=some-shop.myshopify.com&timestamp=1337178173",
      hmac: "4712bf92ffc2917d15a2f5a273e39f0116667419aa4b6ac0b3baaf26fa3c4d20",
    },
    {
      secret: "hush",
      query:
        "code=0907a61c0c8d55e99db179b68161bc00&shop=some-shop.myshopify.com&state=0.6784241404160823&timestamp=1337178173",
      hmac: "700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf",
    },
  ])("the documented vector $hmac", ({ secret, query, hmac }) => {
    const parameters = Object.fromEntries(new URLSearchParams(query));
    expect(signedText(parameters)).toBe(query);
    expect(callbackHmac(signedText({ ...parameters, hmac, signature: "old" }), secret)).toBe(hmac);
  });

  test("the documented message with the documented secret, in any order of parameters", () => {
    const parameters = {
      timestamp: "1337178173",
      state: "0.6784241404160823",
      shop: "some-shop.myshopify.com",
      code: "0907a61c0c8d55e99db179b68161bc00",
    };
    expect(callbackHmac(signedText(parameters), "my_client_secret")).toBe(
      "125d32b69052aa5cb3d2f6a7b6a0e7ef10b4cb01532838ff664159e5a216eccf",
    );
  });

  test.each([
    ["percent", "a=1&b=x%20y%2B%2F%3D%26%C3%A9"],
    ["form", "a=1&b=x+y%2B%2F%3D%26%C3%A9"],
  ] as const)(
    "callbackEncoding %s: a space and everything else that is encoded",
    (encoding, text) => {
      expect(signedText({ b: "x y+/=&é", a: "1" }, encoding)).toBe(text);
    },
  );

  test.each(["percent", "form"] as const)(
    "callbackEncoding %s: sent as it is signed",
    (encoding) => {
      const world = arrange({
        switches: { callbackEncoding: encoding, callbackExtras: "spaced-parameter" },
      });
      const { hmac, ...parameters } = approve(world);
      expect(parameters["locale"]).toBe("pt BR");
      expect(hmac).toBe(callbackHmac(signedText(parameters, encoding), SECOND_SECRET));
    },
  );

  test.each([
    ["newest-secret", SECOND_SECRET],
    ["oldest-secret", FIRST_SECRET],
  ] as const)("callbackSignedWith %s, while two client secrets are live", (position, secret) => {
    const { hmac, ...parameters } = approve(
      arrange({ switches: { callbackSignedWith: position } }),
    );
    expect(hmac).toBe(callbackHmac(signedText(parameters), secret));
  });
});

describe("the callback", () => {
  test("brings code, hmac, host, shop, state and timestamp", () => {
    expect(approve(arrange())).toEqual({
      code: expect.stringMatching(/^[0-9a-f]{32}$/),
      hmac: expect.stringMatching(/^[0-9a-f]{64}$/),
      host: Buffer.from("admin.shopify.com/store/acme").toString("base64"),
      shop: SHOP,
      state: "s t+/=",
      timestamp: String(START / 1_000),
    });
  });

  test("callbackExtras extra-parameter: it is signed too", () => {
    const { hmac, ...parameters } = approve(
      arrange({ switches: { callbackExtras: "extra-parameter" } }),
    );
    expect(parameters).toHaveProperty("locale");
    expect(hmac).toBe(callbackHmac(signedText(parameters), SECOND_SECRET));
  });

  test("keeps the query that a redirect address has", () => {
    const world = arrange();
    const redirectUri = "https://install.example/callback?tenant=1";
    world.shopify.control.changeApp({ clientId: CLIENT_ID, redirectUris: [redirectUri] });
    expect(approve(world, { redirect_uri: redirectUri })).toMatchObject({
      tenant: "1",
      shop: SHOP,
    });
  });
});

describe("the page", () => {
  test("names app, shop and scopes, and its button leads to the callback with a code that works", async () => {
    const world = arrange();
    const page = await pageOf(world, { scope: "read_products,write_orders" });
    expect(page).toContain(`Install ${CLIENT_ID} on ${SHOP}?`);
    expect(page).toContain("<code>write_orders</code>");
    const answer = await press(world, page, "approve");
    expect(answer.status).toBe(302);
    const location = new URL(answer.headers["location"] ?? "");
    expect(location.href.startsWith(`${REDIRECT_URI}?`)).toBe(true);
    const reply = await tokenFor(world, { code: location.searchParams.get("code") ?? "" });
    expect(reply.scope).toBe("read_products,write_orders");
  });

  test("installs the app on approval, with the app's own scopes when none are asked for", async () => {
    const world = arrange();
    world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
    const page = await pageOf(world);
    expect(world.shopify.control.installation({ clientId: CLIENT_ID, shop: SHOP })).toBeNull();
    await press(world, page, "approve");
    expect(world.shopify.control.installation({ clientId: CLIENT_ID, shop: SHOP })).toEqual({
      scopes: ["read_products", "write_products", "read_orders"],
    });
  });

  test("changes nothing when the merchant cancels, and can be answered once", async () => {
    const world = arrange();
    const page = await pageOf(world, { scope: "read_orders" });
    expect(await press(world, page, "cancel")).toMatchObject({ status: 200 });
    expect(await press(world, page, "approve")).toMatchObject({ status: 400 });
    expect(
      world.shopify.control.installation({ clientId: CLIENT_ID, shop: SHOP })?.scopes,
    ).toHaveLength(3);
  });

  test("escapes what came in the address", async () => {
    const page = await pageOf(arrange(), { scope: "<script>alert(1)</script>" });
    expect(page).not.toContain("<script>");
  });

  test("grant_options[] without a value is offline access, as Shopify's library sends it", async () => {
    expect(await pageOf(arrange(), { "grant_options[]": "" })).toContain("Install app");
    expect(await pageOf(arrange(), { "grant_options[]": "per-user" })).toContain("online access");
  });

  test.each([
    ["an unknown app", { client_id: "nobody" }, "application_cannot_be_found"],
    ["another path", { redirect_uri: `${REDIRECT_URI}/more` }, "invalid_request"],
    ["another query", { redirect_uri: `${REDIRECT_URI}?next=1` }, "invalid_request"],
    ["another scheme", { redirect_uri: "http://install.example/callback" }, "invalid_request"],
    ["no redirect address", { redirect_uri: "" }, "invalid_request"],
  ])("refuses %s without redirecting", async (_name, parameters, error) => {
    const answer = answered(await arrange().send({ path: pathWith(parameters) }));
    expect([answer.status, answer.headers["location"]]).toEqual([400, undefined]);
    expect(answer.body).toContain(error);
  });
});

describe("authorizeWhenInstalled redirect-at-once", () => {
  const world = () => arrange({ switches: { authorizeWhenInstalled: "redirect-at-once" } });

  test("nothing new is asked for: no page", async () => {
    const answer = answered(await world().send({ path: pathWith({ scope: "read_products" }) }));
    expect(answer.status).toBe(302);
    expect(answer.headers["location"]).toContain("code=");
  });

  test("a new scope: the page", async () => {
    expect(await pageOf(world(), { scope: "write_orders" })).toContain("Install app");
  });
});
