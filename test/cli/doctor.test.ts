import { ENVIRONMENT } from "../../contract/environment";
import { STATUS_TAGS, SWEPT_AT_TAG } from "../../contract/store/status";
import { later } from "../../contract/time";
import { HOUR_MS, MINUTE_MS, NOW, Operator } from "./arrange";

const READY = { state: "Active", lastUpdate: "Successful", variables: {} };

async function stack(): Promise<Operator> {
  const operator = new Operator();
  const store = { key: "acme", kind: "client-credentials", app: "a" } as const;
  await operator.addStore({ ...store, expiresAt: later(NOW, 20 * HOUR_MS) });
  await operator.schedule("acme");
  for (const role of ["rotate", "enrol", "sweep", "install"]) {
    operator.functionFacts.set(`shopify-prod-${role}`, READY);
  }
  operator.answer = () => ({
    stores: [{ store: "acme", kind: "client-credentials", state: "ok", code: "" }],
  });
  return operator;
}

async function diagnose(operator: Operator) {
  const { out, code } = await operator.type("doctor --json");
  const { findings } = JSON.parse(out) as {
    findings: { subject: string; verdict: string; says: string; next?: string }[];
  };
  return { code, bad: findings.filter(({ verdict }) => verdict === "bad"), findings };
}

describe("doctor", () => {
  test("finds nothing wrong with a stack that works", async () => {
    const { code, bad, findings } = await diagnose(await stack());
    expect(bad).toEqual([]);
    expect(code).toBe(0);
    expect(findings.map(({ subject }) => subject)).toEqual([
      "stores",
      "clock",
      "shopify-prod-rotate",
      "shopify-prod-enrol",
      "shopify-prod-sweep",
      "permissions",
      "rotation schedules",
      "sweep schedule",
      "API versions",
      "Shopify",
    ]);
  });

  test("a clock that is off", async () => {
    const operator = await stack();
    operator.clockLeadMs = -6 * MINUTE_MS;
    const { code, bad } = await diagnose(operator);
    expect(code).toBe(1);
    expect(bad).toEqual([
      {
        subject: "clock",
        verdict: "bad",
        says: "6m behind AWS",
        next: expect.stringContaining("NTP"),
      },
    ]);
  });

  test("a function that is missing, or broken", async () => {
    const operator = await stack();
    operator.functionFacts.delete("shopify-prod-sweep");
    operator.functionFacts.set("shopify-prod-enrol", { ...READY, lastUpdate: "Failed" });
    const { bad } = await diagnose(operator);
    expect(bad.map(({ subject, says }) => [subject, says])).toEqual([
      ["shopify-prod-enrol", "Active, last update Failed"],
      ["shopify-prod-sweep", "does not exist"],
    ]);
  });

  test("a function that sleeps is no illness, and is told apart from one that is broken", async () => {
    const operator = await stack();
    operator.functionFacts.set("shopify-prod-rotate", { ...READY, state: "Inactive" });
    const { code, findings } = await diagnose(operator);
    expect(code).toBe(0);
    expect(findings).toContainEqual({
      subject: "shopify-prod-rotate",
      next: null,
      verdict: "unknown",
      says: "is there, and asleep (Inactive): the next call wakes it, which takes two minutes at most",
    });
  });

  test("functions that may not be run are no illness", async () => {
    const operator = await stack();
    operator.mayInvoke = false;
    const { code, findings } = await diagnose(operator);
    expect(code).toBe(0);
    expect(findings.filter(({ verdict }) => verdict === "unknown")).toHaveLength(3);
  });

  test("nobody is expected to run the install function", async () => {
    const operator = await stack();
    const pair = { key: "pair", kind: "offline-expiring", app: "a" } as const;
    await operator.addStore({ ...pair, expiresAt: later(NOW, 40 * MINUTE_MS) });
    operator.mayInvoke = false;
    expect((await diagnose(operator)).findings).toContainEqual({
      subject: "shopify-prod-install",
      verdict: "good",
      says: "is there",
      next: null,
    });
  });

  test("a rotation that is switched off, or overdue", async () => {
    const operator = await stack();
    operator.clock.at += 40 * HOUR_MS;
    expect((await diagnose(operator)).bad).toContainEqual(
      expect.objectContaining({ says: "overdue for acme", next: "shopify-secrets rotate acme" }),
    );
    await operator.call("CancelRotateSecret", { SecretId: "shopify/prod/stores/acme/token" });
    expect((await diagnose(operator)).bad).toContainEqual(
      expect.objectContaining({ says: "switched off for acme" }),
    );
  });

  test("a sweep that no longer passes, whatever keeps it", async () => {
    const operator = await stack();
    operator.clock.at += 20 * MINUTE_MS;
    expect((await diagnose(operator)).bad).toEqual([]);
    operator.clock.at += 5 * MINUTE_MS;
    expect((await diagnose(operator)).bad).toEqual([
      {
        subject: "sweep schedule",
        verdict: "bad",
        says: "last pass 28m ago, and one is due every ten minutes",
        next: "aws scheduler get-schedule --name shopify-prod-sweep-schedule, then pulumi up --refresh --continue-on-error",
      },
    ]);
  });

  test("a sweep that never passed, once the stack is older than a pass", async () => {
    const operator = await stack();
    await operator.call("UntagResource", {
      SecretId: "shopify/prod/stores/acme/token",
      TagKeys: [SWEPT_AT_TAG],
    });
    expect((await diagnose(operator)).findings).toContainEqual({
      subject: "sweep schedule",
      verdict: "unknown",
      says: "no pass was noted yet; the first is due within ten minutes",
      next: null,
    });
    operator.clock.at += 30 * MINUTE_MS;
    expect((await diagnose(operator)).bad).toContainEqual(
      expect.objectContaining({ subject: "sweep schedule" }),
    );
  });

  test("a key that the functions may not use", async () => {
    const operator = await stack();
    operator.answer = () => ({
      stores: [
        {
          store: "acme",
          kind: "client-credentials",
          state: "ok",
          code: "key_denied",
          answer: "key_denied",
        },
      ],
    });
    const key = "arn:aws:kms:us-east-1:000000000000:key/secrets";
    await operator.call("UpdateSecret", {
      SecretId: "shopify/prod/stores/acme/token",
      ClientRequestToken: operator.model.newToken(),
      KmsKeyId: key,
    });
    const { code, bad, findings } = await diagnose(operator);
    expect(code).toBe(1);
    expect(bad).toEqual([
      {
        subject: "key",
        verdict: "bad",
        says: "the functions get key_denied of acme: KMS refuses the use of the key",
        next: `aws kms describe-key --key-id ${key}; when it is disabled: aws kms enable-key --key-id ${key}; else its policy: pulumi up --refresh --continue-on-error`,
      },
    ]);
    expect(findings.find(({ subject }) => subject === "Shopify")).toMatchObject({
      verdict: "unknown",
    });
  });

  test.each(["access_denied", "record_malformed", "declaration_mismatch"])(
    "functions that get %s never reach Shopify, and doctor leads elsewhere than to itself",
    async (code) => {
      const operator = await stack();
      operator.answer = () => ({
        stores: [{ store: "acme", kind: "client-credentials", state: "failing", code }],
      });
      const { bad } = await diagnose(operator);
      expect(bad).toMatchObject([{ subject: "functions", says: expect.stringContaining(code) }]);
      expect(bad[0]?.next).not.toContain("doctor");
    },
  );

  test("a store that fails is tried where no other has a token", async () => {
    const operator = await stack();
    await operator.tag("acme", { [STATUS_TAGS.state]: "dead" });
    const { findings } = await diagnose(operator);
    expect(findings.at(-1)).toMatchObject({
      subject: "Shopify",
      verdict: "good",
      says: "the functions reach it (acme)",
    });
  });

  test("functions that do not reach Shopify", async () => {
    const operator = await stack();
    operator.answer = () => ({
      stores: [
        { store: "acme", kind: "client-credentials", state: "ok", code: "shopify_unreachable" },
      ],
    });
    expect((await diagnose(operator)).bad).toContainEqual(
      expect.objectContaining({
        subject: "Shopify",
        says: "the functions get shopify_unreachable",
      }),
    );
  });

  test("a table for people, with the next command of what is bad", async () => {
    const operator = await stack();
    operator.functionFacts.delete("shopify-prod-sweep");
    const { out } = await operator.type("doctor", 80);
    expect(out).toMatch(/^BAD {2}shopify-prod-sweep +does not exist$/m);
    expect(out).toContain("shopify-prod-sweep. Next: pulumi up --refresh --continue-on-error");
  });

  test("the key of the refresh tokens, which a check does not use, is told by the stores' last errors", async () => {
    const operator = await stack();
    const key = "arn:aws:kms:us-east-1:000000000000:key/4567abcd-0123-0123-0123-0123456789ab";
    const variables = { [ENVIRONMENT.refreshKeyArn]: key };
    operator.functionFacts.set("shopify-prod-sweep", { ...READY, variables });
    const pair = { kind: "offline-expiring", app: "a", expiresAt: later(NOW, HOUR_MS) } as const;
    for (const name of ["one", "two"]) {
      const error = { code: "refresh_token_unreadable", at: NOW } as const;
      await operator.addStore({ ...pair, key: name, error });
    }
    const { code, bad } = await diagnose(operator);
    expect(code).toBe(1);
    expect(bad).toEqual([
      {
        subject: "refresh key",
        verdict: "bad",
        says: "one, two: refresh_token_unreadable: the sealed refresh token cannot be opened with its key",
        next: expect.stringContaining(
          `aws kms enable-key --key-id ${key}; else its policy: pulumi up --refresh`,
        ),
      },
    ]);
  });

  test("a function that is gone comes back by a refresh: Pulumi's state does not know", async () => {
    const operator = await stack();
    operator.functionFacts.delete("shopify-prod-rotate");
    const { bad } = await diagnose(operator);
    expect(bad[0]?.next).toBe("pulumi up --refresh --continue-on-error");
  });
});
