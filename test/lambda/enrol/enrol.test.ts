import type {
  ApiVersion,
  SecretArn,
  ShopDomain,
  StoreKey,
  VersionId,
} from "../../../contract/brands";
import type { Kind } from "../../../contract/kinds";
import { Sealed } from "../../../contract/sealed";
import { STATUS_TAGS } from "../../../contract/store/status";
import { PASTED } from "../../pasted";
import { CLIENT_ID, FIRST_SECRET, HOUR } from "../../simulation/stage";
import { FAULTS } from "../stand/faults";
import { SHOP, StoreStand } from "../stand/store-stand";

const quietly = <T>(work: Promise<T>): Promise<T | undefined> => work.catch(() => undefined);
const tokenOf = async (world: StoreStand) =>
  (await world.current())?.record.accessToken.unseal() ?? "";
const fresh = (kind: "client-credentials" | "custom-app" | "offline" | "offline-expiring") =>
  StoreStand.create({ kind, hasValue: false });

async function valuesPut(world: StoreStand, act: () => Promise<unknown>): Promise<number> {
  world.calls.length = 0;
  await act();
  return world.calls.filter(({ operation }) => operation === "PutSecretValue").length;
}

describe("a client-credentials store", () => {
  test("gets its first value, tried at Shopify, and a status", async () => {
    const world = await fresh("client-credentials");
    const result = await world.enrol();
    expect(result).toMatchObject({
      store: "acme",
      outcome: "written",
      why: "first_value",
      checked: "ok",
      scope: "read_products,write_orders",
      expiresAt: "2026-11-02T00:29:59Z",
    });
    const current = await world.current();
    expect(current?.versionId).toBe(result.versionId);
    expect(world.isAlive(await tokenOf(world))).toBe(true);
    expect(await world.tags()).toMatchObject({
      "shopify-secrets:state": "ok",
      "shopify-secrets:last-error-code": "",
      "shopify-secrets:expires-at": "2026-11-02T00:29:59Z",
    });
  });

  test("that works is left alone, however often", async () => {
    const world = await fresh("client-credentials");
    await world.enrol();
    const before = await world.labels();
    for (let time = 0; time < 3; time += 1) {
      const puts = await valuesPut(world, async () => {
        expect(await world.enrol()).toMatchObject({
          outcome: "kept",
          why: "unchanged",
          checked: "ok",
        });
      });
      expect(puts).toBe(0);
    }
    expect(await world.labels()).toEqual(before);
  });

  test("is left alone for one stray 401", async () => {
    const world = await fresh("client-credentials");
    await world.enrol();
    world.shopify.control.break({ on: "admin-api", answer: 401, times: 1 });
    const puts = await valuesPut(world, async () => {
      expect(await world.enrol()).toMatchObject({ outcome: "kept", checked: "ok" });
    });
    expect(puts).toBe(0);
  });

  test("is left alone after rotations, too", async () => {
    const world = await fresh("client-credentials");
    await world.enrol();
    await world.scheduleRotation();
    for (let time = 0; time < 3; time += 1) {
      world.clock.now += 8 * HOUR;
      await world.rotateNow();
    }
    const before = await world.labels();
    expect(await world.enrol()).toMatchObject({ outcome: "kept" });
    expect(await world.labels()).toEqual(before);
  });

  test("whose token is dead gets a new one over it", async () => {
    const world = await fresh("client-credentials");
    const first = await world.enrol();
    world.shopify.control.revokeToken({ accessToken: await tokenOf(world) });
    expect(await world.enrol()).toMatchObject({ outcome: "written", why: "token_dead" });
    expect(world.isAlive(await tokenOf(world))).toBe(true);
    expect((await world.current())?.record.parentVersion).toBe(first.versionId);
  });

  test("whose app got a new client secret is pinned to it", async () => {
    const world = await fresh("client-credentials");
    await world.enrol();
    world.shopify.control.addClientSecret({ clientId: CLIENT_ID, clientSecret: "shpss_second" });
    await world.putAppSecret("shpss_second");
    const appSecretVersion = world.appSecretVersion;
    const result = await world.enrol({ appSecretVersion });
    expect(result).toMatchObject({ outcome: "written", why: "client_secret_changed" });
    expect((await world.current())?.record.appSecretVersion).toBe(appSecretVersion);
    world.shopify.control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: FIRST_SECRET });
    expect(world.isAlive(await tokenOf(world))).toBe(true);
  });

  test("with a wrong client secret fails and loses nothing, though the one before works", async () => {
    const world = await fresh("client-credentials");
    await world.enrol();
    const before = await world.labels();
    await world.putAppSecret("shpss_mistyped");
    await expect(world.enrol()).rejects.toMatchObject({ code: "client_secret_rejected" });
    expect(await world.labels()).toEqual(before);
    expect(world.isAlive(await tokenOf(world))).toBe(true);
    expect(String(world.failures[0])).toContain("'shopify-secrets:clientSecrets.erp'");
  });

  test("that moves to another shop gets a token of that shop", async () => {
    const world = await fresh("client-credentials");
    await world.enrol();
    const shop = "other.myshopify.com" as ShopDomain;
    world.shopify.control.addShop({ shop });
    world.shopify.control.install({ clientId: CLIENT_ID, shop });
    await world.declare("client-credentials", ["read_products"], shop);
    expect(await world.enrol({ shop })).toMatchObject({ why: "declaration_changed" });
    expect((await world.current())?.record.shop).toBe(shop);
  });

  test("without a wanted scope fails when nothing was alive before", async () => {
    const world = await fresh("client-credentials");
    await world.declare("client-credentials", ["write_products"]);
    await expect(world.enrol()).rejects.toMatchObject({
      code: "scope_missing",
      facts: { scopes: ["write_products"] },
    });
    expect(await world.current()).toBeUndefined();
  });

  test.each(["client-credentials", "custom-app"] as const)(
    "of a living %s store that wants more scopes is told by its status, until it wants them no more",
    async (kind) => {
      const world = await fresh(kind);
      const first =
        kind === "custom-app"
          ? { accessToken: Sealed.of(world.issueToken(["read_products"])) }
          : {};
      await world.declare(kind, ["read_products"]);
      await world.enrol(first);
      await world.declare(kind, ["read_products", "write_customers"]);
      await world.enrol(first);
      expect(await world.tags()).toMatchObject({
        [STATUS_TAGS.state]: "ok",
        [STATUS_TAGS.lastErrorCode]: "scope_missing",
        [STATUS_TAGS.missingScopes]: "write_customers",
      });
      await world.declare(kind, ["read_products"]);
      await world.enrol(first);
      expect(await world.tags()).toMatchObject({
        [STATUS_TAGS.lastErrorCode]: "",
        [STATUS_TAGS.missingScopes]: "",
      });
    },
  );

  test("that finds nothing new about scopes writes nothing", async () => {
    const world = await fresh("client-credentials");
    await world.enrol();
    world.calls.length = 0;
    await world.enrol();
    expect(world.calls.filter(({ operation }) => operation === "TagResource")).toEqual([]);
  });

  test("that lost a scope keeps its working token, and says so", async () => {
    const world = await fresh("client-credentials");
    await world.enrol();
    await world.declare("client-credentials", ["write_products"]);
    expect(await world.enrol()).toMatchObject({ outcome: "kept", checked: "scope_missing" });
  });

  test.each([
    ["closed", "shop_not_found"],
    ["frozen", "shop_frozen"],
    ["locked", "shop_locked"],
  ] as const)("on a shop that is %s fails with %s", async (state, code) => {
    const world = await fresh("client-credentials");
    world.shopify.control.changeShop({ shop: SHOP, state });
    await expect(world.enrol()).rejects.toMatchObject({ code });
  });

  test("whose check is inconclusive is written, and the record says so", async () => {
    const world = await fresh("client-credentials");
    world.shopify.control.changeApp({ clientId: CLIENT_ID, allowedAddresses: ["192.0.2.1"] });
    expect(await world.enrol()).toMatchObject({ outcome: "written", checked: "ip_not_allowed" });
    expect((await world.current())?.record.checked).toBe("ip_not_allowed");
    expect(await world.tags()).toMatchObject({
      "shopify-secrets:last-error-code": "ip_not_allowed",
    });
  });

  test("heals a value that is no record", async () => {
    const world = await fresh("client-credentials");
    const ClientRequestToken = world.model.newToken();
    const input = { SecretId: world.arn, SecretString: "shpat_pasted", ClientRequestToken };
    await world.model.handle("PutSecretValue", input);
    expect(await world.enrol()).toMatchObject({ outcome: "written", why: "record_malformed" });
  });

  test("waits for the version of the app secret that Pulumi just wrote", async () => {
    const world = await fresh("client-credentials");
    await world.enrol();
    const announced = "00000000-0000-4000-8000-000000000099" as VersionId;
    world.calls.length = 0;
    await world.enrol({ appSecretVersion: announced });
    const reads = world.calls.filter(({ operation }) => operation === "GetSecretValue");
    expect(reads).toHaveLength(5);
  });
});

