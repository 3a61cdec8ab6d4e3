import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { parseAppCredential } from "../../contract/app-credential";
import { parseDeclaration } from "../../contract/declaration";
import { parseEnrolRequest } from "../../contract/enrolment";
import { CodedError } from "../../contract/errors";
import { parseRecord } from "../../contract/record";
import { readRecord } from "../../contract/record-fields";
import { rotationScheduleOf } from "../../contract/schedule";
import { encodeScopes, missingScopes, parseScopes } from "../../contract/scopes";
import { Sealed } from "../../contract/sealed";
import { parseStatus, STATUS_TAGS } from "../../contract/store/status";
import { parseSweepRequest } from "../../contract/sweep";
import { parseFleet } from "../../infra/config/parse-fleet";
import { parseCallbackQuery } from "../../lambda/install/callback-query";
import { parseDelivery } from "../../lambda/install/delivery";
import { parseGatewayRequest } from "../../lambda/install/request";
import { parseRotationEvent } from "../../lambda/rotate/event";
import { judgeCheckReply } from "../../lambda/shopify/check";
import type { Judgement } from "../../lambda/shopify/exchange";
import { judgeTokenReply } from "../../lambda/shopify/token-reply";
import { nextOccurrence } from "../../local/clock/schedule-expression";
import { reading } from "../infra/config/at";

/** Stands wherever a secret can stand, and in odd places too. */
const SECRET = "shpat_0123456789abcdef0123456789abcdef";
const HEX = "0123456789abcdef0123456789abcdef";
const ARN =
  "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/test/stores/a/token-AbCdEf";

const RUNS = { numRuns: 150 };

/** A value that no schema expects, sometimes with the secret in it. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    SECRET,
    "",
    null,
    undefined,
    Number.NaN,
    -1,
    [SECRET],
    { [SECRET]: SECRET },
    `${SECRET}\n`,
    "\u0000",
    "x".repeat(10_000),
    "__proto__",
  ),
  fc.anything({ maxDepth: 2, maxKeys: 4 }),
  fc.string({ unit: "binary" }),
);

/** A good object with some of its fields gone, odd, or joined by odd ones; or anything at all. */
function spoilt(good: object): fc.Arbitrary<unknown> {
  const keys = Object.keys(good);
  const changes = fc.array(
    fc.tuple(fc.constantFrom(...keys, "__proto__", "toString", SECRET), odd),
    {
      maxLength: 3,
    },
  );
  const changed = changes.map((list) => ({ ...good, ...Object.fromEntries(list) }));
  const deep = odd.map((value) => JSON.parse(`{"__proto__":${JSON.stringify(value) ?? "1"}}`));
  return fc.oneof({ weight: 6, arbitrary: changed }, odd, deep);
}

/** A good text that is cut, doubled, or broken somewhere; or any text. */
function broken(...good: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom("", '"', "{", "}", "&", "=", "%", "\\", "\u0000", "\ud800", "]]", SECRET),
    fc.string({ unit: "binary", maxLength: 8 }),
  );
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  const cut = fc
    .tuple(fc.constantFrom(...good), place, place, piece)
    .map(([text, from, length, insert]) => {
      const start = Math.floor(from * text.length);
      return text.slice(0, start) + insert + text.slice(start + Math.floor(length * 12));
    });
  const repeated = fc.constantFrom(...good).map((text) => text.repeat(50));
  return fc.oneof({ weight: 8, arbitrary: cut }, fc.string({ unit: "binary" }), repeated);
}

/** What a parser says of an input: nothing, or a coded refusal; anything else is a crash. */
function refusalOf(parse: () => unknown): CodedError | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
}

function requireDiscreet(error: unknown): void {
  const shown = `${JSON.stringify(error)}${inspect(error, { depth: 20, showHidden: true })}`;
  if (shown.includes(SECRET)) throw new Error("a refusal repeats the secret");
}

