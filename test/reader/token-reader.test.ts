import { inspect } from "node:util";
import { serialize } from "node:v8";
import type { AppKey, ShopDomain } from "../../contract/brands";
import { keysOfInstalled } from "../../contract/installed-keys";
import { HOUR_MS, later, MINUTE_MS } from "../../contract/time";
import {
  createTokenReader,
  ReaderError,
  type ReaderEvent,
  type TokenReader,
  type TokenReaderOptions,
} from "../../reader";
import { ManualTime, settled } from "./manual-time";
import { recordText, START } from "./records";
import { awsError, StubSecretsManager } from "./stub-secrets-manager";

const PREFIX = "shopify/test";
const nameOf = (key: string) => `${PREFIX}/stores/${key}/token`;
const OUTAGE = awsError("InternalServiceError");

let time: ManualTime;
let secrets: StubSecretsManager;
let events: ReaderEvent[];
let reader: TokenReader;

function open(options: Omit<TokenReaderOptions, "client" | "region"> = {}): TokenReader {
  const onEvent = (event: ReaderEvent) => events.push(event);
  const base = { client: secrets, clock: time, timers: time, prefix: PREFIX, onEvent };
  return createTokenReader({ ...base, ...options });
}

/** Puts a record of this store, issued now. */
function rotate(key: string, changes: Parameters<typeof recordText>[2] = {}): string {
  return secrets.put(nameOf(key), recordText(key, time.now(), changes));
}

const seen = (name: ReaderEvent["event"]) => events.filter(({ event }) => event === name);
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "no error",
    (error: unknown) => (error instanceof ReaderError ? error.code : error),
  );

function outage(): void {
  secrets.before = () => {
    throw OUTAGE;
  };
}

function recovery(): void {
  secrets.before = () => undefined;
}

beforeEach(() => {
  time = new ManualTime();
  secrets = new StubSecretsManager();
  events = [];
  reader = open();
});

afterEach(() => reader.close());

