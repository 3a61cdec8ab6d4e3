import { STATUS_TAGS } from "../../contract/store/status";
import { isoOf, later } from "../../contract/time";
import { HOUR_MS, NOW, Operator, PREFIX } from "./arrange";
import { operatorOfFleet } from "./fleet";
import { expectSnapshot } from "./matches-snapshot";

const CC = { kind: "client-credentials", app: "fulfilment" } as const;

async function operatorOf(...keys: string[]): Promise<Operator> {
  const operator = new Operator();
  for (const key of keys) {
    await operator.addStore({ ...CC, key, expiresAt: later(NOW, 9 * HOUR_MS) });
    await operator.schedule(key);
  }
  return operator;
}

describe("rotate", () => {
  test("waits until AWSCURRENT moved, and shows the new end", async () => {
    const operator = await operatorOf("acme");
    const before = await operator.stagesOf("acme");
    const { out, code } = await operator.type("rotate acme --json");
    const after = await operator.stagesOf("acme");
    expect(after["AWSPREVIOUS"]).toBe(before["AWSCURRENT"]);
    expect(code).toBe(0);
    expect(JSON.parse(out).stores).toEqual([
      { store: "acme", outcome: "renewed", code: null, expires_at: "2026-11-03T12:00:01Z" },
    ]);
  });

  test("tells the code of a failure and the next command; the others go on", async () => {
    const operator = await operatorOf("acme", "bolt");
    operator.rotationEnds.set("acme", "client_secret_rejected");
    const { out, code } = await operator.type("rotate acme bolt");
    expect(code).toBe(1);
    expect(out).toMatch(/^acme .*failed .*client_secret_rejected$/m);
    expect(out).toMatch(/^bolt .*renewed/m);
    expect(out).toContain(
      "Next: pulumi config set --secret --path 'shopify-secrets:clientSecrets.fulfilment'",
    );
  });

  test("stops waiting in the end, and says who goes on", async () => {
    const operator = await operatorOf("acme");
    operator.rotationEnds.set("acme", "never-ends");
    const { out, code } = await operator.type("rotate acme --wait 30s");
    expect(operator.clock.at - NOW).toBe(30_000);
    expect(code).toBe(1);
    expect(out).toContain("it has not ended yet; Secrets Manager goes on by itself");
    expect(out).toContain("Next: shopify-secrets status acme");
  });

  test("a pair that was renewed minutes ago is no failure", async () => {
    const operator = await operatorOfFleet();
    operator.answer = () => ({
      stores: [{ store: "one-hour", state: "ok", code: "version_budget_spent" }],
    });
    const { out, code } = await operator.type("rotate one-hour");
    expect(code).toBe(1);
    expect(out).toMatch(/^one-hour +offline-expiring +waiting /m);
    expect(out).toContain(
      "it was renewed less than 20 minutes ago, and gets a new version no sooner",
    );
  });

  test("a rotation that is under way is what was asked for", async () => {
    const operator = await operatorOf("acme");
    operator.rotationEnds.set("acme", "never-ends");
    await operator.type("rotate acme --wait 5s");
    operator.rotationEnds.delete("acme");
    const { err } = await operator.type("rotate acme --wait 5s");
    expect(err).not.toContain("InvalidRequest");
  });

  test("one-hour pairs are renewed by the sweep function, in one invocation", async () => {
    const operator = await operatorOfFleet();
    operator.answer = () => ({
      stores: [
        {
          store: "one-hour",
          kind: "offline-expiring",
          state: "ok",
          code: "",
          expiresAt: "2026-11-02T13:00:00Z",
        },
        { store: "ending", kind: "offline-expiring", state: "failing", code: "refresh_token_dead" },
      ],
    });
    const { out, code } = await operator.type("rotate one-hour ending");
    expect(operator.invocations).toEqual([
      { name: "shopify-prod-sweep", payload: { action: "renew", stores: ["ending", "one-hour"] } },
    ]);
    expect(out).toMatch(/^one-hour .*renewed +1h/m);
    expect(out).toContain(
      "Next: shopify-secrets install-link ending, and send the link to the merchant",
    );
    expect(code).toBe(1);
  });

  test("a static token is a person's to renew", async () => {
    const operator = await operatorOfFleet();
    const { err, code } = await operator.type("rotate heritage");
    expect(code).toBe(2);
    expect(err).toContain("Next: shopify-secrets put heritage");
  });

  test.each([
    ["rotate", "name stores, or --app <app>, or --signing-key <app>, or --all"],
    ["rotate acme --all", "name stores, or --app <app>, or --signing-key <app>, or --all"],
    ["rotate --app a --signing-key a", "name stores, or --app <app>, or --signing-key <app>"],
    ["rotate nobody", "there is no store nobody"],
    ["rotate --app nobody", 'no store belongs to an app "nobody"'],
    ["rotate acme --wait soon", "--wait is no span of time"],
  ])("%s is wrong usage", async (words, says) => {
    const operator = await operatorOf("acme");
    const { err, code } = await operator.type(words);
    expect(code).toBe(2);
    expect(err).toContain(says);
    expect(err).toContain(". Next: ");
  });

  test.each([80, 160])("--all fits %i columns", async (columns) => {
    const operator = await operatorOfFleet();
    operator.rotationEnds.set("acme-canada", "client_secret_rejected");
    operator.answer = (_name, { stores }) => ({
      stores: (stores as string[]).map((store) => ({
        store,
        kind: "offline-expiring",
        state: store === "ending" ? "dead" : "ok",
        code: store === "ending" ? "refresh_token_dead" : "",
        expiresAt: "2026-11-02T13:00:00Z",
      })),
    });
    const { out, code } = await operator.type(`rotate --all --prefix ${PREFIX}`, columns);
    expect(code).toBe(1);
    const table = out.slice(0, out.indexOf("\n\n"));
    expect(Math.max(...table.split("\n").map((line) => line.length))).toBeLessThanOrEqual(columns);
    expectSnapshot(`rotate-all-${columns}`, out);
  });
});

