import "@shopify/shopify-api/adapters/node";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  ApiVersion,
  GraphqlQueryError,
  HttpInternalError,
  HttpResponseError,
  HttpThrottlingError,
  LogSeverity,
  RequestedTokenType,
  type Session,
  type Shopify,
  shopifyApi,
} from "@shopify/shopify-api";
import { setAbstractFetchFunc } from "@shopify/shopify-api/runtime";
import type { Switches } from "../../../local/shopify/switches";
import type { WebhookRequest } from "../../../local/shopify/webhooks";
import {
  type Arranged,
  arrange,
  CLIENT_ID,
  FIRST_SECRET,
  SECOND_SECRET,
  SHOP,
  START,
  statusWith,
} from "./arrange";

// Shopify's own library, an independent client: it knows nothing of the imitation, and its clock is the real one.
const ON = { clientId: CLIENT_ID, shop: SHOP };

function client(world: Arranged): Shopify {
  setAbstractFetchFunc(fetchFrom(world));
  return shopifyApi({
    apiKey: CLIENT_ID,
    apiSecretKey: FIRST_SECRET,
    apiVersion: ApiVersion.April26,
    hostName: "install.example",
    hostScheme: "https",
    isEmbeddedApp: true,
    logger: { level: LogSeverity.Error, log: async () => {} },
  });
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** A world on the real time of day, with one client secret: the library signs and checks with one alone. */
function worldNow(switches: Partial<Switches> = {}, received: WebhookRequest[] = []): Arranged {
  const deliver = async (request: WebhookRequest) => {
    received.push(request);
    return 200;
  };
  const world = arrange({ switches, deliver });
  world.advance(Date.now() - START);
  world.shopify.control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: SECOND_SECRET });
  return world;
}

function fetchFrom(world: Arranged): typeof fetch {
  return async (input, init) => {
    const url = new URL(String(input));
    const reply = await world.send({
      method: init?.method ?? "GET",
      host: url.host,
      path: `${url.pathname}${url.search}`,
      headers: Object.fromEntries(new Headers(init?.headers)),
      body: String(init?.body ?? ""),
    });
    if (reply.drop === true) throw new TypeError("fetch failed");
    return new Response(reply.body, { status: reply.status, headers: { ...reply.headers } });
  };
}

const lifeSeconds = (at: Date | undefined) =>
  Math.round(((at?.getTime() ?? 0) - Date.now()) / 1_000);

function offlineSession(shopify: Shopify, accessToken: string): Session {
  const session = shopify.session.customAppSession(SHOP);
  session.accessToken = accessToken;
  return session;
}

describe("grants", () => {
  test("client credentials: 24 hours, and the Admin API takes the token", async () => {
    const shopify = client(worldNow());
    const { session } = await shopify.auth.clientCredentials({ shop: SHOP });
    expect(session.scope).toBe("write_products,read_orders");
    expect(lifeSeconds(session.expires)).toBeGreaterThan(86_390);
    expect(lifeSeconds(session.expires)).toBeLessThanOrEqual(86_399);
    const graphql = new shopify.clients.Graphql({ session });
    const { data } = await graphql.request("{ shop { myshopifyDomain } }");
    expect(data).toEqual({ shop: { myshopifyDomain: SHOP } });
  });

  test("a refresh: the whole new pair", async () => {
    const world = worldNow();
    const first = world.shopify.control.issuePair(ON);
    const { session } = await client(world).auth.refreshToken({
      shop: SHOP,
      refreshToken: first.refreshToken,
    });
    expect(session.refreshToken).toMatch(/^shprt_/);
    expect(session.refreshToken).not.toBe(first.refreshToken);
    expect(lifeSeconds(session.expires)).toBeLessThanOrEqual(3_600);
    expect(lifeSeconds(session.refreshTokenExpires)).toBeGreaterThan(7_775_990);
    expect(await statusWith(world, session.accessToken ?? "")).toBe(200);
  });

  test("a migration: the pair, and the old token is dead", async () => {
    const world = worldNow();
    const { accessToken } = world.shopify.control.issueToken({ ...ON, kind: "offline" });
    const { session } = await client(world).auth.migrateToExpiringToken({
      shop: SHOP,
      nonExpiringOfflineAccessToken: accessToken,
    });
    expect(session.refreshToken).toMatch(/^shprt_/);
    expect(await statusWith(world, accessToken)).toBe(401);
    expect(await statusWith(world, session.accessToken ?? "")).toBe(200);
  });

  test.each([
    [true, /^shprt_/],
    [false, /^undefined$/],
  ])("the exchange of a session token, expiring %p", async (expiring, refreshToken) => {
    const world = worldNow();
    const { sessionToken } = world.shopify.control.sessionToken(ON);
    const { session } = await client(world).auth.tokenExchange({
      shop: SHOP,
      sessionToken,
      requestedTokenType: RequestedTokenType.OfflineAccessToken,
      expiring,
    });
    expect(String(session.refreshToken)).toMatch(refreshToken);
    expect(await statusWith(world, session.accessToken ?? "")).toBe(200);
  });
});

