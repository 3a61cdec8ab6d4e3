import { CodedError } from "../../contract/errors";
import { epochMs, isoOf } from "../../contract/time";
import { renew } from "../../lambda/engine/renew";
import { peek } from "../simulation/aws/kms";
import { APP, CLIENT_ID, HOUR, MINUTE } from "../simulation/stage";
import { SHOP, StoreStand, wrongWith } from "./stand/store-stand";

const PROMOTES = "UpdateSecretVersionStage";
const quietly = (work: Promise<void>): Promise<void> => work.catch(() => undefined);
const codesOf = (world: StoreStand): unknown[] =>
  world.failures.map((failure) => (failure instanceof CodedError ? failure.code : failure));
const tokenOf = async (world: StoreStand) =>
  (await world.current())?.record.accessToken.unseal() ?? "";

async function pairAtHalfLife(
  options: Partial<Parameters<typeof StoreStand.create>[0]> = {},
): Promise<{ world: StoreStand }> {
  const world = await StoreStand.create({ kind: "offline-expiring", ...options });
  world.clock.now += 31 * MINUTE;
  world.calls.length = 0;
  return { world };
}

const asked = (world: StoreStand): number =>
  world.calls.filter(({ operation }) => operation.endsWith("/access_token")).length;

/** A renewal that is cut off after its pair was stored and before it was promoted. */
async function cutOff(world: StoreStand): Promise<void> {
  world.plan = ({ operation }) => (operation === PROMOTES ? "killed_before" : undefined);
  await quietly(world.renew());
  world.plan = () => undefined;
}

const pendingId = async (world: StoreStand) =>
  (await world.held({ VersionStage: "AWSPENDING" }))?.versionId;

async function pendingToken(world: StoreStand): Promise<string> {
  const stored = await world.held({ VersionStage: "AWSPENDING" });
  return stored?.record.accessToken.unseal() ?? "";
}

describe("the calls of a successful renewal", () => {
  test("by Secrets Manager's steps: five, and the app credential unless it was read for another store just now", async () => {
    const world = await StoreStand.create({ kind: "client-credentials" });
    await world.scheduleRotation();
    const before = await world.current();
    world.clock.now += 8 * HOUR;
    world.calls.length = 0;
    await world.rotateNow();
    expect((await world.current())?.record.parentVersion).toBe(before?.versionId);
    const five = [
      "DescribeSecret",
      "GetSecretValue",
      "/admin/oauth/access_token",
      "/admin/api/2026-10/graphql.json",
      "PutSecretValue",
      PROMOTES,
      "TagResource",
    ];
    const operations = () => world.calls.map(({ operation }) => operation);
    expect(operations()).toEqual([...five.slice(0, 2), "GetSecretValue", ...five.slice(2)]);
    world.clock.now += MINUTE;
    world.calls.length = 0;
    await world.rotateNow();
    expect(operations()).toEqual(five);
  });

  test("of a pair: five, two of KMS, and the app credential; the pair is stored before it is tried", async () => {
    const { world } = await pairAtHalfLife();
    await world.renew();
    expect(world.calls.map(({ operation }) => operation)).toEqual([
      "DescribeSecret",
      "GetSecretValue",
      "GetSecretValue",
      "Decrypt",
      "/admin/oauth/access_token",
      "Encrypt",
      "PutSecretValue",
      "/admin/api/2026-10/graphql.json",
      PROMOTES,
      "TagResource",
    ]);
    expect((await world.current())?.record.checked).toBe("untried");
  });
});

test("the calls of a direct client-credentials renewal: the token is tried once, before it is stored", async () => {
  const world = await StoreStand.create({ kind: "client-credentials" });
  world.clock.now += 31 * MINUTE;
  world.calls.length = 0;
  await world.renew();
  expect(world.calls.map(({ operation }) => operation)).toEqual([
    "DescribeSecret",
    "GetSecretValue",
    "GetSecretValue",
    "/admin/oauth/access_token",
    "/admin/api/2026-10/graphql.json",
    "PutSecretValue",
    PROMOTES,
    "TagResource",
  ]);
});