describe("reading", () => {
  test("a token comes with what an application needs", async () => {
    const versionId = rotate("acme");
    const token = await reader.token("acme");
    expect(token.accessToken.unseal()).toBe(`shpat_acme_${START}`);
    expect(token).toMatchObject({
      shop: "acme.myshopify.com",
      scopes: ["read_orders", "write_products"],
      issuedAt: START,
      expiresAt: later(START, 24 * HOUR_MS),
      graphqlUrl: "https://acme.myshopify.com/admin/api/2026-10/graphql.json",
      secretArn: secrets.arnOf(nameOf("acme")),
      versionId,
    });
    expect(JSON.stringify(token)).not.toContain("shpat_");
  });

  test("a fresh token costs no call", async () => {
    rotate("acme");
    await reader.token("acme");
    time.jump(3 * MINUTE_MS);
    await reader.token("acme");
    expect(secrets.calls).toEqual([[nameOf("acme")]]);
  });

  test("a store is found by key, ARN and shop domain, in one place of memory", async () => {
    rotate("acme");
    const byKey = await reader.token("acme");
    expect(await reader.token("acme.myshopify.com")).toBe(byKey);
    expect(await reader.token(secrets.arnOf(nameOf("acme")))).toBe(byKey);
    expect(secrets.calls).toHaveLength(1);
  });

  test("the stores output finds a shop whose handle is not its key", async () => {
    const shop = "acme-canada-inc.myshopify.com" as ShopDomain;
    rotate("acme", { shop });
    const secretArn = secrets.arnOf(nameOf("acme"));
    reader = open({ stores: { acme: { shop, secretArn } } });
    expect((await reader.token(shop)).shop).toBe(shop);
    expect((await reader.token("acme")).shop).toBe(shop);
    expect(secrets.calls).toEqual([[secretArn]]);
  });

  test("the stores output finds a renamed store by its key in config, and by the one before", async () => {
    const shop = "umbrella.myshopify.com" as ShopDomain;
    rotate("umbrella", { shop });
    reader = open({ stores: { umbra: { shop, secretArn: secrets.arnOf(nameOf("umbrella")) } } });
    expect((await reader.token("umbra")).shop).toBe(shop);
    expect((await reader.token("umbrella")).shop).toBe(shop);
    expect(secrets.calls).toHaveLength(1);
  });

  test("a key that looks like another shop's handle never gives that shop's token away", async () => {
    rotate("acme", { shop: "other.myshopify.com" as ShopDomain });
    expect(await codeOf(reader.token("acme.myshopify.com"))).toBe("shop_mismatch");
    expect((await reader.token("acme")).shop).toBe("other.myshopify.com");
    expect(await codeOf(reader.token("acme.myshopify.com"))).toBe("shop_mismatch");
  });

  describe("a store that came by itself", () => {
    const shop = "wholegrain.myshopify.com" as ShopDomain;
    const app = "fulfilment" as AppKey;
    const [first = "", second = ""] = keysOfInstalled({ app, shop });

    test("is found by its shop alone where it has the handle for a key", async () => {
      rotate(first, { shop });
      reader = open({ prefix: PREFIX, app });
      expect((await reader.token(shop)).shop).toBe(shop);
      expect(secrets.calls).toEqual([[nameOf(first)]]);
    });

    test.each([true, false])(
      "is found under its other name where the handle is another store's key (%s) or nobody's any more",
      async (isTaken) => {
        if (isTaken) rotate(first, { shop: "other.myshopify.com" as ShopDomain });
        rotate(second, { shop });
        reader = open({ prefix: PREFIX, app });
        const token = await reader.token(shop);
        expect(token.shop).toBe(shop);
        expect(token.secretArn).toBe(secrets.arnOf(nameOf(second)));
        expect(await reader.token(shop)).toBe(token);
        expect(secrets.calls).toEqual([[nameOf(first)], [nameOf(second)]]);
        expect((await reader.tokenGoodFor(shop, 60)).shop).toBe(shop);
        expect((await reader.prefetch([shop])).ready).toBe(1);
      },
    );

    test("that is not there, or another's under both names, is told of as by its first", async () => {
      reader = open({ prefix: PREFIX, app });
      expect(await codeOf(reader.token(shop))).toBe("secret_missing");
      reader = open({ prefix: PREFIX, app });
      for (const key of [first, second]) rotate(key, { shop: "other.myshopify.com" as ShopDomain });
      expect(await codeOf(reader.token(shop))).toBe("shop_mismatch");
    });

    test("has no other name for who names no app, or one that is none", async () => {
      rotate(second, { shop });
      expect(await codeOf(reader.token(shop))).toBe("secret_missing");
      expect(() => open({ prefix: PREFIX, app: "shpss_pasted" })).toThrow("options_malformed");
      expect(await codeOf(reader.token(`${second}@${shop}`))).toBe("store_unknown");
    });
  });

  test("a shop domain is found in whatever case it is written", async () => {
    rotate("acme");
    expect((await reader.token("ACME.MyShopify.com")).shop).toBe("acme.myshopify.com");
  });

  test("one shop with two declared stores has to be asked for by key", async () => {
    const shop = "acme.myshopify.com";
    const secretArn = secrets.arnOf(nameOf("acme-erp"));
    rotate("acme-erp", { shop: shop as ShopDomain });
    reader = open({
      stores: {
        "acme-erp": { shop, secretArn },
        "acme-shipping": { shop, secretArn: secrets.arnOf(nameOf("acme-shipping")) },
      },
    });
    expect(await codeOf(reader.token(shop))).toBe("store_ambiguous");
    expect((await reader.token("acme-erp")).shop).toBe(shop);
  });

  test.each(["Acme", "", "acme.example.com", "shpat_0123456789abcdef"])(
    "%p is no store, and is not repeated in the error",
    async (text) => {
      const error = await reader.token(text).catch((thrown: unknown) => thrown as ReaderError);
      expect(error).toMatchObject({ code: "store_unknown", facts: {} });
      expect(secrets.calls).toEqual([]);
    },
  );

  test("without prefix and stores only ARNs are known", async () => {
    rotate("acme");
    reader = createTokenReader({ client: secrets, clock: time, timers: time });
    expect(await codeOf(reader.token("acme"))).toBe("store_unknown");
    expect((await reader.token(secrets.arnOf(nameOf("acme")))).shop).toBe("acme.myshopify.com");
  });
});

