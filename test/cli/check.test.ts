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
    expect(out).toContain(
      "Next: shopify-secrets install-link partner, and send the link to the merchant",
    );
    expect((await operator.type("check acme")).code).toBe(0);
  });

  test("tells Shopify's answer apart from what is wrong with the store", async () => {
    const operator = await operatorOfFleet();
    operator.answer = () => ({
      stores: [
        { store: "acme-canada", state: "failing", code: "client_secret_rejected", answer: "works" },
        { store: "new-merchant", state: "awaiting_merchant", code: "" },
      ],
    });
    const { out } = await operator.type("check acme-canada new-merchant");
    expect(out).toMatch(/^acme-canada .*failing +works$/m);
    expect(out).toMatch(/^new-merchant .*awaiting merchant +no token to try$/m);
    expect(out).toContain("client_secret_rejected (platform-engineer)");
    expect(out).toContain("Next: shopify-secrets install-link new-merchant");
    expect(out).not.toContain("Next: shopify-secrets check");
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
