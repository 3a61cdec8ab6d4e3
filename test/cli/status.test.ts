import { Refusal } from "../../cli/refusal";
import type { StoreKey } from "../../contract/brands";
import { LISTED, SECRET_TAGS, storeSecretName } from "../../contract/names";
import { STATUS_TAGS } from "../../contract/store/status";
import { type EpochMs, isoOf, later } from "../../contract/time";
import { ago, DAY_MS, HOUR_MS, MINUTE_MS, NOW, Operator, PREFIX } from "./arrange";
import { operatorOfFleet } from "./fleet";
import { expectSnapshot } from "./matches-snapshot";

describe("status", () => {
  test.each([80, 160])("fits %i columns", async (columns) => {
    const operator = await operatorOfFleet();
    const { out, code } = await operator.type(`status --prefix ${PREFIX}`, columns);
    expect(code).toBe(1);
    const table = out.slice(0, out.indexOf("\n\n"));
    expect(Math.max(...table.split("\n").map((line) => line.length))).toBeLessThanOrEqual(columns);
    expectSnapshot(`status-${columns}`, out);
  });

  test("as JSON names each store, its owner and its next command", async () => {
    const operator = await operatorOfFleet();
    const { out, code } = await operator.type("status --json");
    const { stores, needs_person, stores_needing_a_person } = JSON.parse(out) as {
      stores_needing_a_person: number;
      stores: Record<string, unknown>[];
      needs_person: number;
    };
    expect(code).toBe(1);
    expect(needs_person).toBe(5);
    expect(stores_needing_a_person).toBe(5);
    const shown = stores.map((one) => [one["store"], one["state"], one["code"], one["owner"]]);
    expect(shown).toEqual([
      ["partner", "dead", "token_dead", "operator"],
      ["acme-canada", "failing", "client_secret_rejected", "platform-engineer"],
      ["ending", "ok", "refresh_token_ending", "merchant"],
      ["narrow", "ok", "scope_missing", "merchant"],
      ["one-hour-with-a-name-that-is-very-long-indeed", "ok", "shopify_unreachable", "shopify"],
      ["one-hour", "ok", null, null],
      ["acme", "ok", null, null],
      ["heritage", "ok", null, null],
      ["new-merchant", "awaiting_merchant", null, "merchant"],
    ]);
    expect(stores.find((one) => one["store"] === "narrow")).toMatchObject({
      scopes_wanted: ["read_orders", "write_products"],
      scopes_granted: ["read_orders"],
    });
  });

  test("a store that lost its merchant's approval stands above those that are well, until its token ends", async () => {
    const operator = await operatorOfFleet();
    await operator.addStore({
      key: "lost",
      kind: "offline-expiring",
      app: "catalog",
      state: "awaiting_merchant",
      expiresAt: later(NOW, 30 * MINUTE_MS),
      lastSuccessAt: ago(30 * MINUTE_MS),
      error: { code: "code_exchange_lost", at: ago(20 * MINUTE_MS) },
    });
    const { out } = await operator.type("status --json");
    const { stores } = JSON.parse(out) as { stores: Record<string, unknown>[] };
    const names = stores.map((one) => one["store"]);
    expect(names.slice(0, 3)).toEqual(["partner", "lost", "acme-canada"]);
    expect(stores[1]).toMatchObject({ code: "code_exchange_lost", owner: "merchant" });
  });

  test("a fleet that is well ends with 0, and reads no value", async () => {
    const operator = new Operator();
    await operator.addStore({ key: "heritage", kind: "custom-app", lastSuccessAt: ago(HOUR_MS) });
    const handle = jest.spyOn(operator.model, "handle");
    const { out, code } = await operator.type("status");
    expect(code).toBe(0);
    expect(out).toContain("1 store of shopify/prod: all well; sweep: last pass 3m ago");
    expect(new Set(handle.mock.calls.map(([operation]) => operation))).toEqual(
      new Set(["ListSecrets", "DescribeSecret"]),
    );
  });

  test("a table that nobody keeps up to date says so, and is not all well", async () => {
    const operator = new Operator();
    await operator.addStore({ key: "heritage", kind: "custom-app", lastSuccessAt: ago(HOUR_MS) });
    operator.clock.at += HOUR_MS;
    const { code, out } = await operator.type("status");
    expect(code).toBe(1);
    expect(out).toContain("sweep: last pass 1h 3m ago");
    expect(out).toContain("The sweep is silent, and this table may be out of date.");
    expect(out).toContain("Next: shopify-secrets doctor --prefix shopify/prod");
    const { sweep } = JSON.parse((await operator.type("status --json")).out) as { sweep: object };
    expect(sweep).toEqual({ last_pass_at: "2026-11-02T11:57:00Z", verdict: "silent" });
  });

  test("one failed attempt wakes nobody while most of the life is left", async () => {
    const operator = new Operator();
    await operator.addStore({
      key: "acme",
      kind: "client-credentials",
      app: "fulfilment",
      expiresAt: later(NOW, 16 * HOUR_MS),
      error: { code: "shopify_unreachable", at: ago(MINUTE_MS) },
    });
    expect((await operator.type("status")).code).toBe(0);
    operator.clock.at += 10.5 * HOUR_MS;
    const { code, out } = await operator.type("status --json");
    expect(code).toBe(1);
    expect(JSON.parse(out).stores[0]).toMatchObject({
      state: "failing",
      code: "shopify_unreachable",
    });
  });

  test("an outage that is long over stands beside a store that is well, and asks nobody for anything", async () => {
    const operator = new Operator();
    await operator.addStore({
      key: "acme",
      kind: "client-credentials",
      app: "fulfilment",
      expiresAt: later(NOW, 11 * HOUR_MS),
      lastSuccessAt: ago(13 * HOUR_MS),
      error: { code: "shopify_unreachable", at: ago(5 * HOUR_MS) },
    });
    await operator.schedule("acme");
    const { out, code } = await operator.type("status");
    expect(code).toBe(0);
    expect(out).toMatch(/^acme .* ok .* shopify_unreachable 5h ago$/m);
    expect(out).toContain("all well");
    expect(out).not.toContain("Next: ");
    const [acme] = JSON.parse((await operator.type("status --json")).out).stores;
    expect(acme).toMatchObject({
      state: "ok",
      needs_person: false,
      next: "nothing to do: the next attempt is scheduled",
      last_error_at: "2026-11-02T07:00:00Z",
    });
  });

  test("a token past its end is dead, whatever the tag says", async () => {
    const operator = new Operator();
    const store = { key: "acme", kind: "client-credentials", app: "a" } as const;
    await operator.addStore({ ...store, expiresAt: ago(MINUTE_MS) });
    const { code, out } = await operator.type("status --json");
    expect(code).toBe(1);
    expect(JSON.parse(out).stores[0]).toMatchObject({ state: "dead", code: "token_dead" });
  });

  test("what many suffer from is said once, below the table that has each of them", async () => {
    const operator = new Operator();
    const keys = ["birch", "cedar", "elm", "fir", "maple"];
    for (const key of keys) {
      await operator.addStore({
        key,
        kind: "client-credentials",
        app: "erp",
        expiresAt: ago(MINUTE_MS),
      });
    }
    const { out } = await operator.type("status");
    for (const key of keys) expect(out).toMatch(new RegExp(`^${key} `, "m"));
    expect(out.match(/^ {2}5 stores +\w+ \(\w+\)$/gm)).toHaveLength(1);
    expect(out).toMatch(/Next: shopify-secrets rotate birch\n +Likewise: cedar, elm, fir, maple\n/);
  });

  test("a version that is pending for too long is told, a fresh one is not", async () => {
    const operator = new Operator();
    const store = { key: "acme", kind: "client-credentials", app: "a" } as const;
    await operator.addStore({ ...store, expiresAt: later(NOW, DAY_MS) });
    const pending = await operator.putValue(store, ["AWSPENDING"]);
    const seen = (at: ReturnType<typeof ago>) =>
      operator.tag("acme", { [STATUS_TAGS.pendingSeen]: `${isoOf(at)} ${pending}` });
    await seen(ago(10 * MINUTE_MS));
    expect((await operator.type("status")).code).toBe(0);
    await seen(ago(50 * MINUTE_MS));
    const { out, code } = await operator.type("status");
    expect(code).toBe(1);
    expect(out).toContain("rotation_stuck (operator)");
    expect(out).toContain("Next: shopify-secrets unstick acme");
    expect(out).not.toContain("Read: ");
    operator.env = { SHOPIFY_SECRETS_DOCS: "https://docs.example.com/" };
    const told = await operator.type("status");
    expect(told.out).toContain("\n        Read: https://docs.example.com/errors/rotation_stuck\n");
    operator.env = { SHOPIFY_SECRETS_DOCS: "javascript:alert(1)" };
    expect((await operator.type("status")).out).not.toContain("Read: ");
  });

  test("a description that is no declaration is told", async () => {
    const operator = new Operator();
    await operator.addStore({ key: "acme", kind: "custom-app" });
    await operator.call("UpdateSecret", {
      SecretId: `${PREFIX}/stores/acme/token`,
      ClientRequestToken: operator.model.newToken(),
      Description: "my secret",
    });
    expect((await operator.type("status --json")).out).toContain("declaration_malformed");
  });
});

