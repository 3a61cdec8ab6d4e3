import { Refusal } from "../../cli/refusal";
import { sentenceOf } from "../../contract/errors";
import { INSTALLED, LISTED, SECRET_TAGS } from "../../contract/names";
import { STATUS_TAGS } from "../../contract/store/status";
import { later } from "../../contract/time";
import { BLANKS, PASTED } from "../pasted";
import { ago, HOUR_MS, MINUTE_MS, NOW, Operator, PREFIX, type StoreGiven, TOKEN } from "./arrange";
import { operatorOfFleet } from "./fleet";

const CC = { key: "acme", kind: "client-credentials", app: "fulfilment" } as const;

describe("put", () => {
  test("hands the token to the enrol function, and to nobody else", async () => {
    const operator = await operatorOfFleet();
    operator.input = `  ${TOKEN}\n`;
    operator.answer = () => ({
      store: "partner",
      outcome: "written",
      why: "operator_token",
      checked: "ok",
      scope: "read_orders,write_products",
    });
    const { out, err, code } = await operator.type("put partner");
    expect(code).toBe(0);
    expect(out).toBe(
      "partner: the access token is stored; it works at Shopify, with read_orders write_products\n",
    );
    expect(out + err).not.toContain(TOKEN);
    expect(operator.invocations).toHaveLength(1);
    expect(operator.invocations[0]).toMatchObject({
      name: "shopify-prod-enrol",
      payload: {
        action: "enrol",
        store: "partner",
        kind: "offline",
        shop: "partner.myshopify.com",
        app: "catalog",
        token_source: "operator",
        access_token: TOKEN,
      },
    });
  });

  test.each(BLANKS)("takes a token with %s around it", async (_what, wrap) => {
    const operator = await operatorOfFleet();
    operator.input = wrap(TOKEN);
    operator.answer = () => ({ outcome: "written", checked: "ok", scope: "" });
    expect((await operator.type("put partner")).code).toBe(0);
    expect(operator.invocations[0]?.payload).toMatchObject({ access_token: TOKEN });
  });

  test.each(PASTED)("names %s, and asks nobody", async (_what, wrap, says) => {
    const operator = await operatorOfFleet();
    operator.input = wrap(TOKEN);
    const { err, code } = await operator.type("put partner");
    expect(err).toMatch(says);
    expect(err).toContain("Next: shopify-secrets put partner");
    expect(err).not.toContain(TOKEN);
    expect(code).toBe(3);
    expect(operator.invocations).toEqual([]);
  });

  test.each(["shpss_", "shprt_"])("says that %s is another secret", async (head) => {
    const operator = await operatorOfFleet();
    operator.input = `${head}0123456789abcdef`;
    const { err } = await operator.type("put partner");
    expect(err).toContain(`(${head})`);
    expect(err).toContain("Next: shopify-secrets put partner");
    expect(operator.invocations).toEqual([]);
  });

  test("leads a store whose first enrolment failed to what is left to do, and rotate does too", async () => {
    const operator = await operatorOfFleet();
    await operator.addStore({
      key: "foreign",
      kind: "client-credentials",
      app: "fulfilment",
      hasValue: false,
      state: "failing",
      error: { code: "store_not_permitted", at: ago(MINUTE_MS) },
    });
    for (const words of ["put foreign", "rotate foreign"]) {
      const { err, code } = await operator.type(words);
      expect(code).toBeGreaterThan(0);
      expect(err).toContain("Next: declare the store with kind offline-expiring");
      expect(err).toContain("then pulumi up --continue-on-error");
      expect(err).not.toContain("shopify-secrets rotate");
    }
    const { out } = await operator.type("status foreign");
    expect(out).toContain("store_not_permitted (platform-engineer)");
  });

  test("takes no token for a store whose tokens are obtained", async () => {
    const operator = await operatorOfFleet();
    const { err, code } = await operator.type("put acme");
    expect(code).toBe(3);
    expect(err).toContain("Next: shopify-secrets rotate acme");
    expect(operator.invocations).toEqual([]);
  });

  test.each([
    ["one-hour", "Next: shopify-secrets rotate one-hour"],
    ["new-merchant", "Next: shopify-secrets install-link new-merchant"],
  ])("a pair is renewed, or waits for its merchant: %s", async (store, next) => {
    const { err } = await (await operatorOfFleet()).type(`put ${store}`);
    expect(err).toContain(next);
  });

  test("a dead token that was put is another one's to replace, and nothing is lost", async () => {
    const operator = await operatorOfFleet();
    operator.input = TOKEN;
    operator.answer = () => {
      const [says = "", next = ""] = sentenceOf("token_dead").split(". Next: ");
      throw new Refusal(says, next, { code: "token_dead" });
    };
    const { err } = await operator.type("put heritage");
    expect(err).toContain("what is stored stays. Next: shopify-secrets put heritage\n");
  });

  test("an empty input is no token", async () => {
    const operator = await operatorOfFleet();
    operator.input = " \n";
    const { err, code } = await operator.type("put partner");
    expect(code).toBe(3);
    expect(err).toContain("no access token was given. Next: shopify-secrets put partner");
  });

  test.each([
    `put partner --token=${TOKEN}`,
    `put partner ${TOKEN}`,
    `put ${TOKEN}`,
    `put partner 0123456789abcdef0123456789abcdef`,
    `check ${TOKEN}`,
    `status --prefix ${TOKEN}`,
  ])(
    "a secret on the command line is refused, said to be out, and not repeated: %s",
    async (words) => {
      const operator = await operatorOfFleet();
      const { err, code } = await operator.type(words);
      expect(code).toBe(2);
      expect(err).toContain("in the shell's history and in the list of processes");
      expect(err).toContain("Next: replace it at Shopify, then shopify-secrets put <store>");
      expect(err).not.toMatch(/shpat_|0123456789abcdef/);
      expect(operator.invocations).toEqual([]);
    },
  );

  test("a secret after -- is another program's", async () => {
    const operator = await operatorOfFleet();
    const { code } = await operator.type(`exec partner -- curl ${TOKEN}`);
    expect(code).toBe(7);
  });
});