const RECORD = {
  schema_version: "1.0",
  shop: "acme.myshopify.com",
  app: "erp",
  kind: "offline-expiring",
  access_token: SECRET,
  scope: "read_orders",
  api_version: "2026-10",
  graphql_url: "https://acme.myshopify.com/admin/api/2026-10/graphql.json",
  issued_at: "2026-11-01T00:00:00Z",
  expires_at: "2026-11-01T01:00:00Z",
  expires_at_epoch: "1793494800",
  checked: "ok",
  parent_version: HEX,
  app_secret_version: HEX,
  config_token_fingerprint: "",
  refresh_token_sealed: "c2VhbGVk",
  refresh_token_expires_at: "2027-01-30T00:00:00Z",
};
const DECLARATION = {
  v: 1,
  kind: "offline",
  shop: "acme.myshopify.com",
  app: "erp",
  scopes: "",
  api: "2026-10",
};
const CREDENTIAL = { schema_version: "1.0", app: "erp", client_id: "a", client_secret: SECRET };
const ROTATION = {
  Step: "createSecret",
  SecretId: ARN,
  ClientRequestToken: HEX,
  RotationToken: SECRET,
};
const ENROLMENT = {
  action: "enrol",
  store: "acme",
  secret_arn: ARN,
  kind: "custom-app",
  shop: "acme.myshopify.com",
  app: "",
  declaration: "",
  app_secret_version: "",
  access_token: SECRET,
  token_source: "config",
  salt: "0123456789abcdef",
};
const GATEWAY = {
  version: "2.0",
  routeKey: "GET /callback",
  rawQueryString: `code=${SECRET}`,
  cookies: [`__Host-install-x=${SECRET}`],
  headers: { "X-Shopify-Topic": "app/uninstalled" },
  pathParameters: { store: "acme" },
  requestContext: { domainName: "abc.execute-api.us-east-1.amazonaws.com" },
  body: SECRET,
  isBase64Encoded: false,
};
const WEBHOOK = {
  "x-shopify-topic": "app/uninstalled",
  "x-shopify-shop-domain": "acme.myshopify.com",
  "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
  "x-shopify-hmac-sha256": "aGFzaA==",
  authorization: SECRET,
};

const text = (good: object) => JSON.stringify(good);

describe("a parser of objects refuses with a code, and never repeats the secret", () => {
  test.each<[string, object, (input: unknown) => unknown]>([
    ["the rotation event", ROTATION, parseRotationEvent],
    ["the enrolment event", ENROLMENT, parseEnrolRequest],
    [
      "the sweep event",
      { action: "check", stores: ["acme"], stage: "AWSCURRENT" },
      parseSweepRequest,
    ],
    ["API Gateway's event", GATEWAY, parseGatewayRequest],
  ])("%s", (_name, good, parse) => {
    expect(refusalOf(() => parse(good))).toBeUndefined();
    fc.assert(
      fc.property(spoilt(good), (input) => requireDiscreet(refusalOf(() => parse(input)))),
      RUNS,
    );
  });
});

describe("a parser of texts refuses with a code, and never repeats the secret", () => {
  const query = `code=${SECRET}&hmac=${HEX}${HEX}&shop=acme.myshopify.com&state=s&timestamp=1793494800`;

  test.each<[string, string, (input: string) => unknown]>([
    ["the record", text(RECORD), parseRecord],
    ["the reader's record", text(RECORD), readRecord],
    ["the declaration", text(DECLARATION), parseDeclaration],
    ["the app credential", text(CREDENTIAL), parseAppCredential],
    ["the query of the callback", query, (input) => parseCallbackQuery(Sealed.of(input))],
  ])("%s", (_name, good, parse) => {
    expect(refusalOf(() => parse(good))).toBeUndefined();
    fc.assert(
      fc.property(broken(good), (input) => requireDiscreet(refusalOf(() => parse(input)))),
      RUNS,
    );
  });

  test("the query of the callback is looked at up to a length", () => {
    const long = `${query}&x=${"y".repeat(1_000_000)}`;
    expect(refusalOf(() => parseCallbackQuery(Sealed.of(long)))?.code).toBe(
      "install_request_malformed",
    );
  });
});

