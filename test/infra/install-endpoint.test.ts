import { InstallEndpoint } from "../../infra/components/install-endpoint";
import type { Statement } from "../../infra/policies/statement";
import { ofType, policyIn, type Recorded, recordResources } from "./recorded";
import { stubBundles } from "./stub-bundles";

const bundles = stubBundles(["install"]);
const KEY = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555";
const STORES = "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/test/stores/*";

let recorded: Recorded[];

beforeAll(async () => {
  recorded = await recordResources(() => {
    new InstallEndpoint("install", {
      prefix: "shopify/test",
      place: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
      kmsKeyArn: KEY,
      bundlesFolder: bundles.folder,
    });
  });
});

afterAll(() => bundles.remove());

test("is throttled: a flood costs little and hides nothing", () => {
  const [stage] = ofType(recorded, "aws:apigatewayv2/stage:Stage");
  expect(stage?.inputs).toMatchObject({
    name: "$default",
    autoDeploy: true,
    defaultRouteSettings: { throttlingRateLimit: 10, throttlingBurstLimit: 20 },
  });
});

test("may write the stores that a merchant approves, and no other secret", () => {
  const [policy] = ofType(recorded, "aws:iam/rolePolicy:RolePolicy");
  const { Statement: statements } = policyIn(policy, "policy") as { Statement: Statement[] };
  const writing = statements.filter(({ Action }) =>
    Action.some((action) => /secretsmanager:(Put|Update|Create|Delete)/.test(action)),
  );
  expect(writing).toEqual([
    {
      Sid: "InstallStores",
      Effect: "Allow",
      Action: [
        "secretsmanager:ListSecretVersionIds",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
      ],
      Resource: STORES,
      Condition: {
        StringEquals: { "aws:ResourceTag/shopify-kind": ["offline", "offline-expiring"] },
      },
    },
  ]);
});

test("waits no longer than API Gateway does", () => {
  const [lambda] = ofType(recorded, "aws:lambda/function:Function");
  expect(lambda?.inputs["timeout"]).toBeLessThan(30);
});
