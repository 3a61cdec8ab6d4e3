import { Operator } from "./arrange";

async function operatorOf(answers: Readonly<Record<string, string>>): Promise<Operator> {
  const operator = new Operator();
  const app = "catalog";
  await operator.addStore({ key: "new", kind: "offline-expiring", app, hasValue: false });
  await operator.addStore({ key: "acme", kind: "offline-expiring", app });
  await operator.addStore({ key: "globex", kind: "offline-expiring", app });
  await operator.addStore({
    key: "own",
    kind: "client-credentials",
    app: "erp",
    distribution: "own-organization",
  });
  await operator.addStore({ key: "alone", kind: "custom-app" });
  operator.answer = (_name, { action, stores }) =>
    action === "address"
      ? { address: "203.0.113.7" }
      : {
          stores: (stores as string[]).map((store) => ({
            store,
            state: "ok",
            code: "",
            answer: answers[store] ?? "works",
          })),
        };
  return operator;
}

describe("allowlist", () => {
  test("says what lets the functions pass, and which apps are asked for a list", async () => {
    const operator = await operatorOf({});
    const { out, code } = await operator.type("allowlist");
    expect(out).toContain("in us-east-1: AS16509, AS14618, country US.");
    expect(out).toContain("catalog: asked for before new installs (custom)");
    expect(out).toContain("erp: not asked for (own-organization)");
    expect(out).toContain("pulumi stack output allowlist");
    expect(code).toBe(0);
    expect(operator.invocations).toEqual([]);
  });

  test("--check calls one store of each app, from inside a function", async () => {
    const operator = await operatorOf({});
    const { out, code } = await operator.type("allowlist --check");
    expect(operator.invocations.map(({ payload }) => payload)).toEqual([
      { action: "check", stores: ["acme", "own"], stage: "AWSCURRENT" },
    ]);
    expect(out).toMatch(/catalog +acme +passes/);
    expect(out).not.toContain("address");
    expect(code).toBe(0);
  });

  test("--check says whom Shopify refuses, and the cheap way first", async () => {
    const operator = await operatorOf({ acme: "ip_not_allowed" });
    const { out, code } = await operator.type("allowlist --check");
    expect(out).toMatch(/catalog +acme +refused +ip_not_allowed/);
    expect(out).toContain("pulumi stack output allowlist");
    expect(code).toBe(1);
  });

  test.each([
    ["token_dead", "passes", 0],
    ["scope_missing", "passes", 0],
    ["shopify_unreachable", "not known", 1],
  ])("an answer of %s says: %s", async (answer, verdict, exit) => {
    const operator = await operatorOf({ acme: answer });
    const { out, code } = await operator.type("allowlist --check acme --json");
    expect(JSON.parse(out).stores).toEqual([
      { app: "catalog", store: "acme", verdict, code: answer },
    ]);
    expect(code).toBe(exit);
  });

  test("the function's own address is asked for only when somebody wants it", async () => {
    const operator = await operatorOf({});
    const { out } = await operator.type("allowlist --check acme --own-address");
    expect(out).toContain("The sweep function's address now: 203.0.113.7");
    expect(operator.invocations.map(({ payload }) => payload["action"]).sort()).toEqual([
      "address",
      "check",
    ]);
  });

  test.each(["allowlist acme", "allowlist --own-address"])("%s is refused", async (words) => {
    const operator = await operatorOf({});
    expect((await operator.type(words)).code).toBe(2);
    expect(operator.invocations).toEqual([]);
  });
});
