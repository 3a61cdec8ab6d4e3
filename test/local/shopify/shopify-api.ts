import "@shopify/shopify-api/adapters/node";
import { ApiVersion, LogSeverity, type Shopify, shopifyApi } from "@shopify/shopify-api";
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
} from "./arrange";

// Shopify's own library, an independent client: it knows nothing of the imitation, and its clock is the machine's.
export const ON = { clientId: CLIENT_ID, shop: SHOP };

export function libraryOn(world: Arranged): Shopify {
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

const TIMERS = [
  ...(["setTimeout", "clearTimeout", "setInterval", "clearInterval"] as const),
  ...(["setImmediate", "clearImmediate", "queueMicrotask", "nextTick"] as const),
  ...(["hrtime", "performance"] as const),
];

/** Lets the machine's clock, which the library reads, stand at the world's beginning in each test; timers run on. */
export function standAtTheBeginning(): void {
  beforeEach(() => void jest.useFakeTimers({ now: START, doNotFake: TIMERS }));
  afterEach(() => void jest.useRealTimers());
}

/** A world with one client secret: the library signs and checks with one alone. */
export function libraryWorld(
  switches: Partial<Switches> = {},
  received: WebhookRequest[] = [],
): Arranged {
  const deliver = async (request: WebhookRequest) => {
    received.push(request);
    return 200;
  };
  const world = arrange({ switches, deliver });
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