describe("one read for many callers", () => {
  test("callers of one cold store share one call", async () => {
    rotate("acme");
    const tokens = await Promise.all(Array.from({ length: 50 }, () => reader.token("acme")));
    expect(new Set(tokens).size).toBe(1);
    expect(secrets.calls).toEqual([[nameOf("acme")]]);
  });

  test("a caller who comes while a read is under way waits for it", async () => {
    rotate("acme");
    let release = () => undefined as undefined;
    secrets.before = () =>
      new Promise<void>((resolve) => {
        release = () => void resolve();
      });
    const first = reader.token("acme");
    await time.advance(300);
    const second = reader.token("acme");
    await time.advance(300);
    release();
    expect(await second).toBe(await first);
    expect(secrets.calls).toHaveLength(1);
  });

  test("1,000 concurrent cold reads of 20 stores are one call", async () => {
    const keys = Array.from({ length: 20 }, (_, index) => `store-${index}`);
    for (const key of keys) rotate(key);
    await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => reader.token(`store-${index % 20}`)),
    );
    expect(secrets.calls).toEqual([keys.map(nameOf)]);
  });

  test("prefetch reads 20 a call and tells which stores failed", async () => {
    const keys = Array.from({ length: 45 }, (_, index) => `store-${index}`);
    for (const key of keys.slice(1)) rotate(key);
    const result = await reader.prefetch([...keys, "store-1"]);
    expect(secrets.calls.map((ids) => ids.length)).toEqual([20, 20, 5]);
    expect(result.ready).toBe(44);
    expect(result.failed).toMatchObject([{ store: "store-0", error: { code: "secret_missing" } }]);
    await reader.token("store-44");
    expect(secrets.calls).toHaveLength(3);
  });

  test("no more requests run at once than allowed", async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `store-${index}`);
    for (const key of keys) rotate(key);
    let running = 0;
    let most = 0;
    secrets.before = async () => {
      running += 1;
      most = Math.max(most, running);
      await settled();
      running -= 1;
    };
    reader = open({ parallelRequests: 2 });
    expect((await reader.prefetch(keys)).ready).toBe(100);
    expect(most).toBe(2);
  });

  test("a policy without batches is asked once, then secrets are read one by one", async () => {
    const keys = ["a", "b", "c"];
    for (const key of keys) rotate(key);
    secrets.isBatchDenied = true;
    expect((await reader.prefetch(keys)).ready).toBe(3);
    expect(secrets.calls.map((ids) => ids.length)).toEqual([3, 1, 1, 1]);
    time.jump(6 * MINUTE_MS);
    await Promise.all(keys.map((key) => reader.token(key)));
    expect(secrets.calls.slice(4).map((ids) => ids.length)).toEqual([1, 1, 1]);
    expect(seen("batch.denied")).toHaveLength(1);
  });

  test("what a batch leaves out is read alone, and one refused store fails no other", async () => {
    for (const key of ["a", "b", "c"]) rotate(key);
    secrets.leftOut.add(nameOf("b"));
    secrets.refusals.set(nameOf("c"), awsError("AccessDeniedException"));
    const outcomes = await Promise.all(["a", "b", "c"].map((key) => codeOf(reader.token(key))));
    expect(outcomes).toEqual(["no error", "no error", "access_denied"]);
    expect(secrets.calls).toEqual([[nameOf("a"), nameOf("b"), nameOf("c")], [nameOf("b")]]);
  });

  test("a batch that fails as a whole for another reason than an outage is read one by one", async () => {
    for (const key of ["a", "b"]) rotate(key);
    secrets.before = (ids) => {
      if (ids.length > 1) throw awsError("InvalidRequestException");
    };
    expect((await reader.prefetch(["a", "b"])).ready).toBe(2);
    expect(secrets.calls).toHaveLength(3);
  });
});

