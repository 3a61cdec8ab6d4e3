import { MockAgent, Request as UndiciRequest, fetch as undiciFetch } from "undici";
import { createTokenFetch, createTokenReader, type Fetch, type TokenReader } from "../../reader";
import { ManualTime } from "./manual-time";
import { recordText } from "./records";
import { StubSecretsManager } from "./stub-secrets-manager";

const ACME = "https://acme.myshopify.com";
const PATH = "/admin/api/2026-10/graphql.json";
const HEADER = "x-shopify-access-token";

let agent: MockAgent;
let secrets: StubSecretsManager;
let time: ManualTime;
let reader: TokenReader;
let tokenFetch: Fetch;

/** Puts a token whose text is known. */
function rotate(key: string, text: string): void {
  const value = recordText(key, time.now()).replace(/shpat_[^"]*/, text);
  secrets.put(`shopify/test/stores/${key}/token`, value);
}

/** What a request carries as its token; undefined when it carries none. */
type Headers = Record<string, string | undefined>;
const tokenIn = (headers: unknown) =>
  Object.entries(headers as Headers).find(([name]) => name.toLowerCase() === HEADER)?.[1];

beforeEach(() => {
  agent = new MockAgent();
  agent.disableNetConnect();
  time = new ManualTime();
  secrets = new StubSecretsManager();
  reader = createTokenReader({
    client: secrets,
    clock: time,
    timers: time,
    prefix: "shopify/test",
  });
  const viaAgent = (input: unknown, init: object | undefined) =>
    undiciFetch(input as string, { ...init, dispatcher: agent });
  tokenFetch = createTokenFetch(reader, { fetch: viaAgent as unknown as Fetch });
  rotate("acme", "first");
});

afterEach(async () => {
  reader.close();
  agent.assertNoPendingInterceptors();
  await agent.close();
});

/** Expects one request with this token and answers it. */
function expectCall(token: string, answer: { status?: number; location?: string } = {}): void {
  const { status = 200, location } = answer;
  agent
    .get(ACME)
    .intercept({ path: PATH, method: "POST", headers: { [HEADER]: token } })
    .reply(status, '{"data":{}}', location === undefined ? {} : { headers: { location } });
}

const post = (body: unknown = "{}") =>
  tokenFetch(`${ACME}${PATH}`, { method: "POST", body: body as string });

test("an Admin API call gets the token, and other headers stay", async () => {
  agent
    .get(ACME)
    .intercept({ path: PATH, method: "GET", headers: { [HEADER]: "first", accept: "text/x" } })
    .reply(200, "{}");
  const answer = await tokenFetch(new URL(`${ACME}${PATH}`), { headers: { accept: "text/x" } });
  expect(answer.status).toBe(200);
});

test("a 401 is answered with the renewed token, and the body is sent again", async () => {
  await reader.token("acme");
  rotate("acme", "second");
  const bodies: unknown[] = [];
  for (const [token, status] of [
    ["first", 401],
    ["second", 200],
  ] as const) {
    agent
      .get(ACME)
      .intercept({ path: PATH, method: "POST", headers: { [HEADER]: token } })
      .reply(status, ({ body }) => {
        bodies.push(body);
        return "{}";
      });
  }
  expect((await post('{"query":"{shop}"}')).status).toBe(200);
  expect(bodies).toEqual(['{"query":"{shop}"}', '{"query":"{shop}"}']);
});

test("a stream is not sent again, but the next call has the renewed token", async () => {
  await reader.token("acme");
  rotate("acme", "second");
  expectCall("first", { status: 401 });
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("{}"));
      controller.close();
    },
  });
  const answer = await tokenFetch(`${ACME}${PATH}`, {
    method: "POST",
    body,
    ...({ duplex: "half" } as object),
  });
  expect(answer.status).toBe(401);
  expectCall("second");
  expect((await post()).status).toBe(200);
});

test("a Request keeps its method and headers; with a body it is sent once", async () => {
  const request = new UndiciRequest(`${ACME}${PATH}`, {
    method: "POST",
    body: "{}",
    headers: { "x-caller": "test" },
  });
  agent
    .get(ACME)
    .intercept({
      path: PATH,
      method: "POST",
      headers: { [HEADER]: "first", "x-caller": "test" },
    })
    .reply(401, "{}");
  const answer = await tokenFetch(request as unknown as Request);
  expect(answer.status).toBe(401);
});

test.each([
  ["another host", "https://api.example.com", "/admin/api"],
  ["a look-alike", "https://acme.myshopify.com.example.com", PATH],
  ["plain http", "http://acme.myshopify.com", PATH],
  ["another port", "https://acme.myshopify.com:8443", PATH],
  ["the storefront", ACME, "/apps/proxy/orders"],
  ["a path that only starts alike", ACME, "/administration"],
  ["the token endpoint", ACME, "/admin/oauth/access_token"],
  ["the token endpoint with a slash too many", ACME, "/admin/oauth/access_token/"],
  ["the token endpoint with two slashes", ACME, "/admin//oauth//access_token"],
  ["the token endpoint with a blank", ACME, "/admin/oauth/access_token%20"],
  ["the token endpoint in other letters", ACME, "/admin/%6fauth/access_token"],
  ["a path that leads out when it is decoded", ACME, "/admin/..%2fapps/x"],
  ["the same with a backslash", ACME, "/admin/..%5capps/x"],
  ["a percent sign that begins nothing", ACME, "/admin/%"],
])("%s gets no token", async (_what, origin, path) => {
  let seen: unknown = "nothing";
  agent
    .get(origin)
    .intercept({ path, method: "GET" })
    .reply(200, ({ headers }) => {
      seen = tokenIn(headers);
      return "";
    });
  await tokenFetch(`${origin}${path}`);
  expect(seen).toBeUndefined();
  expect(secrets.calls).toEqual([]);
});

