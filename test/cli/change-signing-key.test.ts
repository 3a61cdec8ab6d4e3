import { SIGNING_KEYS_TAG } from "../../contract/names";
import { type EpochMs, later } from "../../contract/time";
import { ago, DAY_MS, HOUR_MS, MINUTE_MS, NOW, Operator, PREFIX } from "./arrange";

const ARN = (name: string) => `arn:aws:kms:us-east-1:000000000000:key/kid-of-${name}`;
const MADE: Readonly<Record<string, EpochMs>> = {
  first: ago(400 * DAY_MS),
  second: ago(HOUR_MS),
};
const REACH = {
  kind: "client-credentials",
  app: "reach",
  distribution: "public",
  credential: "signing-key",
} as const;
const NEXT_STEP =
  "then pulumi up --continue-on-error, then shopify-secrets rotate --signing-key reach";

/** An app that signs with these keys in this order, and its stores. */
async function operatorOf(names: readonly string[], stores = ["acme", "bolt"]): Promise<Operator> {
  const operator = new Operator();
  for (const [place, key] of stores.entries()) {
    const expiresAt = later(NOW, (40 - place) * MINUTE_MS);
    await operator.addStore({ ...REACH, key, expiresAt });
  }
  operator.newest = await operator.addAppSecret("reach", {
    [SIGNING_KEYS_TAG]: names.map(ARN).join(" "),
  });
  for (const name of names) {
    operator.publicKeys.set(ARN(name), { spki: new Uint8Array(), createdAt: MADE[name] });
    const description = `Signs for the Shopify app reach under ${PREFIX}: ${name}`;
    operator.keyDescriptions.set(ARN(name), description);
  }
  return operator;
}

const onVersion = (version: (store: string) => string) => (payload: Record<string, unknown>) => ({
  stores: (payload["stores"] as string[]).map((store) => ({
    store,
    kind: "client-credentials",
    state: "ok",
    code: "",
    expiresAt: "2026-11-02T13:00:00Z",
    appSecretVersion: version(store),
  })),
});

