import type { StoreKey } from "../../contract/brands";
import { encodeDeclaration } from "../../contract/declaration";
import { MAP_LABEL } from "../../contract/listed/list-steps";
import type { ListedStore } from "../../contract/listed/listed-store";
import { type EpochMs, later, MINUTE_MS } from "../../contract/time";
import { LONGEST_LIST_LAG_MS } from "../../local/secrets-manager";
import { Operator, PREFIX } from "./arrange";
import { mapOf, RUNS_BEGIN } from "./fake-list-runs";

function listed(key: string): ListedStore {
  return {
    store: key as StoreKey,
    declaration: encodeDeclaration({
      kind: "custom-app",
      shop: `${key}.myshopify.com` as never,
      app: undefined,
      scopes: [],
      apiVersion: "2026-10" as never,
    }),
    rotationHours: undefined,
    clientId: undefined,
  };
}

function operatorWith(...keys: string[]): Operator {
  return listing(new Operator(), keys);
}

/** Gives it a list of these stores. */
function listing(operator: Operator, keys: readonly string[]): Operator {
  operator.arrangeList();
  for (const key of keys) operator.listRuns.addStore(listed(key));
  return operator;
}

/** Puts a secret of the list there. */
async function addListed(operator: Operator, key: string): Promise<void> {
  const { declaration } = listed(key);
  const tags = { "shopify-store": key, "shopify-kind": "custom-app", "shopify-origin": "listed" };
  await operator.model.handle("CreateSecret", {
    Name: `${PREFIX}/stores/${key}/token`,
    Description: declaration,
    ClientRequestToken: operator.model.newToken(),
    Tags: Object.entries({ ...tags, "shopify-secrets:state": "awaiting_token" }).map(
      ([Key, Value]) => ({ Key, Value }),
    ),
  });
}

const type = (operator: Operator, words: string) => operator.type(`${words} --prefix ${PREFIX}`);

