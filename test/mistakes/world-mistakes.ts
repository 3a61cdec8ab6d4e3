import type { Mistake } from "./mistake";

const MODEL = "local/secrets-manager";
const MODEL_TESTS = "test/local/secrets-manager";
const RECORDED = "what sources outside the project say about Secrets Manager";

const recorded = (title: string): Mistake["caughtBy"] => ({
  file: `${MODEL_TESTS}/recorded-cases.test.ts`,
  titles: [RECORDED, title],
});

/** Wrong versions of Secrets Manager's model. */
const MODEL_MISTAKES: readonly Mistake[] = [
  {
    name: "a moved label stays on the version that had it",
    of: "world",
    patches: [
      {
        file: `${MODEL}/versions.ts`,
        search: "      : unlabelled(version, label),\n  );\n  if (label",
        replace: "      : version,\n  );\n  if (label",
      },
    ],
    caughtBy: recorded("a new AWSPENDING is taken from the current version"),
  },
  {
    name: "a new current value leaves AWSPENDING where it was",
    of: "world",
    patches: [
      {
        file: `${MODEL}/versions.ts`,
        search: 'stages.includes("AWSCURRENT") ? withoutOldPending(labelled, stages) : labelled',
        replace: "labelled",
      },
    ],
    caughtBy: recorded(
      "AWSPENDING stays on the promoted version and falls with the next current value",
    ),
  },
  {
    name: "a used version ID takes another value in silence",
    of: "world",
    patches: [
      {
        file: `${MODEL}/versions.ts`,
        search: "    throw tokenInUse(wanted.id, secret.arn);",
        replace: "    return secret;",
      },
    ],
    caughtBy: recorded("putting another value with the same token"),
  },
  {
    name: "AWSCURRENT moves although nobody said from where",
    of: "world",
    patches: [
      {
        file: `${MODEL}/operations/write.ts`,
        search: "if (holder === undefined || holder === to) return;",
        replace: 'if (holder !== "") return;',
      },
    ],
    caughtBy: recorded("AWSCURRENT moves only from the holder that was named"),
  },
  {
    name: "a schedule fires once more for every window that was jumped over",
    of: "world",
    patches: [
      {
        file: `${MODEL}/attempts.ts`,
        search: "around.now >= rotation.window.closesAt ? around.now : rotation.window.opensAt",
        replace: "rotation.window.opensAt",
      },
    ],
    caughtBy: {
      file: `${MODEL_TESTS}/rotation-schedule.test.ts`,
      titles: ["the schedule", "fires once, not once per window, after a jump of the clock"],
    },
  },
  {
    name: "the copy for a rotation's test is left behind",
    of: "world",
    patches: [
      {
        file: `${MODEL}/attempts.ts`,
        search: "const tested = withoutVersion(secret, token);",
        replace: "const tested = secret;",
      },
    ],
    caughtBy: {
      file: `${MODEL_TESTS}/rotation.test.ts`,
      titles: [
        "RotateImmediately=false",
        "tests a throw-away copy of the current value, and nothing else",
      ],
    },
  },
];

const PROVIDER = "local/provider";
const PROVIDER_TESTS = "test/local/provider";
const official = (token: string): Mistake["caughtBy"] => ({
  file: `${PROVIDER_TESTS}/tables.test.ts`,
  titles: [`${token} replaces, keeps and fills in as the official provider does`],
});

