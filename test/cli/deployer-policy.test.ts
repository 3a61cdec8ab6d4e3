import type { Statement } from "../../contract/policy";
import { Operator } from "./arrange";

const PLACED = "deployer-policy --prefix shopify/prod --region eu-west-1 --account 123456789012";

interface Policy {
  readonly Statement: readonly Statement[];
}

function offline(): Operator {
  const operator = new Operator();
  operator.mayConnect = false;
  return operator;
}

test("every part stands under its heading, and is a policy as it is", async () => {
  const { out, code } = await offline().type(PLACED);
  expect(code).toBe(0);
  const parts = out.split(/^# part \d of \d, \d+ of 6144 characters: attach every part$/m).slice(1);
  const { out: json } = await offline().type(`${PLACED} --json`);
  expect(parts.map((part) => JSON.parse(part))).toEqual(JSON.parse(json));
});

test("one part alone can be handed to IAM", async () => {
  const { out } = await offline().type(`${PLACED} --part 1`);
  const [first] = JSON.parse((await offline().type(`${PLACED} --json`)).out) as Policy[];
  expect(JSON.parse(out)).toEqual(first);
});

test("the state and a VPC are in it when they are named", async () => {
  const { out } = await offline().type(
    `${PLACED} --vpc --state-bucket my-pulumi-state --state-key alias/pulumi-state --json`,
  );
  const statements = (JSON.parse(out) as Policy[]).flatMap((policy) => policy.Statement);
  const actions = statements.flatMap(({ Action }) => Action);
  expect(actions).toEqual(expect.arrayContaining(["s3:PutObject", "ec2:DescribeSubnets"]));
  expect(statements.map(({ Sid }) => Sid)).toContain("StateKey");
});

test.each([
  ["deployer-policy", "--region is missing"],
  ["deployer-policy --region eu-west-1", "--account is missing"],
  [PLACED.replace("--prefix shopify/prod ", ""), "--prefix is missing"],
  [PLACED.replace("shopify/prod", "/x/"), "is no prefix"],
  [`${PLACED} now`, "takes no words"],
  [`${PLACED} --part 9`, 'there is no part "9"'],
  [`${PLACED} --state-key pulumi-state`, "--state-key"],
  [PLACED.replace("eu-west-1", "cn-north-1"), "does not know the partition aws-cn"],
])("%s is refused with what to do", async (words, says) => {
  const { err, code } = await offline().type(words);
  expect(err).toContain(says);
  expect(err).toContain(". Next: ");
  expect(code).toBe(2);
});