describe("before the next key signs", () => {
  test("Shopify is asked for a token with it, by the store whose token is oldest, and the switch is next", async () => {
    const operator = await operatorOf(["first", "second"]);
    operator.answer = () => ({ store: "bolt", isProven: true, code: "" });
    const { code, out } = await operator.type("rotate --signing-key reach");
    expect(operator.invocations).toEqual([
      {
        name: "shopify-prod-sweep",
        payload: { action: "prove", store: "bolt", key: ARN("second") },
      },
    ]);
    expect(code).toBe(1);
    expect(out).toMatch(/^first +signs +400d +kid-of-first$/m);
    expect(out).toMatch(/^second +next +1h +kid-of-second$/m);
    expect(out).toMatch(/done {2}prove\n {2}next {2}switch\n/);
    expect(out).toContain("Shopify takes the key second: bolt was renewed with it.");
    expect(out).toContain(
      "Next: pulumi config set --path 'shopify-secrets:apps.reach.signingKeys[0]' second, then " +
        `pulumi config set --path 'shopify-secrets:apps.reach.signingKeys[1]' first, ${NEXT_STEP}\n`,
    );
  });

  test("a key that is not pasted yet is said to be so, and no token was changed", async () => {
    const operator = await operatorOf(["first", "second"]);
    operator.answer = () => ({ store: "bolt", isProven: false, code: "signing_key_unknown" });
    const { code, out } = await operator.type(`rotate --signing-key reach --prefix ${PREFIX}`);
    expect(code).toBe(1);
    expect(out).toMatch(/done {2}new key\n {2}next {2}paste\n/);
    expect(out).toContain(
      `Next: shopify-secrets public-key reach --prefix ${PREFIX}, and paste the key with kid kid-of-second in the app's settings, then shopify-secrets rotate --signing-key reach --prefix ${PREFIX}\n`,
    );
  });

  test("a store that was renewed for a proof just now lets another one come", async () => {
    const operator = await operatorOf(["first", "second"]);
    operator.answer = (_, { store }) => ({
      store,
      isProven: store === "acme",
      code: store === "acme" ? "" : "version_budget_spent",
    });
    const { out } = await operator.type("rotate --signing-key reach");
    expect(out).toContain("acme was renewed with it");
  });

  test("with all of them renewed just now the next step is the same, in 20 minutes", async () => {
    const operator = await operatorOf(["first", "second"]);
    operator.answer = () => ({ store: "x", isProven: false, code: "version_budget_spent" });
    const { code, out } = await operator.type("rotate --signing-key reach");
    expect(code).toBe(1);
    expect(out).toContain("Next: in 20 minutes: shopify-secrets rotate --signing-key reach\n");
  });

  test("a key that KMS does not let sign is told by its code", async () => {
    const operator = await operatorOf(["first", "second"]);
    operator.answer = () => ({ store: "bolt", isProven: false, code: "signing_key_unusable" });
    const { out } = await operator.type("rotate --signing-key reach");
    expect(out).toContain("signing_key_unusable: second: the key that signs for app reach is");
    expect(out).toMatch(/Next: cancel the key's deletion .*rotate --signing-key reach\n/);
  });

  test("without a store that has a token there is nothing to prove with, and nothing is asked", async () => {
    const operator = await operatorOf(["first", "second"], []);
    await operator.addStore({ ...REACH, key: "new", hasValue: false });
    const { code, out } = await operator.type("rotate --signing-key reach");
    expect([code, operator.invocations]).toEqual([1, []]);
    expect(out).toContain("nothing to lose");
    expect(out).toMatch(/Next: shopify-secrets public-key reach, .*signingKeys\[1\]' first, then/);
  });
});

describe("once the new key signs", () => {
  test("and every store has a token of it, the one before may be revoked", async () => {
    const operator = await operatorOf(["second", "first"]);
    operator.answer = (_, payload) => onVersion(() => operator.newest)(payload);
    const { code, out } = await operator.type("rotate --signing-key reach");
    expect(code).toBe(0);
    expect(operator.invocations.map(({ payload }) => payload["action"])).toEqual(["check"]);
    expect(out).toMatch(/^first +before +400d/m);
    expect(out).toMatch(/done {2}renew\n {2}next {2}revoke\n/);
    expect(out).toContain(
      "Next: revoke the key with kid kid-of-first in the app's settings, then pulumi config rm --path 'shopify-secrets:apps.reach.signingKeys[1]', then pulumi up --continue-on-error\n",
    );
  });

  test("a store that has none is renewed, and looked at again", async () => {
    const operator = await operatorOf(["second", "first"]);
    const behind = new Set(["bolt"]);
    operator.answer = (_, payload) => {
      if (payload["action"] === "renew") behind.clear();
      return onVersion((store) => (behind.has(store) ? "before" : operator.newest))(payload);
    };
    const { code } = await operator.type("rotate --signing-key reach");
    expect(code).toBe(0);
    expect(
      operator.invocations.map(({ payload }) => [payload["action"], payload["stores"]]),
    ).toEqual([
      ["check", ["acme", "bolt"]],
      ["renew", ["bolt"]],
      ["check", ["bolt"]],
    ]);
  });

  test("a store that stays behind keeps the key before, and says why", async () => {
    const operator = await operatorOf(["second", "first"]);
    operator.answer = (_, payload) => {
      const { stores } = onVersion((store) => (store === "bolt" ? "before" : operator.newest))(
        payload,
      );
      const isFailing = payload["action"] === "renew";
      return {
        stores: stores.map((one) =>
          isFailing ? { ...one, state: "failing", code: "app_not_installed" } : one,
        ),
      };
    };
    const { code, out } = await operator.type("rotate --signing-key reach");
    expect(code).toBe(1);
    expect(out).toContain("1 store of 2 has no token of the key second yet: bolt.");
    expect(out).toMatch(/bolt +app_not_installed \(operator\)/);
    expect(out).not.toContain("revoke the key");
  });

  test("a new key that Shopify does not know after all is to be pasted", async () => {
    const operator = await operatorOf(["second", "first"]);
    operator.answer = (_, payload) => {
      const { stores } = onVersion(() => "before")(payload);
      return { stores: stores.map((one) => ({ ...one, code: "signing_key_unknown" })) };
    };
    const { code, out } = await operator.type("rotate --signing-key reach");
    expect(code).toBe(1);
    expect(out).toContain("first goes on in its place");
    expect(out).toContain("paste the key with kid kid-of-second");
  });

  test("a key that signs for another stack too is not revoked before somebody says so", async () => {
    const operator = await operatorOf(["second", "first"]);
    operator.answer = (_, payload) => onVersion(() => operator.newest)(payload);
    await operator.call("CreateSecret", {
      Name: "shopify/staging/apps/reach/credential",
      ClientRequestToken: operator.model.newToken(),
      SecretString: "{}",
      Tags: [{ Key: SIGNING_KEYS_TAG, Value: ARN("first") }],
    });
    const words = `rotate --signing-key reach --prefix ${PREFIX}`;
    const { code, out } = await operator.type(words);
    expect(code).toBe(1);
    expect(out).toContain("signs for others too: shopify/staging/apps/reach/credential");
    expect((await operator.type(`${words} --other-stacks-done`)).code).toBe(0);
  });

  test("is one JSON document with --json", async () => {
    const operator = await operatorOf(["second", "first"]);
    operator.answer = (_, payload) => onVersion(() => operator.newest)(payload);
    const { out } = await operator.type("rotate --signing-key reach --json");
    expect(JSON.parse(out)).toEqual({
      prefix: PREFIX,
      app: "reach",
      keys: [
        {
          name: "second",
          role: "signs",
          kid: "kid-of-second",
          key_arn: ARN("second"),
          created_at: "2026-11-02T11:00:00Z",
          state: "Enabled",
        },
        expect.objectContaining({ name: "first", role: "before" }),
      ],
      step: "revoke",
      code: null,
      says: expect.stringContaining("may be revoked"),
      next: expect.stringMatching(/^revoke the key/),
      on_newest: ["acme", "bolt"],
      on_older: [],
      is_safe_to_revoke: true,
    });
  });
});

describe("what cannot be changed", () => {
  test("an app with one key is told how it gets its next, and nobody is asked", async () => {
    const operator = await operatorOf(["first"]);
    const { code, err } = await operator.type("rotate --signing-key reach");
    expect([code, operator.invocations]).toEqual([3, []]);
    expect(err).toContain(
      "app reach has one key, first, and no next one: a change takes both, side by side. Next: " +
        "pulumi config set --path 'shopify-secrets:apps.reach.signingKeys[0]' first, then " +
        `pulumi config set --path 'shopify-secrets:apps.reach.signingKeys[1]' key-2026-11-02, ${NEXT_STEP}\n`,
    );
  });

  test("an own key is named by its ARN, as config does", async () => {
    const operator = await operatorOf(["first"]);
    operator.keyDescriptions.set(ARN("first"), "made by somebody else");
    const { err } = await operator.type("rotate --signing-key reach");
    expect(err).toContain(`signingKeys[0]' ${ARN("first")}, then`);
  });

  test.each([
    ["rotate --signing-key nobody", 3, /there is no app nobody/],
    ["rotate --signing-key plain", 3, /app plain does not sign/],
    ["rotate --signing-key SHOUTING", 2, /no key of an app/],
    ["rotate acme --signing-key reach", 2, /name stores, or --app <app>, or --signing-key <app>/],
  ])("%s: %d", async (words, code, says) => {
    const operator = await operatorOf(["first", "second"]);
    await operator.addAppSecret("plain");
    const refused = await operator.type(words);
    expect([refused.code, operator.invocations]).toEqual([code, []]);
    expect(refused.err).toMatch(says);
  });
});

describe("rotate --app of an app that signs", () => {
  test("speaks of its key, and leads to the command that changes it", async () => {
    const operator = await operatorOf(["first"]);
    operator.answer = (_, payload) => onVersion(() => operator.newest)(payload);
    const { code, out } = await operator.type("rotate --app reach");
    expect(code).toBe(0);
    expect(out).toContain("App reach: 2 of 2 renewable stores use the key that signs now.");
    expect(out).toContain("is changed by shopify-secrets rotate --signing-key reach\n");
    expect(out).not.toContain("use the newest client secret");
  });

  test("names an unknown key, and no client secret to correct", async () => {
    const operator = await operatorOf(["first"]);
    operator.answer = (_, payload) => onVersion(() => "before")(payload);
    const { out } = await operator.type("rotate --app reach");
    expect(out).toContain(
      "signing_key_unknown: Shopify does not know the key that signs for app reach",
    );
    expect(out).not.toContain("clientSecrets.reach");
  });
});
