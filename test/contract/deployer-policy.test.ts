import { type Deployment, deployerPolicies } from "../../contract/deployer-policy";
import {
  MANAGED_POLICY_MAX,
  partitionOf,
  partitionProblem,
  type Statement,
} from "../../contract/policy";
import { allows } from "../assumptions/iam-evaluation";

const DEPLOYMENT: Deployment = {
  place: { partition: "aws", region: "eu-west-1", accountId: "123456789012" },
  prefix: "shopify/prod",
  vpc: false,
};
const LAMBDA = "arn:aws:lambda:eu-west-1:123456789012:function:shopify-prod";

function statementsOf(deployment: Deployment): Statement[] {
  return deployerPolicies(deployment).flatMap(
    (policy) => (JSON.parse(policy) as { Statement: Statement[] }).Statement,
  );
}

test("an enrolment is called with the qualifier that the provider names, and nothing else is", () => {
  const mayInvoke = (resource: string) =>
    allows(statementsOf(DEPLOYMENT), { action: "lambda:InvokeFunction", resource });
  expect(mayInvoke(`${LAMBDA}-enrol:$LATEST`)).toBe(true);
  expect(mayInvoke(`${LAMBDA}-rotate`)).toBe(true);
  for (const role of ["enrol", "sweep", "sweep:$LATEST", "install", "rotate:$LATEST"]) {
    expect([role, mayInvoke(`${LAMBDA}-${role}`)]).toEqual([role, false]);
  }
});

test("what the provider never asks for is not among them, and what it asks for in odd accounts is", () => {
  const may = (action: string, resource: string) =>
    allows(statementsOf(DEPLOYMENT), { action, resource });
  const secret =
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shopify/prod/stores/acme/token";
  const role = "arn:aws:iam::123456789012:role/shopify-prod-rotate-eu-west-1";
  // `restore` is an operator's, and tags come with GetFunction.
  expect(may("secretsmanager:RestoreSecret", secret)).toBe(false);
  expect(may("lambda:ListTags", `${LAMBDA}-enrol`)).toBe(false);
  expect(may("secretsmanager:DeleteSecret", secret)).toBe(true);
  // Before it deletes a role, the provider takes off what somebody attached to it (iam/role.go, DeleteRole).
  expect(may("iam:DetachRolePolicy", role)).toBe(true);
});

test("another stack whose name only begins alike is not touched", () => {
  const resources = statementsOf({ ...DEPLOYMENT, vpc: true }).flatMap(({ Resource }) => Resource);
  const reaching = resources.filter((resource) => {
    const pattern = resource.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("\\*", ".*");
    return (
      resource !== "*" && new RegExp(`^${pattern}$`).test(resource.replaceAll(/prod\b/g, "prod-eu"))
    );
  });
  expect(reaching).toEqual([
    "arn:aws:kms:eu-west-1:123456789012:key/*",
    "arn:aws:kms:eu-west-1:123456789012:key/*",
    "arn:aws:apigateway:eu-west-1::/apis",
    "arn:aws:apigateway:eu-west-1::/apis/*",
    "arn:aws:apigateway:eu-west-1::/tags/*",
  ]);
});

test("the engine's own calls to the bucket and the key of its state are among them, where there are such", () => {
  const bucket = "arn:aws:s3:::my-pulumi-state";
  const statements = statementsOf({
    ...DEPLOYMENT,
    stateBucket: "my-pulumi-state",
    stateKey: "alias/pulumi-state",
  });
  for (const action of ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]) {
    expect(allows(statements, { action, resource: `${bucket}/.pulumi/meta.yaml` })).toBe(true);
  }
  expect(allows(statements, { action: "s3:ListBucket", resource: bucket })).toBe(true);
  const key = statements.find(({ Sid }) => Sid === "StateKey");
  expect(key?.Condition).toEqual({
    "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/pulumi-state" },
  });
  const arn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  const byArn = statementsOf({ ...DEPLOYMENT, stateKey: arn });
  expect(allows(byArn, { action: "kms:Decrypt", resource: arn })).toBe(true);
  expect(statementsOf(DEPLOYMENT).some(({ Sid }) => Sid?.startsWith("State"))).toBe(false);
});

test("every part fits a managed policy, for the longest prefix in the longest region too", () => {
  const prefix = `shopify/${"p".repeat(28)}`;
  const policies = deployerPolicies({
    place: { partition: "aws-us-gov", region: "us-gov-west-1", accountId: "123456789012" },
    prefix,
    vpc: true,
    stateBucket: "b".repeat(63),
    stateKey: `alias/${"k".repeat(200)}`,
  });
  expect(policies.length).toBeLessThanOrEqual(4);
  for (const policy of policies) expect(policy.length).toBeLessThanOrEqual(MANAGED_POLICY_MAX);
  expect(policies.join()).not.toContain("arn:aws:");
});

test.each([
  ["eu-west-1", "aws", undefined],
  ["us-gov-west-1", "aws-us-gov", undefined],
  ["cn-north-1", "aws-cn", expect.stringContaining("does not know the partition aws-cn")],
  ["us-iso-east-1", "aws-iso", expect.stringContaining("aws-iso")],
])("the partition of %s is %s", (region, partition, problem) => {
  expect(partitionOf(region)).toBe(partition);
  expect(partitionProblem(partition)).toEqual(problem);
});
