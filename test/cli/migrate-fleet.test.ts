import { Refusal } from "../../cli/refusal";
import { STATUS_TAGS, versionTagOf } from "../../contract/store/status";
import { isoOf, later } from "../../contract/time";
import { HOUR_MS, MINUTE_MS, Operator } from "./arrange";

/** Stores of one app whose migration config permits, before functions that do as they are told. */
class Fleet {
  readonly operator = new Operator();
  /** What the migration of a store is refused with, and how often. */
  readonly refusals = new Map<string, { readonly sentence: string; times: number }>();
  /** What a check answers; default: it works. */
  readonly answers = new Map<string, string>();
  readonly migratedAt = new Map<string, number>();
  renews = true;

  static async of(stores: number): Promise<Fleet> {
    const fleet = new Fleet();
    for (let index = 0; index < stores; index += 1) {
      await fleet.operator.addStore({
        key: `store-${String(index).padStart(3, "0")}`,
        kind: "offline-expiring",
        app: "catalog",
        distribution: "public",
        tags: { [STATUS_TAGS.expiresAt]: "" },
      });
    }
    fleet.operator.answer = (_name, payload) => fleet.#answer(payload);
    fleet.operator.onSleep = () => fleet.#sweep();
    return fleet;
  }

  get migrated(): string[] {
    return [...this.migratedAt.keys()].sort();
  }

  async #answer({ action, store, stores }: Record<string, unknown>): Promise<unknown> {
    if (action === "check") {
      const found = (stores as string[]).map((key) => ({
        store: key,
        state: "ok",
        code: "",
        answer: this.answers.get(key) ?? "works",
      }));
      return { stores: found };
    }
    const key = store as string;
    const refusal = this.refusals.get(key);
    if (refusal !== undefined && refusal.times > 0) {
      refusal.times -= 1;
      const [code = ""] = refusal.sentence.split(":");
      throw new Refusal(refusal.sentence, "mend it", { code: code as never });
    }
    const isMigrated = this.migratedAt.has(key);
    if (!isMigrated) this.migratedAt.set(key, this.operator.clock.at);
    const versionId = isMigrated ? await this.#current(key) : await this.#newVersion(key);
    const expiresAt = isoOf(later(this.operator.clock.now(), HOUR_MS));
    const outcome = isMigrated ? "already_migrated" : "migrated";
    return { store: key, outcome, versionId, expiresAt, scope: "read_orders" };
  }

  async #current(key: string): Promise<string> {
    return (await this.operator.stagesOf(key))["AWSCURRENT"] ?? "";
  }

  async #newVersion(key: string): Promise<string> {
    const versionId = await this.operator.putValue({
      key,
      kind: "offline-expiring",
      app: "catalog",
    });
    await this.operator.tag(key, {
      [STATUS_TAGS.version]: versionTagOf(versionId as never),
      [STATUS_TAGS.expiresAt]: isoOf(later(this.operator.clock.now(), HOUR_MS)),
    });
    return versionId;
  }

  async #sweep(): Promise<void> {
    if (!this.renews) return;
    for (const [key, at] of this.migratedAt) {
      if (this.operator.clock.at - at < 25 * MINUTE_MS) continue;
      this.migratedAt.set(key, this.operator.clock.at);
      await this.#newVersion(key);
    }
  }
}

const asked = ({ operator }: Fleet) =>
  operator.invocations.filter(({ payload }) => payload["action"] === "migrate").length;