describe("renewals that overlap", () => {
  test.each(["client-credentials", "offline-expiring"] as const)(
    "converge on one version of a %s store",
    async (kind) => {
      const world = await StoreStand.create({ kind });
      world.clock.now += 31 * MINUTE;
      await Promise.all([world.renew(), world.renew(), world.renew()]);
      expect(codesOf(world)).toEqual([]);
      expect(Object.keys(await world.labels())).toHaveLength(2);
      expect(await wrongWith(world)).toEqual([]);
    },
  );

  test("and whose stored pair Shopify retired are mended by an earlier refresh token", async () => {
    const { world } = await pairAtHalfLife({ shopify: { overtakenReplacement: "dead" } });
    await Promise.all([world.renew(), world.renew()]);
    const refreshToken = peek((await world.current())?.record.refreshTokenSealed ?? "") ?? "";
    expect(world.shopify.control.refreshTokenLife({ refreshToken }).usable).toBe(false);
    world.clock.now += 31 * MINUTE;
    await world.renew();
    expect(world.lines.join()).toContain("rotation.earlier_refresh_token");
    expect(await wrongWith(world)).toEqual([]);
  });
});

describe("a pair that was stored and not promoted", () => {
  test("is taken up, and no refresh token is presented for it", async () => {
    const { world } = await pairAtHalfLife();
    await cutOff(world);
    world.calls.length = 0;
    world.clock.now += 10 * MINUTE;
    await world.renew();
    expect(asked(world)).toBe(0);
    expect(await wrongWith(world)).toEqual([]);
  });

  test("whose check runs out of time waits for the next attempt, and nothing new is asked for", async () => {
    const { world } = await pairAtHalfLife();
    await cutOff(world);
    const pending = await pendingId(world);
    world.clock.now += 25 * MINUTE;
    world.calls.length = 0;
    world.plan = ({ operation }) => (operation.endsWith("graphql.json") ? "times_out" : undefined);
    await quietly(world.renew());
    expect(asked(world)).toBe(0);
    expect(await pendingId(world)).toBe(pending);
  });

  test("past half its life is followed by another one from the same refresh token", async () => {
    const { world } = await pairAtHalfLife();
    const parent = (await world.current())?.versionId;
    await cutOff(world);
    world.clock.now += 31 * MINUTE;
    await world.renew();
    expect((await world.current())?.record.parentVersion).toBe(parent);
    expect(await wrongWith(world)).toEqual([]);
  });

  test("saves the chain when the refresh token before it ended meanwhile", async () => {
    const { world } = await pairAtHalfLife();
    await cutOff(world);
    world.clock.now += 31 * 24 * HOUR;
    await world.renew();
    expect(world.lines.join()).toContain("rotation.chain_recovered");
    expect(await wrongWith(world)).toEqual([]);
  });

  test("saves the chain also when AWS removed an attempt before it, which has no label any more", async () => {
    const { world } = await pairAtHalfLife();
    await cutOff(world);
    const first = await pendingId(world);
    world.clock.now += 31 * MINUTE;
    await cutOff(world);
    expect(await pendingId(world)).not.toBe(first);
    world.clock.now += 31 * 24 * HOUR;
    const deps = world.deps();
    const readVersion: typeof deps.secrets.readVersion = async (arn, versionId) =>
      versionId === first ? undefined : await deps.secrets.readVersion(arn, versionId);
    await renew(world.arn, { ...deps, secrets: { ...deps.secrets, readVersion } });
    expect(await wrongWith(world)).toEqual([]);
  });

  test("saves the chain only while its own refresh token lives", async () => {
    const { world } = await pairAtHalfLife();
    await cutOff(world);
    const before = (await world.current())?.versionId;
    world.clock.now += 91 * 24 * HOUR;
    await expect(world.renew()).rejects.toMatchObject({ code: "refresh_token_dead" });
    expect((await world.current())?.versionId).toBe(before);
  });

  test("and whose token is dead is replaced, twenty minutes later", async () => {
    const { world } = await pairAtHalfLife();
    await cutOff(world);
    world.shopify.control.revokeToken({ accessToken: await pendingToken(world) });
    await expect(world.renew()).rejects.toMatchObject({ code: "token_dead" });
    world.clock.now += 20 * MINUTE;
    await world.renew();
    expect(await wrongWith(world)).toEqual([]);
  });
});

