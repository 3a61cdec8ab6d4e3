import { invoke } from "../../../local/provider/invoke";
import { policyDocument } from "../../../local/provider/policy-document";
import { CONFIG, fakeAws } from "./stand-in";

const session = () => {
  const GetCallerIdentity = {
    Account: "000000000000",
    Arn: "arn:aws:iam::000000000000:root",
    UserId: "u",
  };
  return { config: CONFIG, sts: fakeAws({ GetCallerIdentity }).aws.sts };
};

test("says who calls, and where", async () => {
  await expect(
    invoke("aws:index/getCallerIdentity:getCallerIdentity", {}, session()),
  ).resolves.toEqual({
    accountId: "000000000000",
    arn: "arn:aws:iam::000000000000:root",
    id: "000000000000",
    userId: "u",
  });
  await expect(invoke("aws:index/getRegion:getRegion", {}, session())).resolves.toMatchObject({
    region: "us-east-1",
    name: "us-east-1",
  });
  await expect(invoke("aws:index/getPartition:getPartition", {}, session())).resolves.toMatchObject(
    {
      partition: "aws",
      dnsSuffix: "amazonaws.com",
    },
  );
});

test("names a function and an argument that it does not know", async () => {
  await expect(invoke("aws:s3/getBucket:getBucket", {}, session())).rejects.toThrow(
    '"aws:s3/getBucket:getBucket"',
  );
  await expect(
    invoke("aws:index/getPartition:getPartition", { colour: "red" }, session()),
  ).rejects.toThrow('"colour"');
});

test("builds a policy document", async () => {
  const statements = [
    {
      sid: "Read",
      actions: ["secretsmanager:GetSecretValue"],
      resources: ["arn:a", "arn:b"],
      principals: [{ type: "Service", identifiers: ["lambda.amazonaws.com"] }],
      conditions: [{ test: "StringEquals", variable: "aws:PrincipalArn", values: ["arn:r"] }],
    },
    {
      effect: "Deny",
      notActions: ["kms:*"],
      notResources: ["*"],
      principals: [{ type: "*", identifiers: ["*"] }],
    },
  ];
  const document = {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Read",
        Effect: "Allow",
        Action: "secretsmanager:GetSecretValue",
        Resource: ["arn:b", "arn:a"],
        Principal: { Service: "lambda.amazonaws.com" },
        Condition: { StringEquals: { "aws:PrincipalArn": "arn:r" } },
      },
      { Effect: "Deny", NotAction: "kms:*", NotResource: "*", Principal: "*" },
    ],
  };
  expect(policyDocument({ statements })).toEqual(document);
  const answer = await invoke(
    "aws:iam/getPolicyDocument:getPolicyDocument",
    { statements },
    session(),
  );
  expect(JSON.parse(String(answer["json"]))).toEqual(document);
  expect(answer["minifiedJson"]).toBe(JSON.stringify(document));
});

test("lets later documents override statements of the same Sid", () => {
  const one = JSON.stringify({ Statement: [{ Sid: "A", Effect: "Allow" }, { Effect: "Allow" }] });
  const other = JSON.stringify({ Statement: { Sid: "A", Effect: "Deny" } });
  const args = { sourcePolicyDocuments: [one], overridePolicyDocuments: [other] };
  expect(policyDocument(args)["Statement"]).toEqual([
    { Sid: "A", Effect: "Deny" },
    { Effect: "Allow" },
  ]);
});