describe("the migration of a fleet", () => {
  test("is a dry run first: who, how long, and who stays behind", async () => {
    const fleet = await Fleet.of(12);
    const { operator } = fleet;
    await operator.addStore({
      key: "unsaid",
      kind: "offline",
      app: "other",
      distribution: "unsaid",
    });
    await operator.addStore({ key: "alone", kind: "offline", distribution: "unsaid" });
    await operator.addStore({ key: "exempt", kind: "offline", app: "own", distribution: "custom" });
    await operator.addStore({ key: "heritage", kind: "custom-app" });
    const { out, err, code } = await operator.type("migrate --all");
    expect(out).toContain("12 stores of shopify/prod to migrate; 0 done before, 2 stay behind.");
    expect(out).toContain("store-000, store-001");
    expect(out).toContain(
      "In 3 waves of 3, 6, 3, the first until each was renewed once, 5 at a time: about 35m",
    );
    expect(out).toContain(
      "Next: pulumi config set --path 'shopify-secrets:apps.other.offlineTokens' expiring, then pulumi up --continue-on-error",
    );
    expect(out).not.toMatch(/exempt|heritage/);
    expect(err).toContain(
      "this was a dry run. Next: shopify-secrets migrate --all --prefix shopify/prod --yes",
    );
    expect(code).toBe(0);
    expect(operator.invocations).toEqual([]);
  });

  test("offers a public app's own key first, for pairs and for tokens without an end, with what to write", async () => {
    const fleet = await Fleet.of(2);
    const { operator } = fleet;
    const done = { [STATUS_TAGS.expiresAt]: isoOf(later(operator.clock.now(), HOUR_MS)) };
    const app = { app: "catalog", distribution: "public" } as const;
    await operator.addStore({ key: "endless", kind: "offline", ...app });
    await operator.addStore({ key: "pair", kind: "offline-expiring", ...app, tags: done });
    await operator.addStore({ key: "custom", kind: "offline", app: "own", distribution: "custom" });
    await operator.addStore({
      key: "signed",
      kind: "client-credentials",
      credential: "signing-key",
      ...app,
    });
    const { out } = await operator.type("migrate --all --dry-run");
    const next =
      "pulumi config set --path 'shopify-secrets:apps.catalog.credential' signing-key, then " +
      "pulumi config set --path 'shopify-secrets:apps.catalog.offlineTokens' signed, then pulumi up --continue-on-error, then " +
      "shopify-secrets public-key catalog, and paste what it prints in the app's settings";
    expect(out).toMatch(/^4 stores of the public app catalog may do without a migration: /);
    expect(out).toContain(`Next: ${next}\n\n2 stores of shopify/prod to migrate`);
    const json = JSON.parse((await operator.type("migrate --all --dry-run --json")).out);
    expect(json["by_key"]).toEqual([
      { app: "catalog", stores: ["endless", "pair", "store-000", "store-001"], next },
    ]);
  });

  test("goes in waves once somebody types how many stores they are", async () => {
    const fleet = await Fleet.of(12);
    fleet.operator.consent = "12";
    const { out, err, code } = await fleet.operator.type("migrate --app catalog");
    expect(out).toContain("12 of 12 migrated, 0 failed, 0 not begun.");
    expect(err).toBe(
      [
        "wave 1, the first few: 3 of 3 migrated and proved at Shopify",
        "wave 2: 6 of 6 migrated and proved at Shopify",
        "wave 3: 3 of 3 migrated and proved at Shopify\n",
      ].join("\n"),
    );
    expect(code).toBe(0);
    expect(fleet.migrated).toHaveLength(12);
  });

  test("does nothing for a wrong number", async () => {
    const fleet = await Fleet.of(12);
    fleet.operator.consent = "13";
    expect((await fleet.operator.type("migrate --all")).code).toBe(3);
    expect(fleet.migrated).toEqual([]);
  });

  test.each(["--dry-run", "--dry-run --yes"])("does nothing with %s", async (options) => {
    const fleet = await Fleet.of(4);
    expect((await fleet.operator.type(`migrate --all ${options}`)).code).toBe(0);
    expect(fleet.operator.invocations).toEqual([]);
  });

  test("begins nobody else until the first few were renewed, and stops when they are not", async () => {
    const fleet = await Fleet.of(12);
    fleet.renews = false;
    const { out, code } = await fleet.operator.type("migrate --all --yes --soak 30m");
    expect(fleet.migrated).toEqual(["store-000", "store-001", "store-002"]);
    expect(out).toContain("Stopped: one of the first few failed");
    expect(out).toContain("it was not renewed in time");
    expect(code).toBe(1);
  });

  test("begins nobody else when Shopify refuses the first few's new tokens", async () => {
    const fleet = await Fleet.of(12);
    fleet.answers.set("store-001", "ip_not_allowed");
    const { out, code } = await fleet.operator.type("migrate --all --yes");
    expect(fleet.migrated).toEqual(["store-000", "store-001", "store-002"]);
    expect(out).toContain("ip_not_allowed");
    expect(out).toContain("--except store-001");
    expect(code).toBe(1);
  });

  test("stops by itself when too many fail, and leaves the rest as it was", async () => {
    const fleet = await Fleet.of(100);
    for (const key of ["store-010", "store-011", "store-012"]) {
      fleet.refusals.set(key, { sentence: "subject_token_invalid: no", times: 9 });
    }
    const { out } = await fleet.operator.type("migrate --all --yes --json");
    const report = JSON.parse(out);
    expect(report.stopped.why).toBe("too_many_failures");
    const failed = report.stores.filter((one: { outcome: string }) => one.outcome === "failed");
    expect(failed.length).toBeGreaterThanOrEqual(2);
    expect(report.not_begun.length + report.stores.length).toBe(100);
    expect(fleet.migrated).toHaveLength(report.stores.length - failed.length);
  });

  test("what passes is tried again, in the same wave", async () => {
    const fleet = await Fleet.of(12);
    fleet.refusals.set("store-000", { sentence: "shopify_throttled: wait", times: 2 });
    fleet.refusals.set("store-007", { sentence: "shopify_unreachable: wait", times: 3 });
    const { code } = await fleet.operator.type("migrate --all --yes");
    expect(code).toBe(0);
    expect(asked(fleet)).toBe(12 + 2 + 3);
  });

  test("goes on where an earlier run ended", async () => {
    const fleet = await Fleet.of(12);
    fleet.refusals.set("store-004", { sentence: "subject_token_invalid: no", times: 1 });
    const first = await fleet.operator.type("migrate --all --yes");
    expect(first.code).toBe(1);
    const { out, code } = await fleet.operator.type("migrate --all --yes");
    expect(out).toMatch(/of shopify\/prod to migrate; [1-9]\d* done before/);
    expect(code).toBe(0);
    expect(fleet.migrated).toHaveLength(12);
    const third = await fleet.operator.type("migrate --all --yes");
    expect(third.out).toContain("0 stores of shopify/prod to migrate; 12 done before");
    expect(third.code).toBe(0);
  });

  test("leaves out whom it is told to, and whom something is wrong with", async () => {
    const fleet = await Fleet.of(6);
    await fleet.operator.tag("store-002", {
      [STATUS_TAGS.state]: "dead",
      [STATUS_TAGS.lastErrorCode]: "token_dead",
    });
    const { out, code } = await fleet.operator.type(
      "migrate --all --yes --except store-001,store-003",
    );
    expect(fleet.migrated).toEqual(["store-000", "store-004", "store-005"]);
    expect(out).toContain("store-002");
    expect(out).toContain("it is dead");
    expect(code).toBe(1);
  });

  test.each([
    ["migrate", "name one store, or --app <app>, or --all"],
    ["migrate store-000 --all", "name one store, or --app <app>, or --all"],
    ["migrate --all --soak soon", "--soak is no span of time"],
    ["migrate --all --canary few", '--canary "few" is no number of stores'],
    ["migrate --all --max-failures 5", '--max-failures "5" is no share'],
    ["migrate --app CATALOG", "is no key of an app"],
    ["migrate --app nobody --yes", "no store belongs to an app"],
    ["migrate --all --except nobody --yes", "there is no store nobody"],
  ])("%s is refused", async (words, says) => {
    const fleet = await Fleet.of(1);
    const { err, code } = await fleet.operator.type(words);
    expect(err).toContain(says);
    expect(code).toBe(2);
    expect(fleet.migrated).toEqual([]);
  });
});
