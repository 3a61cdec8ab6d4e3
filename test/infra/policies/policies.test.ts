import { mayDecryptToken, mayReadInBatches, mayReadToken } from "../../../contract/reader-policy";
import * as functions from "../../../infra/policies/functions";
import * as key from "../../../infra/policies/key";
import { mayNotTouchUnnamed, mayReadAsNamed } from "../../../infra/policies/secret";
import type { Statement } from "../../../infra/policies/statement";

const place = { partition: "aws", region: "eu-west-1", accountId: "123456789012" };
const fleet = { place, prefix: "shopify/prod" };
const KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/secrets";
const FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:shopify-prod-rotate";
const ROLE_ARN = "arn:aws:iam::123456789012:role/orders";
const STORES = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shopify/prod/stores/*";
const secretArn =
  "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shopify/prod/stores/acme/token-AbCdEf";

const IDENTITY_STATEMENTS: readonly Statement[] = [
  functions.mayRotateFleet(fleet, FUNCTION_ARN),
  functions.mayRenewFleet(fleet),
  functions.mayWriteStatus(fleet),
  functions.mayReadAppCredentials(fleet),
  functions.mayUseSecretsKey(fleet, KEY_ARN),
  functions.maySealRefreshTokens(fleet, KEY_ARN),
  functions.mayOpenRefreshTokens(fleet, [KEY_ARN]),
  functions.mayCallFunction(FUNCTION_ARN),
  functions.mayWriteLog("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/x"),
  mayReadToken({ place, secretArn, kmsKeyArn: KEY_ARN }),
  mayDecryptToken({ place, secretArn, kmsKeyArn: KEY_ARN }),
];

/** AWS offers no narrower resource than the wildcard for these. */
const NO_NARROWER_RESOURCE: readonly Statement[] = [
  functions.mayJoinVpc(),
  functions.mayListSecrets(),
  mayReadInBatches(),
];

const RESOURCE_STATEMENTS: readonly Statement[] = [
  key.mayAdministerKey(place),
  key.mayUseKeyThroughSecretsManager(place, fleet.prefix),
  key.mayDecryptFromOutside(place, fleet.prefix, [ROLE_ARN]),
  key.maySealWithKey(place, [ROLE_ARN]),
  mayReadAsNamed({ readers: [ROLE_ARN], keepers: [], deployers: [] }),
  mayNotTouchUnnamed({ readers: [ROLE_ARN], keepers: [], deployers: [] }),
];

describe("every statement", () => {
  test.each([...IDENTITY_STATEMENTS, ...RESOURCE_STATEMENTS, ...NO_NARROWER_RESOURCE])(
    "$Sid names its actions one by one",
    ({ Action }) => {
      expect(Action.filter((action) => action.includes("*"))).toEqual([]);
      expect([...new Set(Action)]).toEqual([...Action]);
    },
  );

  test.each(IDENTITY_STATEMENTS)("$Sid names its resources", ({ Resource }) => {
    for (const resource of [Resource].flat()) {
      expect(resource).toMatch(
        /^arn:aws:(?:secretsmanager|kms|lambda|logs):eu-west-1:123456789012:/,
      );
    }
  });

  test.each(RESOURCE_STATEMENTS)("$Sid names no role as principal", ({ Principal }) => {
    expect(["*", "arn:aws:iam::123456789012:root"]).toContain(Principal?.AWS);
  });
});

describe("the rotate function", () => {
  test("renews only secrets that name it", () => {
    expect(functions.mayRotateFleet(fleet, FUNCTION_ARN)).toEqual({
      Sid: "RotateFleet",
      Effect: "Allow",
      Action: [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
      ],
      Resource: STORES,
      Condition: {
        StringEquals: { "secretsmanager:resource/AllowRotationLambdaArn": FUNCTION_ARN },
      },
    });
  });
});

describe("the enrol function", () => {
  test("reaches stores before they name any function", () => {
    const statement = functions.mayRenewFleet(fleet);
    expect(statement.Condition).toBeUndefined();
    expect(statement.Resource).toBe(STORES);
  });

  test("writes no tags but the status", () => {
    expect(functions.mayWriteStatus(fleet).Condition).toEqual({
      "ForAllValues:StringLike": { "aws:TagKeys": ["shopify-secrets:*"] },
    });
  });
});

describe("keys", () => {
  test("administration never decrypts", () => {
    const { Action } = key.mayAdministerKey(place);
    const uses = Action.filter((action) =>
      /Decrypt|Encrypt|GenerateDataKey|CreateGrant|ReEncrypt/.test(action),
    );
    expect(uses).toEqual([]);
    expect(Action).toContain("kms:PutKeyPolicy"); // AWS refuses a policy that locks everybody out
  });

  test.each([
    functions.mayUseSecretsKey(fleet, KEY_ARN),
    key.mayUseKeyThroughSecretsManager(place, fleet.prefix),
    key.mayDecryptFromOutside(place, fleet.prefix, [ROLE_ARN]),
    mayDecryptToken({ place, secretArn, kmsKeyArn: KEY_ARN }),
  ])("$Sid works through Secrets Manager only, for this fleet's secrets", ({ Condition }) => {
    expect(Condition?.["StringEquals"]?.["kms:ViaService"]).toBe(
      "secretsmanager.eu-west-1.amazonaws.com",
    );
    expect(JSON.stringify(Condition)).toContain("secret:shopify/prod/");
  });

  test("the refresh-token key is called directly, by named roles", () => {
    const condition = functions.maySealRefreshTokens(fleet, KEY_ARN).Condition;
    expect(condition).toEqual({ StringLike: { "kms:EncryptionContext:SecretArn": STORES } });
    expect(functions.mayOpenRefreshTokens(fleet, [KEY_ARN]).Condition).toEqual(condition);
    expect(key.maySealWithKey(place, [ROLE_ARN]).Condition).toEqual({
      ArnEquals: { "aws:PrincipalArn": [ROLE_ARN] },
    });
  });
});

describe("a reader", () => {
  test("reads one secret and no other", () => {
    expect(mayReadToken({ place, secretArn, kmsKeyArn: KEY_ARN })).toEqual({
      Sid: "ReadToken",
      Effect: "Allow",
      Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
      Resource: secretArn,
    });
  });

  test("once named, keeps everybody else from the value and nobody from management", () => {
    const denial = mayNotTouchUnnamed({
      readers: [ROLE_ARN],
      keepers: ["arn:keeper"],
      deployers: [],
    });
    expect(denial.Effect).toBe("Deny");
    expect(denial.Condition).toEqual({
      ArnNotEquals: { "aws:PrincipalArn": [ROLE_ARN, "arn:keeper"] },
    });
    expect(denial.Action).not.toContain("secretsmanager:PutResourcePolicy");
    expect(denial.Action).not.toContain("secretsmanager:DeleteSecret");
  });
});
