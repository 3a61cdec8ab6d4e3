import type { IncomingMessage } from "node:http";
import {
  GraphqlQueryError,
  HttpInternalError,
  HttpResponseError,
  HttpThrottlingError,
  type Session,
  type Shopify,
} from "@shopify/shopify-api";
import type { WebhookRequest } from "../../../local/shopify/webhooks";
import { SHOP } from "./arrange";
import { libraryOn, libraryWorld, ON, standAtTheBeginning } from "./shopify-api";

standAtTheBeginning();

function offlineSession(shopify: Shopify, accessToken: string): Session {
  const session = shopify.session.customAppSession(SHOP);
  session.accessToken = accessToken;
  return session;
}

describe("errors and retries that the library documents", () => {
  test("a refusal is an HttpResponseError with status and body", async () => {
    const world = libraryWorld();
    world.shopify.control.changeShop({ shop: SHOP, organization: "agency-client" });
    const attempt = libraryOn(world).auth.clientCredentials({ shop: SHOP });
    await expect(attempt).rejects.toBeInstanceOf(HttpResponseError);
    await expect(attempt).rejects.toMatchObject({
      response: { code: 400, body: { error: "shop_not_permitted" } },
    });
  });

  test("a dead refresh token is a 401", async () => {
    const attempt = libraryOn(libraryWorld()).auth.refreshToken({
      shop: SHOP,
      refreshToken: "shprt_dead",
    });
    await expect(attempt).rejects.toMatchObject({ response: { code: 401 } });
  });

  test("a dead token at the Admin API is a 401 that names the request", async () => {
    const shopify = libraryOn(libraryWorld());
    const rest = new shopify.clients.Rest({ session: offlineSession(shopify, "shpat_dead") });
    const attempt = rest.get({ path: "shop" });
    await expect(attempt).rejects.toMatchObject({ response: { code: 401 } });
    await expect(attempt).rejects.toThrow(/unrecognized login or wrong password/);
    await expect(attempt).rejects.toThrow(/please include this id: [0-9a-f-]{36}/);
  });

  test("a throttle carries Retry-After", async () => {
    const world = libraryWorld();
    const shopify = libraryOn(world);
    const { session } = await shopify.auth.clientCredentials({ shop: SHOP });
    world.shopify.control.throttle({ on: "admin-api", calls: 1, retryAfterSeconds: "0.5" });
    const attempt = new shopify.clients.Rest({ session }).get({ path: "shop" });
    await expect(attempt).rejects.toBeInstanceOf(HttpThrottlingError);
    await expect(attempt).rejects.toMatchObject({ response: { code: 429, retryAfter: 0.5 } });
  });

  test.each([429, 503])("%d is tried again when asked, and then served", async (answer) => {
    const world = libraryWorld();
    const shopify = libraryOn(world);
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
    const world = libraryWorld();
    const shopify = libraryOn(world);
    const { session } = await shopify.auth.clientCredentials({ shop: SHOP });
    world.shopify.control.break({ on: "admin-api", answer: 502, times: 1 });
    const attempt = new shopify.clients.Graphql({ session }).request("{ shop { name } }");
    await expect(attempt).rejects.toBeInstanceOf(HttpInternalError);
  });

  test("THROTTLED is a GraphqlQueryError with the code", async () => {
    const world = libraryWorld();
    const shopify = libraryOn(world);
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
      const world = libraryWorld();
      world.shopify.control.break({ on: "token-endpoint", answer, times: 1 });
      await expect(libraryOn(world).auth.clientCredentials({ shop: SHOP })).rejects.toMatchObject({
        name: "SyntaxError",
      });
    },
  );

  test("without expires_in the library makes a session that never expires", async () => {
    const { session } = await libraryOn(
      libraryWorld({ expiresIn: "absent" }),
    ).auth.clientCredentials({
      shop: SHOP,
    });
    expect(session.expires).toBeUndefined();
  });
});

test("the library accepts a webhook of the imitation, and refuses a forged one", async () => {
  const received: WebhookRequest[] = [];
  const world = libraryWorld({}, received);
  world.shopify.control.uninstall(ON);
  await world.shopify.runDue();
  const [request] = received;
  const shopify = libraryOn(world);
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