describe("a webhook", () => {
  const headers = fc.array(fc.tuple(fc.constantFrom(...Object.keys(WEBHOOK)), fc.string()), {
    maxLength: 2,
  });

  test("is refused with a code, and nothing of it is repeated", () => {
    fc.assert(
      fc.property(headers, fc.uint8Array({ maxLength: 64 }), (changes, bytes) => {
        const delivery = {
          headers: { ...WEBHOOK, ...Object.fromEntries(changes) },
          body: Buffer.concat([Buffer.from(SECRET), bytes]),
        };
        requireDiscreet(refusalOf(() => parseDelivery(delivery)));
      }),
      RUNS,
    );
  });
});

describe("a reply of Shopify", () => {
  const GRANT = text({
    access_token: SECRET,
    refresh_token: SECRET,
    scope: "read_orders",
    expires_in: 3_600,
    refresh_token_expires_in: 7_776_000,
  });
  const REFUSAL = text({ error: "invalid_request", error_description: SECRET });
  const HTML = `<html><head><title>400 - Oauth error invalid_client</title></head>${SECRET}</html>`;
  const CHECK = text({
    data: {
      currentAppInstallation: { accessScopes: [{ handle: "read_orders" }] },
      shop: { myshopifyDomain: "acme.myshopify.com" },
    },
    errors: [],
  });
  const reply = fc.record({
    status: fc.constantFrom(
      100,
      200,
      201,
      302,
      400,
      401,
      402,
      403,
      404,
      423,
      429,
      430,
      500,
      520,
      999,
    ),
    headers: fc.dictionary(
      fc.constantFrom("retry-after", "x-request-id", "location", "content-type"),
      fc.oneof(fc.string(), fc.constantFrom("2.0", "-1", "1e9", `${SECRET} `, "x".repeat(10_000))),
    ),
    body: broken(GRANT, REFUSAL, HTML, CHECK).map((body) => Sealed.of(body)),
  });

  test.each<[string, (given: never) => Judgement<unknown>]>([
    [
      "to a client-credentials request",
      (given) => judgeTokenReply(given, { kind: "client-credentials" }),
    ],
    ["to a refresh", (given) => judgeTokenReply(given, { kind: "offline-expiring" })],
    ["to a code", (given) => judgeTokenReply(given, { kind: "offline" })],
    ["to a check", (given) => judgeCheckReply(given)],
  ])("%s gets a verdict whatever it is, and the verdict shows no secret", (_name, judge) => {
    fc.assert(
      fc.property(reply, (given) => {
        const verdict = judge(given as never);
        if (!verdict.good) requireDiscreet(verdict.error);
        else if ("accessToken" in (verdict.value as object)) requireDiscreet(verdict.value);
      }),
      RUNS,
    );
  });
});

describe("config", () => {
  const CONFIG = {
    apps: { erp: { clientId: "client" } },
    clientSecrets: { erp: "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" },
    accessTokens: { heritage: SECRET },
    stores: {
      acme: {
        kind: "client-credentials",
        shop: "acme.myshopify.com",
        app: "erp",
        rotationHours: 8,
      },
      heritage: { kind: "custom-app", shop: "heritage.myshopify.com" },
    },
  };
  const store = spoilt({ ...CONFIG.stores.acme, readers: [], protect: true, scopes: [] });
  const given = fc.oneof(
    spoilt(CONFIG),
    store.map((acme) => ({ ...CONFIG, stores: { ...CONFIG.stores, acme } })),
    spoilt(CONFIG.accessTokens).map((accessTokens) => ({ ...CONFIG, accessTokens })),
    spoilt(CONFIG.apps).map((apps) => ({ ...CONFIG, apps })),
  );

  test("is read or reported, whatever it is, and no report repeats a pasted token", () => {
    fc.assert(
      fc.property(given, (config) => {
        if (typeof config !== "object" || config === null) return;
        const { problems, warnings } = parseFleet(
          config as Record<string, unknown>,
          reading("shopify/x"),
        );
        requireDiscreet({ problems, warnings });
      }),
      RUNS,
    );
  });

  test("a good one has no problem", () => {
    expect(parseFleet(CONFIG, reading("shopify/x")).problems).toEqual([]);
  });
});

