import type { Need } from "../../../local/aws/dependent-permissions";
import { judgeNeeds } from "../../../local/aws/needs-check";
import type { Policies, PolicyAnswer, PolicyQuestion } from "../../../local/aws/policy";

const WHO = { accessKeyId: "AKIA" };
const FIRST: PolicyQuestion = { who: WHO, action: "secretsmanager:PutSecretValue", resource: "s" };
const DENIED: PolicyAnswer = { allowed: false, code: "AccessDeniedException", message: "User: …" };
const ALLOWED: PolicyAnswer = { allowed: true, principal: "arn:me" };

function policiesThat(
  answers: Record<string, PolicyAnswer>,
  mayAssume = true,
): Policies & { asked: PolicyQuestion[] } {
  const asked: PolicyQuestion[] = [];
  return {
    asked,
    ask: async (questions) => {
      asked.push(...questions);
      return questions.map((question) => answers[question.action] ?? ALLOWED);
    },
    mayAssume: async () => mayAssume,
    setNewRoleDelayMs: async () => undefined,
    setTwiceEvery: async () => undefined,
    sendEvent: async () => undefined,
  };
}

const onKey = (operation: string): Need => ({
  action: `kms:${operation}`,
  resource: "k",
  context: {},
  refusal: { code: "AccessDeniedException", message: "Access to KMS is not allowed" },
});
const NEEDS = [onKey("GenerateDataKey"), onKey("Decrypt")];

test("everything allowed: the caller's ARN and no refusal, in one round of questions", async () => {
  const policies = policiesThat({});
  const verdict = await judgeNeeds(policies, { who: WHO, first: [FIRST], needs: NEEDS });
  expect(verdict).toEqual({ principal: "arn:me", refusal: undefined });
  expect(policies.asked).toEqual([
    FIRST,
    { who: WHO, action: "kms:GenerateDataKey", resource: "k", context: {} },
    { who: WHO, action: "kms:Decrypt", resource: "k", context: {} },
  ]);
});

test("the request's own action comes before what it needs besides", async () => {
  const policies = policiesThat({ [FIRST.action]: DENIED, "kms:Decrypt": DENIED });
  const { refusal } = await judgeNeeds(policies, { who: WHO, first: [FIRST], needs: NEEDS });
  expect(refusal).toEqual({ code: "AccessDeniedException", message: "User: …" });
});

test("a need has its own words, and a key that does not exist is one not allowed", async () => {
  const policies = policiesThat({ "kms:Decrypt": { allowed: false, missing: true } });
  const { refusal } = await judgeNeeds(policies, { who: WHO, first: [FIRST], needs: NEEDS });
  expect(refusal?.message).toBe("Access to KMS is not allowed");
});

test("a request that names a key which does not exist is told so", async () => {
  const ifMissing = { code: "InvalidParameterException", message: "Invalid keyId 'k'" };
  const needs = NEEDS.map((need) => ({ ...need, ifMissing }));
  const policies = policiesThat({ "kms:Decrypt": { allowed: false, missing: true } });
  const { refusal } = await judgeNeeds(policies, { who: WHO, first: [FIRST], needs });
  expect(refusal).toEqual(ifMissing);
});

test.each([
  ["kms:Decrypt", "DecryptionFailure"],
  ["kms:GenerateDataKey", "EncryptionFailure"],
])("an unusable key fails %s with %s", async (action, code) => {
  const policies = policiesThat({ [action]: { allowed: true, keyState: "PendingDeletion" } });
  const { refusal } = await judgeNeeds(policies, { who: WHO, first: [FIRST], needs: NEEDS });
  expect(refusal?.code).toBe(code);
});

test("a usable key is no trouble", async () => {
  const policies = policiesThat({ "kms:Decrypt": { allowed: true, keyState: "Enabled" } });
  const { refusal } = await judgeNeeds(policies, { who: WHO, first: [FIRST], needs: NEEDS });
  expect(refusal).toBeUndefined();
});

test("a role is passed first and assumed then", async () => {
  const cannot = { code: "ValidationException", message: "cannot assume" };
  const need: Need = {
    action: "iam:PassRole",
    resource: "r",
    context: {},
    assumedBy: { service: "scheduler.amazonaws.com", refusal: cannot },
  };
  const asked = { who: WHO, first: [], needs: [need] };
  expect((await judgeNeeds(policiesThat({}, false), asked)).refusal).toEqual(cannot);
  expect((await judgeNeeds(policiesThat({}, true), asked)).refusal).toBeUndefined();
  const refused = policiesThat({ "iam:PassRole": DENIED }, false);
  expect((await judgeNeeds(refused, asked)).refusal?.code).toBe("AccessDeniedException");
});
