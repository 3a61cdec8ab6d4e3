import { boundaryArnOf, boundaryPolicy } from "../../contract/boundary-policy";
import { deployerPolicies } from "../../contract/deployer-policy";
import { FUNCTION_ROLES } from "../../contract/names";
import { MANAGED_POLICY_MAX, type Statement } from "../../contract/policy";
import { encodeActingPolicy } from "../../infra/policies/operator";
import { encodeAudiencePolicy } from "../../infra/policies/secret";
import { allows, type Question } from "../assumptions/iam-evaluation";

const PLACE = { partition: "aws", region: "us-east-1", accountId: "000000000000" };
const PREFIX = "shopify/dev";
const BOUNDARY = boundaryArnOf({ place: PLACE, prefix: PREFIX });
const SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret";
const KEY = "arn:aws:kms:us-east-1:000000000000:key/1234abcd";
const API = "arn:aws:apigateway:us-east-1::/apis/a1b2c3";
const ROLE = "arn:aws:iam::000000000000:role";
const ROTATE = `${ROLE}/shopify-dev-rotate-us-east-1`;
const OWN_TAG = "aws:ResourceTag/shopify-prefix";
const NEW_TAG = "aws:RequestTag/shopify-prefix";
const ALIASES = "kms:ResourceAliases";
const BOUND = "iam:PermissionsBoundary";
const THROUGH = { "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com" };

const statementsIn = (policies: readonly string[]): Statement[] =>
  policies.flatMap((policy) => (JSON.parse(policy) as { Statement: Statement[] }).Statement);

const BOUNDED = statementsIn(
  deployerPolicies({ place: PLACE, prefix: PREFIX, vpc: true, boundaryArn: BOUNDARY }),
);
const UNBOUNDED = statementsIn(deployerPolicies({ place: PLACE, prefix: PREFIX, vpc: true }));
const LIMITS = statementsIn([boundaryPolicy({ place: PLACE, prefix: PREFIX, vpc: true })]);
const OPERATOR = statementsIn([encodeActingPolicy({ place: PLACE, prefix: PREFIX })]);

type Cell = readonly [string, string, string, Question["context"]?];

const may = (statements: readonly Statement[], [, action, resource, context]: Cell): boolean =>
  allows(statements, { action, resource, context });

