import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  encodeActingPolicy,
  encodeApplyingPolicy,
  encodeLookingPolicy,
} from "../../../infra/policies/operator";
import type { Statement } from "../../../infra/policies/statement";

const FLEET = {
  place: { partition: "aws", region: "eu-west-1", accountId: "123456789012" },
  prefix: "shopify/prod",
};
const PAGE = readFileSync(join(__dirname, "../../../docs/operators.md"), "utf8");

const statementsOf = (policy: string) =>
  (JSON.parse(policy) as { Statement: readonly Statement[] }).Statement;
const actionsOf = (policy: string) => statementsOf(policy).flatMap(({ Action }) => Action);

describe.each([
  ["looking", encodeLookingPolicy(FLEET)],
  ["acting", encodeActingPolicy(FLEET)],
  ["applying", encodeApplyingPolicy(FLEET)],
])("the policy for %s", (_name, policy) => {
  test("is printed in docs/operators.md as it is", () => {
    expect(PAGE).toContain(`\`\`\`json\n${JSON.stringify(JSON.parse(policy), null, 2)}\n\`\`\``);
  });

  test("reads no value, writes none, and deletes nothing", () => {
    const forbidden = /GetSecretValue|PutSecretValue|Delete|UpdateSecret$|\*|kms:|iam:/;
    expect(actionsOf(policy).filter((action) => forbidden.test(action))).toEqual([]);
  });

  test("reaches this stack's secrets and functions, and nobody else's", () => {
    const listing = ["secretsmanager:ListSecrets"];
    for (const { Action, Resource } of statementsOf(policy)) {
      const own = [Resource]
        .flat()
        .every((arn) => /:(\/aws\/lambda\/)?shopify(\/prod\/|-prod-)/.test(arn));
      expect(own || Action.join() === listing.join()).toBe(true);
    }
  });

  test("fits an inline policy of a role (10,240 characters)", () => {
    expect(policy.length).toBeLessThan(10_240);
  });
});

test("looking changes nothing", () => {
  const changing = actionsOf(encodeLookingPolicy(FLEET)).filter(
    (action) => !/:(List|Describe|Get|Filter)[A-Z]/.test(action),
  );
  expect(changing).toEqual([]);
});

test("acting is all of looking, and the store secrets alone", () => {
  const looking = statementsOf(encodeLookingPolicy(FLEET));
  const acting = statementsOf(encodeActingPolicy(FLEET));
  expect(acting.slice(0, looking.length)).toEqual(looking);
  const moving = acting.find(({ Sid }) => Sid === "ActOnStores");
  expect(moving?.Resource).toBe(
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shopify/prod/stores/*",
  );
});
