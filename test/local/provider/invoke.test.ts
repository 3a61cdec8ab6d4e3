import { invoke } from "../../../local/provider/invoke";
import { policyDocument } from "../../../local/provider/policy-document";
import { CONFIG, fakeAws } from "./stand-in";

const session = () => {
  const GetCallerIdentity = {
    Account: "000000000000",
    Arn: "arn:aws:iam::000000000000:root",
    UserId: "u",
  };
  const { sts, lambda } = fakeAws({ GetCallerIdentity }).aws;
  return { config: CONFIG, sts, lambda };
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

test("calls a function once, as the data source does, and keeps no failure to itself", async () => {
  const args = { functionName: "shopify-dev-enrol", input: '{"action":"ping"}' };
  const answering = (answer: object) => {
    const { aws, calls } = fakeAws({ Invoke: answer });
    const asked = { config: CONFIG, sts: aws.sts, lambda: aws.lambda };
    return { calls, result: invoke("aws:lambda/getInvocation:getInvocation", args, asked) };
  };
  const { calls, result } = answering({ Payload: Buffer.from("null") });
  await expect(result).resolves.toMatchObject({ result: "null", qualifier: "$LATEST" });
  expect(calls).toMatchObject([
    { name: "Invoke", input: { FunctionName: "shopify-dev-enrol", Qualifier: "$LATEST" } },
  ]);
  const failed = answering({ Payload: Buffer.from('"no"'), FunctionError: "Unhandled" });
  await expect(failed.result).rejects.toThrow('invoking Lambda Function (shopify-dev-enrol): "no"');
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
