import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { ago, HOUR_MS, Operator, PREFIX } from "./arrange";

const folder = mkdtempSync(join(tmpdir(), "pulumi-on-path-"));
const given = join(folder, "arguments");

afterAll(() => rmSync(folder, { recursive: true }));

/** Makes a `pulumi` that prints this and ends with this code. */
function makePulumi(prints: string, exitCode = 0): void {
  writeFileSync(join(folder, "prints"), prints);
  const script = `#!/bin/sh\necho "$@" > '${given}'\ncat '${join(folder, "prints")}'\nexit ${exitCode}\n`;
  writeFileSync(join(folder, "pulumi"), script, { mode: 0o755 });
}

/** Two stores that are well, in a stack that declares them and perhaps more. */
async function operatorWith(...further: string[]): Promise<Operator> {
  const operator = new Operator();
  operator.env = { PATH: [folder, process.env["PATH"]].join(delimiter) };
  const stores: Record<string, { secretArn: string }> = {};
  for (const key of ["heritage", "legacy"]) {
    await operator.addStore({ key, kind: "custom-app", lastSuccessAt: ago(HOUR_MS) });
    stores[key] = { secretArn: await arnOf(operator, key) };
  }
  for (const key of further) {
    stores[key] = { secretArn: (stores["heritage"]?.secretArn ?? "").replace("heritage", key) };
  }
  makePulumi(JSON.stringify(stores));
  return operator;
}

async function arnOf(operator: Operator, key: string): Promise<string> {
  const found = await operator.call("DescribeSecret", { SecretId: secretIdOf(key) });
  return (found as { ARN: string }).ARN;
}

const secretIdOf = (key: string) => `${PREFIX}/stores/${key}/token`;

async function forceDelete(operator: Operator, key: string): Promise<void> {
  await operator.call("DeleteSecret", {
    SecretId: secretIdOf(key),
    ForceDeleteWithoutRecovery: true,
  });
}

describe("status --stack", () => {
  test("names a declared store whose secret was deleted for good, which AWS knows nothing of", async () => {
    const operator = await operatorWith();
    await forceDelete(operator, "legacy");
    const without = await operator.type("status");
    expect([without.code, without.out.includes("legacy")]).toEqual([0, false]);
    const { code, out } = await operator.type("status --stack prod");
    expect(readFileSync(given, "utf8")).toBe("stack output stores --json --stack prod\n");
    expect(code).toBe(1);
    expect(out).toContain("1 store of shopify/prod: 1 needs a person");
    expect(out).toContain("legacy  secret_not_found (platform-engineer)");
    expect(out).toContain("Next: pulumi up --refresh --continue-on-error");
    const { missing, stores_needing_a_person } = JSON.parse(
      (await operator.type("status --stack prod --json")).out,
    );
    expect(stores_needing_a_person).toBe(1);
    expect(missing).toEqual([
      {
        store: "legacy",
        code: "secret_not_found",
        owner: "platform-engineer",
        says: "the secret does not exist",
        next: "pulumi up --refresh --continue-on-error",
      },
    ]);
  });

  test("tells a declared store whose secret waits for its deletion from one that was retired", async () => {
    const operator = await operatorWith();
    await operator.call("DeleteSecret", {
      SecretId: secretIdOf("legacy"),
      RecoveryWindowInDays: 7,
    });
    expect((await operator.type("status")).code).toBe(0);
    const { code, out } = await operator.type("status --stack prod");
    expect(code).toBe(1);
    expect(out).toContain("secret_pending_deletion (operator)");
    expect(out).toContain("shopify-secrets restore legacy");
  });

  test("says nothing more of a stack whose stores are all there", async () => {
    const operator = await operatorWith();
    const [with_, without] = [
      await operator.type("status --stack organization/shopify-secrets/prod"),
      await operator.type("status"),
    ];
    expect(with_).toMatchObject({ code: 0, out: without.out });
  });

  test("of a store that is named and missing says so, and of a well one nothing", async () => {
    const operator = await operatorWith("gone");
    const gone = await operator.type("status gone --stack prod");
    expect([gone.code, gone.out.includes("gone  secret_not_found")]).toEqual([1, true]);
    expect((await operator.type("status heritage --stack prod")).code).toBe(0);
    const both = await operator.type("status gone heritage --stack prod");
    expect(both.out).toMatch(/^heritage /m);
    expect(both.out).toContain("gone  secret_not_found");
  });

  test("is what a pipeline may look over", async () => {
    const operator = await operatorWith("gone");
    expect((await operator.type("status --stack prod --fail-on dead")).code).toBe(0);
    expect((await operator.type("status --stack prod --fail-on missing")).code).toBe(1);
  });

  test.each([
    ["pulumi fails", "", 255],
    ["pulumi prints no JSON", "no such stack", 0],
    ["there is no such output", "null", 0],
  ])("%s: nothing is called well", async (_name, prints, exitCode) => {
    const operator = await operatorWith();
    makePulumi(prints, exitCode);
    const { code, out, err } = await operator.type("status --stack prod");
    expect([code, out]).toEqual([3, ""]);
    expect(err).toContain("Pulumi does not tell the stores of the stack prod. Next: mend what");
  });

  test("a stack's name that can be none is wrong usage, and nobody is asked", async () => {
    const operator = await operatorWith();
    const { code, err } = await operator.type("status --stack --json");
    expect(code).toBe(2);
    expect(err).toContain("--stack");
    expect((await operator.type("status --stack a/b/c/d")).err).toContain("is no stack");
  });
});