describe("apply", () => {
  test("says what it will do, does it, and says how it ended", async () => {
    const operator = operatorWith("one", "two");
    const { code, out, err } = await type(operator, "apply");
    expect(err).toContain("New stores: 2\n  one\n  two\n");
    expect(err).toContain("A month: $0.00 now, $0.80 after");
    expect(out).toContain("10 of 10 stores done, 0 failed");
    expect(code).toBe(0);
    const { etag } = await operator.listRuns.lookAtList();
    expect(operator.listRuns.begun.map(({ input }) => input)).toEqual([{ listEtag: etag }]);
  });

  test("only plans when it is asked to", async () => {
    const operator = operatorWith("one");
    const { code, out } = await type(operator, "apply --plan --json");
    expect(JSON.parse(out)).toMatchObject({
      prefix: PREFIX,
      plan: {
        counts: { create: 1, retire: 0, same: 0 },
        create: ["one"],
        refused: null,
        dollars_a_month: { now: 0, after: 0.4 },
      },
    });
    expect(code).toBe(0);
    expect(operator.listRuns.begun).toEqual([]);
  });

  test("a stack that has no store yet is found by its apps", async () => {
    const operator = operatorWith("one");
    await operator.model.handle("CreateSecret", {
      Name: `${PREFIX}/apps/erp/credential`,
      ClientRequestToken: operator.model.newToken(),
      Tags: [{ Key: "shopify-app", Value: "erp" }],
    });
    const { code, out } = await operator.type("apply --plan --json");
    expect(JSON.parse(out)).toMatchObject({ prefix: PREFIX, plan: { create: ["one"] } });
    expect(code).toBe(0);
  });

  test("a stack without a list is told how to get one", async () => {
    const { code, err } = await type(new Operator(), "apply");
    expect(code).toBe(3);
    expect(err).toMatch(/has no list of stores.*fleet\.list' stores\.jsonl/);
  });

  test("stores that failed are listed with their code, owner and next command", async () => {
    const operator = operatorWith("one");
    operator.listRuns.failing = [
      { store: "one", deed: "create", code: "app_not_installed" },
      { store: "two", deed: "create", code: "no code of ours" },
    ];
    const { code, out } = await type(operator, "apply --json");
    expect(code).toBe(1);
    const { failures } = JSON.parse(out) as { failures: { store: string; next: string }[] };
    expect(failures).toMatchObject([
      { store: "one", code: "app_not_installed" },
      { store: "two", code: "unexpected" },
    ]);
    const asText = await type(operator, "apply");
    expect(asText.out).toContain("8 of 10 stores done, 2 failed");
    expect(asText.out).toMatch(/app_not_installed \(operator\)/);
  });

  test("a list that would retire too much is refused before anything begins", async () => {
    const operator = operatorWith("one");
    for (const key of ["one", "two", "three", "four"]) await addListed(operator, key);
    const refused = await type(operator, "apply");
    expect(refused.code).toBe(3);
    expect(refused.err).toMatch(/3 of 4 stores, and it may retire 10 percent.*--retire-at-most 75/);
    expect(operator.listRuns.begun).toEqual([]);
    const planned = await type(operator, "apply --plan");
    expect(planned.code).toBe(3);
    expect(planned.out).toContain("Stores that leave, with their secrets: 3");
    const whole =
      /retirement_refused: .*: 3 of 4 stores, and it may retire 10 percent\. Next: .*: shopify-secrets apply --retire-at-most 75$/m;
    expect(refused.err).toMatch(whole);
    expect(planned.out).toMatch(whole);
    const json = await type(operator, "apply --plan --json");
    expect(JSON.parse(json.out)).toMatchObject({
      plan: { refused: { retired: 3, next: expect.stringContaining("--retire-at-most 75") } },
    });
    const done = await type(operator, "apply --retire-at-most 75");
    expect(done.code).toBe(0);
    expect(operator.listRuns.begun).toMatchObject([{ input: { retireAtMost: 75 } }]);
  });

  test("a run that is under way is followed, and none is begun beside it", async () => {
    const operator = operatorWith("one");
    await operator.listRuns.start("machine", "before", {});
    let looks = 0;
    operator.listRuns.onLook = (run) => {
      looks += 1;
      if (looks === 3) operator.listRuns.end(run, "SUCCEEDED");
    };
    const { code, err } = await type(operator, "apply");
    expect(err).toContain("a run is under way");
    expect({ code, begun: operator.listRuns.begun.length }).toEqual({ code: 0, begun: 1 });
  });

  test("works on as many at once as it is told, also while it runs", async () => {
    const operator = operatorWith("one");
    operator.listRuns.onLook = (run) => {
      if (run.maps.length === 0) {
        operator.listRuns.end(run, "RUNNING");
      } else operator.listRuns.end(run, "SUCCEEDED");
    };
    await type(operator, "apply --at-once 5");
    expect(operator.listRuns.concurrency).toBe(5);
  });

  test("is stopped, and goes on", async () => {
    const operator = operatorWith("one");
    expect(await type(operator, "apply --stop")).toMatchObject({ code: 3 });
    expect(await type(operator, "apply --resume")).toMatchObject({ code: 3 });
    operator.listRuns.onLook = () => undefined;
    await operator.listRuns.start("machine", "before", {});
    const stopped = await type(operator, "apply --stop");
    expect(stopped).toMatchObject({ code: 0 });
    expect(stopped.out).toContain("Next: shopify-secrets apply --resume");
    operator.listRuns.onLook = (run) => operator.listRuns.end(run, "SUCCEEDED");
    const resumed = await type(operator, "apply --resume --json");
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.out)).toMatchObject({ status: "succeeded", plan: null });
    expect(await type(operator, "apply --resume")).toMatchObject({ code: 3 });
  });

  test("tells of what was begun and is unfinished when it is stopped, and that it needs somebody", async () => {
    const operator = operatorWith("one");
    const { listRuns } = operator;
    listRuns.onLook = () => undefined;
    await listRuns.start("machine", "before", {});
    listRuns.stopped = [mapOf({ total: 45, succeeded: 8, failed: 1, running: 9, aborted: 3 })];
    listRuns.failing = [{ store: "one", deed: "create", code: "app_not_installed" }];
    const { code, out } = await type(operator, "apply --stop");
    expect(out).toContain("8 of 45 stores done, 1 failed, 12 begun and unfinished, 24 not begun\n");
    expect(out).toMatch(/one +app_not_installed/);
    expect(out).toMatch(/Next: shopify-secrets apply --resume$/m);
    expect(code).toBe(1);
  });

  test("that is stopped before it came to a store does not say that nothing was to be done", async () => {
    const operator = operatorWith("one");
    const { listRuns } = operator;
    listRuns.onLook = () => undefined;
    await listRuns.start("machine", "before", {});
    listRuns.stopped = [];
    const { code, out } = await type(operator, "apply --stop");
    expect(out).toContain("no store was begun\n");
    expect(code).toBe(1);
  });

  test.each<[string, string | undefined, RegExp]>([
    [
      "FAILED",
      "States.ExceedToleratedFailureThreshold",
      /too many stores failed.*mend what failed, then shopify-secrets apply$/m,
    ],
    ["FAILED", "list_malformed", /list of stores in the bucket.*pulumi up --refresh/],
    ["ABORTED", undefined, /was stopped.*--resume/],
    ["TIMED_OUT", undefined, /\(TIMED_OUT\).*then shopify-secrets apply$/m],
  ])("a run that ended as %s with %s says what to do", async (status, error, says) => {
    const operator = operatorWith("one");
    operator.listRuns.onLook = (run) => operator.listRuns.end(run, status, error);
    const { code, out } = await type(operator, "apply");
    expect(code).toBe(3);
    expect(out).toMatch(says);
  });

  test.each([
    "--at-once 0",
    "--at-once many",
    "--at-once 101",
    "--at-once 5 --plan",
    "--retire-at-most 101",
    "--retire-at-most 40 --resume",
    "--plan --stop",
  ])("%s is wrong usage", async (words) => {
    expect(await type(operatorWith("one"), `apply ${words}`)).toMatchObject({ code: 2 });
  });
});

