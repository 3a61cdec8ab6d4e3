import {
  answered,
  arrange,
  askForToken,
  CLIENT_ID,
  FIRST_SECRET,
  jsonOf,
  SECOND_SECRET,
  SHOP,
} from "./arrange";

const exchangeOf = (subject: string) => ({
  grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
  subject_token: subject,
  subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
  requested_token_type: "urn:shopify:params:oauth:token-type:offline-access-token",
});

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

test("a session token lives one minute", async () => {
  const world = arrange();
  const { sessionToken } = world.shopify.control.sessionToken({ clientId: CLIENT_ID, shop: SHOP });
  world.advance(60_000 - 1);
  expect(answered(await askForToken(world, exchangeOf(sessionToken))).status).toBe(200);
  world.advance(1);
  expect(jsonOf(await askForToken(world, exchangeOf(sessionToken)))["error"]).toBe(
    "invalid_subject_token",
  );
});

test("a session token signed with a revoked client secret is refused", async () => {
  const world = arrange();
  const { sessionToken } = world.shopify.control.sessionToken({ clientId: CLIENT_ID, shop: SHOP });
  world.shopify.control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: SECOND_SECRET });
  const reply = await askForToken(world, {
    ...exchangeOf(sessionToken),
    client_secret: FIRST_SECRET,
  });
  expect(jsonOf(reply)["error"]).toBe("invalid_subject_token");
});

test("a session token of another shop, a changed one, an unsigned one and plain text are refused", async () => {
  const world = arrange();
  world.shopify.control.addShop({ shop: "other.myshopify.com" });
  const mint = (shop: string) =>
    world.shopify.control.sessionToken({ clientId: CLIENT_ID, shop }).sessionToken;
  const [header = "", payload = "", signature = ""] = mint(SHOP).split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object;
  const forged = [
    mint("other.myshopify.com"),
    `${header}.${encode({ ...claims, exp: 9_999_999_999 })}.${signature}`,
    `${encode({ alg: "none" })}.${payload}.`,
    "plain text",
    "é.é.é",
    "",
  ];
  for (const token of forged) {
    const reply = await askForToken(world, exchangeOf(token));
    expect([answered(reply).status, jsonOf(reply)["error"]]).toEqual([
      400,
      "invalid_subject_token",
    ]);
  }
});

test("a session token of an app that is not installed is refused", async () => {
  const world = arrange();
  const { sessionToken } = world.shopify.control.sessionToken({ clientId: CLIENT_ID, shop: SHOP });
  world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
  expect(jsonOf(await askForToken(world, exchangeOf(sessionToken)))["error"]).toBe(
    "app_not_installed",
  );
});
