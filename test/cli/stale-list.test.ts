import type { FunctionFacts } from "../../cli/aws/ports";
import { isoOf, later } from "../../contract/time";
import { LONGEST_LIST_LAG_MS } from "../../local/secrets-manager";
import { ago, HOUR_MS, MINUTE_MS, NOW, Operator, PREFIX } from "./arrange";

const ACME = {
  key: "acme",
  kind: "client-credentials",
  app: "fulfilment",
  expiresAt: later(NOW, 20 * HOUR_MS),
  lastSuccessAt: ago(4 * HOUR_MS),
} as const;

/** An operator whose lists are as far behind as AWS's may be. */
async function behind(): Promise<Operator> {
  const operator = new Operator({ listLagMs: LONGEST_LIST_LAG_MS });
  operator.env = { SHOPIFY_SECRETS_PREFIX: PREFIX };
  await operator.addStore(ACME);
  await operator.schedule("acme");
  return operator;
}

/** The stack's sweep function, as a deployment of that age leaves it. */
function deployed(operator: Operator, ageMs: number): void {
  const facts: FunctionFacts = {
    state: "Active",
    lastUpdate: "Successful",
    modifiedAt: ago(ageMs),
    variables: {},
  };
  operator.functionFacts.set("shopify-prod-sweep", facts);
}

describe("right after a deployment, when the list of secrets is five minutes behind", () => {
  test("status waits until the new stack is listed, and shows it as it is", async () => {
    const operator = await behind();
    deployed(operator, MINUTE_MS);
    const { code, out } = await operator.type("status");
    expect(out).toContain("1 store of shopify/prod: all well");
    expect(code).toBe(0);
    expect(operator.clock.at - NOW).toBeLessThanOrEqual(LONGEST_LIST_LAG_MS + 30_000);
  });

  test("status of a named store does not wait", async () => {
    const operator = await behind();
    deployed(operator, MINUTE_MS);
    const { code, out } = await operator.type("status acme");
    expect(out).toContain("acme");
    expect(code).toBe(0);
    expect(operator.clock.at).toBe(NOW);
  });

  test("a prefix without a stack, or with an old one, is refused at once, with what may be behind", async () => {
    const operator = new Operator({ listLagMs: LONGEST_LIST_LAG_MS });
    deployed(operator, HOUR_MS);
    for (const prefix of [PREFIX, "shopify/mistyped"]) {
      const { code, err } = await operator.type(`status --prefix ${prefix}`);
      expect(err).toContain(`there are no stores under ${prefix}`);
      expect(err).toContain("not be listed for five minutes");
      expect(code).toBe(3);
    }
    const { err } = await operator.type("status");
    expect(err).toContain("hold no store secrets");
    expect(err).toContain("not be listed for five minutes");
    expect(operator.clock.at).toBe(NOW);
  });

  test.each(["put acme", "exec acme -- true", "migrate acme --yes", "install-link acme"])(
    "%s finds the store",
    async (words) => {
      const operator = await behind();
      const { err } = await operator.type(words);
      expect(err).not.toContain("no stores");
      expect(err).not.toContain("there is no store");
    },
  );

  test("rotate and then rollback bring the token of before back", async () => {
    const operator = await behind();
    const first = (await operator.stagesOf("acme"))["AWSCURRENT"];
    expect((await operator.type("rotate acme")).code).toBe(0);
    operator.answer = () => ({
      stores: [{ store: "acme", kind: "client-credentials", state: "ok", code: "" }],
    });
    const { code, out } = await operator.type("rollback acme");
    expect(out).toContain(`version ${first} is current again`);
    expect(code).toBe(0);
    expect((await operator.stagesOf("acme"))["AWSCURRENT"]).toBe(first);
  });

  test("restore takes back what was deleted a minute ago", async () => {
    const operator = await behind();
    operator.clock.at += 10 * MINUTE_MS;
    const SecretId = `${PREFIX}/stores/acme/token`;
    await operator.call("DeleteSecret", { SecretId });
    expect(await operator.type("restore acme")).toMatchObject({ code: 0 });
  });

  test("only the list knows a shop, and the refusal says so", async () => {
    const operator = await behind();
    operator.clock.at += 10 * MINUTE_MS;
    await operator.addStore({ ...ACME, key: "newer" });
    const { err } = await operator.type("status newer.myshopify.com");
    expect(err).toContain("no store has the shop newer.myshopify.com");
    expect(err).toContain("not be listed for five minutes");
  });
});

describe("in an incident", () => {
  test("status shows what was mended a minute ago", async () => {
    const operator = await behind();
    await operator.tag("acme", { "shopify-secrets:state": "dead" });
    operator.clock.at += 10 * MINUTE_MS;
    expect((await operator.type("status")).out).toContain("dead");
    await operator.tag("acme", {
      "shopify-secrets:state": "ok",
      "shopify-secrets:last-success-at": isoOf(operator.clock.now()),
    });
    expect((await operator.type("status")).out).toContain("all well");
  });
});