describe("a list that is replaced", () => {
  test("before a run is gone on with is not undone: apply begins anew", async () => {
    const operator = operatorWith("one");
    const { listRuns } = operator;
    listRuns.onLook = (run) =>
      listRuns.end(run, "FAILED", "States.ExceedToleratedFailureThreshold");
    await type(operator, "apply");
    listRuns.addStore(listed("two"));
    const { code, err } = await type(operator, "apply --resume");
    expect(code).toBe(3);
    expect(err).toMatch(/list_replaced.*Next: shopify-secrets apply$/m);
    expect(listRuns.begun.map(({ run }) => run.status)).toEqual(["FAILED"]);
    listRuns.onLook = (run) => listRuns.end(run, "SUCCEEDED");
    expect(await type(operator, "apply")).toMatchObject({ code: 0 });
    expect(listRuns.begun).toHaveLength(2);
  });

  test("after a run began that does not say which list it carries out is known by its time", async () => {
    const operator = operatorWith("one");
    const { listRuns } = operator;
    await listRuns.start("machine", "before", {});
    await listRuns.stop("run-1");
    listRuns.changedAt = later(RUNS_BEGIN, MINUTE_MS);
    expect(await type(operator, "apply --resume")).toMatchObject({ code: 3 });
    listRuns.changedAt = later(RUNS_BEGIN, -MINUTE_MS);
    expect(await type(operator, "apply --resume")).toMatchObject({ code: 0 });
  });

  test("while somebody's run is at work is applied by the run after it", async () => {
    const operator = operatorWith("one");
    const { listRuns } = operator;
    const { etag } = await listRuns.lookAtList();
    await listRuns.start("machine", "before", { listEtag: etag });
    listRuns.addStore(listed("two"));
    const { code, out, err } = await type(operator, "apply");
    expect(err).toMatch(/a run is under way.*\n\nthe list was replaced meanwhile/);
    expect(err).toContain("New stores: 2\n  one\n  two\n");
    expect(out.match(/10 of 10 stores done/g)).toHaveLength(2);
    const newest = (await listRuns.lookAtList()).etag;
    expect(listRuns.begun.map(({ input }) => input.listEtag)).toEqual([etag, newest]);
    expect(code).toBe(0);
  });

  test("while a run of one's own is at work is applied too, and its stores are named as left", async () => {
    const operator = operatorWith("one");
    const { listRuns } = operator;
    listRuns.onLook = (run) => {
      const isFirst = listRuns.begun.length === 1;
      if (isFirst) listRuns.addStore(listed("two"));
      listRuns.failing = isFirst ? [{ store: "one", deed: "create", code: "list_replaced" }] : [];
      listRuns.end(run, isFirst ? "FAILED" : "SUCCEEDED", isFirst ? "too many" : undefined);
    };
    const { code, out } = await type(operator, "apply");
    expect(out).toContain("The list was replaced meanwhile: 1 store left to the next run");
    // The next run has begun: there is nothing for anybody to do.
    expect(out).not.toContain("Next:");
    expect({ code, begun: listRuns.begun.length }).toEqual({ code: 0, begun: 2 });
    const names = new Set(listRuns.begun.map(({ run }) => run.name));
    expect(names.size).toBe(2);
  });

  test("begins nothing where the run before was stopped by somebody", async () => {
    const operator = operatorWith("one");
    const { listRuns } = operator;
    await listRuns.start("machine", "before", { listEtag: "another" });
    listRuns.onLook = (run) => listRuns.end(run, "ABORTED");
    expect(await type(operator, "apply")).toMatchObject({ code: 3 });
    expect(listRuns.begun).toHaveLength(1);
  });

  test("asks anew what it may retire", async () => {
    const operator = operatorWith();
    const { listRuns } = operator;
    for (const key of ["one", "two", "three"]) await addListed(operator, key);
    listRuns.onLook = (run) => {
      listRuns.addStore(listed("one"));
      listRuns.end(run, "SUCCEEDED");
    };
    const { code, err } = await type(operator, "apply --retire-at-most 100");
    expect(code).toBe(3);
    expect(err).toMatch(/2 of 3 stores, and it may retire 10 percent/);
    expect(listRuns.begun).toHaveLength(1);
  });
});