describe("freshness", () => {
  test("a token near the age limit is renewed behind the caller's back", async () => {
    rotate("acme");
    await reader.token("acme");
    const versionId = rotate("acme");
    time.jump(4 * MINUTE_MS + 1);
    expect((await reader.token("acme")).versionId).not.toBe(versionId);
    await settled();
    expect((await reader.token("acme")).versionId).toBe(versionId);
    expect(seen("token.rotated")).toMatchObject([{ toVersionId: versionId }]);
    expect(seen("load.succeeded")).toMatchObject([{ reason: "cold" }, { reason: "refresh" }]);
  });

  test("past the age limit the caller waits for the current one", async () => {
    rotate("acme");
    await reader.token("acme");
    const versionId = rotate("acme");
    time.jump(5 * MINUTE_MS);
    expect((await reader.token("acme")).versionId).toBe(versionId);
  });

  test("a version that did not change stays the same object", async () => {
    rotate("acme");
    const token = await reader.token("acme");
    time.jump(10 * MINUTE_MS);
    expect(await reader.token("acme")).toBe(token);
    expect(secrets.calls).toHaveLength(2);
    expect(seen("token.rotated")).toEqual([]);
  });

  test("shortly before its expiry a token is asked for anew, at most once a second", async () => {
    rotate("acme", { expiresAt: later(START, 3 * MINUTE_MS) });
    await reader.token("acme");
    time.jump(2 * MINUTE_MS + 30_000);
    for (let call = 0; call < 20; call += 1) {
      expect((await reader.token("acme")).issuedAt).toBe(START);
      time.jump(100);
    }
    expect(secrets.calls).toHaveLength(3);
    rotate("acme");
    time.jump(1_000);
    expect((await reader.token("acme")).issuedAt).toBeGreaterThan(START);
  });

  test("an expired token is never served, and its secret is read at most once a second", async () => {
    const expiresAt = later(START, MINUTE_MS);
    rotate("acme", { expiresAt });
    await reader.token("acme");
    time.jump(MINUTE_MS);
    const first = await reader.token("acme").catch((error: unknown) => error);
    expect(first).toMatchObject({ code: "token_expired", facts: { store: "acme", expiresAt } });
    const waiting = Array.from({ length: 10 }, () => codeOf(reader.token("acme")));
    await time.advance(999);
    expect(secrets.calls).toHaveLength(2);
    await time.advance(1);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(["token_expired"]));
    expect(secrets.calls).toHaveLength(3);
  });

  test("whoever waits for a renewal gets it", async () => {
    rotate("acme", { expiresAt: later(START, MINUTE_MS) });
    await reader.token("acme");
    time.jump(MINUTE_MS);
    expect(await codeOf(reader.token("acme"))).toBe("token_expired");
    const waiting = reader.token("acme");
    const versionId = rotate("acme");
    await time.advance(1_000);
    expect((await waiting).versionId).toBe(versionId);
  });

  test("a static token never expires, and is looked at again all the same", async () => {
    rotate("acme", { kind: "custom-app", expiresAt: undefined });
    expect((await reader.token("acme")).expiresAt).toBeUndefined();
    time.jump(400 * 24 * HOUR_MS);
    const versionId = rotate("acme", { kind: "custom-app", expiresAt: undefined });
    expect((await reader.token("acme")).versionId).toBe(versionId);
  });

  test("a clock that is set back does not hold anyone up", async () => {
    rotate("acme");
    await reader.token("acme");
    time.jump(-HOUR_MS);
    expect((await reader.token("acme")).shop).toBe("acme.myshopify.com");
    expect(secrets.calls).toHaveLength(1);
  });
});

