import { MANAGED_POLICY_MAX } from "../../contract/policy";
import { encodeReaderPolicies, encodeReaderPolicy } from "../../contract/reader-policy";
import { Operator, PREFIX } from "./arrange";
import { operatorOfFleet } from "./fleet";

interface Printed {
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Action: readonly string[];
    readonly Resource: string | readonly string[];
    readonly Condition?: { readonly StringEquals: Readonly<Record<string, unknown>> };
  }[];
}

const place = { partition: "aws", region: "us-east-1", accountId: "123456789012" };
const arnOf = (store: string) =>
  `arn:aws:secretsmanager:us-east-1:123456789012:secret:${PREFIX}/stores/${store}/token-AbCdEf`;
const keyOf = (name: string) => `arn:aws:kms:us-east-1:123456789012:key/${name}`;

test("one store's policy is one JSON document, and reads that secret alone", async () => {
  const operator = await operatorOfFleet();
  const { out, code } = await operator.type("reader-policy acme");
  expect(code).toBe(0);
  const { Statement } = JSON.parse(out) as Printed;
  const read = Statement.find(({ Action }) => Action.includes("secretsmanager:GetSecretValue"));
  expect(read?.Resource).toMatch(new RegExp(`:secret:${PREFIX}/stores/acme/token-\\w{6}$`));
});

test("several stores share a policy; a store that there is not is named", async () => {
  const operator = await operatorOfFleet();
  const { out } = await operator.type("reader-policy acme heritage --json");
  const [policy] = JSON.parse(out) as Printed[];
  expect(policy?.Statement[0]?.Resource).toHaveLength(2);
  const { err, code } = await operator.type("reader-policy acem");
  expect(code).toBe(2);
  expect(err).toContain("did you mean acme?");
});

test("no words: every store of the prefix", async () => {
  const operator = await operatorOfFleet();
  const { out } = await operator.type("reader-policy --json");
  const [policy] = JSON.parse(out) as Printed[];
  expect(policy?.Statement[0]?.Resource).toHaveLength(9);
});

test("a secret under AWS's own key needs no permission to decrypt", async () => {
  const operator = new Operator();
  await operator.addStore({ key: "heritage", kind: "custom-app" });
  const { out } = await operator.type("reader-policy heritage");
  expect(out).not.toContain("kms:Decrypt");
});

describe("policies of several stores", () => {
  const secretsUnder = (count: number, key: (at: number) => string | undefined) =>
    Array.from({ length: count }, (_, at) => ({
      secretArn: arnOf(`store-${at}`),
      kmsKeyArn: key(at),
    }));

  test("that of one store is the one that the stack tells", () => {
    const [secret] = secretsUnder(1, () => keyOf("secrets"));
    const [policy] = encodeReaderPolicies(
      { place, secrets: secret === undefined ? [] : [secret] },
      MANAGED_POLICY_MAX,
    );
    expect(policy).toBe(
      encodeReaderPolicy({
        place,
        secretArn: arnOf("store-0"),
        kmsKeyArn: keyOf("secrets"),
      }),
    );
  });

  test("each key opens the secrets that it encrypts, and no other", () => {
    const secrets = secretsUnder(4, (at) => keyOf(at % 2 === 0 ? "even" : "odd"));
    const [text = ""] = encodeReaderPolicies({ place, secrets }, MANAGED_POLICY_MAX);
    const { Statement } = JSON.parse(text) as Printed;
    const opened = Statement.filter(({ Action }) => Action.includes("kms:Decrypt")).map(
      ({ Resource, Condition }) => [
        Resource,
        Condition?.StringEquals["kms:EncryptionContext:SecretARN"],
      ],
    );
    expect(opened).toEqual([
      [keyOf("even"), [arnOf("store-0"), arnOf("store-2")]],
      [keyOf("odd"), [arnOf("store-1"), arnOf("store-3")]],
    ]);
    expect(new Set(Statement.map(({ Sid }) => Sid)).size).toBe(Statement.length);
  });

  test.each([1, 2, 29, 30, 100, 301])("%d stores: each fits, none is missing", (count) => {
    const secrets = secretsUnder(count, () => keyOf("secrets"));
    const policies = encodeReaderPolicies({ place, secrets }, MANAGED_POLICY_MAX);
    for (const policy of policies) expect(policy.length).toBeLessThanOrEqual(MANAGED_POLICY_MAX);
    const read = policies.flatMap(
      (policy) => (JSON.parse(policy) as Printed).Statement[0]?.Resource,
    );
    expect(read).toEqual(secrets.map(({ secretArn }) => secretArn));
  });
});
