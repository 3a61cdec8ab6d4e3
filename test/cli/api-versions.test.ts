import { INSTALLED, LISTED, SECRET_TAGS } from "../../contract/names";
import { Operator } from "./arrange";

/** On 2 November 2026: 2026-01 is in its last quarter, 2025-10 behind it. */
async function operatorOf(...versions: string[]): Promise<Operator> {
  const operator = new Operator();
  for (const [index, apiVersion] of versions.entries()) {
    await operator.addStore({ key: `store-${index}`, kind: "custom-app", apiVersion });
  }
  return operator;
}

describe("a version of the Admin API", () => {
  test("that Shopify ends within the quarter, or has ended, is noted by status", async () => {
    const operator = await operatorOf("2026-10", "2026-01", "2025-10", "2026-01");
    const { out, code } = await operator.type("status");
    expect(out).toContain(
      "Note: version 2025-10 of the Admin API (1 store) was retired on 2026-10-01; a newer one answers in its place, silently.\n  Next: pulumi config set shopify-secrets:apiVersion 2026-10, then pulumi up --continue-on-error",
    );
    expect(out).toContain("version 2026-01 of the Admin API (2 stores) is served until 2027-01-01");
    // Every store works: nobody is woken for it.
    expect(code).toBe(0);
    const { aging_api_versions: aging } = JSON.parse((await operator.type("status --json")).out);
    expect(aging).toMatchObject([
      {
        version: "2025-10",
        standing: "retired",
        retires_at: "2026-10-01T00:00:00Z",
        stores: ["store-2"],
      },
      { version: "2026-01", standing: "ending", stores: ["store-1", "store-3"] },
    ]);
  });

  test("of stores that config does not declare is told with what moves them, and what does not", async () => {
    const nextOf = async (...origins: readonly string[]) => {
      const operator = new Operator();
      for (const [index, origin] of origins.entries()) {
        const tags = { [SECRET_TAGS.origin]: origin };
        const key = `store-${index}`;
        await operator.addStore({ key, kind: "custom-app", apiVersion: "2025-10", tags });
      }
      return (await operator.type("status")).out;
    };
    const set =
      "Next: pulumi config set shopify-secrets:apiVersion 2026-10, then pulumi up --continue-on-error";
    expect(await nextOf("", LISTED)).toContain(`${set}, then shopify-secrets apply\n`);
    expect(await nextOf(INSTALLED)).toContain(
      `${set}; a store whose merchant came by himself keeps the version that it came with until config adopts its secret\n`,
    );
  });

  test("that is served is not", async () => {
    const operator = await operatorOf("2026-10", "2026-04");
    expect((await operator.type("status")).out).not.toContain("Note:");
    expect((await operator.type("doctor")).out).toMatch(/API versions +Shopify serves all of them/);
  });

  test("is examined by doctor", async () => {
    const { out } = await (await operatorOf("2025-10")).type("doctor");
    expect(out).toContain("was retired on 2026-10-01");
    expect(out).toContain("shopify-secrets:apiVersion 2026-10");
  });
});