describe("failures", () => {
  test("an unexpired token is served through an outage, with an event", async () => {
    rotate("acme");
    const token = await reader.token("acme");
    outage();
    time.jump(HOUR_MS);
    expect(await reader.token("acme")).toBe(token);
    expect(seen("outage.served")).toMatchObject([{ ageMs: HOUR_MS, versionId: token.versionId }]);
    recovery();
    const versionId = rotate("acme");
    await reader.token("acme");
    await settled();
    expect((await reader.token("acme")).versionId).toBe(versionId);
  });

  test("an outage longer than the token's life ends in the outage's own error", async () => {
    rotate("acme");
    await reader.token("acme");
    outage();
    time.jump(24 * HOUR_MS);
    expect(await codeOf(reader.token("acme"))).toBe("secrets_manager_unreachable");
  });

  test("onOutage: throw serves nothing past the age limit", async () => {
    reader = open({ onOutage: "throw" });
    rotate("acme");
    await reader.token("acme");
    outage();
    time.jump(4 * MINUTE_MS + 30_000);
    expect(await codeOf(reader.token("acme"))).toBe("no error");
    await settled();
    time.jump(MINUTE_MS);
    expect(await codeOf(reader.token("acme"))).toBe("secrets_manager_unreachable");
  });

  test("a withdrawn permission is believed at the age limit", async () => {
    rotate("acme");
    await reader.token("acme");
    secrets.refusals.set(nameOf("acme"), awsError("AccessDeniedException"));
    time.jump(5 * MINUTE_MS);
    expect(await codeOf(reader.token("acme"))).toBe("access_denied");
  });

  test("a failed read is not remembered", async () => {
    expect(await codeOf(reader.token("acme"))).toBe("secret_missing");
    rotate("acme");
    expect((await reader.token("acme")).shop).toBe("acme.myshopify.com");
  });

  test("a secret that goes on failing is asked for less and less", async () => {
    const callsPerMinute: number[] = [];
    for (let minute = 0; minute < 3; minute += 1) {
      const before = secrets.calls.length;
      for (let call = 0; call < 600; call += 1) {
        expect(await codeOf(reader.token("acme"))).toBe("secret_missing");
        time.jump(100);
      }
      callsPerMinute.push(secrets.calls.length - before);
    }
    expect(callsPerMinute[0]).toBeLessThanOrEqual(8);
    expect(callsPerMinute[2]).toBe(2);
  });

  test("an outage is never waited for longer than five seconds", async () => {
    outage();
    for (let call = 0; call < 60; call += 1) {
      await codeOf(reader.token("acme"));
      time.jump(1_000);
    }
    recovery();
    rotate("acme");
    time.jump(5_000);
    expect(await codeOf(reader.token("acme"))).toBe("no error");
  });

  test("a request that hangs counts as an outage", async () => {
    secrets.before = () => new Promise(() => undefined);
    const waiting = codeOf(reader.token("acme"));
    await time.advance(5_000);
    expect(await waiting).toBe("secrets_manager_unreachable");
    expect(time.waiting).toBe(0);
  });

  test.each([
    ["after the token's end", { expiresAt: later(START, 4 * MINUTE_MS) }, "serve"],
    ["with a living token that may not be served", {}, "throw"],
  ] as const)(
    "a read that a freeze killed is made again for who comes after it, %s",
    async (_when, changes, onOutage) => {
      reader.close();
      reader = open({ onOutage });
      rotate("acme", changes);
      await reader.token("acme");
      time.jump(4 * MINUTE_MS + 1);
      let die: () => void = () => undefined;
      secrets.before = () =>
        new Promise((_resolve, reject) => {
          secrets.before = () => undefined;
          die = () => reject(OUTAGE);
        });
      const before = reader.token("acme").catch(() => undefined); // its request leaves, and the process is frozen
      await settled();
      time.jump(5 * MINUTE_MS);
      const versionId = rotate("acme");
      const after = reader.token("acme");
      die();
      expect((await after).versionId).toBe(versionId);
      await before;
      expect(seen("outage.served")).toEqual([]);
    },
  );

  test("a store without a value says so", async () => {
    secrets.put(nameOf("acme"));
    const error = await reader.token("acme").catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: "value_missing", facts: { store: "acme" } });
    expect((error as Error).message).toContain("shopify-secrets status acme");
  });

  test.each([
    "shpat_canary\nhost: evil",
    "shpat_canary\u0000",
    "shpat_ canary",
    "shpat_cänary",
    "",
  ])("a token that no header can carry is a malformed record, and is not shown", async (canary) => {
    const text = JSON.stringify({
      ...(JSON.parse(recordText("acme", START)) as object),
      access_token: canary,
    });
    secrets.put(nameOf("acme"), text);
    const error = await reader.token("acme").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "record_malformed", facts: { field: "access_token" } });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("nary");
  });

  test("a malformed value names the field and shows nothing of it", async () => {
    secrets.put(nameOf("acme"), '{"schema_version":"1.0","access_token":"shpat_canary"}');
    const error = await reader.token("acme").catch((thrown: unknown) => thrown as ReaderError);
    expect(error).toMatchObject({ code: "record_malformed", facts: { field: "shop" } });
    expect(JSON.stringify(error) + String(error)).not.toContain("canary");
  });
});