describe("the code exchange, begun and completed by the library", () => {
  /** The library as a small web application: /begin sends the merchant off, /callback takes the code. */
  async function application(shopify: Shopify, expiring: boolean) {
    const sessions: Session[] = [];
    const listener: RequestListener = (rawRequest, rawResponse) => {
      void (async () => {
        if (rawRequest.url === "/begin") {
          await shopify.auth.begin({
            shop: SHOP,
            callbackPath: "/callback",
            isOnline: false,
            rawRequest,
            rawResponse,
          });
          return;
        }
        const outcome = await shopify.auth
          .callback({ rawRequest, rawResponse, expiring })
          .catch((error: Error) => error);
        if (!(outcome instanceof Error)) sessions.push(outcome.session);
        rawResponse.end(outcome instanceof Error ? outcome.constructor.name : "installed");
      })();
    };
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { sessions, origin, close: () => closed(server) };
  }

  async function install(
    world: Arranged,
    options: { expiring: boolean; spoil?: (location: URL) => void },
  ) {
    const app = await application(client(world), options.expiring);
    try {
      // The library answers 410 to what it takes for a bot, and Node's own name is one.
      const headers = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0" };
      const begun = await fetch(`${app.origin}/begin`, { redirect: "manual", headers });
      const cookie = begun.headers
        .getSetCookie()
        .map((line) => line.split(";")[0])
        .join("; ");
      const { location } = world.shopify.control.approve({
        url: begun.headers.get("location") ?? "",
      });
      const callback = new URL(location);
      options.spoil?.(callback);
      const address = `${app.origin}${callback.pathname}${callback.search}`;
      const done = await fetch(address, { headers: { ...headers, cookie } });
      return { text: await done.text(), sessions: app.sessions };
    } finally {
      await app.close();
    }
  }

  test.each(["none", "extra-parameter"] as const)(
    "with callbackExtras %s the HMAC is accepted",
    async (position) => {
      const world = worldNow({ callbackExtras: position });
      const { text, sessions } = await install(world, { expiring: false });
      expect(text).toBe("installed");
      expect(sessions[0]?.expires).toBeUndefined();
      expect(await statusWith(world, sessions[0]?.accessToken ?? "")).toBe(200);
    },
  );

  test("expiring: a pair", async () => {
    const { sessions } = await install(worldNow(), { expiring: true });
    expect(sessions[0]?.refreshToken).toMatch(/^shprt_/);
  });

  test.each(["code", "host", "timestamp"])(
    "a changed %s is refused by the library",
    async (name) => {
      const spoil = (location: URL) =>
        location.searchParams.set(
          name,
          name === "timestamp" ? String(Math.floor(Date.now() / 1_000) - 5) : "changed",
        );
      const { text } = await install(worldNow(), { expiring: false, spoil });
      expect(text).toBe("InvalidOAuthError");
    },
  );
});