describe("which stack", () => {
  test("the only one is found", async () => {
    const operator = await operatorOfFleet();
    expect((await operator.type("status acme")).out).toContain("1 store of shopify/prod");
  });

  test("several have to be told apart", async () => {
    const operator = await operatorOfFleet();
    await operator.call("CreateSecret", {
      Name: "shopify/dev/stores/acme/token",
      ClientRequestToken: operator.model.newToken(),
      Tags: [{ Key: "shopify-store", Value: "acme" }],
    });
    const { code, err } = await operator.type("status");
    expect(code).toBe(2);
    expect(err).toContain(
      "there are several stacks here: shopify/dev, shopify/prod. Next: repeat the command with --prefix shopify/dev",
    );
    operator.env = { SHOPIFY_SECRETS_PREFIX: PREFIX };
    expect((await operator.type("status acme")).code).toBe(0);
  });

  test("a mistyped prefix is no fleet that is well", async () => {
    const operator = await operatorOfFleet();
    const { code, out, err } = await operator.type("status --prefix shopify/prd");
    expect(code).toBe(3);
    expect(out).toBe("");
    expect(err).toContain(
      "there are no stores under shopify/prd in this account and region; a new store may not be listed for five minutes. Next: ",
    );
    const diagnosis = await operator.type("doctor --prefix shopify/prd");
    expect(diagnosis.code).toBe(1);
    expect(diagnosis.out).toMatch(/^BAD +stores +there are no stores under shopify\/prd/m);
  });

  test("an empty account is told", async () => {
    const { code, err } = await new Operator().type("status");
    expect(code).toBe(3);
    expect(err).toContain(
      "this account and region hold no store secrets; a new store may not be listed for five minutes. Next: ",
    );
  });
});