test.each([
  ["a user", "https://someone@acme.myshopify.com"],
  ["a password alone", "https://:pw@acme.myshopify.com"],
])("an address with %s gets no token", async (_what, origin) => {
  const sent: unknown[] = [];
  const recorded = createTokenFetch(reader, {
    fetch: async (_input, init) => {
      sent.push(tokenIn(Object.fromEntries(new Headers(init?.headers))));
      return new Response("");
    },
  });
  await recorded(`${origin}${PATH}`);
  expect(sent).toEqual([undefined]);
});

test("what is sent is the address that was checked, whatever the input says the second time", async () => {
  const sent: unknown[] = [];
  const recorded = createTokenFetch(reader, {
    fetch: async (input) => {
      sent.push(input);
      return new Response("");
    },
  });
  const says = { toString: () => "https://evil.example/admin/x" };
  await recorded({ ...says, url: `${ACME}${PATH}`, method: "GET", body: null } as never);
  await recorded(new Request(`${ACME}${PATH}`));
  expect(sent).toEqual([`${ACME}${PATH}`, `${ACME}${PATH}`]);
});

test.each([
  "https://evil.example/collect",
  "https://other.myshopify.com/admin/api/2026-10/graphql.json",
  "https://acme.myshopify.com.evil.example/admin/x",
  "http://acme.myshopify.com/admin/x",
  "//evil.example/admin/x",
  "/apps/proxy",
])("a redirect to %s is refused, and nothing goes there", async (location) => {
  agent
    .get(ACME)
    .intercept({ path: PATH, method: "GET" })
    .reply(302, "", { headers: { location } });
  await expect(tokenFetch(`${ACME}${PATH}`)).rejects.toMatchObject({
    code: "redirect_refused",
    facts: { store: "acme.myshopify.com" },
  });
});

test("a redirect inside the store is followed with the token", async () => {
  agent
    .get(ACME)
    .intercept({ path: "/admin/old", method: "GET" })
    .reply(301, "", { headers: { location: "/admin/new" } });
  agent
    .get(ACME)
    .intercept({ path: "/admin/new", method: "GET", headers: { [HEADER]: "first" } })
    .reply(200, "there");
  expect(await (await tokenFetch(`${ACME}/admin/old`)).text()).toBe("there");
});

test("a POST is sent again by a 307, and refused by a 302, which would make it a GET", async () => {
  expectCall("first", { status: 307, location: PATH });
  expectCall("first");
  expect((await post()).status).toBe(200);
  expectCall("first", { status: 302, location: PATH });
  await expect(post()).rejects.toMatchObject({ code: "redirect_refused" });
});

test("a circle of redirects ends", async () => {
  agent
    .get(ACME)
    .intercept({ path: "/admin/circle", method: "GET" })
    .reply(302, "", { headers: { location: "/admin/circle" } })
    .times(6);
  await expect(tokenFetch(`${ACME}/admin/circle`)).rejects.toMatchObject({
    code: "redirect_refused",
  });
});

test.each([
  ["without an address", {}],
  ["to an address that is none", { location: "https://[" }],
])("a redirect %s is an answer or refused, and never a second request", async (_what, headers) => {
  agent.get(ACME).intercept({ path: PATH, method: "GET" }).reply(302, "", { headers });
  const outcome = await tokenFetch(`${ACME}${PATH}`).then(
    ({ status }) => status,
    ({ code }: { code: string }) => code,
  );
  expect(outcome).toBe("location" in headers ? "redirect_refused" : 302);
});

test.each([
  ["manual", (url: string) => tokenFetch(url, { redirect: "manual" })],
  [
    "manual in a Request",
    (url: string) =>
      tokenFetch(new UndiciRequest(url, { redirect: "manual" }) as unknown as Request),
  ],
])("a caller who follows redirects by himself (%s) gets the redirect", async (_how, call) => {
  agent
    .get(ACME)
    .intercept({ path: PATH, method: "GET" })
    .reply(302, "", { headers: { location: "https://evil.example/" } });
  const answer = await call(`${ACME}${PATH}`);
  expect([answer.status, answer.headers.get("location")]).toEqual([302, "https://evil.example/"]);
});

test("a caller who wants no redirect gets an error", async () => {
  agent
    .get(ACME)
    .intercept({ path: PATH, method: "GET" })
    .reply(302, "", { headers: { location: "/admin/new" } });
  await expect(tokenFetch(`${ACME}${PATH}`, { redirect: "error" })).rejects.toMatchObject({
    code: "redirect_refused",
  });
});

test("a store that the reader does not find is an error, not a call without a token", async () => {
  await expect(tokenFetch("https://stranger.myshopify.com/admin/x")).rejects.toMatchObject({
    code: "secret_missing",
  });
});

test.each([
  ["bytes", new TextEncoder().encode("{}")],
  ["form fields", new URLSearchParams({ a: "1" })],
  ["a blob", new Blob(["{}"])],
  ["an array buffer", new TextEncoder().encode("{}").buffer],
])("%s can be sent again", async (_what, body) => {
  await reader.token("acme");
  rotate("acme", "second");
  expectCall("first", { status: 401 });
  expectCall("second");
  expect((await post(body)).status).toBe(200);
});