describe("a chain that only a stored pair can save, whose access token is dead", () => {
  /** A cut-off renewal whose pair has lost its access token, and a parent whose refresh token is refused. */
  async function deadSuccessor(): Promise<{ world: StoreStand; parent: string }> {
    const { world } = await pairAtHalfLife();
    const { record, versionId: parent } = (await world.current()) ?? {};
    await cutOff(world);
    const { control } = world.shopify;
    control.revokeToken({ accessToken: await pendingToken(world) });
    control.revokeRefreshToken({ refreshToken: peek(record?.refreshTokenSealed ?? "") ?? "" });
    world.failures.length = 0;
    world.clock.now += 20 * MINUTE;
    return { world, parent: parent ?? "" };
  }

  test("leaves a token that works where it is, and says so", async () => {
    const { world, parent } = await deadSuccessor();
    await expect(world.renew()).rejects.toMatchObject({ code: "token_dead" });
    expect((await world.current())?.versionId).toBe(parent);
    expect(world.isAlive(await tokenOf(world))).toBe(true);
  });

  test("takes its place once that has ended, and is renewed at once", async () => {
    const { world } = await deadSuccessor();
    await quietly(world.renew());
    world.clock.now += 10 * MINUTE;
    await world.renew();
    expect(world.lines.join()).toContain("rotation.chain_recovered");
    expect(await wrongWith(world)).toEqual([]);
    expect(await world.tags()).toMatchObject({
      "shopify-secrets:state": "ok",
      "shopify-secrets:last-error-code": "",
    });
  });

  test("is never called a success when it cannot be renewed", async () => {
    const { world } = await pairAtHalfLife();
    await cutOff(world);
    world.shopify.control.revokeAll({ clientId: CLIENT_ID, shop: SHOP });
    world.clock.now += 20 * MINUTE;
    await expect(world.renew()).rejects.toMatchObject({ code: "refresh_token_dead" });
    expect(await world.tags()).toMatchObject({
      "shopify-secrets:state": "dead",
      "shopify-secrets:last-error-code": "token_dead",
      "shopify-secrets:expires-at": isoOf(epochMs(world.clock.now)),
    });
  });
});

describe("a chain that only a stored pair can save, whose access token works", () => {
  /** A cut-off renewal whose pair lost its label, and a parent whose refresh token is refused. */
  async function hiddenSuccessor(): Promise<{ world: StoreStand; stored: string }> {
    const { world } = await pairAtHalfLife();
    const record = (await world.current())?.record;
    await cutOff(world);
    const stored = (await pendingId(world)) ?? "";
    await world.model.handle(PROMOTES, {
      SecretId: world.arn,
      VersionStage: "AWSPENDING",
      RemoveFromVersionId: stored,
    });
    const refreshToken = peek(record?.refreshTokenSealed ?? "") ?? "";
    world.shopify.control.revokeRefreshToken({ refreshToken });
    world.calls.length = 0;
    return { world, stored };
  }

  test("takes it as it is while it is fresh", async () => {
    const { world, stored } = await hiddenSuccessor();
    await world.renew();
    expect((await world.current())?.versionId).toBe(stored);
    expect(asked(world)).toBe(1);
    expect(await world.tags()).toMatchObject({
      "shopify-secrets:state": "ok",
      "shopify-secrets:last-error-code": "",
    });
    expect(await wrongWith(world)).toEqual([]);
  });

  test("renews it at once when it is past half its life", async () => {
    const { world, stored } = await hiddenSuccessor();
    world.clock.now += 31 * MINUTE;
    await world.renew();
    expect((await world.current())?.record.parentVersion).toBe(stored);
    expect(await wrongWith(world)).toEqual([]);
  });
});

