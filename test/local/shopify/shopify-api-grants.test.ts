import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { RequestedTokenType, type Session, type Shopify } from "@shopify/shopify-api";
import { type Arranged, SHOP, statusWith } from "./arrange";
import { libraryOn, libraryWorld, ON, standAtTheBeginning } from "./shopify-api";

standAtTheBeginning();

const lifeSeconds = (at: Date | undefined) =>
  Math.round(((at?.getTime() ?? 0) - Date.now()) / 1_000);

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

describe("grants", () => {
  test("client credentials: 24 hours, and the Admin API takes the token", async () => {
    const shopify = libraryOn(libraryWorld());
    const { session } = await shopify.auth.clientCredentials({ shop: SHOP });
    expect(session.scope).toBe("write_products,read_orders");
    expect(lifeSeconds(session.expires)).toBeGreaterThan(86_000);
    expect(lifeSeconds(session.expires)).toBeLessThanOrEqual(86_399);
    const graphql = new shopify.clients.Graphql({ session });
    const { data } = await graphql.request("{ shop { myshopifyDomain } }");
    expect(data).toEqual({ shop: { myshopifyDomain: SHOP } });
  });

  test("a refresh: the whole new pair", async () => {
    const world = libraryWorld();
    const first = world.shopify.control.issuePair(ON);
    const { session } = await libraryOn(world).auth.refreshToken({
      shop: SHOP,
      refreshToken: first.refreshToken,
    });
    expect(session.refreshToken).toMatch(/^shprt_/);
    expect(session.refreshToken).not.toBe(first.refreshToken);
    expect(lifeSeconds(session.expires)).toBeLessThanOrEqual(3_600);
    expect(lifeSeconds(session.refreshTokenExpires)).toBeGreaterThan(7_775_000);
    expect(await statusWith(world, session.accessToken ?? "")).toBe(200);
  });

  test("a migration: the pair, and the old token is dead", async () => {
    const world = libraryWorld();
    const { accessToken } = world.shopify.control.issueToken({ ...ON, kind: "offline" });
    const { session } = await libraryOn(world).auth.migrateToExpiringToken({
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
    const world = libraryWorld();
    const { sessionToken } = world.shopify.control.sessionToken(ON);
    const { session } = await libraryOn(world).auth.tokenExchange({
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
    const app = await application(libraryOn(world), options.expiring);
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

  test.each([
    { callbackExtras: "none" },
    { callbackExtras: "extra-parameter" },
    { callbackExtras: "none", callbackEncoding: "form" },
    { callbackExtras: "spaced-parameter", callbackEncoding: "percent" },
  ] as const)("with %p the HMAC is accepted", async (switches) => {
    const world = libraryWorld(switches);
    const { text, sessions } = await install(world, { expiring: false });
    expect(text).toBe("installed");
    expect(sessions[0]?.expires).toBeUndefined();
    expect(await statusWith(world, sessions[0]?.accessToken ?? "")).toBe(200);
  });

  // Up to its version 13 it was the other way round (ProcessedQuery.stringify).
  test("a space sent and signed as a form has it is refused: the library signs it as the documentation says", async () => {
    const world = libraryWorld({ callbackExtras: "spaced-parameter", callbackEncoding: "form" });
    const { text } = await install(world, { expiring: false });
    expect(text).toBe("InvalidOAuthError");
  });

  test("expiring: a pair", async () => {
    const { sessions } = await install(libraryWorld(), { expiring: true });
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
      const { text } = await install(libraryWorld(), { expiring: false, spoil });
      expect(text).toBe("InvalidOAuthError");
    },
  );
});
