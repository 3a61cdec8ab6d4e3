import { LISTED, SECRET_TAGS } from "../../contract/names";
import { STATUS_TAGS } from "../../contract/store/status";
import { SECOND_MS } from "../../contract/time";
import { Operator, PREFIX } from "./arrange";
import { mapOf, RUNS_BEGIN } from "./fake-list-runs";

const type = (operator: Operator, words: string) => operator.type(`${words} --prefix ${PREFIX}`);

/** A stack with a list and so many stores whose tokens are renewed. */
async function fleetOf(stores: number): Promise<Operator> {
  const operator = new Operator();
  operator.arrangeList();
  for (let at = 0; at < stores; at += 1) {
    await operator.addStore({ key: `store-${at}`, kind: "offline-expiring", app: "erp" });
  }
  return operator;
}

describe("waves on the state machine", () => {
  test("what is to be done is written down and begun, the well ones first", async () => {
    const operator = await fleetOf(5);
    const { code, out } = await type(operator, "rotate --all --on-machine --json");
    expect(code).toBe(0);
    const [{ input } = { input: {} }] = operator.listRuns.begun;
    expect(input).toEqual({
      waves: [
        { key: expect.stringMatching(/^work\/renew-.*-0\.jsonl$/), tolerated: 0, restSeconds: 0 },
        { key: expect.stringMatching(/^work\/renew-.*-1\.jsonl$/), tolerated: 5, restSeconds: 0 },
      ],
    });
    const [first = ""] = [...operator.listRuns.work.values()];
    expect(
      first
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as object),
    ).toContainEqual({
      store: "store-0",
      verb: "renew",
      event: { action: "renew", stores: ["store-0"] },
    });
    expect(JSON.parse(out)).toMatchObject({ status: "succeeded", failures: [] });
    // No store was touched by the command itself.
    expect(operator.invocations).toEqual([]);
  });

  test("what failed is listed, and a run that stopped says how it goes on", async () => {
    const operator = await fleetOf(5);
    operator.listRuns.failing = [{ store: "store-1", deed: "renew", code: "refresh_token_dead" }];
    operator.listRuns.onLook = (run) => {
      operator.listRuns.end(run, "FAILED", "States.ExceedToleratedFailureThreshold");
      run.maps = [mapOf({ total: 3 }), mapOf({ total: 2, failed: 1 })];
    };
    const { code, out } = await type(operator, "rotate --app erp --on-machine");
    expect(code).toBe(1);
    expect(out).toContain("4 of 5 stores renewed, 1 failed");
    expect(out).toContain("refresh_token_dead (merchant)");
    expect(out).toContain(
      "The run stopped: too many stores failed. Next: mend what failed, then shopify-secrets apply --resume",
    );
  });

  test("what failed is told with what its own kind and origin take", async () => {
    const operator = new Operator();
    operator.arrangeList();
    const about = { kind: "client-credentials", app: "erp" } as const;
    const tags = { [SECRET_TAGS.origin]: LISTED };
    await operator.addStore({ key: "listed", ...about, tags });
    await operator.addStore({ key: "declared", ...about });
    const { listRuns } = operator;
    listRuns.failing = (["listed", "declared"] as const).map((store) => ({
      store,
      deed: "renew",
      code: "shop_not_found",
    }));
    listRuns.onLook = (run) => {
      listRuns.end(run, "SUCCEEDED");
      run.maps = [mapOf({ total: 2, failed: 2 })];
    };
    const { out } = await type(operator, "rotate --all --on-machine");
    expect(out).toContain(
      "correct the store's shop in the list, then pulumi up --continue-on-error, then shopify-secrets apply",
    );
    expect(out).toContain("correct shopify-secrets:stores.declared.shop");
  });

  test("a store that failed without a reason being noted is not renewed", async () => {
    const operator = await fleetOf(5);
    operator.listRuns.onLook = (run) => {
      operator.listRuns.end(run, "SUCCEEDED");
      run.maps = [mapOf({ total: 3 }), mapOf({ total: 2, failed: 1 })];
    };
    const { code, out } = await type(operator, "rotate --all --on-machine");
    expect(code).toBe(1);
    expect(out).toContain("4 of 5 stores renewed, 1 failed");
    expect(out).toContain(
      "1 store failed without a reason being noted. Next: shopify-secrets status",
    );
  });

  test("a run that stopped at the proof of the first few says how many were begun", async () => {
    const operator = new Operator();
    operator.arrangeList();
    for (let at = 0; at < 100; at += 1) {
      const about = { kind: "offline-expiring", app: "erp", distribution: "public" } as const;
      const tags = { [STATUS_TAGS.expiresAt]: "" };
      await operator.addStore({ key: `store-${at}`, ...about, tags });
    }
    const { listRuns } = operator;
    listRuns.failing = [{ store: "store-0", deed: "check", code: "token_dead" }];
    listRuns.onLook = (run) => {
      listRuns.end(run, "FAILED", "States.ExceedToleratedFailureThreshold");
      // Three were exchanged, and then tried.
      run.maps = [
        mapOf({ total: 3 }),
        mapOf({ total: 3, failed: 1, beganAt: (RUNS_BEGIN + SECOND_MS) as never }),
      ];
    };
    const { code, out } = await type(operator, "migrate --all --on-machine --yes");
    expect(out).toContain("2 of 100 stores migrated, 1 failed, 97 not begun");
    expect(code).toBe(1);
  });

  test("a wave's failures stand when a later wave is gone on with", async () => {
    const operator = await fleetOf(9);
    const { listRuns } = operator;
    listRuns.onLook = (run) =>
      listRuns.end(run, "FAILED", "States.ExceedToleratedFailureThreshold");
    await type(operator, "rotate --all --on-machine");
    const at = (seconds: number) => (RUNS_BEGIN + seconds * SECOND_MS) as never;
    listRuns.onLook = (run) => {
      listRuns.end(run, "SUCCEEDED");
      run.maps = [
        mapOf({ total: 3, failed: 1 }),
        mapOf({ total: 6, beganAt: at(10), redrivenAt: at(100) }),
      ];
    };
    listRuns.failing = [
      { store: "store-1", deed: "renew", code: "refresh_token_dead", at: at(5) },
      { store: "store-5", deed: "renew", code: "refresh_token_dead", at: at(20) },
    ];
    const { code, out } = await type(operator, "apply --resume");
    expect(out).toContain("8 of 9 stores done, 1 failed");
    expect(out).toContain("store-1");
    expect(out).not.toContain("store-5");
    expect(code).toBe(1);
  });

  test("whoever follows waves by apply is told that the list itself waits", async () => {
    const operator = await fleetOf(2);
    const { listRuns } = operator;
    await listRuns.start("machine", "renew-before", { waves: [] });
    expect(await type(operator, "apply")).toMatchObject({ code: 0, err: expect.any(String) });
    listRuns.addStore({
      store: "listed-one" as never,
      declaration:
        '{"v":1,"kind":"custom-app","shop":"listed-one.myshopify.com","scopes":"","api":"2026-10"}',
      rotationHours: undefined,
      clientId: undefined,
    });
    await listRuns.start("machine", "renew-again", { waves: [] });
    const { code, err } = await type(operator, "apply");
    expect(code).toBe(1);
    expect(err).toMatch(/the list is not applied to 1 store. Next: shopify-secrets apply/);
    expect(listRuns.begun).toHaveLength(2);
  });

  test("a run beside another is refused, and so is one of stores that are named", async () => {
    const operator = await fleetOf(2);
    operator.listRuns.onLook = () => undefined;
    await operator.listRuns.start("machine", "before", {});
    const second = await type(operator, "rotate --all --on-machine");
    expect(second).toMatchObject({ code: 3, err: expect.stringContaining("a run is under way") });
    const named = await type(operator, "rotate store-0 --on-machine");
    expect(named).toMatchObject({ code: 2, err: expect.stringContaining("--all or --app") });
    expect(operator.listRuns.work.size).toBe(0);
  });

  test("a stack without a list has no machine, and is told so", async () => {
    const operator = new Operator();
    await operator.addStore({ key: "acme", kind: "offline-expiring", app: "erp" });
    const { code, err } = await type(operator, "rotate --all --on-machine");
    expect(code).toBe(3);
    expect(err).toContain("has no list of stores");
  });
});
