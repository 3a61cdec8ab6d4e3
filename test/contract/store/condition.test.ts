import type { AppKey, SecretArn, ShopDomain, VersionId } from "../../../contract/brands";
import { DEFAULT_API_VERSION } from "../../../contract/brands";
import { encodeDeclaration } from "../../../contract/declaration";
import { ERROR_CODES, type ErrorCode, passesByItself } from "../../../contract/errors";
import { isStatic, KINDS, type Kind } from "../../../contract/kinds";
import { SECRET_TAGS, type StoreOrigin } from "../../../contract/names";
import { conditionOf } from "../../../contract/store/condition";
import { INSTALLING, secretFactsOf } from "../../../contract/store/secret-facts";
import { encodeStatus, type StatusChange } from "../../../contract/store/status";
import { type StoreView, storesIn } from "../../../contract/store/view";
import { DAY_MS, epochMs, HOUR_MS, later, MINUTE_MS } from "../../../contract/time";

const NOW = epochMs(Date.UTC(2026, 10, 28, 8));
const CURRENT = "c".repeat(32) as VersionId;
const PENDING = "d".repeat(32) as VersionId;
const ARN =
  "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/test/stores/acme/token-AbCdEf" as SecretArn;
const ago = (milliseconds: number) => later(NOW, -milliseconds);

interface Given {
  readonly kind?: Kind;
  readonly app?: string;
  readonly status?: StatusChange;
  /** Default: AWSCURRENT. */
  readonly versions?: Record<string, string[]>;
  readonly ageMs?: number;
  readonly rotates?: boolean;
  readonly description?: string;
  readonly origin?: StoreOrigin;
}

function viewOf({ kind = "client-credentials", app, status = {}, ...given }: Given): StoreView {
  const declaration = {
    kind,
    shop: "acme.myshopify.com" as ShopDomain,
    app: (app ?? (isStatic({ kind }) ? undefined : "erp")) as AppKey | undefined,
    scopes: [],
    apiVersion: DEFAULT_API_VERSION,
  };
  const facts = secretFactsOf({
    Name: "shopify/test/stores/acme/token",
    Description: given.description ?? encodeDeclaration(declaration),
    VersionIdsToStages: given.versions ?? { [CURRENT]: ["AWSCURRENT"] },
    RotationEnabled: given.rotates ?? kind === "client-credentials",
    CreatedDate: new Date(NOW - (given.ageMs ?? DAY_MS)),
    Tags: Object.entries({
      ...encodeStatus(status),
      ...(given.origin === undefined ? {} : { [SECRET_TAGS.origin]: given.origin }),
    }).map(([Key, Value]) => ({ Key, Value })),
  });
  const [view] = storesIn([{ secretArn: ARN, facts }], "shopify/test");
  if (view === undefined) throw new Error("the secret is no store");
  return view;
}

const judged = (given: Given) => {
  const { state, code, needsPerson, next } = conditionOf(viewOf(given), NOW);
  return { state, code, needsPerson, next };
};

/** A token that was renewed an hour ago, and what came after. */
const alive = (change: StatusChange = {}): StatusChange => ({
  state: "ok",
  version: CURRENT,
  lastSuccessAt: ago(HOUR_MS),
  lastErrorCode: "",
  expiresAt: later(NOW, 16 * HOUR_MS),
  ...change,
});

const failed = (code: ErrorCode, change: StatusChange = {}): StatusChange =>
  alive({ lastErrorCode: code, lastErrorAt: ago(MINUTE_MS), ...change });