describe("withToken", () => {
  test("a 401 is answered with the renewed token", async () => {
    rotate("acme");
    await reader.token("acme");
    const versionId = rotate("acme");
    const used: string[] = [];
    const answer = await reader.withToken("acme", (token) => {
      used.push(token.versionId);
      return { status: token.versionId === versionId ? 200 : 401 };
    });
    expect(answer.status).toBe(200);
    expect(used).toHaveLength(2);
    expect(seen("token.refused")).toMatchObject([{ replaced: true }]);
  });

  test("any number of callers that fail together cost one read", async () => {
    rotate("acme");
    await reader.token("acme");
    const versionId = rotate("acme");
    const answers = await Promise.all(
      Array.from({ length: 500 }, () =>
        reader.withToken("acme", (token) => token.versionId === versionId || { status: 401 }),
      ),
    );
    expect(new Set(answers)).toEqual(new Set([true]));
    expect(secrets.calls).toHaveLength(2);
  });

  test("a caller who fails after the new token came is served from memory", async () => {
    rotate("acme");
    await reader.token("acme");
    let refuse: (answer: { status: number }) => void = () => undefined;
    let versionId = "";
    const slow = reader.withToken("acme", (token) =>
      token.versionId === versionId
        ? { status: 200 }
        : new Promise<{ status: number }>((resolve) => {
            refuse = resolve;
          }),
    );
    versionId = rotate("acme");
    await settled();
    await reader.withToken("acme", (token) => ({
      status: token.versionId === versionId ? 200 : 401,
    }));
    expect(secrets.calls).toHaveLength(2);
    refuse({ status: 401 });
    expect(await slow).toEqual({ status: 200 });
    expect(secrets.calls).toHaveLength(2);
  });

  test("a read that was under way before the refusal is not taken for the answer", async () => {
    rotate("acme");
    const old = await reader.token("acme");
    time.jump(4 * MINUTE_MS + 30_000);
    let release: () => void = () => undefined;
    secrets.before = () =>
      new Promise((resolve) => {
        secrets.before = () => void rotate("acme"); // only the next read finds the new version
        release = resolve;
      });
    await reader.token("acme"); // starts the background read
    await settled();
    const call = reader.withToken("acme", (token) => ({
      status: token.versionId === old.versionId ? 401 : 200,
    }));
    await settled();
    release();
    expect(await call).toEqual({ status: 200 });
    expect(secrets.calls).toHaveLength(3);
  });

  test("when nothing newer is there, the 401 stands, and calls do not become reads", async () => {
    rotate("acme");
    const outcomes: number[] = [];
    const calls = async () => {
      const { status } = await reader.withToken("acme", () => ({ status: 401 }));
      outcomes.push(status);
    };
    await Promise.all(Array.from({ length: 100 }, calls));
    expect(outcomes).toEqual(Array.from({ length: 100 }, () => 401));
    expect(secrets.calls).toHaveLength(2);
    const more = Promise.all(Array.from({ length: 100 }, calls));
    await time.advance(1_000);
    await more;
    expect(secrets.calls).toHaveLength(3);
  });

  test("a refused token is looked at again soon, also for callers of token", async () => {
    rotate("acme");
    await reader.withToken("acme", () => ({ status: 401 }));
    const versionId = rotate("acme");
    time.jump(30_000);
    expect((await reader.token("acme")).versionId).toBe(versionId);
  });

  test("when the new read fails, the refusal is handed on", async () => {
    rotate("acme");
    await reader.token("acme");
    outage();
    const refusal = new Error("401");
    const call = reader.withToken("acme", () =>
      Promise.reject(Object.assign(refusal, { status: 401 })),
    );
    await expect(call).rejects.toBe(refusal);
  });

  test("an error that is not a refusal is thrown as it is, and costs nothing", async () => {
    rotate("acme");
    const failure = Object.assign(new Error("throttled"), { status: 429 });
    await expect(reader.withToken("acme", () => Promise.reject(failure))).rejects.toBe(failure);
    expect(secrets.calls).toHaveLength(1);
  });

  test("a call that may not be repeated still prepares the next one", async () => {
    rotate("acme");
    await reader.token("acme");
    const versionId = rotate("acme");
    let calls = 0;
    const answer = await reader.withToken(
      "acme",
      () => {
        calls += 1;
        return { status: 401 };
      },
      { mayRepeat: false },
    );
    expect([answer.status, calls]).toEqual([401, 1]);
    expect((await reader.token("acme")).versionId).toBe(versionId);
  });

  test("what counts as a refusal can be said by the caller", async () => {
    rotate("acme");
    const versionId = await reader.token("acme").then(() => rotate("acme"));
    const isRefused = (answer: unknown) => answer === "go away";
    const call = (token: { versionId: string }) =>
      token.versionId === versionId ? "welcome" : "go away";
    expect(await reader.withToken("acme", call, { isRefused })).toBe("welcome");
  });
});