describe("the deployer whose roles are bounded", () => {
  test.each<Cell>([
    ["makes a role with the boundary", "iam:CreateRole", ROTATE, { [BOUND]: BOUNDARY }],
    ["gives a bounded role its rights", "iam:PutRolePolicy", ROTATE, { [BOUND]: BOUNDARY }],
    ["bounds a role of before", "iam:PutRolePermissionsBoundary", ROTATE, { [BOUND]: BOUNDARY }],
    ["deletes a role of the stack", "iam:DeleteRole", ROTATE],
    ["makes a key with the stack's tag", "kms:CreateKey", "*", { [NEW_TAG]: PREFIX }],
    ["tags it as it is made", "kms:TagResource", KEY, { [NEW_TAG]: PREFIX }],
    ["changes the policy of its own key", "kms:PutKeyPolicy", KEY, { [OWN_TAG]: PREFIX }],
    [
      "takes a tag from its own key, which has an alias",
      "kms:UntagResource",
      KEY,
      { [OWN_TAG]: PREFIX, [ALIASES]: "alias/shopify/dev/secrets" },
    ],
    [
      "makes an API with the tag",
      "apigateway:POST",
      "arn:aws:apigateway:us-east-1::/apis",
      { [NEW_TAG]: PREFIX },
    ],
    ["changes its own API", "apigateway:PATCH", API, { [OWN_TAG]: PREFIX }],
    [
      "writes an app secret",
      "secretsmanager:PutSecretValue",
      `${SECRET}:shopify/dev/apps/erp/credential-AbCdEf`,
    ],
  ])("%s", (...cell) => {
    expect(may(BOUNDED, cell as unknown as Cell)).toBe(true);
  });

  test.each<Cell>([
    ["makes no role without a boundary", "iam:CreateRole", ROTATE],
    ["makes no role with another boundary", "iam:CreateRole", ROTATE, { [BOUND]: `${BOUNDARY}x` }],
    ["gives an unbounded role no right", "iam:PutRolePolicy", ROTATE],
    ["attaches no policy", "iam:AttachRolePolicy", ROTATE, { [BOUND]: BOUNDARY }],
    ["lets nobody else into a role", "iam:UpdateAssumeRolePolicy", ROTATE, { [BOUND]: BOUNDARY }],
    ["detaches no boundary", "iam:DeleteRolePermissionsBoundary", ROTATE, { [BOUND]: BOUNDARY }],
    [
      "puts no other boundary in its place",
      "iam:PutRolePermissionsBoundary",
      ROTATE,
      { [BOUND]: `${ROLE}/x` },
    ],
    ["edits no boundary", "iam:CreatePolicyVersion", BOUNDARY],
    ["chooses no older boundary", "iam:SetDefaultPolicyVersion", BOUNDARY],
    ["deletes no boundary", "iam:DeletePolicy", BOUNDARY],
    [
      "makes no role of another name",
      "iam:CreateRole",
      `${ROLE}/shopify-dev-mine-us-east-1`,
      { [BOUND]: BOUNDARY },
    ],
    [
      "passes a role to no other service",
      "iam:PassRole",
      ROTATE,
      { "iam:PassedToService": "ec2.amazonaws.com" },
    ],
    ["makes no key without the tag", "kms:CreateKey", "*"],
    [
      "deletes no key of another stack",
      "kms:ScheduleKeyDeletion",
      KEY,
      { [OWN_TAG]: "shopify/prod" },
    ],
    ["deletes no key without a tag", "kms:ScheduleKeyDeletion", KEY],
    [
      "takes over no key of another stack",
      "kms:TagResource",
      KEY,
      { [OWN_TAG]: "shopify/prod", [NEW_TAG]: PREFIX },
    ],
    [
      "takes over no key that has an alias, although it has no tag",
      "kms:TagResource",
      KEY,
      { [ALIASES]: "alias/payroll", [NEW_TAG]: PREFIX },
    ],
    ["deletes no API of another stack", "apigateway:DELETE", API, { [OWN_TAG]: "shopify/prod" }],
    ["deletes no API without a tag", "apigateway:DELETE", API],
    [
      "deletes no API of another name, whatever tag it was given",
      "apigateway:DELETE",
      API,
      { [OWN_TAG]: PREFIX, "apigateway:Resource/ApiName": "shopify-prod-install" },
    ],
    [
      "decrypts for no secret of another stack",
      "kms:Decrypt",
      KEY,
      { ...THROUGH, "kms:EncryptionContext:SecretARN": `${SECRET}:payroll/db-AbCdEf` },
    ],
    [
      "reads no store",
      "secretsmanager:GetSecretValue",
      `${SECRET}:shopify/dev/stores/acme/token-AbCdEf`,
    ],
    [
      "deletes no log of a stack of nearly the same name",
      "logs:DeleteLogGroup",
      "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/shopify-dev-eu-rotate",
    ],
  ])("%s", (...cell) => {
    expect(may(BOUNDED, cell as unknown as Cell)).toBe(false);
  });

  test("without the boundary all of the worst would be allowed: the cells can be answered with yes", () => {
    const worst: Cell[] = [
      ["", "iam:CreateRole", ROTATE],
      ["", "iam:PutRolePolicy", ROTATE],
      ["", "iam:UpdateAssumeRolePolicy", ROTATE],
      ["", "kms:ScheduleKeyDeletion", KEY],
      ["", "apigateway:DELETE", API],
    ];
    expect(worst.map((cell) => may(UNBOUNDED, cell))).toEqual(worst.map(() => true));
  });
});

