import { inspect } from "node:util";
import fc from "fast-check";
import { encodeAppCredential, parseAppCredential } from "../../contract/app-credential";
import {
  type ApiVersion,
  type AppKey,
  isApiVersion,
  isSecretArn,
  isShopDomain,
  isStoreKey,
  type ShopDomain,
  type StoreKey,
} from "../../contract/brands";
import { encodeDeclaration, parseDeclaration } from "../../contract/declaration";
import { parseEnrolRequest } from "../../contract/enrolment";
import {
  ADVICE,
  CodedError,
  ERROR_CODES,
  enrolmentSentenceOf,
  sentenceOf,
} from "../../contract/errors";
import { KIND_FACTS, KINDS } from "../../contract/kinds";
import {
  appKeyOf,
  appSecretName,
  secretNameOf,
  storeKeyOf,
  storeSecretName,
} from "../../contract/names";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { proveSchedule, ROTATION_HOURS, rotationScheduleOf } from "../../contract/schedule";
import { expandScopes, missingScopes } from "../../contract/scopes";
import { Sealed } from "../../contract/sealed";
import { epochMs, isoOf, later, parseIso } from "../../contract/time";

describe("brands", () => {
  test.each(["acme.myshopify.com", "a1-b2.myshopify.com", "0.myshopify.com"])(
    "%s is a shop domain",
    (text) => expect(isShopDomain(text)).toBe(true),
  );

  test.each([
    "acme.myshopify.com.evil.example",
    "https://acme.myshopify.com",
    "acme_co.myshopify.com",
    "Acme.myshopify.com",
    "acme.myshopify.com\n",
    "-acme.myshopify.com",
    "acme.myshopify.com/",
    ".myshopify.com",
    `${"a".repeat(250)}.myshopify.com`,
    "",
    undefined,
    7,
  ])("%j is not", (text) => expect(isShopDomain(text)).toBe(false));

  test.each(["acme", "a", "acme-canada", "0-0"])("%s is a store key", (text) =>
    expect(isStoreKey(text)).toBe(true),
  );

  test.each(["Acme", "-acme", "acme-", "a/b", "a b", "a.b", "__proto__", "x".repeat(49), ""])(
    "%j is no store key",
    (text) => expect(isStoreKey(text)).toBe(false),
  );

  test.each([
    ["2026-10", true],
    ["2026-11", false],
    ["unstable", false],
  ])("%s as an API version: %s", (text, expected) => expect(isApiVersion(text)).toBe(expected));

  test("a secret ARN has a partition, a region, an account and a name", () => {
    const arn = "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:shopify/dev/x-AbCdEf";
    expect(isSecretArn(arn)).toBe(true);
    expect(isSecretArn("arn:aws:iam::123456789012:role/x")).toBe(false);
  });
});

describe("sealed values", () => {
  const sealed = Sealed.of("canary");
  test.each([
    ["a template", `${sealed}`],
    ["JSON", JSON.stringify({ sealed })],
    ["inspect with everything shown", inspect({ sealed }, { showHidden: true, depth: 9 })],
    ["an error's cause", inspect(new Error("x", { cause: sealed }))],
    ["concatenation", ["", sealed].join("")],
  ])("print a placeholder in %s", (_where, shown) => {
    expect(shown).toContain("[sealed]");
    expect(shown).not.toContain("canary");
  });
  test("open in one way only", () => expect(sealed.unseal()).toBe("canary"));
});

describe("JSON that may hold a secret", () => {
  test("never quotes what it choked on", () => expect(parseJsonQuietly("shpat_x")).toBeUndefined());
  test("is read", () => expect(parseJsonQuietly('{"a":[1]}')).toEqual({ a: [1] }));
});

describe("scopes", () => {
  test("a write scope carries its read scope", () => {
    expect([...expandScopes(["write_products", "unauthenticated_write_checkouts"])].sort()).toEqual(
      [
        "read_products",
        "unauthenticated_read_checkouts",
        "unauthenticated_write_checkouts",
        "write_products",
      ],
    );
  });
  test.each([
    [["read_products"], ["write_products"], []],
    [["write_products"], ["read_products"], ["write_products"]],
    [["read_a", "read_b"], ["read_b"], ["read_a"]],
    [[], [], []],
  ])("wanted %j, granted %j: missing %j", (wanted, granted, missing) =>
    expect(missingScopes(wanted, granted)).toEqual(missing),
  );
});

