import { operatorOfFleet } from "./fleet";

describe("check", () => {
  test("asks for every store and tells each answer", async () => {
    const operator = await operatorOfFleet();
    operator.answer = (_name, { stores }) => ({
      stores: (stores as string[]).map((store) => ({
        store,
        kind: "offline",
        state: store === "partner" ? "dead" : "ok",
        code: store === "partner" ? "token_dead" : "",
      })),
    });
    const { out, code } = await operator.type("check");
    expect(operator.invocations[0]).toMatchObject({
      name: "shopify-prod-sweep",
      payload: { action: "check", stage: "AWSCURRENT" },
    });
    expect(operator.invocations[0]?.payload["stores"]).toHaveLength(9);
    expect(code).toBe(1);
    expect(out).toMatch(/^partner .*dead +token_dead$/m);
    expect(out).toMatch(/^acme .*ok +works$/m);
    expect(out).toContain("Next: shopify-secrets put partner");
    expect((await operator.type("check acme")).code).toBe(0);
  });

  test("an answer that is not one of ours is not believed", async () => {
    const operator = await operatorOfFleet();
    for (const answer of [
      undefined,
      {},
      { stores: [{}] },
      { stores: [{ store: "a", state: "ok", code: "x" }] },
    ]) {
      operator.answer = () => answer;
      const { err, code } = await operator.type("check acme");
      expect(code).toBe(3);
      expect(err).toContain(
        "answers in a way that this version of the command does not know. Next: ",
      );
    }
  });
});
