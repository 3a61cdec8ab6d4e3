import { encodeActingPolicy, encodeLookingPolicy } from "../../../infra/policies/operator";
import { readRecord } from "../../../local/demo/records";
import { DEV_APPS } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { beginWorld } from "../begin-world";
import { BOTH_APPS, type Declared, DeclaredStack } from "../infra/declared-stack";
import { letListsArrive } from "../let-lists-arrive";
import { killFunction } from "../offline/kill-function";
import { until } from "../until";
import { type Started, startedBy } from "./command";

const FLEET = {
  place: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
  prefix: "shopify/dev",
};
const MINUTE = 60_000;
const { clientId } = DEV_APPS.catalog;
const STORES = Array.from({ length: 20 }, (_, index) => `m-${String(index + 1).padStart(2, "0")}`);
/** Their tokens die: of one before anybody asks, which the sweep sees; of the other amid the migration, which Shopify refuses. */
const [REFUSED, DEAD] = ["m-19", "m-20"] as const;
const WELL = STORES.filter((store) => store !== REFUSED && store !== DEAD);

const shopOf = (store: string) => `${store}.myshopify.com`;

/**
 * Twenty stores of a public app, in waves, by the real command and the real functions; the functions are killed, Shopify
 * throttles, loses a reply and refuses a store, and the command is closed in the middle. The tests build on each other.
 */
describe("the migration of a fleet", () => {
  let world: World;
  let stack: DeclaredStack;
  let start: (words: string) => Started;
  const arns: Record<string, string> = {};
  const tokens: Record<string, string> = {};

  const control = () => world.shopify.imitation.control;
  const exchanges = () =>
    control()
      .readCalls({ surface: "token-endpoint" })
      .filter(({ grant }) => grant?.includes("token-exchange")).length;
  const isAlive = (accessToken: string) => control().tokenLife({ accessToken }).death === null;
  const recordOf = async (store: string) => (await readRecord(world, arns[store] ?? "")).record;

  function declared(change: { offlineTokens?: "expiring" }): Declared {
    const app = { clientId, distribution: "public", ...change };
    const store = (name: string) => ({ kind: "offline", shop: shopOf(name), app: "catalog" });
    return {
      ...BOTH_APPS,
      recoveryWindowDays: "0",
      apps: { ...BOTH_APPS.apps, catalog: app },
      stores: Object.fromEntries(STORES.map((name) => [name, store(name)])),
      ...(change.offlineTokens === undefined ? { accessTokens: tokens } : {}),
    };
  }

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    for (const store of STORES) {
      control().addShop({ shop: shopOf(store) });
      const given = { clientId, shop: shopOf(store), kind: "offline" } as const;
      tokens[store] = control().issueToken(given).accessToken;
    }
    stack = new DeclaredStack(world);
    await stack.must(stack.engine.run(["stack", "init"]));
    for (const change of [{}, { offlineTokens: "expiring" }] as const) {
      stack.declare(declared(change));
      await stack.must(stack.up());
    }
    letListsArrive(world);
    for (const [store, { secretArn }] of Object.entries(await stack.stores())) {
      arns[store] = secretArn;
    }
    control().revokeToken({ accessToken: tokens[DEAD] ?? "" });
    const policies = [encodeLookingPolicy(FLEET), encodeActingPolicy(FLEET)];
    start = await startedBy(world, "operator", policies);
  });

  afterAll(async () => {
    await world?.stop();
  });

  test("a dry run names all twenty, and changes nothing", async () => {
    const { code, out } = await start("migrate --app catalog --dry-run").ended;
    expect(code).toBe(0);
    expect(out).toContain("20 stores of shopify/dev to migrate for app catalog");
    expect(exchanges()).toBe(0);
    expect(STORES.filter((store) => isAlive(tokens[store] ?? ""))).toEqual([...WELL, REFUSED]);
  });

  test("a run that is closed amid the first few, with a killed function and a lost reply, loses nothing", async () => {
    control().break({ on: "token-endpoint", answer: "drop", when: "after-effect", times: 1 });
    const run = start("migrate --app catalog --yes --at-once 3");
    await until(() => exchanges() >= 2);
    killFunction("shopify-dev-sweep");
    await until(() => exchanges() >= 3);
    run.kill();
    await run.ended;
    // What was begun is finished by the sweep.
    await world.driver.advance(20 * MINUTE);
    const records = await Promise.all(WELL.map(recordOf));
    expect(records.filter(({ accessToken }) => !isAlive(accessToken.unseal()))).toEqual([]);
    expect(records.some(({ kind }) => kind === "offline-expiring")).toBe(true);
  });

  test("given again it goes on through throttling to the end, and names the two that are dead", async () => {
    control().throttle({ on: "token-endpoint", calls: 3 });
    control().revokeToken({ accessToken: tokens[REFUSED] ?? "" });
    const run = start("migrate --app catalog --yes --canary 3 --max-failures 10%");
    let hasEnded = false;
    const ended = run.ended.finally(() => {
      hasEnded = true;
    });
    // The first few wait for their first renewal by the sweep: time passes for them.
    await until(() => hasEnded || run.err().includes("await their first renewal"));
    if (!hasEnded) await world.driver.advance(40 * MINUTE);
    const { code, out } = await ended;
    expect(out).toMatch(/\d+ of \d+ migrated, 1 failed, 0 not begun\./);
    expect(out).toMatch(new RegExp(`^ +${DEAD} +left behind$`, "m"));
    expect(out).toMatch(new RegExp(`^ +${REFUSED} +subject_token_invalid `, "m"));
    expect(code).toBe(1);
  });

  test("every chain lives on by itself, the old tokens are dead, and of the other two a person hears", async () => {
    await world.driver.advance(120 * MINUTE);
    for (const store of WELL) {
      const { kind, accessToken } = await recordOf(store);
      const { death, kind: held } = control().tokenLife({ accessToken: accessToken.unseal() });
      expect({ store, kind, held, death }).toEqual({
        store,
        kind: "offline-expiring",
        held: "offline-expiring",
        death: null,
      });
      expect(isAlive(tokens[store] ?? "")).toBe(false);
    }
    const { out } = await start(`status ${REFUSED} ${DEAD} --json`).ended;
    expect(JSON.parse(out).stores).toMatchObject([
      { needs_person: true, version_id: expect.any(String) },
      { needs_person: true, version_id: expect.any(String) },
    ]);
  });

  test("a run over what is done does nothing", async () => {
    const before = exchanges();
    const { out } = await start(`migrate --app catalog --yes --except ${REFUSED},${DEAD}`).ended;
    expect(out).toContain("0 stores of shopify/dev to migrate for app catalog; 18 done before");
    expect(exchanges()).toBe(before);
  });
});