describe("rollback", () => {
  async function operatorWithTwoVersions(): Promise<Operator> {
    const operator = new Operator();
    await operator.addStore({ ...CC, expiresAt: later(NOW, 20 * HOUR_MS) });
    await operator.putValue({ ...CC, expiresAt: later(NOW, 23 * HOUR_MS) });
    return operator;
  }
  const previous = (more: object) => () => ({
    stores: [{ store: "acme", kind: "client-credentials", state: "ok", code: "", ...more }],
  });

  test("moves AWSCURRENT back after the previous token worked", async () => {
    const operator = await operatorWithTwoVersions();
    const before = await operator.stagesOf("acme");
    operator.answer = previous({ expiresAt: "2026-11-03T08:00:00Z" });
    const { out, code } = await operator.type("rollback acme");
    expect(operator.invocations[0]?.payload).toEqual({
      action: "check",
      stores: ["acme"],
      stage: "AWSPREVIOUS",
    });
    expect(code).toBe(0);
    expect(out).toContain(`version ${before["AWSPREVIOUS"]} is current again`);
    expect(await operator.stagesOf("acme")).toMatchObject({
      AWSCURRENT: before["AWSPREVIOUS"],
      AWSPREVIOUS: before["AWSCURRENT"],
    });
  });

  test.each([
    ["dead", { state: "dead", code: "token_dead" }, "Shopify answers 401"],
    ["not certain to live", { code: "shopify_unreachable" }, "Shopify did not answer"],
    ["nearly over", { expiresAt: "2026-11-02T12:20:00Z" }, "ends in 20m, which is too soon"],
    ["another version by now", { versionId: "x".repeat(32) }, "got a new version in the meantime"],
  ])("refuses a token that is %s", async (_what, more, says) => {
    const operator = await operatorWithTwoVersions();
    const before = await operator.stagesOf("acme");
    operator.answer = previous(more);
    const { err, code } = await operator.type("rollback acme");
    expect(code).toBe(3);
    expect(err).toContain(says);
    expect(err).toContain("Next: shopify-secrets ");
    expect(await operator.stagesOf("acme")).toEqual(before);
  });

  test("refuses a pair, whose older refresh token is used up", async () => {
    const operator = await operatorOfFleet();
    const { err, code } = await operator.type("rollback one-hour");
    expect(code).toBe(3);
    expect(err).toContain("an older one cannot be brought back");
    expect(operator.invocations).toEqual([]);
  });

  test.each([
    ["heritage", "heritage has no previous version. Next: shopify-secrets put heritage"],
    ["acme", "acme has no previous version. Next: shopify-secrets rotate acme"],
    ["new-merchant", "has no access token: the merchant has not approved"],
  ])("needs a previous version: %s", async (store, says) => {
    const { err } = await (await operatorOfFleet()).type(`rollback ${store}`);
    expect(err).toContain(says);
  });
});