test("a store that is left alone is named with the way on, and with the secret that is there in its place", async () => {
  const operator = operatorWith("grain");
  const own = encodeDeclaration({
    kind: "offline-expiring",
    shop: "wholegrain.myshopify.com" as never,
    app: "reach" as never,
    scopes: [],
    apiVersion: "2026-10" as never,
    distribution: "public",
  });
  operator.listRuns.addStore({ ...listed("rye"), declaration: own });
  await operator.model.handle("CreateSecret", {
    Name: `${PREFIX}/stores/wholegrain/token`,
    Description: own,
    ClientRequestToken: operator.model.newToken(),
    Tags: [
      { Key: "shopify-store", Value: "wholegrain" },
      { Key: "shopify-origin", Value: "installed-by-merchant" },
    ],
  });
  const { out } = await type(operator, "apply --plan");
  expect(out).toMatch(
    /rye: .* under another key, .* \(wholegrain\)\. Next: .* move wholegrain to the list/,
  );
  const json = await type(operator, "apply --plan --json");
  expect(JSON.parse(json.out)).toMatchObject({
    plan: {
      create: ["grain"],
      left: [{ store: "rye", code: "store_has_twin", twin: "wholegrain" }],
    },
  });
});

test("a share that may be retired is said of a run before it begins", async () => {
  const operator = operatorWith("one");
  await operator.listRuns.start("machine", "before", {});
  const { code, err } = await type(operator, "apply --retire-at-most 40");
  expect(code).toBe(3);
  expect(err).toMatch(/a run is under way, and what it may retire was said.*--retire-at-most 40/);
});