describe("small texts", () => {
  test("scopes: reading what was written gives the same, in any order, and a scope never lacks itself", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (scopes) => {
        const once = parseScopes(encodeScopes(scopes));
        expect(parseScopes(encodeScopes(once))).toEqual(once);
        expect(missingScopes(once, once)).toEqual([]);
      }),
      RUNS,
    );
  });

  test("status tags: any text reads as a status, or as not written", () => {
    const tags = fc.array(fc.tuple(fc.constantFrom(...Object.values(STATUS_TAGS)), fc.string()));
    fc.assert(
      fc.property(tags, (list) => {
        expect(parseStatus(new Map(list))).toHaveProperty("state");
      }),
      RUNS,
    );
  });

  test("schedules: every store gets an expression whose occurrences are a period apart", () => {
    const day = Date.UTC(2026, 10, 1);
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9]{1,48}$/),
        fc.constantFrom(4, 6, 8, 12, 24),
        (key, hours) => {
          const { expression } = rotationScheduleOf(key as never, hours as never);
          expect(expression).toMatch(/^cron\(0 \d{1,2}(?:\/\d{1,2})? \* \* \? \*\)$/);
          const first = nextOccurrence(expression, { after: day, anchor: day }) ?? 0;
          const second = nextOccurrence(expression, { after: first, anchor: day }) ?? 0;
          expect(second - first).toBe(hours * 3_600_000);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("the time of a parser is bounded by the length of its input", () => {
  /** A group that is repeated without end and repeats something without end itself: backtracking can explode. */
  const NESTED = /\((?:[^()\\]|\\.)*(?:[*+]|\{\d+,\})(?:[^()\\]|\\.)*\)(?:[*+]|\{\d+,\})/;

  /** Every repetition begins with a separator that the repeated part cannot hold: there is one way to read a text. */
  const SEPARATED = [
    "^(?=.{1,36}$)[a-z0-9]+(?:[/-][a-z0-9]+)*$",
    String.raw`^[a-z]{2,}(?:-[a-z]+)+-\d+$`,
    String.raw`^[A-Za-z0-9_+=.@-]+(?:\/[A-Za-z0-9_+=.@-]+)*$`,
    String.raw`^[a-z]+:\/\/|^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.myshopify\.com`,
  ];

  function regexesIn(folder: string): { where: string; source: string }[] {
    const root = join(__dirname, "../..", folder);
    const files = readdirSync(root, { recursive: true, encoding: "utf8" });
    return files
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) =>
        [
          ...readFileSync(join(root, file), "utf8").matchAll(
            /[=(,:[\s]\/((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/[dgimsuvy]*[\s,;.)\]]/g,
          ),
        ]
          .filter(({ 1: source = "" }) => !/^[*/ ]/.test(source))
          .map(({ 1: source = "" }) => ({ where: `${folder}/${file}`, source })),
      );
  }

  test("no regular expression repeats a repetition", () => {
    const found = ["contract", "infra/config", "lambda", "reader", "cli"].flatMap(regexesIn);
    expect(found.length).toBeGreaterThan(40);
    const nested = found.filter(({ source }) => NESTED.test(source) && !SEPARATED.includes(source));
    expect(nested).toEqual([]);
  });

  /** What is repeated up to the end and may begin anywhere: each beginning is tried to its end. */
  const UP_TO_THE_END = /(?:\]|\)|[^\\^]|\\.)[*+]\)?\$$/;

  test("no regular expression repeats up to the end from anywhere", () => {
    const found = ["contract", "infra/config", "lambda", "reader", "cli"].flatMap(regexesIn);
    const open = found.filter(
      ({ source }) => UP_TO_THE_END.test(source) && !/^\^|^\(\?:\^|^\(\^|^:\\d\+\$$/.test(source),
    );
    expect(open).toEqual([]);
    expect(UP_TO_THE_END.test(String.raw`\/+$`)).toBe(true);
  });

  test.each(["(a+)+", "^(?:[a-z]*-)*$", "(x|y{2,})*"])("%s would be found", (source) => {
    expect(NESTED.test(source)).toBe(true);
  });
});
