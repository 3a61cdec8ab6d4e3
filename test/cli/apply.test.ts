import type { StoreKey } from "../../contract/brands";
import { encodeDeclaration } from "../../contract/declaration";
import { MAP_LABEL } from "../../contract/listed/list-steps";
import type { ListedStore } from "../../contract/listed/listed-store";
import { Operator, PREFIX } from "./arrange";

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
  const operator = new Operator();
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
    expect(operator.listRuns.begun).toMatchObject([{ input: {} }]);
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
      if (run.map === undefined) {
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

  test.each<[string, string | undefined, RegExp]>([
    ["FAILED", "States.ExceedToleratedFailureThreshold", /too many stores failed.*--resume/],
    ["FAILED", "list_malformed", /list of stores in the bucket.*pulumi up --refresh/],
    ["ABORTED", undefined, /was stopped.*--resume/],
    ["TIMED_OUT", undefined, /\(TIMED_OUT\).*--resume/],
  ])("a run that ended as %s with %s says what to do", async (status, error, says) => {
    const operator = operatorWith("one");
    operator.listRuns.onLook = (run) => operator.listRuns.end(run, status, error);
    const { code, out } = await type(operator, "apply");
    expect(code).toBe(3);
    expect(out).toMatch(says);
  });

  test.each(["--at-once 0", "--at-once many", "--retire-at-most 101", "--plan --stop"])(
    "%s is wrong usage",
    async (words) => {
      expect(await type(operatorWith("one"), `apply ${words}`)).toMatchObject({ code: 2 });
    },
  );
});

test("the map's label is a part of ARNs, and stays", () => {
  expect(MAP_LABEL).toBe("Stores");
});