test("stores that failed without a reason being noted count as failed", async () => {
  const operator = operatorWith("one");
  const { listRuns } = operator;
  listRuns.onLook = (run) => {
    listRuns.end(run, "SUCCEEDED");
    run.maps = [mapOf({ failed: 2 })];
  };
  const { code, out } = await type(operator, "apply");
  expect(code).toBe(1);
  expect(out).toContain(
    "2 stores failed without a reason being noted. Next: shopify-secrets apply",
  );
  const json = await type(operator, "apply --json");
  expect(JSON.parse(json.out)).toMatchObject({ unexplained: 2, failures: [] });
});

test("what failed before a run was gone on with is told no more, and what fails then is, by AWS's clock", async () => {
  const operator = operatorWith("one");
  const { listRuns } = operator;
  const redrivenAt = later(RUNS_BEGIN, 10 * MINUTE_MS + 900);
  const { etag } = await listRuns.lookAtList();
  await listRuns.start("machine", "before", { listEtag: etag });
  await listRuns.stop("run-1");
  // The terminal's clock is years from AWS's.
  listRuns.onLook = (run) => {
    listRuns.end(run, "SUCCEEDED");
    run.maps = [mapOf({ failed: 1, redrivenAt })];
  };
  const failed = (store: string, at: EpochMs) =>
    ({ store, deed: "create", code: "app_not_installed", at }) as const;
  listRuns.failing = [
    failed("before", later(RUNS_BEGIN, MINUTE_MS)),
    // S3 tells it to the second, which is the one in which the run was begun anew.
    failed("after", later(RUNS_BEGIN, 10 * MINUTE_MS)),
  ];
  const { code, out } = await type(operator, "apply --resume --json");
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ failures: [{ store: "after" }], unexplained: 0 });
});

test("the map's label is a part of ARNs, and stays", () => {
  expect(MAP_LABEL).toBe("Stores");
});

describe("a run that failed by something that is no code of ours says what AWS says of it", () => {
  const REFUSED =
    "User: arn:aws:sts::000000000000:assumed-role/shopify-prod-apply-steps/x is not authorized to perform: lambda:InvokeFunction";

  test.each<[string, string | undefined, RegExp]>([
    [
      "a text",
      `${REFUSED}\nand more of it`,
      /failed \(Lambda\.AWSLambdaException\): User: arn:aws:sts::.*lambda:InvokeFunction\. Next: mend/,
    ],
    [
      "a function's error",
      JSON.stringify({ errorType: "Error", errorMessage: "no room\nat all", trace: ["at x"] }),
      /\(Lambda\.AWSLambdaException\): no room\. Next/,
    ],
    ["a token among it", "got shpat_0123456789abcdef", /: got shpat_…\. Next/],
    ["a long text", "x".repeat(5000), /: x{200,400}…\. Next/],
    ["nothing", undefined, /failed \(Lambda\.AWSLambdaException\)\. Next/],
  ])("%s", async (_what, cause, says) => {
    const operator = operatorWith("one");
    operator.listRuns.onLook = (run) => {
      operator.listRuns.end(run, "FAILED", "Lambda.AWSLambdaException");
      run.run = { ...run.run, cause };
    };
    const { code, out } = await type(operator, "apply");
    expect(code).toBe(3);
    expect(out).toMatch(says);
    expect(out).not.toMatch(/and more of it|0123456789abcdef|at x/);
  });
});

test.each(["apply", "apply --resume"])(
  "whoever interrupts %s is told that the run goes on, and how it is followed and stopped",
  async (words) => {
    const operator = operatorWith("one");
    const { listRuns } = operator;
    const { etag } = await listRuns.lookAtList();
    await listRuns.start("machine", "before", { listEtag: etag });
    if (words !== "apply") await listRuns.stop("run-1");
    let listening = 0;
    listRuns.onLook = (run) => {
      listening = operator.listening.size;
      // The first look is whether a run is under way.
      if (listening === 0) return;
      for (const tell of operator.listening) tell();
      listRuns.end(run, "SUCCEEDED");
    };
    const { err } = await type(operator, words);
    expect(err).toMatch(
      /\nthe run goes on at AWS\. Next: shopify-secrets apply, which follows it, or shopify-secrets apply --stop\n/,
    );
    expect([listening, operator.listening.size]).toEqual([1, 0]);
  },
);