describe("tokenGoodFor", () => {
  test("a token that lasts is given from memory", async () => {
    rotate("acme");
    await reader.token("acme");
    await reader.tokenGoodFor("acme", 23 * 3_600);
    expect(secrets.calls).toHaveLength(1);
  });

  test("a static token is good for ever", async () => {
    rotate("acme", { kind: "offline", expiresAt: undefined });
    const year = 365 * 24 * 3_600;
    expect((await reader.tokenGoodFor("acme", year)).expiresAt).toBeUndefined();
  });

  test("a renewed token is fetched when the one in memory ends too soon", async () => {
    rotate("acme", { expiresAt: later(START, HOUR_MS) });
    await reader.token("acme");
    time.jump(2 * MINUTE_MS);
    const versionId = rotate("acme");
    expect((await reader.tokenGoodFor("acme", 3_600)).versionId).toBe(versionId);
  });

  test("when no token lasts, the error says until when it would", async () => {
    const expiresAt = later(START, HOUR_MS);
    rotate("acme", { expiresAt });
    const error = reader.tokenGoodFor("acme", 3_601).catch((thrown: unknown) => thrown);
    await time.advance(1_000);
    expect(await error).toMatchObject({
      code: "token_ends_too_soon",
      facts: { store: "acme", expiresAt },
    });
  });

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])("%p is no time", async (seconds) => {
    rotate("acme");
    expect(await codeOf(reader.tokenGoodFor("acme", seconds))).toBe("options_malformed");
  });
});

describe("memory", () => {
  test("no more stores are kept than allowed, and those in use stay", async () => {
    reader = open({ maxStores: 3 });
    for (const key of ["a", "b", "c", "d", "e"]) rotate(key);
    for (const key of ["a", "b", "c"]) await reader.token(key);
    await reader.token("d"); // every slot was used: all get a second chance, and the oldest goes
    await reader.token("b");
    await reader.token("e");
    expect(seen("store.evicted").map((event) => "secretId" in event && event.secretId)).toEqual([
      nameOf("a"),
      nameOf("c"),
    ]);
    const calls = secrets.calls.length;
    await reader.token("b");
    expect(secrets.calls).toHaveLength(calls);
    await reader.token("a");
    expect(secrets.calls).toHaveLength(calls + 1);
  });

  test("stores with the same scopes share one list, which nobody can change", async () => {
    for (const key of ["a", "b"]) rotate(key);
    rotate("c", { scopes: ["read_orders"] });
    const [a, b, c] = await Promise.all(["a", "b", "c"].map((key) => reader.token(key)));
    expect(a?.scopes).toBe(b?.scopes);
    expect(c?.scopes).toEqual(["read_orders"]);
    expect(Object.isFrozen(a?.scopes)).toBe(true);
  });

  test("however many lists of scopes there are, each store has its own", async () => {
    const keys = Array.from({ length: 250 }, (_, index) => `store-${index}`);
    for (const key of keys) rotate(key, { scopes: [`read_${key}`] });
    const tokens = await Promise.all(keys.map((key) => reader.token(key)));
    expect(tokens.flatMap(({ scopes }) => scopes)).toEqual(keys.map((key) => `read_${key}`));
  });

  test("a store that is being read is not dropped, so that it is not read twice", async () => {
    reader = open({ maxStores: 1 });
    for (const key of ["a", "b"]) rotate(key);
    const release: (() => void)[] = [];
    secrets.before = () => new Promise((resolve) => void release.push(resolve));
    const first = reader.token("a");
    await settled();
    const other = reader.token("b");
    await settled();
    const again = reader.token("a");
    await settled();
    for (const go of release) go();
    await Promise.all([first, other, again]);
    expect(secrets.calls).toEqual([[nameOf("a")], [nameOf("b")]]);
  });
});