describe("the change of a client secret", () => {
  async function changing(answerFor: (version: string) => unknown): Promise<Operator> {
    const operator = await operatorOf("acme", "bolt");
    const version = await operator.addAppSecret("fulfilment");
    operator.answer = () => answerFor(version);
    return operator;
  }
  const found = (store: string, appSecretVersion: string) => ({
    store,
    kind: "client-credentials",
    state: "ok",
    code: "",
    appSecretVersion,
  });

  test("is safe to finish when no store is left on the old one", async () => {
    const operator = await changing((version) => ({
      stores: [found("acme", version), found("bolt", version)],
    }));
    const { out, code } = await operator.type("rotate --app fulfilment");
    expect(code).toBe(0);
    expect(out).toContain("App fulfilment: 2 of 2 renewable stores use the newest client secret.");
    expect(out).toContain("It is safe to revoke the old client secret in the Dev Dashboard");
  });

  test("is not while one is left", async () => {
    const operator = await changing((version) => ({
      stores: [found("acme", version), found("bolt", "the-version-before")],
    }));
    const { out, code } = await operator.type("rotate --app fulfilment");
    expect(code).toBe(1);
    expect(out).toContain("Left on an older one: bolt.");
    expect(out).toContain("Do NOT revoke the old client secret yet.");
  });

  test("names a newest client secret that Shopify refuses: the renewal used the one before", async () => {
    const operator = await changing(() => ({
      stores: [found("acme", "the-version-before"), found("bolt", "the-version-before")],
    }));
    const { out, code } = await operator.type("rotate --app fulfilment");
    expect(code).toBe(1);
    expect(out).toContain(
      "client_secret_rejected: Shopify refuses the client secret of app fulfilment, and the one before was used for acme, bolt.\n" +
        "Next: pulumi config set --secret --path 'shopify-secrets:clientSecrets.fulfilment', then pulumi up --continue-on-error, then shopify-secrets rotate --app fulfilment\n",
    );
    expect(out).not.toContain("shown above");
  });

  test("is one JSON document with --json", async () => {
    const operator = await changing((version) => ({
      stores: [found("acme", version), found("bolt", "the-version-before")],
    }));
    const { out } = await operator.type("rotate --app fulfilment --json");
    expect(JSON.parse(out)).toMatchObject({
      stores: [{ store: "acme" }, { store: "bolt" }],
      client_secret: {
        app: "fulfilment",
        on_newest: ["acme"],
        on_older: ["bolt"],
        refused_newest: ["bolt"],
        static: [],
        is_safe_to_revoke: false,
      },
    });
  });

  test("does not wait for a store that has no token to lose", async () => {
    const operator = await changing((version) => ({
      stores: [found("acme", version), found("bolt", version)],
    }));
    await operator.addStore({ ...CC, key: "new", hasValue: false });
    const { out } = await operator.type("rotate --app fulfilment");
    expect(out).toContain("2 of 2 renewable stores");
    expect(out).toContain("It is safe to revoke");
  });

  describe("where other stacks use the same client ID", () => {
    async function sharing(): Promise<Operator> {
      const operator = await changing((version) => ({
        stores: [found("acme", version), found("bolt", version)],
      }));
      const tags = { "shopify-client-id": "the-client-id" };
      for (const key of ["acme", "bolt"]) await operator.tag(key, tags);
      const declared = {
        kind: "client-credentials",
        shop: "x.myshopify.com",
        scopes: "",
        api: "2026-10",
      };
      for (const [name, clientId] of [
        ["shopify/staging/stores/acme/token", "the-client-id"],
        ["shopify/other/stores/zeta/token", "another-client-id"],
      ] as const) {
        await operator.call("CreateSecret", {
          Name: name,
          ClientRequestToken: operator.model.newToken(),
          Description: JSON.stringify({ v: 1, app: "shared", ...declared }),
          Tags: [{ Key: "shopify-client-id", Value: clientId }],
        });
      }
      return operator;
    }

    test("is not safe by this one alone", async () => {
      const { out, code } = await (await sharing()).type(
        `rotate --app fulfilment --prefix ${PREFIX}`,
      );
      expect(code).toBe(1);
      expect(out).toContain("The same client ID serves 1 store of shopify/staging: acme.");
      expect(out).toContain("Next: shopify-secrets rotate --app shared --prefix shopify/staging");
      expect(out).toContain("Do NOT revoke");
      expect(out).not.toContain("shopify/other");
    });

    test("is safe once somebody says that they are done", async () => {
      const words = `rotate --app fulfilment --prefix ${PREFIX} --other-stacks-done`;
      const { out, code } = await (await sharing()).type(words);
      expect(code).toBe(0);
      expect(out).toContain("It is safe to revoke");
    });

    test("stands in the JSON", async () => {
      const words = `rotate --app fulfilment --prefix ${PREFIX} --json`;
      const { client_secret: use } = JSON.parse((await (await sharing()).type(words)).out);
      expect(use).toMatchObject({
        elsewhere: [{ prefix: "shopify/staging", app: "shared", stores: ["acme"] }],
        is_safe_to_revoke: false,
      });
    });
  });

  test("is not while a static token was issued under the old one", async () => {
    const operator = await changing((version) => ({
      stores: [found("acme", version), found("bolt", version)],
    }));
    await operator.addStore({ key: "partner", kind: "offline", app: "fulfilment" });
    const { out, code } = await operator.type("rotate --app fulfilment");
    expect(code).toBe(1);
    expect(out).toContain("dead with the client secret that they were issued under: partner.");
    expect(out).toContain("shopify-secrets rotate --app fulfilment --static-done");
    expect(out).not.toContain("It is safe");
  });

  test("is safe once somebody says that the static ones were put anew", async () => {
    const operator = await changing((version) => ({
      stores: [found("acme", version), found("bolt", version)],
    }));
    await operator.addStore({ key: "partner", kind: "offline", app: "fulfilment" });
    const { out, code } = await operator.type("rotate --app fulfilment --static-done");
    expect([code, out.includes("partner")]).toEqual([0, false]);
    expect(out).toContain("It is safe to revoke the old client secret");
  });
});