describe("status --watch", () => {
  test("shows the fleet again and again, as it is then, until it is stopped", async () => {
    const operator = await operatorOfFleet();
    let looks = 0;
    operator.onSleep = async () => {
      looks += 1;
      if (looks === 3) throw new Refusal("stopped", "nothing");
    };
    const { out } = await operator.type("status acme --watch");
    expect(out.match(/and again in 30 seconds/g)).toHaveLength(3);
    expect(new Set(out.match(/2026-11-02T12:0\d:\d\dZ/g)).size).toBe(3);
  });

  test("is not for programs", async () => {
    const operator = await operatorOfFleet();
    const { err, code } = await operator.type("status --watch --json");
    expect(code).toBe(2);
    expect(err).toContain("--watch is for a person, and --json for a program");
  });
});

describe("a secret that was deleted", () => {
  async function withDeleted(...stores: readonly string[]): Promise<Operator> {
    const operator = new Operator();
    await operator.addStore({ key: "heritage", kind: "custom-app" });
    await operator.addStore({ key: "partner", kind: "offline", app: "catalog" });
    for (const key of stores) {
      await operator.call("DeleteSecret", { SecretId: storeSecretName(PREFIX, key as StoreKey) });
    }
    return operator;
  }

  test("does not vanish: it is named, with the command that takes it back", async () => {
    const operator = await withDeleted("partner");
    const { out, code } = await operator.type("status");
    expect(out).toContain("1 store of shopify/prod: all well");
    expect(out).toContain("1 secret waits for the end of the recovery window");
    expect(out).toMatch(
      /partner {2}deletion asked for .* ago\. Next, if it is to stay: shopify-secrets restore partner\n/,
    );
    // It may have been retired, and a pipeline is not to be red for a month.
    expect(code).toBe(0);
    expect((await operator.type("status --fail-on any")).code).toBe(1);
    expect((await operator.type("status --fail-on deleted")).code).toBe(1);
    const { deleted } = JSON.parse((await operator.type("status --json")).out) as {
      deleted: Record<string, unknown>[];
    };
    expect(deleted).toMatchObject([{ store: "partner", next: "shopify-secrets restore partner" }]);
  });

  test("is dated by the request, as AWS dates it: a day later it is a day old", async () => {
    const operator = await withDeleted("partner");
    const asked = operator.clock.at;
    operator.clock.at += DAY_MS;
    expect((await operator.type("status")).out).toContain("partner  deletion asked for 1d ago.");
    const { deleted } = JSON.parse((await operator.type("status --json")).out) as {
      deleted: Record<string, unknown>[];
    };
    const deleted_at = isoOf(asked as EpochMs);
    expect(deleted).toMatchObject([{ deleted_at, deletion_date: null }]);
  });

  test("is found by its name, also where it was the last one", async () => {
    const operator = await withDeleted("partner", "heritage");
    const { out } = await operator.type(`status partner --prefix ${PREFIX}`);
    expect(out).toContain("partner");
    expect(out).not.toContain("heritage");
  });

  test("is not told of where the store was declared anew", async () => {
    const operator = await withDeleted("partner");
    await operator.type("restore partner");
    expect((await operator.type("status")).out).not.toContain("recovery window");
  });
});

