import type { Mistake } from "./mistake";

/** A promise of the engine, held by a test of the same words. */
const promise = (words: string): Mistake["caughtBy"] => ({
  file: "test/simulation/planted-bugs.test.ts",
  titles: [words, "holds"],
});

/** Wrong versions of the functions. */
const FUNCTION_MISTAKES: readonly Mistake[] = [
  {
    name: "a promotion goes over whatever is current",
    of: "product",
    patches: [
      {
        file: "lambda/engine/promote.ts",
        search: "let from = record.parentVersion;",
        replace: "let from = await readHolder();",
      },
    ],
    caughtBy: promise("an install that lands during a renewal wins"),
  },
  {
    name: "a stale pending value is reused",
    of: "product",
    patches: [
      {
        file: "lambda/engine/rules.ts",
        search:
          "  if (record.expiresAt === undefined) return true;\n  return record.expiresAt - now",
        replace:
          "  if (record.expiresAt === undefined || now > 0) return true;\n  return record.expiresAt - now",
      },
    ],
    caughtBy: promise("a pending value past half its life is not promoted"),
  },
  {
    name: "a refresh token is presented before its version is current",
    of: "product",
    patches: [
      {
        file: "lambda/engine/rules.ts",
        search: "presents: (parent) => parent,",
        replace: "presents: (parent, pending) => pending?.record ?? parent,",
      },
    ],
    caughtBy: promise("a new refresh token is not presented before its version is AWSCURRENT"),
  },
  {
    name: "a reply without expires_in lives for ever",
    of: "product",
    patches: [
      {
        file: "lambda/shopify/token-reply.ts",
        search: ": { seconds: documentedSeconds, assumed: true };",
        replace: ": { seconds: 3_153_600_000, assumed: true };",
      },
    ],
    caughtBy: promise("a reply without expires_in is renewed like any other"),
  },
  {
    name: "an enrolment writes without looking",
    of: "product",
    patches: [
      {
        file: "lambda/enrol/decide.ts",
        search: 'const UNCHANGED: EnrolDecision = { action: "verify", why: "unchanged" };',
        replace: 'const UNCHANGED: EnrolDecision = { does: "write", why: "unchanged" };',
      },
    ],
    caughtBy: {
      file: "test/lambda/enrol/enrol.test.ts",
      titles: ["a client-credentials store", "that works is left alone, however often"],
    },
  },
  {
    name: "a 403 condemns a token",
    of: "product",
    patches: [
      {
        file: "lambda/shopify/check.ts",
        search: 'if (reply.status === 401) return "token_dead";',
        replace: 'if (reply.status === 401 || reply.status === 403) return "token_dead";',
      },
    ],
    caughtBy: {
      file: "test/lambda/shopify/check.test.ts",
      titles: ["401 is the only status that condemns a token"],
    },
  },
  {
    name: "a redirect is followed",
    of: "product",
    patches: [
      {
        file: "lambda/shopify/send.ts",
        search: 'import type { Dispatcher } from "undici";',
        replace: 'import { type Dispatcher, interceptors } from "undici";',
      },
      {
        file: "lambda/shopify/send.ts",
        search: "    client.dispatch(dispatchOptionsOf(request), {",
        replace:
          "    const follow = interceptors.redirect({ maxRedirections: 3 });\n    client.compose(follow).dispatch(dispatchOptionsOf(request), {",
      },
    ],
    caughtBy: {
      file: "test/lambda/shopify/send.test.ts",
      titles: ["does not follow a redirect"],
    },
  },
  {
    name: "a minted access token is logged",
    of: "product",
    patches: [
      {
        file: "lambda/rotate/rotate.ts",
        search: '  return "stored";\n',
        replace:
          '  deps.log.info("rotation.minted", { access_token: record.accessToken.unseal() });\n  return "stored";\n',
      },
    ],
    caughtBy: {
      file: "test/security/canary.test.ts",
      titles: ["a rotation", "lets no secret out, whichever call goes wrong in whichever way"],
    },
  },
];