/** Wrong versions of the stand-in provider. */
const PROVIDER_MISTAKES: readonly Mistake[] = [
  {
    name: "a read echoes the state",
    of: "world",
    patches: [
      {
        file: `${PROVIDER}/state.ts`,
        search: 'if (row.read === "kept") return passed;',
        replace: 'if (row.read === "kept" || passed !== undefined) return passed;',
      },
    ],
    caughtBy: {
      file: `${PROVIDER_TESTS}/plugin-protocol.test.ts`,
      titles: ["reads drift into state and inputs"],
    },
  },
  {
    name: "a read is shown the whole state",
    of: "world",
    patches: [
      {
        file: `${PROVIDER}/state.ts`,
        search: "table[name]?.locates);",
        replace: "name in table);",
      },
    ],
    caughtBy: {
      file: `${PROVIDER_TESTS}/state.test.ts`,
      titles: ["read is shown nothing of the state but what locates the resource"],
    },
  },
  {
    name: "the recovery window has another default",
    of: "world",
    patches: [
      {
        file: `${PROVIDER}/resources/secret.ts`,
        search: 'optional("number", { initial: 30,',
        replace: 'optional("number", { initial: 7,',
      },
    ],
    caughtBy: official("aws:secretsmanager/secret:Secret"),
  },
  {
    name: "another secret keeps its rotation resource",
    of: "world",
    patches: [
      {
        file: `${PROVIDER}/resources/secret-rotation.ts`,
        search: 'secretId: required("string", { forceNew: true }),',
        replace: 'secretId: required("string"),',
      },
    ],
    caughtBy: official("aws:secretsmanager/secretRotation:SecretRotation"),
  },
];

/** Wrong versions of the imitation of Shopify, and of the policy questions before AWS. */
const OTHER_MISTAKES: readonly Mistake[] = [
  {
    name: "a refresh token outlives the use of its replacement",
    of: "world",
    patches: [
      {
        file: "local/shopify/grants/refresh-token.ts",
        search: "  retireWhatItReplaced(context, presented);\n  presented",
        replace: "  presented",
      },
    ],
    caughtBy: {
      file: "test/local/shopify/refresh.test.ts",
      titles: ["a presented refresh token stays usable", "until its replacement is presented"],
    },
  },
  {
    name: "an acquisition leaves the older refresh tokens alive",
    of: "world",
    patches: [
      {
        file: "local/shopify/rules/tokens.ts",
        search: '  retireRefreshTokens(context, owner, "acquired-again");\n',
        replace: "",
      },
    ],
    caughtBy: {
      file: "test/local/shopify/refresh.test.ts",
      titles: ["a presented refresh token stays usable", "until the app acquires another token"],
    },
  },
  {
    name: "RotateSecret asks for no right to invoke the function",
    of: "world",
    patches: [
      {
        file: "local/aws/dependent-permissions.ts",
        search: 'return [{ action: "lambda:InvokeFunction", resource: functionArn, context: {} }];',
        replace: "return [];",
      },
    ],
    caughtBy: {
      file: "test/local/aws/dependent-permissions.test.ts",
      titles: ["RotateSecret: the function of the request, else the secret's"],
    },
  },
  {
    name: "a function enters a VPC that its role may not join",
    of: "world",
    patches: [
      {
        file: "local/aws/dependent-permissions.ts",
        search: 'joinVpc(textOf(input["Role"]))',
        replace: "[]",
      },
    ],
    caughtBy: {
      file: "test/local/aws/dependent-permissions.test.ts",
      titles: ["a function in a VPC: the caller looks at the network, the role itself joins it"],
    },
  },
  {
    name: "a call of a function is judged without the qualifier that it names",
    of: "world",
    patches: [
      {
        file: "local/aws/world_resources.py",
        search: "        found = qualified(found, service, path, params)\n",
        replace: "",
      },
    ],
    caughtBy: {
      file: "test/e2e/aws/roles-and-functions.test.ts",
      titles: [
        "calling a function",
        "is judged on the version or alias that it names, and on the function when it names none",
      ],
    },
    needs: "emulator",
  },
  {
    name: "aws:PrincipalArn is the session's ARN",
    of: "world",
    patches: [
      {
        file: "local/aws/world_policy.py",
        search: "return role_arn_of_session(ctx.principal_arn, iam_evaluator)",
        replace: "return ctx.principal_arn",
      },
    ],
    caughtBy: {
      file: "test/e2e/aws/secret-permissions.test.ts",
      titles: [
        "identity policies",
        "a resource policy speaks of roles by aws:PrincipalArn, the role's own ARN",
      ],
    },
    needs: "emulator",
  },
];

export const WORLD_MISTAKES: readonly Mistake[] = [
  ...MODEL_MISTAKES,
  ...PROVIDER_MISTAKES,
  ...OTHER_MISTAKES,
];