describe("names", () => {
  const store = "acme-canada" as StoreKey;
  const app = "fulfilment" as AppKey;
  test("never end in what looks like AWS's own suffix", () => {
    expect(storeSecretName("shopify/dev", store)).toBe("shopify/dev/stores/acme-canada/token");
    expect(appSecretName("shopify/dev", app)).toBe("shopify/dev/apps/fulfilment/credential");
  });
  test("are read back", () => {
    expect(storeKeyOf("shopify/dev", "shopify/dev/stores/acme-canada/token")).toBe(store);
    expect(appKeyOf("shopify/dev", "shopify/dev/apps/fulfilment/credential")).toBe(app);
  });
  test.each([
    "shopify/prod/stores/acme/token",
    "shopify/dev/stores/a/b/token",
    "shopify/dev/stores//token",
    "shopify/dev/stores/acme/token2",
  ])("%s is no store secret of shopify/dev", (name) =>
    expect(storeKeyOf("shopify/dev", name)).toBeUndefined(),
  );
  test("lose AWS's suffix only", () => {
    const arn =
      "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/dev/stores/a/token-AbC12x";
    expect(secretNameOf(arn)).toBe("shopify/dev/stores/a/token");
  });
});

describe("the schedule", () => {
  test.each([
    [4, "safe"],
    [6, "safe"],
    [8, "safe"],
    [12, "fragile"],
    [24, "refused"],
    [23, "refused"],
  ])("every %i h is %s for a token of 24 h less a second", (hours, verdict) =>
    expect(proveSchedule(hours, 86_399).verdict).toBe(verdict),
  );
  test("the arithmetic is shown", () =>
    expect(proveSchedule(24, 86_399).why).toBe(
      "every 24 h plus a window of 1 h leaves up to 25 h between two rotations; the token lives 24 h: dead for up to 1 h. Use 4, 6 or 8.",
    ));
  test("stores are spread over every hour of the period, and stay where they are", () => {
    for (const hours of ROTATION_HOURS) {
      const expressions = Array.from(
        { length: 400 },
        (_, index) => rotationScheduleOf(`store-${index}` as StoreKey, hours).expression,
      );
      expect(new Set(expressions).size).toBe(hours);
    }
    expect(rotationScheduleOf("acme" as StoreKey, 8)).toEqual({
      expression: "cron(0 7/8 * * ? *)",
      duration: "1h",
    });
  });
});

describe("times", () => {
  test("are ISO 8601 to the second", () => {
    const at = epochMs(Date.UTC(2026, 10, 23, 12, 0, 0));
    expect(isoOf(at)).toBe("2026-11-23T12:00:00Z");
    expect(parseIso(isoOf(at))).toBe(at);
    expect(isoOf(later(at, 1_500))).toBe("2026-11-23T12:00:01Z");
  });
  test("are finite", () => expect(() => epochMs(Number.NaN)).toThrow(RangeError));
  test("that are not one are undefined", () => expect(parseIso("yesterday")).toBeUndefined());
});

describe("the declaration", () => {
  const declaration = {
    kind: "client-credentials" as const,
    shop: "acme.myshopify.com" as ShopDomain,
    app: "fulfilment" as AppKey,
    scopes: ["read_products", "write_orders"],
    apiVersion: "2026-10" as ApiVersion,
  };
  test("is one line and is read back", () => {
    const text = encodeDeclaration(declaration);
    expect(text).not.toContain("\n");
    expect(parseDeclaration(text)).toEqual(declaration);
    const alone = { ...declaration, kind: "custom-app" as const, app: undefined, scopes: [] };
    expect(parseDeclaration(encodeDeclaration(alone))).toEqual(alone);
  });
  test.each([undefined, "", "a store", "{}", '{"v":2}', "null"])("%j is not one", (text) =>
    expect(() => parseDeclaration(text)).toThrow(/^declaration_malformed/),
  );
});

