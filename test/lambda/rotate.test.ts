import { inspect } from "node:util";
import { CodedError } from "../../contract/errors";
import { Sealed } from "../../contract/sealed";
import { parseRotationEvent, ROTATION_STEPS } from "../../lambda/rotate/event";
import { publicErrorOf } from "../../lambda/runtime";
import { CLIENT_ID, FIRST_SECRET, HOUR, MINUTE } from "../simulation/stage";
import { type StoreOptions, StoreStand } from "./stand/store-stand";

const PROMOTES = "UpdateSecretVersionStage";

async function rotated(options: Partial<StoreOptions> = {}): Promise<StoreStand> {
  const world = await StoreStand.create({ kind: "client-credentials", ...options });
  await world.scheduleRotation();
  world.clock.now += 7 * HOUR;
  world.failures.length = 0;
  world.lines.length = 0;
  return world;
}

const codesOf = (world: StoreStand): unknown[] =>
  world.failures.map((failure) => (failure instanceof CodedError ? failure.code : failure));

const currentId = async (world: StoreStand) => (await world.current())?.versionId;

/** Registers a rotation without running it, so that steps can be called by hand. */
async function registered(world: StoreStand): Promise<string> {
  world.plan = ({ operation }) => (operation === "DescribeSecret" ? "killed_before" : undefined);
  const versionId = world.model.newToken();
  await world.rotateNow(versionId);
  world.plan = () => undefined;
  world.failures.length = 0;
  return versionId;
}

async function steps(world: StoreStand, versionId: string, names = ROTATION_STEPS): Promise<void> {
  for (const Step of names) await step(world, versionId, Step);
}

async function step(world: StoreStand, versionId: string, Step: string): Promise<void> {
  await world.rotationStep({ Step, SecretId: world.arn, ClientRequestToken: versionId });
}