describe("copies of a token", () => {
  test.each([
    ["structuredClone", (token: unknown) => structuredClone(token)],
    ["postMessage", (token: unknown) => new MessageChannel().port1.postMessage(token)],
    ["v8.serialize", (token: unknown) => serialize(token)],
  ])("%s refuses a sealed token instead of making an empty one", async (_what, copy) => {
    rotate("acme");
    const token = await reader.token("acme");
    expect(() => copy(token)).toThrow(/sendWhatUnsealGives[\s\S]*a sealed value cannot be copied/);
    expect(() => copy({ ...token, accessToken: token.accessToken.unseal() })).not.toThrow();
  });
});

describe("options and the end", () => {
  test.each([
    [{ maxAgeMs: -1 }, "maxAgeMs"],
    [{ maxAgeMs: Number.NaN }, "maxAgeMs"],
    [{ maxStores: 0 }, "maxStores"],
    [{ parallelRequests: 1.5 }, "parallelRequests"],
    [{ requestTimeoutMs: 0 }, "requestTimeoutMs"],
    [{ prefix: "" }, "prefix"],
    [{ prefix: "Prod" }, "prefix"],
    [{ prefix: "shpat_0123456789abcdef/" }, "prefix"],
    [{ stores: { Bad: { shop: "a.myshopify.com", secretArn: "" } } }, "stores"],
    [{ stores: { acme: { shop: "acme.example", secretArn: "" } } }, "stores.acme.shop"],
    [{ stores: { acme: { shop: "a.myshopify.com", secretArn: "x" } } }, "stores.acme.secretArn"],
  ])("%p is refused by name", (options, field) => {
    expect(() => open(options)).toThrow(
      expect.objectContaining({ code: "options_malformed", facts: { field } }),
    );
  });

  test.each(["shopify/prod/", "/shopify/prod", "Shopify/Prod"])(
    "the prefix %s is refused with the one that was meant",
    (prefix) => {
      expect(() => open({ prefix })).toThrow(
        expect.objectContaining({
          code: "options_malformed",
          facts: { field: "prefix", instead: "shopify/prod" },
          message: expect.stringContaining("field prefix, write shopify/prod"),
        }),
      );
    },
  );

  test("an observer that throws breaks nothing", async () => {
    rotate("acme");
    reader = open({
      onEvent: () => {
        throw new Error("a bug of the observer");
      },
    });
    expect((await reader.token("acme")).shop).toBe("acme.myshopify.com");
  });

  test("after close every call throws, whoever waits is told, and nothing is left running", async () => {
    rotate("acme", { expiresAt: later(START, MINUTE_MS) });
    await reader.token("acme");
    time.jump(MINUTE_MS);
    await codeOf(reader.token("acme"));
    const paused = codeOf(reader.token("acme"));
    secrets.before = () => new Promise(() => undefined);
    const reading = codeOf(reader.token("other"));
    await settled();
    const queued = codeOf(reader.token("third"));
    reader.close();
    reader.close();
    expect(await Promise.all([paused, reading, queued])).toEqual(["closed", "closed", "closed"]);
    expect(await codeOf(reader.token("acme"))).toBe("closed");
    const { failed } = await reader.prefetch(["acme"]);
    expect(failed).toMatchObject([{ error: { code: "closed" } }]);
    await settled();
    expect(time.waiting).toBe(0);
  });

  test("a client of the application is left open, our own is let go", () => {
    const own = createTokenReader({ region: "us-east-1" });
    expect(() => own.close()).not.toThrow();
  });
});
