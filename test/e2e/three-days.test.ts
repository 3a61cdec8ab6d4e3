import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../contract/time";
import { watchStack } from "../../local/alarms/world-alarms";
import { clientConfigOf } from "../../local/demo/root-client";
import { LONG, sized } from "../long";
import { killFunction } from "./offline/kill-function";
import { CATALOG, Scene, STORES, type Store, shopOf } from "./offline/scene";
import { runAsRole } from "./run-as-role";
import { until } from "./until";

/** In the short run a rotation window of `acme` opens in the outage of 90 minutes, and so does the new year. */
const BEGINS = "2026-12-31T17:35:00Z";
/** How long nothing but hourly renewals happens between two events. */
const QUIET_MS = sized(0.5, 11) * HOUR_MS;
/** How long an event is watched for what it leaves behind: at least one renewal of every pair. */
const AFTERMATH_MS = sized(40, 120) * MINUTE_MS;
const WHOLE_RUN_MS = sized(10 * HOUR_MS, 3 * DAY_MS);
/** Shopify's answer is held back for so long that a merchant can approve; a function waits 8 s for it. */
const HELD_MS = 6_500;
/** How often an approval that came too late, on a very slow machine, is repeated. */
const MOST_TURNS = 10;
/** And for so long that a function can be killed. */
const HELD_FOR_A_KILL_MS = 5_000;
/** In the short run Shopify says how long it is out, so that no sweep spends real time on trying again at once. */
const OUTAGE = {
  on: "token-endpoint",
  answer: 503,
  ...(LONG ? {} : { retryAfterSeconds: "60" }),
} as const;

/**
 * One-hour tokens on the local world with IAM enforced, an application reading all the time: three days under
 * `npm run test:long`, the same events within half a day otherwise. The tests of this file build on each other.
 */