describe("what a rotation meets", () => {
  test("a secret without any version gets its first value", async () => {
    const world = await rotated({ hasValue: false });
    await world.rotateNow();
    expect(codesOf(world)).toEqual([]);
    const current = await world.current();
    expect(current?.record.parentVersion).toBeUndefined();
    expect(world.isAlive(current?.record.accessToken.unseal() ?? "")).toBe(true);
  });

  test("a first value that AWS does not promote at once is promoted by the last step", async () => {
    const world = await rotated({ hasValue: false, model: { firstValueBecomesCurrent: false } });
    await world.rotateNow();
    expect(codesOf(world)).toEqual([]);
    expect(await currentId(world)).toBeDefined();
  });

  test("AWSPENDING left on the current version is no reason to do anything", async () => {
    const world = await rotated({ model: { clearPendingAfterFinish: false } });
    const versionId = world.model.newToken();
    await world.rotateNow(versionId);
    expect((await world.labels())[versionId]).toEqual(["AWSCURRENT", "AWSPENDING"]);
    world.forget();
    world.calls.length = 0;
    await steps(world, versionId);
    expect(world.calls.every(({ operation }) => operation === "DescribeSecret")).toBe(true);
    await world.rotateNow();
    expect(await currentId(world)).not.toBe(versionId);
    expect(codesOf(world)).toEqual([]);
  });

  test("a stray attempt, whose label another one took, is refused", async () => {
    const world = await rotated();
    const versionId = await registered(world);
    await step(world, versionId, "createSecret");
    world.forget();
    await world.renew();
    const winner = await currentId(world);
    await expect(step(world, versionId, "testSecret")).rejects.toMatchObject({
      code: "version_unknown",
    });
    await expect(step(world, versionId, "finishSecret")).rejects.toMatchObject({
      code: "version_unknown",
    });
    expect(await currentId(world)).toBe(winner);
  });

  test("a version that Secrets Manager never heard of is refused after a few reads", async () => {
    const world = await rotated();
    world.calls.length = 0;
    await expect(step(world, world.model.newToken(), "createSecret")).rejects.toMatchObject({
      code: "version_unknown",
    });
    expect(world.calls.filter(({ operation }) => operation === "DescribeSecret")).toHaveLength(4);
    expect(world.calls.some(({ target }) => target === "shopify")).toBe(false);
  });

  test("the version before is refused: it is not pending", async () => {
    const world = await rotated();
    const before = (await currentId(world)) ?? "";
    await world.rotateNow();
    await expect(step(world, before, "createSecret")).rejects.toMatchObject({
      code: "version_not_pending",
    });
  });

  test("rotation that was switched off is left off", async () => {
    const world = await rotated();
    const versionId = await registered(world);
    await world.model.handle("CancelRotateSecret", { SecretId: world.arn });
    await expect(step(world, versionId, "createSecret")).rejects.toMatchObject({
      code: "rotation_off",
    });
  });

  test("a schedule that is changed without rotating tests a copy of the current value", async () => {
    const world = await rotated();
    const before = await world.labels();
    await world.scheduleRotation();
    expect(codesOf(world)).toEqual([]);
    expect(world.deliveries.at(-1)).toMatchObject({ Step: "testSecret" });
    expect(await world.labels()).toEqual(before);
  });

  test("a copy whose token is dead is reported and not touched", async () => {
    const world = await rotated();
    const accessToken = (await world.current())?.record.accessToken.unseal() ?? "";
    world.shopify.control.revokeToken({ accessToken });
    world.calls.length = 0;
    await world.scheduleRotation();
    expect(codesOf(world)).toEqual(["token_dead"]);
    expect(world.calls.some(({ operation }) => operation === PROMOTES)).toBe(false);
  });

  test("reads that miss what was just written are repeated", async () => {
    const world = await rotated({ model: { missedReads: 2 } });
    for (let time = 0; time < 3; time += 1) {
      world.clock.now += 8 * HOUR;
      world.forget();
      await world.rotateNow();
    }
    expect(codesOf(world)).toEqual([]);
  });

  test("a process that knows nothing finishes what another one began", async () => {
    const world = await rotated();
    const versionId = await registered(world);
    for (const name of ROTATION_STEPS) {
      world.forget();
      await step(world, versionId, name);
    }
    expect(await currentId(world)).toBe(versionId);
  });

  test("a lost compare-and-swap drops the version", async () => {
    const world = await rotated();
    world.before = async ({ operation }) => {
      if (operation !== PROMOTES) return;
      world.before = async () => undefined;
      await world.acquire();
    };
    const versionId = world.model.newToken();
    await world.rotateNow(versionId);
    expect(codesOf(world)).toEqual(["parent_moved"]);
    expect((await world.labels())[versionId]).toBeUndefined();
    await world.rotateNow();
    expect(codesOf(world)).toEqual(["parent_moved"]);
  });

  test("a dead pending value is dropped, so that the next rotation starts afresh", async () => {
    const world = await rotated();
    const versionId = await registered(world);
    await step(world, versionId, "createSecret");
    const pending = await world.held({ VersionId: versionId });
    const accessToken = pending?.record.accessToken.unseal() ?? "";
    world.shopify.control.revokeToken({ accessToken });
    world.forget();
    await expect(step(world, versionId, "testSecret")).rejects.toMatchObject({
      code: "token_dead",
    });
    expect((await world.labels())[versionId]).toBeUndefined();
    await world.rotateNow();
    expect(world.isAlive((await world.current())?.record.accessToken.unseal() ?? "")).toBe(true);
  });

  test("a pending value that somebody else put is dropped", async () => {
    const world = await rotated();
    const versionId = await registered(world);
    const current = (await world.model.handle("GetSecretValue", { SecretId: world.arn })) as {
      SecretString: string;
    };
    await world.model.handle("PutSecretValue", {
      SecretId: world.arn,
      ClientRequestToken: versionId,
      SecretString: current.SecretString,
      VersionStages: ["AWSPENDING"],
    });
    await expect(step(world, versionId, "createSecret")).rejects.toMatchObject({
      code: "parent_moved",
    });
    expect((await world.labels())[versionId]).toBeUndefined();
  });

  test("a value that is no record is healed", async () => {
    const world = await rotated();
    const ClientRequestToken = world.model.newToken();
    const input = { SecretId: world.arn, SecretString: "pasted by hand", ClientRequestToken };
    await world.model.handle("PutSecretValue", input);
    await world.rotateNow();
    expect(codesOf(world)).toEqual([]);
    expect((await world.current())?.record.parentVersion).toBe(ClientRequestToken);
    expect(world.lines.join()).toContain("rotation.parent_malformed");
  });

  test("a store of another kind is refused", async () => {
    const world = await rotated();
    await world.declare("offline-expiring");
    await world.rotateNow();
    expect(codesOf(world)).toEqual(["kind_not_renewable"]);
  });

  test("a late last step drops its old pending value, and the store is renewed at once", async () => {
    const world = await rotated();
    const versionId = await registered(world);
    await step(world, versionId, "createSecret");
    world.clock.now += 13 * HOUR;
    await expect(step(world, versionId, "finishSecret")).rejects.toMatchObject({
      code: "pending_stale",
    });
    const current = await world.current();
    expect(current?.versionId).not.toBe(versionId);
    expect(current?.record.issuedAt).toBe(world.clock.now);
    expect(await world.tags()).toMatchObject({ "shopify-secrets:last-error-code": "" });
  });

  test("a store that cannot be renewed at once is left to the next rotation", async () => {
    const world = await rotated();
    const versionId = await registered(world);
    await step(world, versionId, "createSecret");
    world.clock.now += 13 * HOUR;
    world.shopify.control.break({ on: "token-endpoint", answer: 520 });
    await expect(step(world, versionId, "finishSecret")).rejects.toMatchObject({
      code: "pending_stale",
    });
    expect(world.lines.join()).toContain("rotation.not_mended");
    expect(await world.tags()).toMatchObject({
      "shopify-secrets:last-error-code": "pending_stale",
    });
  });
});