/** Wrong versions of what carries out a list. */
const LIST_MISTAKES: readonly Mistake[] = [
  {
    name: "what is left of a list that was replaced is carried out",
    of: "product",
    patches: [
      {
        file: "lambda/apply/make.ts",
        search: "  await refuseReplaced(work, deps);\n",
        replace: "",
      },
    ],
    caughtBy: {
      file: "test/lambda/apply/apply.test.ts",
      titles: [
        "a list that is applied",
        "what is left of a list that was replaced is not carried out, whatever it is",
      ],
    },
  },
  {
    name: "a store is marked as the list's before the list names it",
    of: "product",
    patches: [
      {
        file: "infra/components/store-secret.ts",
        search: '      dependsOn: present(store.moving === "to-list" ? args.list : undefined),\n',
        replace: "",
      },
    ],
    caughtBy: {
      file: "test/infra/moving.test.ts",
      titles: [
        "a store is marked as the list's once the list that names it is uploaded, and no other waits for it",
      ],
    },
  },
  {
    name: "a renewal waits behind checks for the next pass",
    of: "product",
    patches: [
      {
        file: "lambda/sweep/timetable.ts",
        search: "  return WRITES[work.action] < WRITES_A_RENEWAL && dueAt <= now;",
        replace: "  return WRITES[work.action] === 0 && dueAt <= now;",
      },
    ],
    caughtBy: {
      file: "test/lambda/sweep/timetable.test.ts",
      titles: [
        "the turns of a pass",
        "a pair that is due in a minute does not wait behind 30,000 stores to check",
      ],
    },
  },
];

/** Wrong versions of what every part agrees on. */
const CONTRACT_MISTAKES: readonly Mistake[] = [
  {
    name: "the record leaves out a key that does not apply",
    of: "product",
    patches: [
      {
        file: "contract/record.ts",
        search: "    expires_at: optionalIso(record.expiresAt),\n",
        replace:
          "    ...(record.expiresAt === undefined ? {} : { expires_at: isoOf(record.expiresAt) }),\n",
      },
    ],
    caughtBy: {
      file: "test/contract/record.test.ts",
      titles: ["the record", "is one flat object of strings with the same keys for every kind"],
    },
  },
  {
    name: "a sealed value shows itself as JSON",
    of: "product",
    patches: [
      {
        file: "contract/sealed.ts",
        search: "  toJSON(): string {\n    return PLACEHOLDER;",
        replace: "  toJSON(): string {\n    return String(this.#value);",
      },
    ],
    caughtBy: {
      file: "test/contract/contract.test.ts",
      titles: ["sealed values", "print a placeholder in JSON"],
    },
  },
  {
    name: "the proof of a schedule forgets the window",
    of: "product",
    patches: [
      {
        file: "contract/schedule.ts",
        search: "worstGap: periodHours + ROTATION_WINDOW_HOURS,",
        replace: "worstGap: periodHours,",
      },
    ],
    caughtBy: {
      file: "test/contract/contract.test.ts",
      titles: ["the schedule", "the arithmetic is shown"],
    },
  },
];