describe("a store with a static token", () => {
  test("registers the token from config with its scopes, salted and not hashed", async () => {
    const world = await fresh("custom-app");
    const accessToken = world.issueToken();
    const result = await world.enrol({ accessToken: Sealed.of(`  ${accessToken}\n`) });
    expect(result).toMatchObject({ outcome: "written", why: "first_value", checked: "ok" });
    expect(result.expiresAt).toBeUndefined();
    // Until the sweep passes, `status` knows of a store what its enrolment has seen.
    expect(await world.tags()).toMatchObject({
      "shopify-secrets:expires-at": "",
      "shopify-secrets:missing-scopes": "",
    });
    const record = (await world.current())?.record;
    expect(record?.accessToken.unseal()).toBe(accessToken);
    expect(record?.configTokenFingerprint).toMatch(/^v1\.[\w-]{22}\.[\w-]{43}$/);
    expect(JSON.stringify(result)).not.toContain(accessToken);
  });

  test("is not put back to config's token after the operator put a newer one", async () => {
    const world = await fresh("custom-app");
    const old = Sealed.of(world.issueToken());
    const newer = Sealed.of(world.issueToken());
    await world.enrol({ accessToken: old });
    const put = await world.enrol({ accessToken: newer, tokenSource: "operator" });
    expect(put).toMatchObject({ outcome: "written", why: "operator_token" });
    expect(await world.enrol({ accessToken: old })).toMatchObject({ outcome: "kept" });
    expect(await tokenOf(world)).toBe(newer.unseal());
  });

  test("takes a token that was changed in config", async () => {
    const world = await fresh("custom-app");
    await world.enrol({ accessToken: Sealed.of(world.issueToken()) });
    const changed = Sealed.of(world.issueToken());
    const result = await world.enrol({ accessToken: changed });
    expect(result).toMatchObject({ outcome: "written", why: "config_token_changed" });
    expect(await tokenOf(world)).toBe(changed.unseal());
  });

  test("takes config's token again when the current one died", async () => {
    const world = await fresh("custom-app");
    const inConfig = Sealed.of(world.issueToken());
    await world.enrol({ accessToken: inConfig });
    const newer = world.issueToken();
    await world.enrol({ accessToken: Sealed.of(newer), tokenSource: "operator" });
    world.shopify.control.revokeToken({ accessToken: newer });
    const result = await world.enrol({ accessToken: inConfig });
    expect(result).toMatchObject({ outcome: "written", why: "token_dead" });
  });

  test("refuses a dead token, and keeps the living one", async () => {
    const world = await fresh("custom-app");
    const living = world.issueToken();
    await world.enrol({ accessToken: Sealed.of(living) });
    const dead = world.issueToken();
    world.shopify.control.revokeToken({ accessToken: dead });
    const attempt = world.enrol({ accessToken: Sealed.of(dead), tokenSource: "operator" });
    await expect(attempt).rejects.toMatchObject({ code: "token_dead" });
    expect(await tokenOf(world)).toBe(living);
  });

  test("refuses a client secret by its name and does not ask Shopify", async () => {
    const world = await fresh("custom-app");
    world.calls.length = 0;
    const attempt = world.enrol({ accessToken: Sealed.of("shpss_0123456789abcdef") });
    await expect(attempt).rejects.toMatchObject({ code: "token_is_client_secret" });
    expect(world.calls.filter(({ target }) => target === "shopify")).toEqual([]);
    expect(String(world.failures[0])).not.toContain("0123456789abcdef");
  });

  test.each(PASTED)("names %s, and asks nobody", async (_what, wrap, says) => {
    const world = await fresh("custom-app");
    world.calls.length = 0;
    const attempt = world.enrol({ accessToken: Sealed.of(wrap("shpat_0123456789abcdef")) });
    await expect(attempt).rejects.toMatchObject({ code: "token_malformed" });
    await expect(attempt).rejects.toThrow(says);
    expect(world.calls.filter(({ target }) => target === "shopify")).toEqual([]);
    expect(String(world.failures[0])).not.toContain("0123456789abcdef");
  });

  test("is told by its key in config after a rename", async () => {
    const world = await fresh("custom-app");
    const Tags = [{ Key: "shopify-store", Value: "umbra" }];
    await world.model.handle("TagResource", { SecretId: world.arn, Tags });
    const store = "umbra" as StoreKey;
    const attempt = world.enrol({ store, accessToken: Sealed.of("shpat_of_nobody") });
    await expect(attempt).rejects.toMatchObject({ code: "token_dead", facts: { store } });
  });

  test("refuses a token without a wanted scope when nothing was alive before", async () => {
    const world = await fresh("custom-app");
    await world.declare("custom-app", ["write_products"]);
    const attempt = world.enrol({ accessToken: Sealed.of(world.issueToken(["read_products"])) });
    await expect(attempt).rejects.toMatchObject({ code: "scope_missing" });
  });

  test("may await its token", async () => {
    const world = await fresh("custom-app");
    expect(await world.enrol()).toEqual({
      store: "acme",
      outcome: "awaiting_token",
      why: "no_token_yet",
    });
    expect(await world.tags()).toMatchObject({ "shopify-secrets:state": "awaiting_token" });
  });

  test("takes the place of no approval that came before it was stored", async () => {
    const world = await fresh("offline");
    world.before = async ({ operation }) => {
      if (operation !== "PutSecretValue") return;
      world.before = async () => undefined;
      await world.acquire();
    };
    const enrolment = world.enrol({ accessToken: Sealed.of(world.issueToken()) });
    await expect(enrolment).rejects.toMatchObject({ code: "parent_moved" });
    const approved = (await world.current())?.record;
    expect(approved?.parentVersion).toBeUndefined();
    expect(Object.values(await world.labels()).flat()).toEqual(["AWSCURRENT"]);
  });

  test("of an app that a merchant installs awaits the merchant", async () => {
    const world = await fresh("offline");
    expect(await world.enrol()).toMatchObject({ outcome: "awaiting_merchant" });
  });

  test("that is dead, with nothing to replace it, fails", async () => {
    const world = await StoreStand.create({ kind: "custom-app" });
    world.shopify.control.revokeToken({ accessToken: await tokenOf(world) });
    await expect(world.enrol()).rejects.toMatchObject({ code: "token_dead" });
  });

  test("that Shopify no longer takes for its kind fails", async () => {
    const world = await fresh("offline");
    world.shopify.control.changeApp({ clientId: CLIENT_ID, distribution: "public" });
    world.clock.now = Date.UTC(2027, 0, 2);
    const attempt = world.enrol({ accessToken: Sealed.of(world.issueToken()) });
    await expect(attempt).rejects.toMatchObject({ code: "token_kind_refused" });
  });

  test.each(["custom-app", "offline"] as const)(
    "of kind %s moves to client credentials under the same secret",
    async (kind) => {
      const world = await StoreStand.create({ kind });
      await world.declare("client-credentials");
      expect(await world.enrol()).toMatchObject({ outcome: "written", why: "declaration_changed" });
      const record = (await world.current())?.record;
      expect(record?.kind).toBe("client-credentials");
      expect(record?.configTokenFingerprint).toBe("v1.stage.fingerprint");
    },
  );
});