describe("the client secret", () => {
  test("before the current one is tried when the current one is refused, with a warning", async () => {
    const world = await rotated();
    const pinnedTo = world.appSecretVersion;
    await world.putAppSecret("shpss_mistyped");
    await world.rotateNow();
    expect(codesOf(world)).toEqual([]);
    expect((await world.current())?.record.appSecretVersion).toBe(pinnedTo);
    expect(world.lines.join()).toContain("shopify.previous_client_secret");
  });

  test("before the current one got the token: the status says so until the newest works", async () => {
    const world = await rotated();
    await world.putAppSecret("shpss_mistyped");
    await world.rotateNow();
    expect(await world.tags()).toMatchObject({
      "shopify-secrets:state": "ok",
      "shopify-secrets:last-error-code": "client_secret_rejected",
    });
    await world.putAppSecret(FIRST_SECRET);
    world.forget();
    await world.rotateNow();
    expect(await world.tags()).toMatchObject({ "shopify-secrets:last-error-code": "" });
  });

  test("before the current one got the token of a direct renewal: the status says so as well", async () => {
    const world = await rotated();
    await world.putAppSecret("shpss_mistyped");
    world.clock.now += 8 * HOUR;
    await world.renew();
    expect(await world.tags()).toMatchObject({
      "shopify-secrets:last-error-code": "client_secret_rejected",
    });
  });

  /** The reads of the app secret in what was called since. */
  const appReads = (world: StoreStand) =>
    world.calls.filter(
      ({ target, operation }) => target === "secrets-manager" && operation === "GetSecretValue",
    ).length;

  test("is read once in a burst, and a changed one costs no token: none goes back behind it", async () => {
    const world = await rotated();
    await world.rotateNow();
    world.clock.now += 1_000;
    world.calls.length = 0;
    await world.rotateNow();
    const warm = appReads(world);
    world.clock.now += 6 * MINUTE;
    world.calls.length = 0;
    await world.rotateNow();
    expect(appReads(world)).toBe(warm + 1);
    // The store is enrolled with the newer one within the five minutes.
    const { control } = world.shopify;
    control.addClientSecret({ clientId: CLIENT_ID, clientSecret: "shpss_second" });
    await world.putAppSecret("shpss_second");
    await world.enrol({ appSecretVersion: world.appSecretVersion });
    await world.rotateNow();
    const current = await world.current();
    expect(current?.record.appSecretVersion).toBe(world.appSecretVersion);
    control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: FIRST_SECRET });
    expect(world.isAlive(current?.record.accessToken.unseal() ?? "")).toBe(true);
  });

  test("that was revoked minutes after it was read is read again, in the same rotation", async () => {
    const world = await rotated();
    await world.rotateNow();
    const { control } = world.shopify;
    control.addClientSecret({ clientId: CLIENT_ID, clientSecret: "shpss_second" });
    await world.putAppSecret("shpss_second");
    control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: FIRST_SECRET });
    await world.rotateNow();
    expect(codesOf(world)).toEqual([]);
    expect((await world.current())?.record.appSecretVersion).toBe(world.appSecretVersion);
    expect(await world.tags()).toMatchObject({ "shopify-secrets:last-error-code": "" });
  });

  test("before the current one comes from config when config names it", async () => {
    const world = await rotated();
    await world.putAppSecret("shpss_wrong_too");
    await world.putAppSecret("shpss_mistyped", FIRST_SECRET);
    await world.rotateNow();
    expect(codesOf(world)).toEqual([]);
    expect((await world.current())?.record.appSecretVersion).toBeUndefined();
  });

  test("is reported by its own code when both are refused", async () => {
    const world = await rotated();
    await world.putAppSecret("shpss_wrong");
    await world.putAppSecret("shpss_mistyped");
    await world.rotateNow();
    expect(codesOf(world)).toEqual(["client_secret_rejected"]);
  });

  test("that is the newest pins the tokens, and the older one can be revoked", async () => {
    const world = await rotated();
    const { control } = world.shopify;
    control.addClientSecret({ clientId: CLIENT_ID, clientSecret: "shpss_second" });
    await world.putAppSecret("shpss_second");
    await world.rotateNow();
    control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret: FIRST_SECRET });
    const current = await world.current();
    expect(current?.record.appSecretVersion).toBe(world.appSecretVersion);
    expect(world.isAlive(current?.record.accessToken.unseal() ?? "")).toBe(true);
  });
});

