import fc from "fast-check";
import type { Reply } from "../../lambda/install/reply";
import { HOST, InstallStand } from "../lambda/stand/install-stand";
import { SHOP, STORE } from "../lambda/stand/store-stand";
import { FIRST_SECRET, MINUTE } from "../simulation/stage";
import {
  LOOK_ALIKES,
  NO_EVENTS,
  ODD_BODIES,
  ODD_FIELDS,
  ODD_HOSTS,
  ODD_SIGNATURES,
  ODD_STORES,
  ODD_TOPICS,
  signedQuery,
  spoiling,
  spoilingCookies,
} from "./hostile-requests";

/** Long enough for the store's spacing of versions. */
const LATER = 13 * MINUTE;

const ROUTES = ["GET /install/{store}", "GET /callback", "POST /webhooks"] as const;

let install: InstallStand;
/** How many requests a promise was held against. */
let tried = 0;

beforeEach(async () => {
  install = await InstallStand.create();
});

afterAll(() => {
  // Counted so that no list below can become empty unseen.
  expect(tried).toBeGreaterThan(9_400);
});

/** What no reply and no log line may hold or lack, whatever was asked. */
function expectHarmless(reply: Reply, canaries: readonly string[] = []): void {
  tried += 1;
  const said = JSON.stringify(reply) + install.lines.join("\n");
  for (const canary of canaries) expect(said.includes(canary)).toBe(false);
  expect(/<script|onerror|javascript:/i.test(reply.body)).toBe(false);
  for (const line of install.lines) expect(JSON.parse(line)).toHaveProperty("event");
  expect(install.lines.some((line) => line.includes("\n"))).toBe(false);
  expect(Object.keys(reply.headers)).toEqual(
    expect.arrayContaining([
      "cache-control",
      "content-security-policy",
      "referrer-policy",
      "strict-transport-security",
      "x-content-type-options",
    ]),
  );
  const { location } = reply.headers;
  if (location !== undefined) expect(location).toMatch(OWN_LOCATION);
  install.lines.length = 0;
}

/** Shopify's page of that store, or our own of the result. */
const OWN_LOCATION = new RegExp(
  `^https://(${SHOP}/admin/oauth/authorize\\?|${HOST.replaceAll(".", "\\.")}/callback\\?)`,
);

const SIGNED = ["code", "shop", "state", "timestamp"] as const;

function saysTheSame(query: string, other: string): boolean {
  const [one, two] = [new URLSearchParams(query), new URLSearchParams(other)];
  return SIGNED.every((name) => one.get(name) === two.get(name));
}

test("a spoilt answer of Shopify is refused before its code is presented, unless it says the same", async () => {
  await fc.assert(
    fc.asyncProperty(spoiling, async (spoil) => {
      install.world.clock.now += LATER;
      const visit = await install.begin();
      const query = install.approve(visit);
      const spoilt = spoil(query);
      if (spoilt === query) return;
      const { exchanges } = install;
      const reply = await install.callback(spoilt, [visit.cookie]);
      expectHarmless(reply, [new URLSearchParams(query).get("code") ?? "no code"]);
      if (reply.statusCode === 200) expect(saysTheSame(query, spoilt)).toBe(true);
      else expect(install.exchanges).toBe(exchanges);
    }),
    { numRuns: 2_500 },
  );
});

test("an answer with a spoilt cookie is refused before its code is presented", async () => {
  await fc.assert(
    fc.asyncProperty(spoilingCookies, async (spoil) => {
      install.world.clock.now += LATER;
      const visit = await install.begin();
      const query = install.approve(visit);
      const cookies = spoil(visit.cookie);
      if (cookies === undefined) return;
      const { exchanges } = install;
      const reply = await install.callback(query, cookies);
      const [name = "", value = ""] = visit.cookie.split("=");
      expectHarmless(reply, [new URLSearchParams(query).get("code") ?? name, value]);
      expect(reply.statusCode).not.toBe(200);
      expect(install.exchanges).toBe(exchanges);
    }),
    { numRuns: 800 },
  );
});

