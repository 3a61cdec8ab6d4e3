import { SIGNING_KEYS_TAG } from "../../contract/names";
import { later } from "../../contract/time";
import { ago, DAY_MS, HOUR_MS, NOW, Operator, PREFIX } from "./arrange";

const ARN = (name: string) => `arn:aws:kms:us-east-1:000000000000:key/kid-of-${name}`;
const SIGNED = {
  kind: "client-credentials",
  distribution: "own-organization",
  credential: "signing-key",
} as const;

async function operatorOf(...names: string[]): Promise<Operator> {
  const operator = new Operator();
  for (const key of ["acme", "bolt"]) {
    await operator.addStore({ ...SIGNED, key, app: "erp", expiresAt: later(NOW, 9 * HOUR_MS) });
    await operator.schedule(key);
  }
  await operator.addStore({ key: "heritage", kind: "custom-app" });
  await operator.addAppSecret("erp", { [SIGNING_KEYS_TAG]: names.map(ARN).join(" ") });
  for (const [place, name] of names.entries()) {
    const createdAt = ago((400 - 399 * place) * DAY_MS);
    operator.publicKeys.set(ARN(name), { spki: new Uint8Array(), createdAt });
    const description = `Signs for the Shopify app erp under ${PREFIX}: ${name}`;
    operator.keyDescriptions.set(ARN(name), description);
  }
  return operator;
}

describe("status of apps that sign", () => {
  test("shows the age of an app's key, once for all of its stores", async () => {
    const operator = await operatorOf("first");
    const { out, code } = await operator.type("status");
    expect(code).toBe(0);
    expect(out.match(/^App erp .*$/gm)).toEqual(["App erp signs with the key first, 400d old."]);
  });

  test("shows the next one beside it, and what is odd about a key", async () => {
    const operator = await operatorOf("first", "second");
    operator.keyStates.set(ARN("first"), "PendingDeletion");
    expect((await operator.type("status")).out).toContain(
      "App erp signs with the key first, 400d old (PendingDeletion); the next is the key second, 1d old.\n",
    );
  });

  test("has them as JSON", async () => {
    const operator = await operatorOf("first");
    const { out } = await operator.type("status --json");
    expect(JSON.parse(out)["apps"]).toEqual([
      {
        app: "erp",
        signing_keys: [
          {
            name: "first",
            role: "signs",
            kid: "kid-of-first",
            key_arn: ARN("first"),
            created_at: "2025-09-28T12:00:00Z",
            state: "Enabled",
          },
        ],
      },
    ]);
  });

  test("goes on for somebody who may not see the keys", async () => {
    const operator = await operatorOf("first");
    operator.publicKeys.clear();
    const { out, code } = await operator.type("status");
    expect(code).toBe(0);
    expect(out).toContain(
      "App erp signs; the age of its key is shown to whoever may kms:DescribeKey",
    );
    expect(JSON.parse((await operator.type("status --json")).out)["apps"]).toEqual([
      { app: "erp", signing_keys: null },
    ]);
  });

  test("asks KMS of nothing for a store whose app does not sign", async () => {
    const operator = await operatorOf("first");
    operator.publicKeys.clear();
    const { out } = await operator.type("status heritage");
    expect(out).not.toContain("App ");
    expect(JSON.parse((await operator.type("status heritage --json")).out)["apps"]).toEqual([]);
  });
});

describe("doctor of apps that sign", () => {
  test("says that a key can sign, and how old it is", async () => {
    const { out } = await (await operatorOf("first")).type("doctor");
    expect(out).toMatch(/key of erp +.*first can sign, 400d old/);
  });

  test("names a key that cannot, with what mends it", async () => {
    const operator = await operatorOf("first");
    operator.keyStates.set(ARN("first"), "PendingDeletion");
    const { out, code } = await operator.type("doctor");
    expect(code).toBe(1);
    expect(out).toMatch(/key of erp +.*first is PendingDeletion/);
    expect(out).toContain("cancel the key's deletion and enable it in KMS");
  });

  test("does not call wrong what it may not see", async () => {
    const operator = await operatorOf("first");
    operator.publicKeys.clear();
    expect((await operator.type("doctor --json")).out).toContain("it is not to be seen");
  });
});
