import { changedResources } from "../../smoke/engine";

const OUTPUT = `Updating (smoke-1):
    pulumi:pulumi:Stack shopify-secrets-smoke-1 running
 ~  aws:lambda:Function rotate-function updating (0s) [diff: ~code]
 ~  aws:lambda:Function rotate-function updated (1s) [diff: ~code]
 +  aws:kms:Alias alias created (0.4s)
 +- aws:lambda:Invocation acme-enrolment replaced (0.1s) [diff: ~triggers]
 ++ aws:lambda:Invocation acme-enrolment created replacement (3s)
    aws:iam:Role role
 +  pulumi:pulumi:Stack shopify-secrets-smoke-1 created (9s)
Resources:
    ~ 1 updated
`;

test("an up tells which resources it changed, the stack itself left out", () => {
  expect(changedResources(OUTPUT)).toEqual([
    { type: "aws:lambda:Function", name: "rotate-function" },
    { type: "aws:kms:Alias", name: "alias" },
    { type: "aws:lambda:Invocation", name: "acme-enrolment" },
    { type: "aws:lambda:Invocation", name: "acme-enrolment" },
  ]);
});

test("an up without changes tells none", () => {
  expect(changedResources("Resources:\n    31 unchanged\n")).toEqual([]);
});
