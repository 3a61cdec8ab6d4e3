import type { Switches } from "../../../local/shopify/switches";
import {
  type Arranged,
  answered,
  arrange,
  askForToken,
  CLIENT_ID,
  CREDENTIALS,
  type Fields,
  jsonOf,
  mint,
  SECOND_SECRET,
  SHOP,
  statusWith,
  tokenFor,
} from "./arrange";

const CLIENT_CREDENTIALS: Fields = { grant_type: "client_credentials" };

describe("client credentials", () => {
  test("a token lives 86399 seconds, has no refresh token and no token_type", async () => {
    const world = arrange();
    const reply = await mint(world);
    expect(reply).toEqual({
      access_token: expect.stringMatching(/^shpat_[0-9a-f]{32}$/),
      scope: "write_products,read_orders",
      expires_in: 86_399,
    });
    world.advance(86_399_000 - 1);
    expect(await statusWith(world, reply.access_token)).toBe(200);
    world.advance(1);
    expect(await statusWith(world, reply.access_token)).toBe(401);
  });

  test.each([
    ["old-survives", 200],
    ["old-dies", 401],
  ] as const)(
    "clientCredentialsOverlap %s: the older token answers %d",
    async (position, status) => {
      const world = arrange({ switches: { clientCredentialsOverlap: position } });
      const older = await mint(world);
      const newer = await mint(world);
      expect(newer.access_token).not.toBe(older.access_token);
      expect(await statusWith(world, older.access_token)).toBe(status);
      expect(await statusWith(world, newer.access_token)).toBe(200);
    },
  );

  test("revoking a client secret kills the tokens that it minted, and no others", async () => {
    const world = arrange();
    const first = await mint(world);
    const second = await tokenFor(world, { ...CLIENT_CREDENTIALS, client_secret: SECOND_SECRET });
    world.shopify.control.revokeClientSecret({
      clientId: CLIENT_ID,
      clientSecret: CREDENTIALS.client_secret,
    });
    expect(await statusWith(world, first.access_token)).toBe(401);
    expect(await statusWith(world, second.access_token)).toBe(200);
    expect(answered(await askForToken(world, CLIENT_CREDENTIALS)).status).toBe(400);
  });
});

describe("request bodies", () => {
  const form = new URLSearchParams({ ...CREDENTIALS, grant_type: "client_credentials" }).toString();
  const json = JSON.stringify({ ...CREDENTIALS, grant_type: "client_credentials" });

  test.each([
    { name: "form", type: "application/x-www-form-urlencoded", body: form, status: 200 },
    {
      name: "form, charset",
      type: "application/x-www-form-urlencoded; charset=utf-8",
      body: form,
      status: 200,
    },
    { name: "form without a content type", type: "", body: form, status: 200 },
    { name: "JSON", type: "application/json", body: json, status: 200 },
    { name: "JSON, charset", type: "application/json; charset=utf-8", body: json, status: 200 },
    {
      name: "JSON sent as a form",
      type: "application/x-www-form-urlencoded",
      body: json,
      status: 400,
    },
    { name: "a form sent as JSON", type: "application/json", body: form, status: 400 },
    { name: "JSON that is no object", type: "application/json", body: "[1]", status: 400 },
    { name: "nothing", type: "application/json", body: "", status: 400 },
  ])("$name: $status", async ({ type, body, status }) => {
    const reply = await arrange().send({
      method: "POST",
      path: "/admin/oauth/access_token",
      headers: { "Content-Type": type, Accept: "application/json" },
      body,
    });
    expect(answered(reply).status).toBe(status);
  });
});