describe("the app credential", () => {
  const credential = {
    app: "fulfilment" as AppKey,
    clientId: "id",
    clientSecret: Sealed.of("shpss_canary"),
    previousClientSecret: undefined,
  };
  test("is read back", () => {
    const read = parseAppCredential(encodeAppCredential(credential));
    expect([read.app, read.clientId, read.clientSecret?.unseal()]).toEqual([
      "fulfilment",
      "id",
      "shpss_canary",
    ]);
    expect(read.previousClientSecret).toBeUndefined();
  });
  test("with a previous client secret too", () => {
    const both = { ...credential, previousClientSecret: Sealed.of("shpss_old") };
    const read = parseAppCredential(encodeAppCredential(both));
    expect(read.previousClientSecret?.unseal()).toBe("shpss_old");
  });
  test.each(["shpss_canary", "{}", '{"schema_version":"1.0","app":"a","client_id":"x"}'])(
    "what is none is refused without being shown",
    (text) => {
      expect(() => parseAppCredential(text)).toThrow(/^app_secret_malformed/);
      expect(() => parseAppCredential(text)).not.toThrow(/canary/);
    },
  );
});

describe("the enrolment request", () => {
  const event = {
    action: "enrol",
    store: "acme",
    secret_arn:
      "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/dev/stores/acme/token-AbCdEf",
    kind: "custom-app",
    shop: "acme.myshopify.com",
    app: "",
    app_secret_version: "",
    access_token: "shpat_canary",
    token_source: "config",
    salt: "0123456789abcdef",
  };
  test("is parsed, its token sealed", () => {
    const request = parseEnrolRequest(event);
    expect(request).toMatchObject({ store: "acme", kind: "custom-app", app: undefined });
    expect(request.accessToken?.unseal()).toBe("shpat_canary");
    expect(JSON.stringify(request)).not.toContain("canary");
  });
  test.each([
    ["an unknown key", { ...event, extra: "shpat_canary" }],
    ["another domain", { ...event, shop: "evil.example" }],
    ["a short salt", { ...event, salt: "shpat_canary" }],
    ["no event", undefined],
    ["a rotation event", { Step: "createSecret" }],
  ])("%s is refused without being shown", (_what, odd) => {
    expect(() => parseEnrolRequest(odd)).toThrow(/^event_malformed/);
    expect(() => parseEnrolRequest(odd)).not.toThrow(/canary/);
  });
});

describe("errors", () => {
  test.each(ERROR_CODES)("%s has an owner, a sentence and a next command", (code) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)+$|^unexpected$/);
    expect(ADVICE[code].says.length).toBeGreaterThan(10);
    expect(ADVICE[code].next.length).toBeGreaterThan(5);
  });
  test("say what is wrong, with facts, and the next command with names filled in", () => {
    const error = new CodedError("client_secret_rejected", {
      app: "fulfilment" as AppKey,
      shop: "acme.myshopify.com" as ShopDomain,
      httpStatus: 400,
    });
    expect(error.message).toBe(
      "client_secret_rejected: Shopify refuses the client secret of app fulfilment (acme.myshopify.com, HTTP 400). Next: pulumi config set --secret --path 'shopify-secrets:clientSecrets.fulfilment', then pulumi up --continue-on-error",
    );
    expect(error.retryable).toBe(false);
  });
  test("without facts keep their placeholders", () =>
    expect(sentenceOf("secret_pending_deletion")).toContain("shopify-secrets restore <store>"));
  test.each(ERROR_CODES)("%s of a failed enrolment is left to another pulumi up", (code) => {
    const said = enrolmentSentenceOf(code);
    expect(said.split(". Next: ")[0]).toBe(sentenceOf(code).split(". Next: ")[0]);
    expect(said).toMatch(/ Next: .*pulumi up (?:--refresh )?--continue-on-error/);
    expect(said).not.toContain("the next attempt is scheduled");
  });
  test("a dead token of config is to be corrected there: one that is put does not outlast it", () =>
    expect(enrolmentSentenceOf("token_dead", { store: "heritage" as StoreKey })).toBe(
      "token_dead: Shopify answers 401: the access token is dead. Next: correct a static token (pulumi config set --secret --path 'shopify-secrets:accessTokens.heritage'), or take it out of config and shopify-secrets put heritage; then pulumi up --continue-on-error",
    ));
});

describe("kinds", () => {
  test.each(KINDS)("%s: only renewable kinds have a life and need an app", (kind) => {
    const facts = KIND_FACTS[kind];
    expect(facts.renewer === "nobody").toBe(facts.lifetimeSeconds === undefined);
    expect(facts.tokenInConfig).toBe(facts.renewer === "nobody");
  });
});

test("no parser of the contract crashes on arbitrary text", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const parse of [parseDeclaration, parseAppCredential]) {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(CodedError);
        }
      }
    }),
  );
});