describe("a role of the stack that a deployer gave every right", () => {
  /** What a boundary leaves of a policy that allows everything is what the boundary allows. */
  const cells: readonly (readonly [Cell, boolean])[] = [
    [
      [
        "reads its stores",
        "secretsmanager:GetSecretValue",
        `${SECRET}:shopify/dev/stores/acme/token-AbCdEf`,
      ],
      true,
    ],
    [
      ["reads no other secret", "secretsmanager:GetSecretValue", `${SECRET}:payroll/db-AbCdEf`],
      false,
    ],
    [
      [
        "reads no store of another stack",
        "secretsmanager:GetSecretValue",
        `${SECRET}:shopify/dev-eu/stores/acme/token-AbCdEf`,
      ],
      false,
    ],
    [
      [
        "deletes no secret",
        "secretsmanager:DeleteSecret",
        `${SECRET}:shopify/dev/stores/acme/token-AbCdEf`,
      ],
      false,
    ],
    [
      [
        "changes no secret's policy",
        "secretsmanager:PutResourcePolicy",
        `${SECRET}:shopify/dev/stores/acme/token-AbCdEf`,
      ],
      false,
    ],
    [["makes no user", "iam:CreateUser", `arn:aws:iam::000000000000:user/backdoor`], false],
    [["gives nobody a right", "iam:PutRolePolicy", ROTATE], false],
    [["takes no role", "sts:AssumeRole", ROTATE], false],
    [["deletes no key", "kms:ScheduleKeyDeletion", KEY], false],
    [
      [
        "decrypts through Secrets Manager for its own",
        "kms:Decrypt",
        KEY,
        {
          ...THROUGH,
          "kms:EncryptionContext:SecretARN": `${SECRET}:shopify/dev/stores/acme/token-AbCdEf`,
        },
      ],
      true,
    ],
    [["decrypts nothing else", "kms:Decrypt", KEY], false],
    [
      [
        "writes its log",
        "logs:PutLogEvents",
        "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/shopify-dev-rotate:log-stream:x",
      ],
      true,
    ],
    [
      [
        "calls no function but the sweep",
        "lambda:InvokeFunction",
        "arn:aws:lambda:us-east-1:000000000000:function:billing",
      ],
      false,
    ],
  ];

  test.each(cells.map(([cell, is]) => [cell[0], cell, is] as const))("%s", (_what, cell, is) => {
    expect(may(LIMITS, cell)).toBe(is);
  });

  test("the boundary fits one managed policy, for the longest prefix too", () => {
    const place = { ...PLACE, partition: "aws-us-gov", region: "us-gov-west-1" };
    const longest = boundaryPolicy({ place, prefix: `shopify/${"p".repeat(28)}`, vpc: true });
    expect(longest.length).toBeLessThanOrEqual(MANAGED_POLICY_MAX);
  });

  test("each part of the bounded deployer's policy fits as well", () => {
    const policies = deployerPolicies({
      place: { ...PLACE, partition: "aws-us-gov", region: "us-gov-west-1" },
      prefix: `shopify/${"p".repeat(28)}`,
      vpc: true,
      accessLog: true,
      stateBucket: "b".repeat(63),
      stateKey: `alias/${"k".repeat(200)}`,
      boundaryArn: BOUNDARY,
    });
    for (const policy of policies) expect(policy.length).toBeLessThanOrEqual(MANAGED_POLICY_MAX);
    expect(policies.length).toBeLessThanOrEqual(5);
  });
});

describe("an operator who acts", () => {
  const STORE = `${SECRET}:shopify/dev/stores/acme/token-AbCdEf`;
  const rotate = (context: Question["context"]) =>
    allows(OPERATOR, { action: "secretsmanager:RotateSecret", resource: STORE, context });

  test("starts a rotation as it is set up", () => {
    expect(rotate({ "secretsmanager:ModifyRotationRules": "false" })).toBe(true);
    expect(rotate({})).toBe(true);
  });

  test("changes neither when a store rotates nor by which function", () => {
    expect(rotate({ "secretsmanager:ModifyRotationRules": "true" })).toBe(false);
    const function_ = "arn:aws:lambda:us-east-1:000000000000:function:shopify-dev-enrol";
    expect(rotate({ "secretsmanager:RotationLambdaARN": function_ })).toBe(false);
  });
});

describe("a power user, whom IAM lets do everything, and a store that names its readers", () => {
  const deployer = `${ROLE}/pipeline`;
  const policyOf = (deployers: readonly string[]) =>
    statementsIn([
      encodeAudiencePolicy(
        PLACE,
        { prefix: PREFIX, breakGlass: [], deployers, functions: ["rotate", "enrol", "sweep"] },
        [`${ROLE}/orders`],
      ),
    ]);
  const isDenied = (deployers: readonly string[], action: string, principal: string) =>
    policyOf(deployers)
      .filter(({ Effect }) => Effect === "Deny")
      .some((denial) =>
        allows([{ ...denial, Effect: "Allow" }], {
          action,
          resource: "any",
          context: { "aws:PrincipalArn": principal },
        }),
      );

  test.each(["GetSecretValue", "PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage"])(
    "%s is refused to the power user",
    (action) => {
      const user = "arn:aws:iam::000000000000:user/power";
      expect(isDenied([deployer], `secretsmanager:${action}`, user)).toBe(true);
    },
  );

  test("the deployer updates, and the functions that the stack has do all of theirs", () => {
    expect(isDenied([deployer], "secretsmanager:UpdateSecret", deployer)).toBe(false);
    expect(isDenied([deployer], "secretsmanager:PutSecretValue", deployer)).toBe(true);
    expect(isDenied([deployer], "secretsmanager:PutSecretValue", ROTATE)).toBe(false);
  });

  test("a role of a function that the stack does not have is no keeper", () => {
    const install = `${ROLE}/shopify-dev-install-us-east-1`;
    expect(FUNCTION_ROLES).toContain("install");
    expect(isDenied([], "secretsmanager:GetSecretValue", install)).toBe(true);
  });

  test("without deployers in config IAM alone decides who updates", () => {
    expect(isDenied([], "secretsmanager:UpdateSecret", `${ROLE}/x`)).toBe(false);
  });
});