test.each(LOOK_ALIKES)(
  "an answer that is truly signed for the shop %j is refused",
  async (shop) => {
    const visit = await install.begin();
    const answer = new URLSearchParams(install.approve(visit));
    const pairs = SIGNED.map(
      (name) => [name, name === "shop" ? shop : (answer.get(name) ?? "")] as const,
    );
    const { exchanges } = install;
    const reply = await install.callback(signedQuery(pairs, FIRST_SECRET), [visit.cookie]);
    expectHarmless(reply);
    expect(reply.statusCode).not.toBe(200);
    expect(install.exchanges).toBe(exchanges);
  },
);

test("the same way of signing is believed for the store's own shop", async () => {
  const visit = await install.begin();
  const answer = new URLSearchParams(install.approve(visit));
  const pairs = SIGNED.map((name) => [name, answer.get(name) ?? ""] as const);
  const reply = await install.callback(signedQuery(pairs, FIRST_SECRET), [visit.cookie]);
  expect(reply.statusCode).toBe(200);
});

test("a link of a store that cannot be is not found", async () => {
  for (const store of ODD_STORES) {
    const reply = await install.request("GET /install/{store}", { store });
    expectHarmless(reply);
    expect(reply.statusCode).toBe(404);
  }
});

test("a host that is none is not sent to Shopify as ours", async () => {
  for (const domainName of ODD_HOSTS) {
    const reply = await install.handle({
      version: "2.0",
      routeKey: "GET /install/{store}",
      pathParameters: { store: STORE },
      headers: {
        host: "evil.example",
        "x-forwarded-host": "evil.example",
        forwarded: "host=evil.example",
      },
      requestContext: { domainName },
    });
    expectHarmless(reply);
    expect(reply.headers["location"]).toBeUndefined();
  }
});

test("a header does not name the host", async () => {
  const headers = { host: "evil.example", "x-forwarded-host": "evil.example" };
  const { location } = await install.open(STORE, headers);
  expect(new URL(location).searchParams.get("redirect_uri")).toBe(`https://${HOST}/callback`);
});

test("an event that is none, or has fields of another type or size, ends in a refusal", async () => {
  for (const event of NO_EVENTS) {
    const reply = await install.handle(event);
    expectHarmless(reply);
    expect([400, 404]).toContain(reply.statusCode);
  }
  const context = { version: "2.0", requestContext: { domainName: HOST } };
  for (const [field, values] of Object.entries(ODD_FIELDS)) {
    for (const value of values) {
      for (const routeKey of ROUTES) {
        const reply = await install.handle({ ...context, routeKey, [field]: value });
        expectHarmless(reply);
        expect([400, 401, 404, 413]).toContain(reply.statusCode);
      }
    }
  }
});

describe("webhooks", () => {
  const shops = [SHOP, ...LOOK_ALIKES.slice(0, 20)];

  test.each(ODD_TOPICS)("forged or odd, about %j: only what is signed counts", async (topic) => {
    for (const shop of shops) {
      for (const body of ODD_BODIES) {
        const forged = await install.deliver(topic, body, { shop, secret: "shpss_wrong" });
        expectHarmless(forged);
        expect(forged.statusCode).toBeGreaterThanOrEqual(400);
        const signed = await install.deliver(topic, body, { shop });
        expectHarmless(signed);
        expect(signed.statusCode).toBeLessThan(500);
      }
    }
  });

  test.each(["x-shopify-hmac-sha256", "shopify-hmac-sha256"])(
    "%s with an odd signature",
    async (header) => {
      for (const signature of ODD_SIGNATURES) {
        const reply = await install.deliver(
          "app/uninstalled",
          { myshopify_domain: SHOP },
          { headers: { [header]: signature } },
        );
        expectHarmless(reply);
        expect([400, 401]).toContain(reply.statusCode);
      }
    },
  );
});