describe("errors", () => {
  interface Row {
    readonly cause: string;
    readonly arrangeFirst?: (world: Arranged) => void;
    readonly fields?: Fields;
    readonly status: number;
    readonly error: string;
  }

  const rows: readonly Row[] = [
    {
      cause: "wrong client secret",
      fields: { client_secret: "wrong" },
      status: 400,
      error: "invalid_request",
    },
    {
      cause: "store in another organization",
      arrangeFirst: ({ shopify }) =>
        shopify.control.changeShop({ shop: SHOP, organization: "agency-client" }),
      status: 400,
      error: "shop_not_permitted",
    },
    {
      cause: "app not installed",
      arrangeFirst: ({ shopify }) => shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP }),
      status: 400,
      error: "app_not_installed",
    },
    {
      cause: "unknown client ID",
      fields: { client_id: "nobody" },
      status: 400,
      error: "application_cannot_be_found",
    },
    {
      cause: "unknown grant",
      fields: { grant_type: "password" },
      status: 400,
      error: "unsupported_grant_type",
    },
    {
      cause: "a grant named like a method",
      fields: { grant_type: "toString" },
      status: 400,
      error: "unsupported_grant_type",
    },
    {
      cause: "dead refresh token",
      fields: { grant_type: "refresh_token", refresh_token: "shprt_x" },
      status: 401,
      error: "invalid_request",
    },
    {
      cause: "unknown code",
      fields: { grant_type: "authorization_code", code: "x" },
      status: 400,
      error: "invalid_request",
    },
  ];

  test.each(rows)(
    "$cause: $status $error, as JSON",
    async ({ arrangeFirst, fields, status, error }) => {
      const world = arrange();
      arrangeFirst?.(world);
      const reply = await askForToken(world, { ...CLIENT_CREDENTIALS, ...fields });
      expect(answered(reply).status).toBe(status);
      expect(answered(reply).headers["content-type"]).toMatch(/^application\/json/);
      expect(jsonOf(reply)).toEqual({ error, error_description: expect.any(String) });
    },
  );

  test.each([
    ["frozen", 402, "Unavailable Shop"],
    ["locked", 423, "Locked"],
    ["closed", 404, "<title>Store unavailable</title>"],
  ] as const)("a %s shop answers %d", async (state, status, text) => {
    const world = arrange();
    world.shopify.control.changeShop({ shop: SHOP, state });
    const { body, ...answer } = answered(await askForToken(world, CLIENT_CREDENTIALS));
    expect([answer.status, body]).toEqual([status, expect.stringContaining(text)]);
  });

  test("a shop that does not exist answers 404 with a page", async () => {
    const reply = await askForToken(arrange(), CLIENT_CREDENTIALS, "nobody.myshopify.com");
    expect(answered(reply).status).toBe(404);
    expect(answered(reply).headers["content-type"]).toMatch(/^text\/html/);
  });

  test("an app made a moment ago is not known yet, and then it is", async () => {
    const world = arrange();
    world.shopify.control.addApp({ clientId: "young", clientSecret: "s", unknownForSeconds: 10 });
    world.shopify.control.install({ clientId: "young", shop: SHOP });
    const fields = { ...CLIENT_CREDENTIALS, client_id: "young", client_secret: "s" };
    expect(jsonOf(await askForToken(world, fields))).toMatchObject({
      error: "application_cannot_be_found",
    });
    world.advance(10_000);
    expect(answered(await askForToken(world, fields)).status).toBe(200);
  });
});

describe("errors without Accept: application/json", () => {
  const refusedWith = async (switches: Partial<Switches>, accept: string) => {
    const reply = await arrange({ switches }).send({
      method: "POST",
      path: "/admin/oauth/access_token",
      headers: { accept, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ ...CREDENTIALS, client_secret: "wrong" }).toString(),
    });
    return answered(reply);
  };

  test.each(["", "*/*", "text/html"])(
    "Accept %p gets a page whose title names the error",
    async (accept) => {
      const answer = await refusedWith({}, accept);
      expect(answer.headers["content-type"]).toMatch(/^text\/html/);
      expect(answer.body).toContain("<title>400 - Oauth error invalid_request</title>");
    },
  );

  test("errorsWithoutJsonAccept json: JSON all the same", async () => {
    const answer = await refusedWith({ errorsWithoutJsonAccept: "json" }, "");
    expect(answer.headers["content-type"]).toMatch(/^application\/json/);
  });
});

describe("switches of the answers", () => {
  test("wrongSecretAnswer 401-invalid-client", async () => {
    const world = arrange({ switches: { wrongSecretAnswer: "401-invalid-client" } });
    const reply = await askForToken(world, { ...CLIENT_CREDENTIALS, client_secret: "wrong" });
    expect([answered(reply).status, jsonOf(reply)["error"]]).toEqual([401, "invalid_client"]);
  });

  test("deadRefreshTokenAnswer 400-invalid-grant", async () => {
    const world = arrange({ switches: { deadRefreshTokenAnswer: "400-invalid-grant" } });
    const reply = await askForToken(world, {
      grant_type: "refresh_token",
      refresh_token: "shprt_x",
    });
    expect([answered(reply).status, jsonOf(reply)["error"]]).toEqual([400, "invalid_grant"]);
  });

  test("appNotInstalledAnswer invalid-request", async () => {
    const world = arrange({ switches: { appNotInstalledAnswer: "invalid-request" } });
    world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
    expect(jsonOf(await askForToken(world, CLIENT_CREDENTIALS))["error"]).toBe("invalid_request");
  });

  test.each([
    ["number", 86_399],
    ["text", "86399"],
    ["absent", undefined],
  ] as const)("expiresIn %s: the token dies all the same", async (position, value) => {
    const world = arrange({ switches: { expiresIn: position } });
    const reply = await mint(world);
    expect(reply.expires_in).toBe(value);
    world.advance(86_400_000);
    expect(await statusWith(world, reply.access_token)).toBe(401);
  });

  test.each([
    ["compressed", "write_products,read_orders"],
    ["expanded", "read_products,write_products,read_orders"],
  ] as const)("scopeText %s", async (position, scope) => {
    expect((await mint(arrange({ switches: { scopeText: position } }))).scope).toBe(scope);
  });

  test.each([
    ["prefixed", /^shpat_[0-9a-f]{32}$/],
    ["bare-hex", /^[0-9a-f]{32}$/],
  ] as const)("tokenShape %s", async (position, shape) => {
    expect((await mint(arrange({ switches: { tokenShape: position } }))).access_token).toMatch(
      shape,
    );
  });
});