describe("a refresh token", () => {
  test("whose reply was lost is presented again", async () => {
    const { world } = await pairAtHalfLife();
    world.shopify.control.break({
      on: "token-endpoint",
      answer: "drop",
      times: 2,
      when: "after-effect",
    });
    await world.renew();
    expect(asked(world)).toBe(3);
    expect(await wrongWith(world)).toEqual([]);
  });

  test("that is truly dead is reported with the merchant's next step", async () => {
    const { world } = await pairAtHalfLife();
    world.shopify.control.revokeAll({ clientId: CLIENT_ID, shop: SHOP });
    await expect(world.renew()).rejects.toMatchObject({
      code: "refresh_token_dead",
      facts: { store: "acme", app: APP, shop: SHOP },
    });
    expect(String(world.failures[0])).toContain("shopify-secrets install-link acme");
  });

  test("sealed for another secret is not opened", async () => {
    const { world } = await pairAtHalfLife();
    const current = await world.current();
    const sealed = Buffer.from(current?.record.refreshTokenSealed ?? "", "base64").toString();
    const foreign = Buffer.from(sealed.replace(world.arn, `${world.arn}x`)).toString("base64");
    const value = (await world.model.handle("GetSecretValue", { SecretId: world.arn })) as {
      SecretString: string;
    };
    await world.model.handle("PutSecretValue", {
      SecretId: world.arn,
      ClientRequestToken: world.model.newToken(),
      SecretString: value.SecretString.replace(current?.record.refreshTokenSealed ?? "", foreign),
    });
    await expect(world.renew()).rejects.toMatchObject({ code: "refresh_token_unreadable" });
    expect(asked(world)).toBe(0);
  });
});

describe("a direct renewal", () => {
  test("of a store that an operator rolled back goes on from the newer pair", async () => {
    const { world } = await pairAtHalfLife();
    const first = (await world.current())?.versionId;
    await world.renew();
    const second = (await world.current())?.versionId;
    world.clock.now += 31 * MINUTE;
    await world.renew();
    const third = (await world.current())?.versionId;
    await world.model.handle(PROMOTES, {
      SecretId: world.arn,
      VersionStage: "AWSCURRENT",
      MoveToVersionId: first,
      RemoveFromVersionId: third,
    });
    world.clock.now += 31 * MINUTE;
    await world.renew();
    expect([first, second, third]).not.toContain((await world.current())?.versionId);
    expect(await wrongWith(world)).toEqual([]);
  });

  test("keeps twenty minutes between two versions", async () => {
    const { world } = await pairAtHalfLife();
    await world.renew();
    world.clock.now += 19 * MINUTE;
    await expect(world.renew()).rejects.toMatchObject({ code: "version_budget_spent" });
    world.clock.now += MINUTE;
    await world.renew();
  });

  test("of a static store is refused", async () => {
    const world = await StoreStand.create({ kind: "custom-app" });
    await expect(world.renew()).rejects.toMatchObject({ code: "kind_not_renewable" });
  });

  test("of a secret that is being deleted is refused", async () => {
    const { world } = await pairAtHalfLife();
    await world.model.handle("DeleteSecret", { SecretId: world.arn, RecoveryWindowInDays: 7 });
    await expect(world.renew()).rejects.toMatchObject({ code: "secret_pending_deletion" });
  });

  test("of another shop's record is refused before anything is asked", async () => {
    const { world } = await pairAtHalfLife();
    world.shopify.control.addShop({ shop: "other.myshopify.com" });
    await world.declare("offline-expiring", [], "other.myshopify.com" as typeof SHOP);
    await expect(world.renew()).rejects.toMatchObject({ code: "declaration_mismatch" });
    expect(asked(world)).toBe(0);
  });

  test("tries its token and never promotes one that is dead", async () => {
    const { world } = await pairAtHalfLife();
    const before = await tokenOf(world);
    world.shopify.control.break({ on: "admin-api", answer: 401 });
    await expect(world.renew()).rejects.toMatchObject({ code: "token_dead" });
    expect(await tokenOf(world)).toBe(before);
  });

  test("ends cleanly when its time is over", async () => {
    const { world } = await pairAtHalfLife();
    world.plan = ({ operation }) => (operation === "PutSecretValue" ? "times_out" : undefined);
    await quietly(world.renew());
    expect(codesOf(world)).toEqual(["secrets_manager_unreachable"]);
  });
});