describe("writes that AWS throttles, as those of a burst", () => {
  test.each(["PutSecretValue", PROMOTES])(
    "%s is waited for within the step, and not begun anew a minute later",
    async (operation) => {
      const world = await rotated();
      let left = 5;
      world.plan = (point) => {
        if (point.operation !== operation || left === 0) return undefined;
        left -= 1;
        return "throttled";
      };
      const before = await currentId(world);
      await world.rotateNow();
      expect(left).toBe(0);
      expect(codesOf(world)).toEqual([]);
      expect(await currentId(world)).not.toBe(before);
    },
  );

  test("are given up in time for a clean end", async () => {
    const world = await rotated();
    world.plan = ({ operation }) => (operation === "PutSecretValue" ? "throttled" : undefined);
    await world.rotateNow();
    expect(codesOf(world)).toContain("secrets_manager_unreachable");
    expect(codesOf(world)).not.toContain("unexpected");
  });
});

describe("the test of a new schedule", () => {
  /** AWS refuses the first calls, as it does those of a role that is seconds old. */
  function refuseFirst(world: StoreStand, count: number): void {
    let left = count;
    world.refuse = () => {
      left -= 1;
      return left >= 0;
    };
  }

  test("waits until the function's new role is believed, and blames nothing", async () => {
    const world = await StoreStand.create({ kind: "client-credentials" });
    refuseFirst(world, 5);
    await world.scheduleRotation();
    expect(codesOf(world)).toEqual([]);
    expect(await world.tags()).not.toHaveProperty(["shopify-secrets:last-error-code"]);
  });

  test("tells of a role that stays refused", async () => {
    const world = await StoreStand.create({ kind: "client-credentials" });
    refuseFirst(world, 1_000);
    await world.scheduleRotation();
    expect(codesOf(world)).toEqual(["access_denied"]);
  });
});