describe("a store with a refreshable pair", () => {
  test("awaits its merchant", async () => {
    const world = await fresh("offline-expiring");
    expect(await world.enrol()).toMatchObject({
      outcome: "awaiting_merchant",
      why: "merchant_has_not_approved",
    });
  });

  test.each([0, 2])("is never touched, its access token %i hours old", async (hours) => {
    const world = await StoreStand.create({ kind: "offline-expiring" });
    world.clock.now += hours * HOUR;
    const before = await world.labels();
    const puts = await valuesPut(world, async () => {
      expect(await world.enrol()).toMatchObject({
        outcome: "kept",
        why: "refresh_pair_untouched",
        checked: hours === 0 ? "ok" : "token_dead",
      });
    });
    expect(puts).toBe(0);
    expect(await world.labels()).toEqual(before);
    expect(world.calls.some(({ operation }) => operation.endsWith("/access_token"))).toBe(false);
  });

  test("that is still an offline token awaits its migration", async () => {
    const world = await StoreStand.create({ kind: "offline" });
    await world.declare("offline-expiring");
    expect(await world.enrol()).toMatchObject({ why: "migration_awaited" });
  });
});

describe("an enrolment", () => {
  test.each(["client-credentials", "custom-app"] as const)(
    "of a %s store twice at once is harmless",
    async (kind) => {
      for (const hasValue of [false, true]) {
        const world = await StoreStand.create({ kind, hasValue });
        const token = kind === "custom-app" ? Sealed.of(world.issueToken()) : undefined;
        const both = await Promise.all([
          world.enrol({ accessToken: token }),
          world.enrol({ accessToken: token }),
        ]);
        expect(both.map(({ versionId }) => versionId)).toEqual([
          (await world.current())?.versionId,
          (await world.current())?.versionId,
        ]);
        expect(world.isAlive(await tokenOf(world))).toBe(true);
      }
    },
  );

  test.each([
    ["client-credentials", false],
    ["client-credentials", true],
    ["custom-app", false],
    ["custom-app", true],
  ] as const)(
    "of a %s store (has a value: %p) survives any single fault",
    async (kind, hasValue) => {
      for (const fault of FAULTS) {
        for (let at = 0; ; at += 1) {
          const world = await StoreStand.create({ kind, hasValue });
          const accessToken = kind === "custom-app" ? Sealed.of(world.issueToken()) : undefined;
          world.calls.length = 0;
          world.plan = ({ index }) => (index === at ? fault : undefined);
          await quietly(world.enrol({ accessToken }));
          const wasStruck = world.calls.length > at;
          world.plan = () => undefined;
          await world.enrol({ accessToken });
          expect(world.isAlive(await tokenOf(world))).toBe(true);
          if (!wasStruck) break;
        }
      }
    },
  );

  test("tries again while new permissions are not known everywhere", async () => {
    const world = await fresh("client-credentials");
    let refusals = 3;
    world.refuse = ({ operation }) => operation === "DescribeSecret" && refusals-- > 0;
    expect(await world.enrol()).toMatchObject({ outcome: "written" });
  });

  test("believes a refusal that stays", async () => {
    const world = await fresh("client-credentials");
    world.refuse = ({ operation }) => operation === "DescribeSecret";
    await expect(world.enrol()).rejects.toMatchObject({ code: "access_denied" });
  });

  test("that contradicts the secret's description is refused", async () => {
    const world = await fresh("client-credentials");
    await expect(world.enrol({ kind: "custom-app" })).rejects.toMatchObject({
      code: "declaration_mismatch",
    });
  });

  test.each(["shopify/test/apps/erp/credential", "shopify/other/stores/acme/token"])(
    "of %s is none of ours",
    async (name) => {
      const world = await fresh("client-credentials");
      world.calls.length = 0;
      const secretArn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-AbCdEf`;
      await expect(world.enrol({ secretArn: secretArn as SecretArn })).rejects.toMatchObject({
        code: "secret_out_of_prefix",
      });
      expect(world.calls).toEqual([]);
    },
  );
});

describe("another version of the Admin API in config", () => {
  const OTHER = "2026-07" as ApiVersion;
  const versionOf = async (world: StoreStand) => (await world.current())?.record.apiVersion;

  async function redeclared(kind: Kind, apiVersion: ApiVersion): Promise<StoreStand> {
    const world = await fresh(kind);
    await world.enrol({ accessToken: Sealed.of(world.issueToken()) });
    world.apiVersion = apiVersion;
    await world.declare(kind);
    return world;
  }

  test.each(["custom-app", "offline"] as const)(
    "reaches the record of a %s store, with its token",
    async (kind) => {
      const world = await redeclared(kind, OTHER);
      const token = await tokenOf(world);
      const result = await world.enrol();
      expect(result).toMatchObject({
        outcome: "written",
        why: "api_version_changed",
        checked: "ok",
      });
      expect(await versionOf(world)).toBe(OTHER);
      expect(await tokenOf(world)).toBe(token);
      expect(await world.enrol()).toMatchObject({ outcome: "kept", why: "unchanged" });
    },
  );

  test("does not put config's older token back", async () => {
    const world = await fresh("custom-app");
    const old = Sealed.of(world.issueToken());
    await world.enrol({ accessToken: old });
    const newer = world.issueToken();
    await world.enrol({ accessToken: Sealed.of(newer), tokenSource: "operator" });
    world.apiVersion = OTHER;
    await world.declare("custom-app");
    expect(await world.enrol({ accessToken: old })).toMatchObject({ why: "api_version_changed" });
    expect(await tokenOf(world)).toBe(newer);
    expect(await versionOf(world)).toBe(OTHER);
    expect(await world.enrol({ accessToken: old })).toMatchObject({ outcome: "kept" });
  });

  test.each(["custom-app", "offline"] as const)(
    "that Shopify does not serve fails up, and leaves a %s store as it was",
    async (kind) => {
      const world = await redeclared(kind, "2027-07" as ApiVersion);
      const before = await world.current();
      await expect(world.enrol()).rejects.toMatchObject({ code: "api_version_unknown" });
      expect(await world.current()).toEqual(before);
    },
  );
});