describe("restore", () => {
  test("takes the secret back and prints how config adopts it", async () => {
    const operator = await operatorOfFleet();
    const SecretId = `${PREFIX}/stores/acme/token`;
    await operator.call("DeleteSecret", { SecretId, RecoveryWindowInDays: 30 });
    const { out, code } = await operator.type(`restore acme --prefix ${PREFIX}`);
    expect(code).toBe(0);
    const { ARN, DeletedDate } = await operator.call("DescribeSecret", { SecretId });
    expect(DeletedDate).toBeUndefined();
    expect(out).toContain(
      `pulumi config set --path 'shopify-secrets:stores.acme.adopt' '${String(ARN)}'`,
    );
  });

  const BACK =
    "put its line back into the list, then pulumi up --continue-on-error, then shopify-secrets apply";

  test.each([
    [LISTED, BACK, BACK],
    [INSTALLED, "shopify-secrets restore acme", "shopify-secrets check acme"],
  ])(
    "of a store that is %s says how it stays where it was, and how it comes into config",
    async (origin, before, after) => {
      const operator = new Operator();
      await operator.addStore({ ...CC, tags: { [SECRET_TAGS.origin]: origin } });
      await operator.addStore({ ...CC, key: "other" });
      const SecretId = `${PREFIX}/stores/acme/token`;
      await operator.call("DeleteSecret", { SecretId, RecoveryWindowInDays: 30 });
      const status = await operator.type("status");
      expect(status.out).toContain(`Next, if it is to stay: ${before}\n`);
      const { out, code } = await operator.type("restore acme");
      expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining(after) });
      const { ARN, DeletedDate } = await operator.call("DescribeSecret", { SecretId });
      expect(out).toContain(
        `To have it in config instead, there under the store:\n  adopt: ${String(ARN)}`,
      );
      expect(out).not.toContain("pulumi config set");
      expect(DeletedDate).toBeUndefined();
    },
  );

  test("has nothing to do for one that is there, or that never was", async () => {
    const operator = await operatorOfFleet();
    expect((await operator.type("restore acme")).err).toContain("acme is not deleted. Next: ");
    expect((await operator.type("restore nobody")).err).toContain("there is no store nobody");
  });
});

describe("unstick", () => {
  test("takes AWSPENDING away and leaves AWSCURRENT", async () => {
    const operator = new Operator();
    await operator.addStore(CC);
    const current = (await operator.stagesOf("acme"))["AWSCURRENT"];
    const pending = await operator.putValue(CC, ["AWSPENDING"]);
    const { out, code } = await operator.type("unstick acme");
    expect(code).toBe(0);
    expect(out).toContain(
      `version ${pending} is no longer pending. Next: shopify-secrets rotate acme`,
    );
    expect(await operator.stagesOf("acme")).toEqual({ AWSCURRENT: current });
    expect((await operator.type("unstick acme")).out).toBe("acme: nothing is stuck\n");
  });

  test("leaves a pair alone", async () => {
    const operator = await operatorOfFleet();
    const { err, code } = await operator.type("unstick one-hour");
    expect(code).toBe(3);
    expect(err).toContain("only the sweep may drop it");
  });
});

describe("migrate", () => {
  const migrated = {
    store: "ending",
    outcome: "migrated",
    versionId: "v",
    expiresAt: "2026-11-02T13:00:00Z",
    scope: "read_orders,write_products",
  };

  test("asks first, and does nothing without the store's name", async () => {
    const operator = await operatorOfFleet();
    operator.answer = () => migrated;
    expect((await operator.type("migrate ending")).code).toBe(2);
    operator.consent = "yes";
    expect((await operator.type("migrate ending")).code).toBe(3);
    expect(operator.invocations).toEqual([]);
    operator.consent = "ending";
    const { out, code } = await operator.type("migrate ending");
    expect(code).toBe(0);
    expect(out).toContain("ending: migrated, good until 2026-11-02T13:00:00Z");
    expect(operator.invocations[0]?.payload).toEqual({ action: "migrate", store: "ending" });
  });

  test("--yes is a consent", async () => {
    const operator = await operatorOfFleet();
    operator.answer = () => ({ ...migrated, outcome: "already_migrated" });
    expect((await operator.type("migrate ending --yes")).out).toContain("migrated before");
  });

  test("is asked for again where it was cut off: the old token may be dead already", async () => {
    const operator = await operatorOfFleet();
    let asked = 0;
    operator.answer = () => {
      asked += 1;
      if (asked === 1) throw new Refusal("the function f failed", "doctor", { code: "unexpected" });
      return { ...migrated, outcome: "already_migrated" };
    };
    const { out, code } = await operator.type("migrate ending --yes");
    expect(code).toBe(0);
    expect(out).toContain("migrated before");
    expect(asked).toBe(2);
  });

  test.each([
    ["secrets_manager_unreachable", 4],
    ["subject_token_invalid", 1],
  ] as const)("that ends with %s is asked for %d times", async (code, times) => {
    const operator = await operatorOfFleet();
    operator.answer = () => {
      throw new Refusal("no", "shopify-secrets check ending", { code });
    };
    const { err } = await operator.type("migrate ending --yes");
    expect(err).toContain("shopify-secrets check ending");
    expect(operator.invocations).toHaveLength(times);
  });

  test.each([
    ["heritage", "cannot be exchanged for a pair", "shopify-secrets status heritage"],
    ["acme", "are renewed already (client-credentials)", "shopify-secrets status acme"],
    ["partner", "config does not permit", "set shopify-secrets:stores.partner.kind to offline-ex"],
    ["new-merchant", "has no access token", "shopify-secrets install-link new-merchant"],
  ])("what cannot be migrated is not asked about: %s", async (store, says, next) => {
    const operator = await operatorOfFleet();
    const { err, code } = await operator.type(`migrate ${store}`);
    expect(err).toContain(says);
    expect(err).toContain(`Next: ${next}`);
    expect(code).not.toBe(2);
    expect(operator.invocations).toEqual([]);
  });
});