describe("errors and retries that the library documents", () => {
  test("a refusal is an HttpResponseError with status and body", async () => {
    const world = worldNow();
    world.shopify.control.changeShop({ shop: SHOP, organization: "agency-client" });
    const attempt = client(world).auth.clientCredentials({ shop: SHOP });
    await expect(attempt).rejects.toBeInstanceOf(HttpResponseError);
    await expect(attempt).rejects.toMatchObject({
      response: { code: 400, body: { error: "shop_not_permitted" } },
    });
  });

  test("a dead refresh token is a 401", async () => {
    const attempt = client(worldNow()).auth.refreshToken({
      shop: SHOP,
      refreshToken: "shprt_dead",
    });
    await expect(attempt).rejects.toMatchObject({ response: { code: 401 } });
  });

  test("a dead token at the Admin API is a 401 that names the request", async () => {
    const shopify = client(worldNow());
    const rest = new shopify.clients.Rest({ session: offlineSession(shopify, "shpat_dead") });
    const attempt = rest.get({ path: "shop" });
    await expect(attempt).rejects.toMatchObject({ response: { code: 401 } });
    await expect(attempt).rejects.toThrow(/unrecognized login or wrong password/);
    await expect(attempt).rejects.toThrow(/please include this id: [0-9a-f-]{36}/);
  });

  test("a throttle carries Retry-After", async () => {
    const world = worldNow();
    const shopify = client(world);
    const { session } = await shopify.auth.clientCredentials({ shop: SHOP });
    world.shopify.control.throttle({ on: "admin-api", calls: 1, retryAfterSeconds: "0.5" });
    const attempt = new shopify.clients.Rest({ session }).get({ path: "shop" });
    await expect(attempt).rejects.toBeInstanceOf(HttpThrottlingError);
    await expect(attempt).rejects.toMatchObject({ response: { code: 429, retryAfter: 0.5 } });
  });

  test.each([429, 503])("%d is tried again when asked, and then served", async (answer) => {
    const world = worldNow();
    const shopify = client(world);
    const { session } = await shopify.auth.clientCredentials({ shop: SHOP });
    world.shopify.control.break({ on: "admin-api", answer, times: 1, retryAfterSeconds: "0" });
    // Without Retry-After the library waits a second.
    const { data } = await new shopify.clients.Graphql({ session }).request("{ shop { name } }", {
      retries: 1,
    });
    expect(data).toEqual({ shop: { name: "acme" } });
    expect(world.shopify.control.countCalls()).toMatchObject({
      served: 1,
      refusedBy: { [`fault-${answer}`]: 1 },
    });
  });

  test("an outage is an HttpInternalError of the GraphQL client", async () => {
    const world = worldNow();
    const shopify = client(world);
    const { session } = await shopify.auth.clientCredentials({ shop: SHOP });
    world.shopify.control.break({ on: "admin-api", answer: 502, times: 1 });
    const attempt = new shopify.clients.Graphql({ session }).request("{ shop { name } }");
    await expect(attempt).rejects.toBeInstanceOf(HttpInternalError);
  });

  test("THROTTLED is a GraphqlQueryError with the code", async () => {
    const world = worldNow();
    const shopify = client(world);
    const { session } = await shopify.auth.clientCredentials({ shop: SHOP });
    world.shopify.control.break({ on: "admin-api", answer: "THROTTLED", times: 1 });
    const attempt = new shopify.clients.Graphql({ session }).request("{ shop { name } }");
    await expect(attempt).rejects.toBeInstanceOf(GraphqlQueryError);
    await expect(attempt).rejects.toMatchObject({
      body: { errors: { graphQLErrors: [{ extensions: { code: "THROTTLED" } }] } },
    });
  });

  test.each([520, 503])(
    "an outage of the token endpoint with %d breaks the library's parser",
    async (answer) => {
      const world = worldNow();
      world.shopify.control.break({ on: "token-endpoint", answer, times: 1 });
      await expect(client(world).auth.clientCredentials({ shop: SHOP })).rejects.toMatchObject({
        name: "SyntaxError",
      });
    },
  );

  test("without expires_in the library makes a session that never expires", async () => {
    const { session } = await client(worldNow({ expiresIn: "absent" })).auth.clientCredentials({
      shop: SHOP,
    });
    expect(session.expires).toBeUndefined();
  });
});

test("the library accepts a webhook of the imitation, and refuses a forged one", async () => {
  const received: WebhookRequest[] = [];
  const world = worldNow({}, received);
  world.shopify.control.uninstall(ON);
  await world.shopify.runDue();
  const [request] = received;
  const shopify = client(world);
  const validate = (rawBody: string) =>
    shopify.webhooks.validate({
      rawBody,
      rawRequest: {
        method: "POST",
        url: "/webhooks",
        headers: { ...request?.headers },
      } as unknown as IncomingMessage,
      rawResponse: {} as never,
    });
  expect(await validate(request?.body ?? "")).toMatchObject({
    valid: true,
    topic: "APP_UNINSTALLED",
    domain: SHOP,
  });
  expect(await validate(`${request?.body} `)).toMatchObject({
    valid: false,
    reason: "invalid_hmac",
  });
});