/** Wrong versions of what the program deploys. */
const PROGRAM_MISTAKES: readonly Mistake[] = [
  {
    name: "a list that is emptied loses the key of its one-hour stores before they are retired",
    of: "product",
    patches: [
      { file: "infra/refresh-tokens.ts", search: "listed?.keepsPairs === true ||", replace: "" },
    ],
    caughtBy: {
      file: "test/infra/list-machine.test.ts",
      titles: [
        "a stack with a list of stores",
        "leaves the functions what renews one-hour stores that left the list, until they were retired",
      ],
    },
  },
  {
    name: "a list is taken out of config while its one-hour stores stand",
    of: "product",
    patches: [
      {
        file: "infra/ended-list.ts",
        search: "if (!missesApp && !(refreshKey && hasPair)) return undefined;",
        replace: "if (!missesApp) return undefined;",
      },
    ],
    caughtBy: {
      file: "test/infra/ended-list.test.ts",
      titles: ["a list with one-hour stores that leaves config is refused, with what keeps them"],
    },
  },
  {
    name: "an app is closed over a merchant's store because config has another under its key",
    of: "product",
    patches: [
      {
        file: "infra/closed-apps.ts",
        search: ".filter(({ secretArn }) => !takenOver.has(secretArn))",
        replace:
          ".filter(({ secretArn, facts }) => !takenOver.has(secretArn) && !spec.stores.some(({ secretName }) => secretName === facts.name))",
      },
    ],
    caughtBy: {
      file: "test/infra/closed-apps.test.ts",
      titles: ["a store of config under the merchant's key of another shop does not take it over"],
    },
  },
  {
    name: "a store of the list is told to correct a line of config",
    of: "product",
    patches: [
      {
        file: "contract/origin-words.ts",
        search: "if (origin === LISTED) return inList(step);",
        replace: "if (origin === LISTED) return step.next;",
      },
    ],
    caughtBy: {
      file: "test/contract/origin-words.test.ts",
      titles: ["the next step of a store of the list", "shop_not_found"],
    },
  },
  {
    name: "a policy for store secrets reaches app secrets too",
    of: "product",
    patches: [
      {
        file: "infra/policies/statement.ts",
        search: "/stores/*`;",
        replace: "/*`;",
      },
    ],
    caughtBy: {
      file: "test/infra/policies/policies.test.ts",
      titles: ["the rotate function", "renews only secrets that name it"],
    },
  },
  {
    name: "a policy lacks the key's right that AWS makes a write depend on",
    of: "product",
    patches: [
      {
        file: "infra/policies/functions.ts",
        search: 'Action: ["kms:Decrypt", "kms:GenerateDataKey"],',
        replace: 'Action: ["kms:Decrypt"],',
      },
    ],
    caughtBy: {
      file: "test/assumptions/policies-suffice.test.ts",
      titles: [
        "the policies that the program deploys allow",
        "every call of a rotation, with all that AWS makes depend on it",
      ],
    },
  },
  {
    name: "the enrol function may act only on secrets that name a function",
    of: "product",
    patches: [
      {
        file: "infra/policies/functions.ts",
        search:
          "    Action: RENEWAL_ACTIONS,\n    Resource: storeSecretsOf(fleet.place, fleet.prefix),\n  };",
        replace:
          '    Action: RENEWAL_ACTIONS,\n    Resource: storeSecretsOf(fleet.place, fleet.prefix),\n    Condition: { StringLike: { "secretsmanager:resource/AllowRotationLambdaArn": "*" } },\n  };',
      },
    ],
    caughtBy: {
      file: "test/assumptions/policies-suffice.test.ts",
      titles: [
        "the policies that the program deploys allow",
        "every call of an enrolment, before the secret names any function",
      ],
    },
  },
  {
    name: "the deployer's policy forgets the qualifier that the provider names",
    of: "product",
    patches: [
      {
        file: "contract/deployer-policy.ts",
        search: 'const QUALIFIER = "$LATEST";',
        replace: 'const QUALIFIER = "live";',
      },
    ],
    caughtBy: {
      file: "test/contract/deployer-policy.test.ts",
      titles: [
        "an enrolment is called with the qualifier that the provider names, and nothing else is",
      ],
    },
  },
  {
    name: "every edit of a schedule rotates the fleet",
    of: "product",
    patches: [
      {
        file: "infra/components/store-secret.ts",
        search: "rotateImmediately: false,",
        replace: "rotateImmediately: true,",
      },
    ],
    caughtBy: {
      file: "test/infra/fleet.test.ts",
      titles: [
        "a rotation",
        "belongs to client-credentials stores alone, and never starts by itself",
      ],
    },
  },
  {
    name: "Pulumi fights over the tags that functions write",
    of: "product",
    patches: [{ file: "Pulumi.yaml", search: `"shopify-secrets:"`, replace: `"another-prefix:"` }],
    caughtBy: {
      file: "test/infra/dev-stack.test.ts",
      titles: ["the project tells the provider to leave the functions' tags alone"],
    },
  },
];

/** Wrong versions of what applications import. */
const READER_MISTAKES: readonly Mistake[] = [
  {
    name: "an expired access token is served",
    of: "product",
    patches: [
      {
        file: "reader/freshness.ts",
        search: "return token.expiresAt === undefined || now < token.expiresAt;",
        replace: "return token.expiresAt === undefined || now > 0;",
      },
    ],
    caughtBy: {
      file: "test/reader/token-reader.test.ts",
      titles: [
        "freshness",
        "an expired token is never served, and its secret is read at most once a second",
      ],
    },
  },
];

export const PRODUCT_MISTAKES: readonly Mistake[] = [
  ...FUNCTION_MISTAKES,
  ...LIST_MISTAKES,
  ...CONTRACT_MISTAKES,
  ...PROGRAM_MISTAKES,
  ...READER_MISTAKES,
];