describe("install-link", () => {
  const NAME = "shopify-prod-install";
  const facts = (variables: Record<string, string>) => ({
    state: "Active",
    lastUpdate: "Successful",
    variables,
  });

  test("is made of the operator's own host name, or of API Gateway's", async () => {
    const operator = await operatorOfFleet();
    operator.functionFacts.set(NAME, facts({}));
    operator.policies.set(
      NAME,
      '{"Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:eu-west-1:000000000000:abc123/*"}}}',
    );
    const { out, code } = await operator.type("install-link new-merchant");
    expect(code).toBe(0);
    expect(out).toBe("https://abc123.execute-api.eu-west-1.amazonaws.com/install/new-merchant\n");
    operator.functionFacts.set(NAME, facts({ SHOPIFY_SECRETS_INSTALL_DOMAIN: "apps.example.com" }));
    expect((await operator.type("install-link new-merchant")).out).toBe(
      "https://apps.example.com/install/new-merchant\n",
    );
  });

  test("says how to give the address when it cannot be seen", async () => {
    const operator = await operatorOfFleet();
    const { err, code } = await operator.type("install-link new-merchant");
    expect(code).toBe(3);
    expect(err).toContain("pulumi stack output installBaseUrl");
    const given = "install-link new-merchant --base-url https://x.example.com/";
    expect((await operator.type(given)).out).toBe("https://x.example.com/install/new-merchant\n");
  });

  test("is not for stores that no merchant approves", async () => {
    const operator = await operatorOfFleet();
    expect((await operator.type("install-link acme")).err).toContain(
      "Next: shopify-secrets rotate acme",
    );
    expect((await operator.type("install-link heritage")).err).toContain(
      "Next: shopify-secrets put heritage",
    );
  });
});