describe("three days of one-hour tokens", () => {
  let scene: Scene;
  let startedAt: number;
  /** The approvals that this run asked of merchants: a chain that was lost would need another one. */
  let approvals = 0;
  /** Those that had to be repeated because the machine was slow. */
  let repeated = 0;

  beforeAll(async () => {
    scene = await Scene.start(BEGINS);
    startedAt = scene.world.clock.now();
    await scene.provision();
  });

  afterAll(async () => scene?.stop());

  /** Approves, and counts it. */
  async function approve(store: Store) {
    approvals += 1;
    return await scene.approve(store);
  }

  /** No call to these stores was refused or made with a dead token, and no moment was seen in which one was dead. */
  function expectServed(stores: readonly Store[] = STORES): void {
    const seen = stores.map((store) => [store, scene.refusedOrDead(store)]);
    const judged = scene.judged();
    expect(seen).toEqual(stores.map((store) => [store, []]));
    expect(stores.filter((store) => judged[store].served === 0)).toEqual([]);
    expect(scene.dead.filter((seen) => stores.some((store) => seen.startsWith(store)))).toEqual([]);
    scene.dead.length = 0;
  }

  /**
   * What the status says of each store after an outage: nothing, once it was renewed. Where a rotation window of
   * `acme` opened in the outage, its token has hours left, and the failure stands until its next rotation.
   */
  function lastErrors(outageSince: number, outageUntil: number): (store: Store) => string {
    const { readCalls } = scene.control;
    const asked = readCalls({
      surface: "token-endpoint",
      shop: shopOf("acme"),
      since: outageSince,
    });
    const isMissed = asked.length > 0 && asked.every(({ at }) => at < outageUntil);
    return (store) => (store === "acme" && isMissed ? "shopify_unreachable" : "");
  }

  const othersThan = (store: Store) => STORES.filter((one) => one !== store);

  /**
   * Lets the merchant of a store approve while a sweep waits for Shopify's answer to a refresh: his browser stands
   * before the button already. Once more, from `arrange` on, when the sweep was over first, which only a very slow
   * machine can bring about.
   */
  async function approveWhileRefreshing(
    { merchantOf, store }: { readonly merchantOf: Store; readonly store: Store },
    arrange: () => Promise<void> = async () => undefined,
  ): Promise<{ readonly approved: string; readonly swept: string }> {
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      await arrange();
      const due = await scene.untilDue(store);
      await scene.pass(due - scene.world.clock.now() - MINUTE_MS); // a link is good for ten minutes
      await scene.openLink(merchantOf);
      const { planId } = scene.control.slow({
        on: "token-endpoint",
        shop: shopOf(store),
        delayMs: HELD_MS,
        times: 1,
      });
      const asked = () =>
        scene.control.countCalls({ surface: "token-endpoint", shop: shopOf(store) });
      const before = asked().served;
      let isOver = false;
      const sweep = scene.world.driver.moveTo(due).finally(() => {
        isOver = true;
      });
      await until(() => asked().served > before || isOver);
      const wasAsked = asked().served > before;
      approvals += 1;
      expect(await scene.press()).toMatchObject({ status: 200 });
      const wasInTime = wasAsked && !isOver;
      const approved = await scene.versionOf(merchantOf);
      await sweep;
      scene.control.mend({ planId });
      if (wasInTime) return { approved, swept: await scene.versionOf(merchantOf) };
      repeated += 1;
    }
    throw new Error("no sweep waited long enough");
  }

  test("up provisions stores that await their merchants, which alarms nobody", async () => {
    await scene.world.driver.advance(11 * MINUTE_MS);
    expect(await scene.statusOf("boutique")).toMatchObject({ state: "awaiting_merchant" });
    expect(await scene.statusOf("gallery")).toMatchObject({ state: "awaiting_merchant" });
    expect(await scene.ask({ action: "sweep" })).toMatchObject({ awaiting: 2, failed: 0, left: 0 });
  });

  test("the merchants approve, and an application reads every store", async () => {
    for (const store of ["boutique", "gallery"] as const) {
      expect(await approve(store)).toMatchObject({
        status: 200,
        title: `${shopOf(store)} is connected`,
      });
      expect(await scene.statusOf(store)).toMatchObject({ state: "ok" });
    }
    await scene.startApplication();
    scene.judged();
    await scene.pass(QUIET_MS);
    expectServed();
  });

  test("a migration that config does not permit is refused, and so is what is no event", async () => {
    expect(await scene.ask({ action: "migrate", store: "partner" })).toMatchObject({
      errorType: "migration_not_declared",
      errorMessage: expect.stringMatching(
        /^migration_not_declared: .*Next: set .*offline-expiring/,
      ),
    });
    expect(await scene.ask({ action: "migrate", store: "partner", force: true })).toMatchObject({
      errorMessage: expect.stringMatching(/^event_malformed: /),
    });
    expect(await scene.deathOf("partner")).toBeNull();
  });

  test("a migration under the application: config permits it, the command does it", async () => {
    const before = await scene.recordOf("partner");
    const version = await scene.versionOf("partner");
    scene.declare("offline-expiring");
    await scene.stack.must(scene.stack.up());
    expect(await scene.versionOf("partner")).toBe(version);
    scene.judged();
    const result = await scene.ask({ action: "migrate", store: "partner" });
    expect(result).toMatchObject({
      outcome: "migrated",
      versionId: await scene.versionOf("partner"),
    });
    expect(JSON.stringify(result)).not.toMatch(/shp(at|ca|pa|ua|rt|ss)_/);
    const accessToken = before.accessToken.unseal();
    expect(scene.control.tokenLife({ accessToken }).death).toBe("migrated");
    expect(await scene.ask({ action: "migrate", store: "partner" })).toMatchObject({
      outcome: "already_migrated",
    });
    await scene.pass(10 * MINUTE_MS);
    // Shopify kills the old token with its first answer: whoever holds it is told so, reads again and is served.
    const { partner } = scene.judged();
    expect(partner.refused).toBe(partner.withDeadToken);
    expect(partner.served).toBeGreaterThan(0);
    await scene.pass(QUIET_MS);
    expectServed();
  });

  test("lost refresh replies refuse no call", async () => {
    scene.control.break({ on: "token-endpoint", answer: "drop", when: "after-effect", times: 4 });
    await scene.pass(HOUR_MS);
    scene.control.mend({});
    await scene.pass(AFTERMATH_MS);
    expectServed();
  });

  test.each([
    ["while Shopify answers the refresh", "token-endpoint"],
    ["after the new pair was stored", "admin-api"],
  ] as const)("a sweep that is killed %s loses nothing", async (_when, surface) => {
    const shop = shopOf("boutique");
    const due = await scene.untilDue("boutique");
    const version = await scene.versionOf("boutique");
    const { planId } = scene.control.slow({ on: surface, shop, delayMs: HELD_FOR_A_KILL_MS });
    const since = scene.world.clock.now();
    const sweep = scene.world.driver.moveTo(due);
    const byTheSweep = () =>
      scene.control
        .readCalls({ surface, shop, since })
        .filter(({ caller }) => caller !== "application");
    await until(() => byTheSweep().length > 0);
    killFunction(scene.sweepFunction);
    await sweep;
    scene.control.mend({ planId });
    expect(await scene.versionOf("boutique")).toBe(version);
    await scene.pass(11 * MINUTE_MS);
    expect(await scene.versionOf("boutique")).not.toBe(version);
    await scene.pass(AFTERMATH_MS);
    expectServed();
  });

  test("an outage of the token endpoint of 20 minutes refuses no call", async () => {
    await scene.untilDue("boutique");
    const { planId } = scene.control.break(OUTAGE);
    await scene.pass(20 * MINUTE_MS);
    scene.control.mend({ planId });
    await scene.pass(AFTERMATH_MS);
    expectServed();
  });

  test("in one of 90 minutes no dead token is sent, and the next sweep after it brings good ones", async () => {
    const since = scene.world.clock.now();
    const { planId } = scene.control.break(OUTAGE);
    await scene.pass(90 * MINUTE_MS);
    for (const store of othersThan("acme")) expect(await scene.deathOf(store)).toBe("expired");
    scene.control.mend({ planId });
    const mended = scene.world.clock.now();
    await scene.pass(10 * MINUTE_MS);
    const lastErrorOf = lastErrors(since, mended);
    for (const store of STORES) {
      expect(await scene.deathOf(store)).toBeNull();
      expect(await scene.statusOf(store)).toMatchObject({
        state: "ok",
        "last-error-code": lastErrorOf(store),
      });
      expect([store, scene.refusedOrDead(store)]).toEqual([store, []]);
    }
    scene.judged();
    scene.dead.length = 0;
    await scene.pass(QUIET_MS);
    expectServed();
  });

  test("an uninstall is noticed, and refuses the calls of that store alone", async () => {
    scene.control.uninstall({ clientId: CATALOG, shop: shopOf("gallery") });
    await scene.pass(4 * MINUTE_MS);
    expect(await scene.statusOf("gallery")).toMatchObject({ state: "uninstalled" });
    await scene.pass(AFTERMATH_MS);
    expect(await scene.statusOf("gallery")).toMatchObject({ state: "uninstalled" });
    expectServed(othersThan("gallery"));
  });

  test("a reinstall beside the running sweep brings the store back, whatever the sweep had read of it", async () => {
    await approveWhileRefreshing({ merchantOf: "gallery", store: "boutique" }, async () => {
      // A slower turn before this one brought it back already.
      if ((await scene.deathOf("gallery")) !== null) return;
      scene.control.uninstall({ clientId: CATALOG, shop: shopOf("gallery") });
      await scene.pass(4 * MINUTE_MS);
    });
    expect(await scene.statusOf("gallery")).toMatchObject({ state: "ok", "last-error-code": "" });
    expect(await scene.deathOf("gallery")).toBeNull();
    scene.judged();
    scene.dead.length = 0;
    await scene.pass(QUIET_MS);
    expectServed();
  });

  test("the webhook of the uninstall, late and twice, changes nothing", async () => {
    const uninstalled = scene.control
      .webhooks()
      .findLast(({ topic, shop }) => topic === "app/uninstalled" && shop === shopOf("gallery"));
    for (const afterSeconds of [60, 90]) {
      const before = uninstalled?.attempts.length ?? 0;
      scene.control.redeliverWebhook({ id: uninstalled?.id ?? "", afterSeconds });
      await scene.pass(4 * MINUTE_MS);
      const delivered = scene.control.webhooks().find(({ id }) => id === uninstalled?.id);
      expect(delivered?.state).toBe("delivered");
      expect(delivered?.attempts).toHaveLength(before + 1);
      expect(await scene.statusOf("gallery")).toMatchObject({ state: "ok" });
    }
    expectServed();
  });

  test("an approval while the sweep refreshes that very store wins, and the chain goes on from it", async () => {
    const { approved, swept } = await approveWhileRefreshing({
      merchantOf: "boutique",
      store: "boutique",
    });
    expect(swept).toBe(approved);
    await scene.pass(AFTERMATH_MS);
    expect(await scene.versionOf("boutique")).not.toBe(approved);
    expectServed();
  });

  test("a lost reply of a code exchange: approve again, people hear of it, the old token serves to its end", async () => {
    const alarms = watchStack(clientConfigOf(scene.world), "shopify/dev");
    try {
      scene.control.break({ on: "token-endpoint", answer: "drop", when: "after-effect", times: 1 });
      expect(await approve("gallery")).toMatchObject({
        status: 502,
        title: "Please approve again",
      });
      const { expiresAt = 0 } = await scene.recordOf("gallery");
      await scene.pass(expiresAt - scene.world.clock.now() - 5 * MINUTE_MS);
      expectServed();
      expect(await scene.statusOf("gallery")).toMatchObject({
        state: "awaiting_merchant",
        noticed: "awaiting_merchant code_exchange_lost",
      });
      // The notice came at once; the alarm comes after a whole period of ten minutes under a quarter of the life.
      await scene.pass(15 * MINUTE_MS);
      await alarms.evaluate(scene.world.clock.now());
      expect(await alarms.firing()).toContain("token-near-end");
      expect(await scene.deathOf("gallery")).toBe("expired");
      expect(scene.judged().gallery.withDeadToken).toBe(0);
      expect(await approve("gallery")).toMatchObject({ status: 200 });
      expect(await scene.statusOf("gallery")).toMatchObject({ state: "ok" });
      // CloudWatch looks at whole periods of ten minutes.
      await scene.pass(25 * MINUTE_MS);
      await alarms.evaluate(scene.world.clock.now());
      expect(await alarms.firing()).toEqual([]);
    } finally {
      alarms.close();
    }
    scene.judged();
    scene.dead.length = 0;
  });

  test("at the end every token lives, and no merchant was asked but where nothing else helps", async () => {
    await scene.pass(Math.max(HOUR_MS, startedAt + WHOLE_RUN_MS - scene.world.clock.now()));
    expectServed();
    expect(scene.world.clock.now() - startedAt).toBeGreaterThanOrEqual(WHOLE_RUN_MS);
    expect(await scene.ask({ action: "check", stores: [] })).toMatchObject({
      stores: STORES.toSorted().map((store) => ({ store, state: "ok", code: "" })),
    });
    // Two installs, one reinstall, one on top of a refresh, one that was lost and its repetition.
    expect(approvals).toBe(6 + repeated);
    for (const store of STORES) {
      const times = scene.versionTimes(store);
      const inADay = times.map(
        (at) => times.filter((one) => one > at - DAY_MS && one <= at).length,
      );
      const most = Math.max(0, ...inADay);
      expect([store, most >= 1 && most <= 72]).toEqual([store, true]);
    }
  });

  test("by its own count the application was refused by the uninstalled store, and held calls back in outages", async () => {
    const { served, refusedOf, withheld } = await scene.finishApplication();
    // A migration is the one moment in which the old token is dead before the new one can be stored.
    expect(Object.keys(refusedOf).filter((store) => store !== "partner")).toEqual(["gallery"]);
    expect(served).toBeGreaterThan(1_000);
    expect(withheld).toBeGreaterThan(0);
  });

  test("the sweep's role is refused outside its prefix", async () => {
    const client = new SecretsManagerClient(clientConfigOf(scene.world));
    const outside = await client.send(
      new CreateSecretCommand({ Name: "shopify/other/stores/acme/token", SecretString: "{}" }),
    );
    client.destroy();
    expect(await runAsRole(scene.world, "sweep", scene.arnOf("partner"))).toBe("allowed");
    expect(await runAsRole(scene.world, "sweep", outside.ARN ?? "")).toMatch(
      /^AccessDeniedException: /,
    );
  });

  test("after all of this Pulumi sees no change", async () => {
    const { exitCode } = await scene.stack.preview("--refresh", "--expect-no-changes");
    expect(exitCode).toBe(0);
  });
});
