import { Operator, PREFIX } from "./arrange";

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
    operator.listRuns.onLook = (run) =>
      operator.listRuns.end(run, "FAILED", "States.ExceedToleratedFailureThreshold");
    const { code, out } = await type(operator, "rotate --app erp --on-machine");
    expect(code).toBe(1);
    expect(out).toContain("4 of 5 stores renewed, 1 failed");
    expect(out).toContain("refresh_token_dead (merchant)");
    expect(out).toContain(
      "The run stopped: too many stores failed. Next: mend what failed, then shopify-secrets apply --resume",
    );
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