describe("exec", () => {
  test("hands the token to the child alone, and ends with its code", async () => {
    const operator = new Operator();
    await operator.addStore({ ...CC, expiresAt: later(NOW, HOUR_MS) });
    const { out, err, code } = await operator.type("exec acme --min-life 30m -- node job.js --all");
    expect(code).toBe(7);
    expect(out + err).toBe("");
    expect(operator.children).toEqual([
      {
        command: ["node", "job.js", "--all"],
        environment: {
          SHOPIFY_SHOP: "acme.myshopify.com",
          SHOPIFY_API_VERSION: "2026-10",
          SHOPIFY_GRAPHQL_URL: "https://acme.myshopify.com/admin/api/2026-10/graphql.json",
          SHOPIFY_ACCESS_TOKEN: TOKEN,
          SHOPIFY_ACCESS_TOKEN_EXPIRES_AT: "2026-11-02T13:00:00Z",
        },
      },
    ]);
  });

  test("refuses a token that ends too soon", async () => {
    const operator = new Operator();
    await operator.addStore({ ...CC, expiresAt: later(NOW, 20 * 60_000) });
    const { err, code } = await operator.type("exec acme --min-life 30m -- true");
    expect(code).toBe(3);
    expect(err).toContain("ends in 20m, and 30m are wanted. Next: shopify-secrets rotate acme");
    expect(operator.children).toEqual([]);
  });

  test.each([
    ["offline-expiring", "the merchant has not approved", "shopify-secrets install-link waiting"],
    ["custom-app", "the store has no access token yet", "shopify-secrets put waiting"],
    ["client-credentials", "enrolment has not come to an end", "pulumi up --continue-on-error"],
  ] as const)(
    "a store of kind %s without a value is told what it waits for",
    async (kind, says, next) => {
      const operator = new Operator();
      const app = kind === "custom-app" ? {} : { app: "fulfilment" };
      await operator.addStore({
        key: "waiting",
        kind,
        ...app,
        hasValue: false,
        tags: { [STATUS_TAGS.state]: "" },
      });
      operator.clock.at += HOUR_MS;
      const { err, code } = await operator.type("exec waiting -- true");
      expect(code).toBe(1);
      expect(err).toContain(says);
      expect(err).toContain(`Next: ${next}`);
      expect(err).not.toContain("does not exist");
      expect(operator.children).toEqual([]);
    },
  );

  test("a dead store is run with a warning", async () => {
    const operator = await operatorOfFleet();
    const { err, code } = await operator.type("exec partner -- true");
    expect(code).toBe(7);
    expect(err).toBe(
      "the store partner is dead: Shopify answers 401: the access token is dead. Next: shopify-secrets install-link partner, and send the link to the merchant\n",
    );
  });

  test("more life than the kind has is refused, and no renewal is sent for", async () => {
    const operator = new Operator();
    await operator.addStore({ ...CC, expiresAt: later(NOW, 23 * HOUR_MS) });
    const { err, code } = await operator.type("exec acme --min-life 30h -- true");
    expect(code).toBe(2);
    expect(err).toContain("no access token of kind client-credentials lives for 1d 6h");
    expect(err).toMatch(/Next: give less, such as --min-life \d+h\n/);
  });

  test("a value that is no record is told by its code", async () => {
    const operator = new Operator();
    await operator.addStore(CC);
    const SecretId = `${PREFIX}/stores/acme/token`;
    const ClientRequestToken = operator.model.newToken();
    await operator.call("PutSecretValue", { SecretId, ClientRequestToken, SecretString: TOKEN });
    const { err, code } = await operator.type("exec acme -- true");
    expect(code).toBe(1);
    expect(err).toContain("record_malformed");
    expect(err).not.toContain(TOKEN);
  });

  test.each([
    ["exec acme", "there is no command after --"],
    ["exec acme --min-life long -- true", '"long" is no span of time'],
    ["exec -- true", "name one store"],
  ])("%s is wrong usage", async (words, says) => {
    const operator = new Operator();
    await operator.addStore(CC);
    const { err, code } = await operator.type(words);
    expect(code).toBe(2);
    expect(err).toContain(says);
  });
});

describe("install-link, by how the app is distributed", () => {
  const typed = async (given: Pick<StoreGiven, "distribution" | "hasValue">, words = "") => {
    const operator = new Operator();
    await operator.addStore({ key: "acme", kind: "offline-expiring", app: "catalog", ...given });
    return await operator.type(`install-link acme --base-url https://x.example.com ${words}`);
  };
  const LINK = "https://x.example.com/install/acme\n";

  test("a custom app comes first by Shopify's own link, and needs an allowlist", async () => {
    const { out, err } = await typed({ distribution: "custom", hasValue: false });
    expect(out).toBe(LINK);
    expect(err).toContain("First send Shopify's own link: app catalog is a custom app");
    expect(err).toContain("invalid_link");
    expect(err).toContain("pulumi stack output allowlist --json");
  });

  test("where it is installed the link is the right one, and invalid_link says that it is not", async () => {
    const { out, err } = await typed({ distribution: "custom" });
    expect(out).toBe(LINK);
    expect(err).not.toContain("First send");
    expect(err).not.toContain("allowlist");
    expect(err).toContain("invalid_link");
  });

  test("a public app needs an allowlist and no other link", async () => {
    const { err } = await typed({ distribution: "public", hasValue: false });
    expect(err).not.toContain("invalid_link");
    expect(err).toContain("allowlist");
  });

  test("an app of the own organization needs neither", async () => {
    expect((await typed({ distribution: "own-organization", hasValue: false })).err).toBe("");
  });

  test("one that does not say is told of both", async () => {
    const { err } = await typed({ distribution: "unsaid", hasValue: false });
    expect(err).toContain("invalid_link");
    expect(err).toContain("unless it is of the store's own organization");
  });

  test("--json holds it all, and nothing stands beside it", async () => {
    const { out, err } = await typed({ distribution: "custom", hasValue: false }, "--json");
    expect(JSON.parse(out)).toMatchObject({
      store: "acme",
      link: LINK.trim(),
      distribution: "custom",
      first_install: "shopifys-link",
      notes: [expect.any(String), expect.any(String), expect.any(String)],
    });
    expect(err).toBe("");
  });
});