describe("stores that are made and unfinished", () => {
  const MADE = { kind: "client-credentials", app: "erp" } as const;

  test("are counted beside those that are well, with what goes on with them", async () => {
    const operator = new Operator();
    const listed = { [SECRET_TAGS.origin]: LISTED };
    await operator.addStore({ key: "bare", ...MADE, hasValue: false, tags: listed });
    await operator.addStore({
      key: "unscheduled",
      ...MADE,
      lastSuccessAt: ago(MINUTE_MS),
      tags: listed,
    });
    await operator.addStore({ key: "done", ...MADE, lastSuccessAt: ago(MINUTE_MS), tags: listed });
    await operator.schedule("done");
    const { code, out } = await operator.type("status");
    expect(out).toContain("3 stores of shopify/prod: 2 unfinished; sweep:");
    expect(out).toMatch(
      /\n2 stores have no token, or no rotation, yet: .*\. Next, if none is under way: shopify-secrets apply\n/,
    );
    expect(code).toBe(0);
  });

  test("of config are finished by pulumi up", async () => {
    const operator = new Operator();
    await operator.addStore({ key: "bare", ...MADE, hasValue: false });
    const { out } = await operator.type("status");
    expect(out).toContain("1 store of shopify/prod: 1 unfinished; sweep:");
    expect(out).toMatch(/Next, if none is under way: pulumi up --continue-on-error\n/);
  });

  test("are counted beside those that need a person too", async () => {
    const operator = new Operator();
    await operator.addStore({ key: "bare", ...MADE, hasValue: false });
    await operator.addStore({ key: "static", kind: "custom-app", hasValue: false });
    const { out } = await operator.type("status");
    expect(out).toContain("2 stores of shopify/prod: 1 needs a person, 1 unfinished; sweep:");
  });
});