describe("a store without a value", () => {
  const empty = { versions: {} };

  test.each([
    [{ kind: "custom-app" }, "awaiting_token", "token_required"],
    [{ kind: "offline" }, "awaiting_token", "token_required"],
    [{ kind: "offline", app: "erp" }, "awaiting_merchant", ""],
    [{ kind: "offline-expiring" }, "awaiting_merchant", ""],
  ] as const)("declared as %j awaits its token", (given, state, code) => {
    expect(judged({ ...empty, ...given })).toMatchObject({ state, code });
  });

  test("whose enrolment failed says why and what is left to do, whatever an older function wrote", () => {
    for (const state of ["failing", "awaiting_token"] as const) {
      const status = { state, lastErrorCode: "store_not_permitted", lastErrorAt: NOW } as const;
      expect(judged({ ...empty, status })).toEqual({
        state: "failing",
        code: "store_not_permitted",
        needsPerson: true,
        next: "declare the store with kind offline-expiring, or use an app of the store's organization; then pulumi up --continue-on-error",
      });
    }
  });

  test("whose tokens are obtained for it is being enrolled, and then was not", () => {
    expect(judged({ ...empty, ageMs: 10 * MINUTE_MS })).toMatchObject({
      state: "awaiting_token",
      needsPerson: false,
    });
    expect(judged({ ...empty, ageMs: 20 * MINUTE_MS })).toEqual({
      state: "failing",
      code: "not_enrolled",
      needsPerson: true,
      next: "pulumi up --continue-on-error",
    });
  });

  test("is never told to put a token that its kind refuses", () => {
    const codes = ["", ...ERROR_CODES] as const;
    for (const lastErrorCode of codes) {
      for (const kind of ["client-credentials", "offline-expiring"] as const) {
        const status = { lastErrorCode, lastErrorAt: NOW };
        const { next, code } = judged({ ...empty, kind, status });
        // The codes of a static token's own enrolment cannot be said of these kinds.
        if (/^token_(dead|required|is_client_secret|malformed)$/.test(code)) continue;
        expect(next).not.toMatch(/shopify-secrets put|accessTokens/);
      }
    }
  });

  test("whose dead token stands in config is told so, and not that it has none", () => {
    const status = { state: "failing", lastErrorCode: "token_dead", lastErrorAt: NOW } as const;
    const condition = judged({ ...empty, kind: "custom-app", status });
    expect(condition).toMatchObject({ state: "failing", code: "token_dead" });
    expect(condition.next).toContain("correct a static token");
  });

  test("whose approval was lost awaits its merchant, and says so", () => {
    const status = {
      state: "awaiting_merchant",
      lastErrorCode: "code_exchange_lost",
      lastErrorAt: NOW,
    } as const;
    expect(judged({ ...empty, kind: "offline-expiring", status })).toMatchObject({
      state: "awaiting_merchant",
      code: "code_exchange_lost",
    });
  });

  test("that an install stored and did not promote is seen", () => {
    const view = viewOf({ kind: "offline-expiring", versions: { [PENDING]: [INSTALLING] } });
    expect(view.installing).toBe(PENDING);
  });
});

