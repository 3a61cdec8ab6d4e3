import { HOUR_MS, MINUTE_MS } from "../../contract/time";
import { createTokenReader, ReaderError } from "../../reader";
import { createSessionStorage } from "../../reader/session-storage";
import { createTestTokens, type TestFailure } from "../../reader/testing";
import { START } from "./records";

// `shopify-secrets/testing`, as an application's own tests use it.

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "no error",
    (error: unknown) => (error instanceof ReaderError ? error.code : error),
  );

describe.each(["real", "fake"])("with %s timers", (timers) => {
  beforeEach(() => {
    if (timers === "fake") jest.useFakeTimers();
  });
  afterEach(() => jest.useRealTimers());

  test("a token is there without AWS and without waiting", async () => {
    const { reader } = createTestTokens({ acme: { scopes: ["read_orders"] } });
    const token = await reader.token("acme");
    expect(token).toMatchObject({
      shop: "acme.myshopify.com",
      scopes: ["read_orders"],
      kind: "custom-app",
      expiresAt: undefined,
    });
    expect(token.accessToken.unseal()).toBe("test-token-acme-1");
    expect((await reader.token("acme.myshopify.com")).versionId).toBe(token.versionId);
  });

  test("a renewed token is found after a 401, as an application meets it", async () => {
    const tokens = createTestTokens({ acme: {} });
    await tokens.reader.token("acme");
    const renewed = tokens.renew("acme");
    const seen: string[] = [];
    const answer = await tokens.reader.withToken("acme", ({ accessToken }) => {
      seen.push(accessToken.unseal());
      return { status: accessToken.unseal() === renewed ? 200 : 401 };
    });
    expect(answer).toEqual({ status: 200 });
    expect(seen).toEqual(["test-token-acme-1", renewed]);
    expect(tokens.requests).toBe(2);
  });

  test.each<TestFailure>([
    "access_denied",
    "credentials_missing",
    "key_denied",
    "secret_missing",
    "secret_pending_deletion",
    "secrets_manager_unreachable",
    "value_missing",
  ])("%s can be had, and ended", async (failure) => {
    const tokens = createTestTokens({ acme: {}, globex: {} });
    tokens.fail("acme", failure);
    expect(await codeOf(tokens.reader.token("acme"))).toBe(failure);
    expect(await codeOf(tokens.reader.token("globex"))).toBe("no error");
    tokens.fail("acme", undefined);
    expect(await codeOf(tokens.reader.token("acme"))).toBe("no error");
  });

  test("many stores are read together", async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `store-${index}`);
    const tokens = createTestTokens(Object.fromEntries(keys.map((key) => [key, {}])));
    expect(await tokens.reader.prefetch([...keys, "nobody"])).toMatchObject({
      ready: 40,
      failed: [{ store: "nobody", error: { code: "secret_missing" } }],
    });
    expect(tokens.requests).toBe(3);
  });

  test("a session storage works over it", async () => {
    const { reader } = createTestTokens({ acme: { accessToken: "mine" } });
    class Session {
      readonly params: { readonly accessToken: string };
      constructor(params: { readonly accessToken: string }) {
        this.params = params;
      }
    }
    const storage = createSessionStorage({ reader, Session });
    const session = await storage.loadSession("offline_acme.myshopify.com");
    expect(session?.params.accessToken).toBe("mine");
  });
});

test("time is the fake timers': a token ages, is read again, and ends", async () => {
  jest.useFakeTimers({ now: START });
  const tokens = createTestTokens({ acme: { expiresInMs: HOUR_MS } });
  const first = await tokens.reader.token("acme");
  expect(first.kind).toBe("client-credentials");
  jest.setSystemTime(START + 6 * MINUTE_MS);
  await tokens.reader.token("acme");
  expect(tokens.requests).toBe(2);
  await jest.advanceTimersByTimeAsync(HOUR_MS);
  expect(await codeOf(tokens.reader.token("acme"))).toBe("token_expired");
  tokens.renew("acme", { expiresInMs: HOUR_MS });
  const waiting = tokens.reader.token("acme");
  await jest.advanceTimersByTimeAsync(1_000); // a store whose token is dead is read at most once a second
  expect((await waiting).versionId).not.toBe(first.versionId);
  jest.useRealTimers();
});

test("a reader over a mocked client needs no timer of a test to be advanced either", async () => {
  jest.useFakeTimers();
  const send = jest
    .fn()
    .mockRejectedValue(Object.assign(new Error("no"), { name: "AccessDeniedException" }));
  const reader = createTokenReader({ client: { send } as never, prefix: "p" });
  expect(await codeOf(reader.token("acme"))).toBe("access_denied");
  jest.useRealTimers();
});

test.each([[{ "No Key": {} }, "options_malformed"]])(
  "a store that could not exist is refused: %p",
  (stores, code) => {
    expect(() => createTestTokens(stores)).toThrow(expect.objectContaining({ code }));
  },
);

test("a token that no header can carry is a malformed record, as it would be", async () => {
  const { reader } = createTestTokens({ acme: { accessToken: "a\nb" } });
  expect(await codeOf(reader.token("acme"))).toBe("record_malformed");
});