describe("what cannot be rotated is told without asking AWS", () => {
  test.each([
    ["new-merchant", "has no access token", "shopify-secrets install-link new-merchant"],
    ["heritage", "nobody can renew it but a person", "shopify-secrets put heritage"],
  ])("%s", async (store, says, next) => {
    const operator = await operatorOfFleet();
    const { err } = await operator.type(`rotate ${store}`);
    expect(err).toContain(says);
    expect(err).toContain(`Next: ${next}`);
  });

  test("a store whose schedule is off", async () => {
    const operator = new Operator();
    await operator.addStore({ key: "acme", kind: "client-credentials", app: "fulfilment" });
    const { out, code } = await operator.type("rotate acme");
    expect(out).toContain("rotation_off");
    expect(out).toContain("Next: pulumi up --refresh --continue-on-error");
    expect(code).toBe(1);
  });
});

describe("rotate in waves", () => {
  const credentials = async (stores: number): Promise<Operator> => {
    const operator = new Operator();
    for (let index = 0; index < stores; index += 1) {
      const key = `store-${String(index).padStart(2, "0")}`;
      await operator.addStore({
        key,
        kind: "client-credentials",
        app: "fulfilment",
        expiresAt: later(NOW, 18 * HOUR_MS),
      });
      await operator.schedule(key);
    }
    await operator.addAppSecret("fulfilment");
    return operator;
  };
  const outcomesOf = (out: string): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { outcome } of (JSON.parse(out) as { stores: { outcome: string }[] }).stores) {
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    return counts;
  };
  const refuse = (operator: Operator, keys: readonly string[]) => {
    for (const key of keys) operator.rotationEnds.set(key, "client_secret_rejected");
  };

  test.each(["--all", "--app fulfilment"])(
    "%s stops when one of the first few fails",
    async (which) => {
      const operator = await credentials(20);
      refuse(operator, ["store-01"]);
      const { out, code } = await operator.type(`rotate ${which} --json`);
      expect(outcomesOf(out)).toEqual({ renewed: 2, failed: 1, left: 17 });
      expect(code).toBe(1);
    },
  );

  test("stops later at the share that was given", async () => {
    const keys = ["store-03", "store-04"];
    const operator = await credentials(20);
    refuse(operator, keys);
    const { out } = await operator.type("rotate --all");
    expect(out).toContain(
      "Stopped: too many failed that were well before, and 11 stores were left alone.",
    );
    const patient = await credentials(20);
    refuse(patient, keys);
    const { out: more } = await patient.type("rotate --all --max-failures 50% --json");
    expect(outcomesOf(more)).toEqual({ renewed: 18, failed: 2 });
  });

  test("what needed somebody before comes last, and stops nobody", async () => {
    const operator = await credentials(8);
    refuse(operator, ["store-00"]);
    await operator.tag("store-00", {
      [STATUS_TAGS.lastErrorCode]: "client_secret_rejected",
      [STATUS_TAGS.lastErrorAt]: isoOf(NOW),
    });
    const { out } = await operator.type("rotate --all --json");
    expect(outcomesOf(out)).toEqual({ renewed: 7, failed: 1 });
  });

  test("stores that are named are renewed whatever becomes of the others", async () => {
    const operator = await credentials(4);
    refuse(operator, ["store-00", "store-01"]);
    const { out } = await operator.type("rotate store-00 store-01 store-02 store-03 --json");
    expect(outcomesOf(out)).toEqual({ renewed: 2, failed: 2 });
  });
});