describe("a store with a value", () => {
  test("is well", () => {
    expect(judged({ status: alive() })).toMatchObject({
      state: "ok",
      code: "",
      needsPerson: false,
    });
  });

  test.each(ERROR_CODES.filter((code) => !passesByItself(code)))(
    "whose last attempt ended with %s needs a person",
    (code) => {
      const { needsPerson, state } = judged({ status: failed(code), rotates: false });
      const isOver = ["token_required", "not_enrolled", "rotation_stuck", "declaration_malformed"];
      expect(needsPerson).toBe(!isOver.includes(code));
      expect(["ok", "failing"]).toContain(state);
    },
  );

  test("fails when its renewal definitely does, however much life is left", () => {
    expect(judged({ status: failed("client_secret_rejected") })).toMatchObject({
      state: "failing",
      code: "client_secret_rejected",
    });
  });

  test.each(["scope_missing", "rotation_off"] as const)(
    "works with %s, also when that is newer",
    (code) => {
      const status = failed(code);
      expect(judged({ status, rotates: false })).toMatchObject({
        state: "ok",
        code,
        needsPerson: true,
      });
    },
  );

  test("works when the check before its promotion was inconclusive", () => {
    const status = alive({ lastErrorCode: "ip_not_allowed", lastErrorAt: ago(HOUR_MS) });
    expect(judged({ status })).toMatchObject({
      state: "ok",
      code: "ip_not_allowed",
      needsPerson: true,
    });
  });

  test("may fail once while most of its life is left, and not under a quarter", () => {
    const status = failed("shopify_unreachable");
    expect(judged({ status })).toMatchObject({ state: "ok", needsPerson: false });
    const late = failed("shopify_unreachable", { expiresAt: later(NOW, 5 * HOUR_MS) });
    expect(judged({ status: late })).toMatchObject({ state: "failing", needsPerson: true });
  });

  test("goes on failing through an outage after a definite answer, until a success", () => {
    const status = failed("shopify_unreachable", { state: "failing" });
    expect(judged({ status })).toMatchObject({ state: "failing", code: "shopify_unreachable" });
    expect(judged({ status: { ...status, lastSuccessAt: NOW } })).toMatchObject({ state: "ok" });
  });

  test("is dead past its end, with what kept it from being renewed", () => {
    const expiresAt = ago(MINUTE_MS);
    expect(judged({ status: alive({ expiresAt }) })).toEqual({
      state: "dead",
      code: "token_dead",
      needsPerson: true,
      next: "shopify-secrets rotate acme",
    });
    expect(judged({ status: failed("shopify_unreachable", { expiresAt }) })).toMatchObject({
      state: "dead",
      code: "shopify_unreachable",
    });
  });

  test("is dead when a check condemned it, and no longer when another version is current", () => {
    const status = failed("token_dead", { state: "dead", expiresAt: "never" });
    const kind = "custom-app";
    expect(judged({ kind, status })).toMatchObject({
      state: "dead",
      code: "token_dead",
      next: "shopify-secrets put acme",
    });
    expect(judged({ kind, status: { ...status, version: PENDING } })).toMatchObject({
      state: "ok",
      code: "",
    });
  });

  describe("that came by itself", () => {
    const pair = { kind: "offline-expiring", app: "erp" } as const;
    const left = { status: failed("app_uninstalled", { state: "uninstalled" }) };
    const neverCame = { status: { state: "awaiting_merchant" }, versions: {} } as const;
    const lost = { status: failed("code_exchange_lost", { state: "awaiting_merchant" }) };

    test.each<[string, Given, string, boolean]>([
      ["and left", left, "uninstalled", false],
      ["and was never approved", neverCame, "awaiting_merchant", false],
      ["and lost its approval", lost, "awaiting_merchant", true],
    ])("%s: whether a person is needed", (...[, given, state, needsPerson]) => {
      const origin = "installed-by-merchant";
      expect(judged({ ...pair, ...given, origin })).toMatchObject({ state, needsPerson });
      // Of a store of config somebody waits for its merchant.
      expect(judged({ ...pair, ...given })).toMatchObject({ state, needsPerson: true });
      expect(judged({ ...pair, ...given, origin: "listed" })).toMatchObject({ needsPerson: true });
    });
  });

  test("stays uninstalled while nothing but its consequences is heard", () => {
    const uninstalled = (code: ErrorCode) => failed(code, { state: "uninstalled" });
    for (const code of ["app_uninstalled", "refresh_token_dead", "shopify_unreachable"] as const) {
      expect(judged({ status: uninstalled(code) })).toMatchObject({ state: "uninstalled", code });
    }
    expect(judged({ status: uninstalled("client_secret_rejected") }).state).toBe("failing");
  });

  test("that lost an approval awaits its merchant until its token ends", () => {
    const status = failed("code_exchange_lost", { state: "awaiting_merchant" });
    const kind = "offline-expiring";
    expect(judged({ kind, status })).toMatchObject({
      state: "awaiting_merchant",
      code: "code_exchange_lost",
    });
    expect(judged({ kind, status: { ...status, expiresAt: NOW } }).state).toBe("dead");
    expect(judged({ kind, status: { ...status, lastErrorCode: "" } }).state).toBe("ok");
  });

  test("whose refresh token ends soon needs a person, unless a definite answer says more", () => {
    const refreshExpiresAt = later(NOW, 9 * DAY_MS);
    const kind = "offline-expiring";
    expect(judged({ kind, status: alive({ refreshExpiresAt }) })).toMatchObject({
      state: "ok",
      code: "refresh_token_ending",
      needsPerson: true,
    });
    const dead = failed("refresh_token_dead", { refreshExpiresAt });
    expect(judged({ kind, status: dead })).toMatchObject({
      state: "failing",
      code: "refresh_token_dead",
    });
  });

  test("is stuck when the same version has been pending for long", () => {
    const versions = { [CURRENT]: ["AWSCURRENT"], [PENDING]: ["AWSPENDING"] };
    const seen = (minutes: number, version = PENDING) =>
      alive({ pendingSeen: { at: ago(minutes * MINUTE_MS), version } });
    expect(judged({ versions, status: seen(30) })).toMatchObject({ state: "ok" });
    expect(judged({ versions, status: seen(50) })).toMatchObject({
      state: "failing",
      code: "rotation_stuck",
    });
    expect(judged({ versions, status: seen(50, CURRENT) })).toMatchObject({ state: "ok" });
    expect(judged({ status: seen(50) })).toMatchObject({ state: "ok" });
  });

  test.each([
    ["declaration_malformed", {}],
    ["rotation_stuck", {}],
    ["rotation_off", { rotates: true }],
    ["token_required", {}],
  ] as const)("is not held to %s once the secret itself shows that it is over", (code, given) => {
    expect(judged({ ...given, status: failed(code, { state: "failing" }) })).toMatchObject({
      state: "ok",
      code: "",
    });
  });
});

test("a description that is no declaration is the first thing that is wrong", () => {
  for (const versions of [{}, { [CURRENT]: ["AWSCURRENT"] }]) {
    expect(judged({ description: "my secret", versions })).toMatchObject({
      state: "failing",
      code: "declaration_malformed",
    });
  }
});

test("every condition names an owner and a next command", () => {
  for (const kind of KINDS) {
    for (const lastErrorCode of ["", ...ERROR_CODES] as const) {
      for (const versions of [{}, { [CURRENT]: ["AWSCURRENT"] }]) {
        const status = { lastErrorCode, lastErrorAt: NOW };
        const { owner, says, next } = conditionOf(viewOf({ kind, versions, status }), NOW);
        expect([owner, says, next].every((text) => text.length > 2)).toBe(true);
        expect(next).not.toContain("<store>");
      }
    }
  }
});
