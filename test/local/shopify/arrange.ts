import { ShopifyImitation } from "../../../local/shopify/core";
import type { Answer, ImitationReply, ImitationRequest } from "../../../local/shopify/protocol";
import { seededRandomness } from "../../../local/shopify/randomness";
import type { Switches } from "../../../local/shopify/switches";
import type { WebhookPort } from "../../../local/shopify/webhooks";

export const SHOP = "acme.myshopify.com";
export const CLIENT_ID = "fulfilment";
export const FIRST_SECRET = "shpss_first";
export const SECOND_SECRET = "shpss_second";
export const REDIRECT_URI = "https://install.example/callback";
export const START = Date.UTC(2026, 10, 23, 12);
export const SECOND = 1_000;
export const HOUR = 3_600 * SECOND;
export const DAY = 24 * HOUR;

export type Fields = Readonly<Record<string, string | number | boolean>>;

export interface Arranged {
  readonly shopify: ShopifyImitation;
  /** Moves the clock on, in milliseconds. */
  advance(ms: number): void;
  now(): number;
  send(request: Partial<ImitationRequest>): Promise<ImitationReply>;
}

/** An app with two live client secrets, installed on one open shop of its own organization; the clock stands still. */
export function arrange(
  options: { switches?: Partial<Switches>; deliver?: WebhookPort } = {},
): Arranged {
  let now = START;
  const shopify = new ShopifyImitation({
    now: () => now,
    randomness: seededRandomness("tests"),
    ...options,
  });
  shopify.control.addApp({
    clientId: CLIENT_ID,
    clientSecret: FIRST_SECRET,
    scopes: ["read_products", "write_products", "read_orders"],
    redirectUris: [REDIRECT_URI],
    webhookAddress: "https://install.example/webhooks",
    createdAt: Date.UTC(2025, 0, 1),
  });
  shopify.control.addClientSecret({ clientId: CLIENT_ID, clientSecret: SECOND_SECRET });
  shopify.control.addShop({ shop: SHOP });
  shopify.control.install({ clientId: CLIENT_ID, shop: SHOP });
  return {
    shopify,
    advance: (ms) => {
      now += ms;
    },
    now: () => now,
    send: (request) =>
      shopify.handle({ method: "GET", host: SHOP, path: "/", headers: {}, body: "", ...request }),
  };
}

/** An answer, or a failed test when the connection was dropped. */
export function answered(reply: ImitationReply): Answer {
  if (reply.drop === true) throw new Error("the connection was dropped");
  return reply;
}

/** The JSON body of an answer. */
export function jsonOf(reply: ImitationReply): Record<string, unknown> {
  return JSON.parse(answered(reply).body) as Record<string, unknown>;
}

export const CREDENTIALS = { client_id: CLIENT_ID, client_secret: FIRST_SECRET } as const;

/** Asks the token endpoint, JSON in and JSON out. */
export function askForToken(
  world: Pick<Arranged, "send">,
  fields: Fields,
  host = SHOP,
): Promise<ImitationReply> {
  return world.send({
    method: "POST",
    host,
    path: "/admin/oauth/access_token",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ ...CREDENTIALS, ...fields }),
  });
}

export interface TokenReply {
  readonly access_token: string;
  readonly scope: string;
  readonly expires_in?: number;
  readonly refresh_token: string;
  readonly refresh_token_expires_in: number;
}

/** Asks the token endpoint and expects a token. */
export async function tokenFor(world: Pick<Arranged, "send">, fields: Fields): Promise<TokenReply> {
  const reply = await askForToken(world, fields);
  expect([answered(reply).status, answered(reply).body]).toEqual([200, expect.anything()]);
  return jsonOf(reply) as unknown as TokenReply;
}

export const mint = (world: Pick<Arranged, "send">) =>
  tokenFor(world, { grant_type: "client_credentials" });
export const refresh = (world: Pick<Arranged, "send">, token: string, fields: Fields = {}) =>
  tokenFor(world, { grant_type: "refresh_token", refresh_token: token, ...fields });
export const tryRefresh = (world: Pick<Arranged, "send">, token: string, fields: Fields = {}) =>
  askForToken(world, { grant_type: "refresh_token", refresh_token: token, ...fields });

const OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token";

/** The fields of a migration to an expiring token. */
export const migrationOf = (token: string): Fields => ({
  grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
  subject_token: token,
  subject_token_type: OFFLINE,
  requested_token_type: OFFLINE,
  expiring: "1",
});

/** The merchant approves; returns the parameters of the callback. */
export function approve(
  world: Arranged,
  parameters: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const url = new URL(`https://${SHOP}/admin/oauth/authorize`);
  const query = {
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    state: "s t+/=",
    ...parameters,
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const { location } = world.shopify.control.approve({ url: url.href });
  return Object.fromEntries(new URL(location).searchParams);
}

/** A code that the merchant just approved. */
export const codeOf = (world: Arranged): string => approve(world)["code"] ?? "";

/** The status of the cheapest call with a token. */
export async function statusWith(world: Pick<Arranged, "send">, token: string): Promise<number> {
  const reply = await callWith(world, token);
  return answered(reply).status;
}

export function callWith(
  world: Pick<Arranged, "send">,
  token: string,
  request: Partial<ImitationRequest> = {},
): Promise<ImitationReply> {
  const headers = { "X-Shopify-Access-Token": token, "X-Caller": "tests", ...request.headers };
  return world.send({ path: "/admin/oauth/access_scopes.json", ...request, headers });
}