test("whoever interrupts a stop is not told that the run goes on", async () => {
  const operator = operatorWith("one");
  const { listRuns } = operator;
  await listRuns.start("machine", "before", {});
  listRuns.onLook = () => {
    for (const tell of operator.listening) tell();
  };
  expect((await type(operator, "apply --stop")).err).not.toContain("goes on");
});

test("many stores that failed in the same way are told of once, and named", async () => {
  const operator = operatorWith("one");
  const failed = (store: string, code: string) => ({ store, deed: "create", code }) as const;
  const many = Array.from({ length: 30 }, (_, at) => `many-${at}`);
  operator.listRuns.failing = [
    failed("rye", "shop_not_found"),
    ...["oat", "wheat", "barley", "durum"].map((store) => failed(store, "app_not_installed")),
    ...["spelt", "emmer", "einkorn", "kamut"].map((store) => failed(store, "store_has_twin")),
    ...["teff", "fonio"].map((store) => failed(store, "token_kind_refused")),
    ...many.map((store) => failed(store, "scope_missing")),
  ];
  const { out } = await type(operator, "apply");
  expect(out.match(/app_not_installed \(operator\)/g)).toHaveLength(1);
  expect(out).toMatch(
    /\n {2}4 stores +app_not_installed .*\n.*\n +Next: .*\n(?: +Read: .*\n)? +oat, wheat, barley, durum\n/,
  );
  expect(out).toMatch(/\n {2}rye +shop_not_found/);
  // A few stand apart, each with its command.
  expect(out.match(/\n {2}(?:teff|fonio) +token_kind_refused/g)).toHaveLength(2);
  // A command that names its store is that of the first, so that it works as it stands.
  expect(out).toMatch(
    /4 stores +store_has_twin[\s\S]*?Next: [^\n]*spelt[^;\n]*\n(?: +Read: .*\n)? +Likewise: emmer, einkorn, kamut\n/,
  );
  expect(out).toMatch(/30 stores +scope_missing[\s\S]*?many-19, and 10 more: --json names all\n/);
  const { failures } = JSON.parse((await type(operator, "apply --json")).out) as {
    readonly failures: readonly object[];
  };
  expect(failures).toHaveLength(41);
});

describe("a store that moves", () => {
  test("to config is named with the next command of its move, and one that somebody made by hand is not", async () => {
    const operator = operatorWith("heritage", "foreign");
    await operator.addStore({ key: "heritage", kind: "custom-app" });
    await operator.model.handle("CreateSecret", {
      Name: `${PREFIX}/stores/foreign/token`,
      ClientRequestToken: operator.model.newToken(),
    });
    const { out } = await type(operator, "apply --plan");
    expect(out).toMatch(
      /heritage: .*on its way to config.*\. Next: shopify-secrets move --to-config heritage --file Pulumi\.<stack>\.yaml$/m,
    );
    expect(out).toMatch(/foreign: .*\. Next: take the store out of the list or out of config/);
    const json = await type(operator, "apply --plan --json");
    const { plan } = JSON.parse(json.out) as { plan: { left: readonly object[] } };
    expect(plan.left).toContainEqual({
      store: "heritage",
      code: "store_not_of_list",
      says: expect.stringContaining("on its way to config"),
      next: "shopify-secrets move --to-config heritage --file Pulumi.<stack>.yaml",
    });
  });

  test("to the list is the list's as soon as its tag says so, although AWS's list of secrets is behind", async () => {
    const operator = listing(new Operator({ listLagMs: LONGEST_LIST_LAG_MS }), ["heritage"]);
    await operator.addStore({ key: "heritage", kind: "custom-app" });
    operator.clock.at += LONGEST_LIST_LAG_MS + MINUTE_MS;
    await operator.call("TagResource", {
      SecretId: `${PREFIX}/stores/heritage/token`,
      Tags: [{ Key: "shopify-origin", Value: "listed" }],
    });
    const { out } = await type(operator, "apply --plan --json");
    expect(JSON.parse(out)).toMatchObject({ plan: { left: [], create: [] } });
  });
});