describe("Shopify in trouble", () => {
  test.each([429, 430, 500, 503, 520])(
    "a short %i is survived in one invocation",
    async (status) => {
      const world = await rotated();
      world.shopify.control.break({ answer: status, times: 2, retryAfterSeconds: "0.5" });
      await world.rotateNow();
      expect(codesOf(world)).toEqual([]);
    },
  );

  test("a long one is a clean failure, and the retries of Secrets Manager mend it", async () => {
    const world = await rotated();
    const before = await currentId(world);
    world.shopify.control.break({ on: "token-endpoint", answer: 520, times: 6 });
    await world.rotateNow();
    expect(codesOf(world)).toEqual(["shopify_unreachable"]);
    expect(await world.tags()).toMatchObject({
      "shopify-secrets:last-error-code": "shopify_unreachable",
    });
    world.clock.now += 2 * MINUTE;
    await world.model.runDue();
    expect(await currentId(world)).not.toBe(before);
    expect(await world.tags()).toMatchObject({ "shopify-secrets:last-error-code": "" });
  });

  test.each([
    ["address-not-allowed", "ip_not_allowed"],
    ["flagged-shop", "access_refused"],
    ["network-not-allowed", "ip_not_allowed"],
    ["country-not-allowed", "ip_not_allowed"],
    ["THROTTLED", "shopify_throttled"],
    ["INTERNAL_SERVER_ERROR", "shopify_unreachable"],
    ["TIMEOUT", "shopify_unreachable"],
    ["MAX_COST_EXCEEDED", "shopify_unreachable"],
    ["CODE_OF_TOMORROW", "shopify_unreachable"],
    ["SHOP_INACTIVE", "shop_inactive"],
    ["no-such-shop", "shop_not_found"],
    [404, "api_version_unknown"],
    [402, "shop_frozen"],
    [423, "shop_locked"],
    [500, "shopify_unreachable"],
    ["drop", "shopify_unreachable"],
  ] as const)(
    "a check that ends with %s is inconclusive: promoted, and said",
    async (answer, code) => {
      const world = await rotated();
      const before = await currentId(world);
      world.shopify.control.break({ on: "admin-api", answer });
      await world.rotateNow();
      expect(await currentId(world)).not.toBe(before);
      expect((await world.current())?.record.checked).toBe(code);
      expect(await world.tags()).toMatchObject({
        "shopify-secrets:state": "ok",
        // What is believed at its third sight alone is not told at the first.
        "shopify-secrets:last-error-code": code === "shop_not_found" ? "refusal_unconfirmed" : code,
      });
    },
  );

  test("a token that is dead on arrival is never stored", async () => {
    const world = await rotated();
    const before = await world.labels();
    world.shopify.control.break({ on: "admin-api", answer: 401 });
    const versionId = await registered(world);
    await expect(step(world, versionId, "createSecret")).rejects.toMatchObject({
      code: "token_dead",
    });
    expect(await world.held({ VersionId: versionId })).toBeUndefined();
    expect(Object.keys(before)).toContain(await currentId(world));
  });

  test("an app that was made moments ago is waited for", async () => {
    const world = await rotated({ hasValue: false, appUnknownForSeconds: (7 * HOUR) / 1_000 + 2 });
    let asked = 0;
    world.before = async ({ operation }) => {
      if (!operation.endsWith("/access_token")) return;
      asked += 1;
      if (asked === 2) world.clock.now += 2_000;
    };
    await world.rotateNow();
    expect(codesOf(world)).toEqual([]);
    expect(asked).toBe(2);
  });
});

describe("the event", () => {
  const good = {
    Step: "createSecret",
    SecretId:
      "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/test/stores/a/token-AbCdEf",
    ClientRequestToken: "00000000-0000-4000-8000-000000000001",
    RotationToken: "a-sensitive-marker",
  };

  test("is read, its rotation token sealed", () => {
    const event = parseRotationEvent(good);
    expect(event.rotationToken?.unseal()).toBe("a-sensitive-marker");
    expect(inspect(event, { depth: 5, showHidden: true })).not.toContain("a-sensitive-marker");
    expect(parseRotationEvent({ ...good, RotationToken: undefined }).rotationToken).toBeUndefined();
  });

  test.each([
    [undefined, "Step"],
    [null, "Step"],
    ["createSecret", "Step"],
    [{ ...good, Step: "deleteSecret" }, "Step"],
    [{ ...good, SecretId: "shopify/test/stores/a/token" }, "SecretId"],
    [{ ...good, ClientRequestToken: "short" }, "ClientRequestToken"],
  ])("%p is refused by the field's name", (event, field) => {
    expect(() => parseRotationEvent(event)).toThrow(
      expect.objectContaining({ code: "event_malformed", facts: { field } }),
    );
  });

  test("of a secret outside the prefix touches nothing", async () => {
    const world = await rotated();
    world.calls.length = 0;
    const SecretId = good.SecretId.replace("shopify/test", "shopify/other");
    await expect(world.rotationStep({ ...good, SecretId })).rejects.toMatchObject({
      code: "secret_out_of_prefix",
    });
    expect(world.calls).toEqual([]);
  });
});

describe("what a function returns of a failure", () => {
  test("begins with the code and shows no stack", () => {
    const shown = publicErrorOf(new CodedError("shop_frozen", { step: "createSecret" }));
    expect(shown.message).toMatch(/^shop_frozen: .+Next: /);
    expect(shown.stack).toBe("");
  });

  test("of an unforeseen one shows nothing of it", () => {
    const shown = publicErrorOf(new TypeError("shpat_secret in a message"));
    expect(shown.message).toMatch(/^unexpected: /);
    expect(`${inspect(shown, { showHidden: true, depth: 5 })}`).not.toContain("shpat_secret");
    expect(Sealed.of("x")).toBeDefined();
  });
});
