import type { Refusal } from "./aws-request";
import type { Need } from "./dependent-permissions";
import type { Caller, Policies, PolicyAnswer, PolicyQuestion } from "./policy";

export interface Verdict {
  /** The caller's ARN, if the policy evaluation knows it. */
  readonly principal: string | undefined;
  /** Absent when the request is allowed. */
  readonly refusal: Refusal | undefined;
}

interface Asked {
  readonly who: Caller;
  /** The request's own action, judged first; absent when the emulator judges it. */
  readonly first: readonly PolicyQuestion[];
  readonly needs: readonly Need[];
}

/** Puts a request's own action and all it needs besides to the policies; the first refusal counts. */
export async function judgeNeeds(policies: Policies, asked: Asked): Promise<Verdict> {
  const questions = [...asked.first, ...asked.needs.map((need) => ({ who: asked.who, ...need }))];
  const answers = await policies.ask(questions.map(withoutWording));
  const principal = answers[0]?.principal;
  for (const [at, answer] of answers.entries()) {
    const refusal = refusalOf(answer, asked.needs[at - asked.first.length]);
    if (refusal !== undefined) return { principal, refusal };
  }
  return { principal, refusal: await trustRefusal(policies, asked.needs) };
}

function withoutWording(question: PolicyQuestion & Partial<Need>): PolicyQuestion {
  const { refusal: _wording, ifMissing: _none, assumedBy: _trust, ...plain } = question;
  return plain;
}

function refusalOf(answer: PolicyAnswer, need: Need | undefined): Refusal | undefined {
  if (answer.missing === true && need?.ifMissing !== undefined) return need.ifMissing;
  if (!answer.allowed) {
    return need?.refusal ?? { code: answer.code ?? "", message: answer.message ?? "" };
  }
  if (answer.keyState == null || answer.keyState === "Enabled") return undefined;
  return unusableKey(need?.action ?? "");
}

/** Source: API reference of GetSecretValue and PutSecretValue, errors DecryptionFailure and EncryptionFailure. */
function unusableKey(action: string): Refusal {
  if (action === "kms:Decrypt") {
    return {
      code: "DecryptionFailure",
      message:
        "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
    };
  }
  return {
    code: "EncryptionFailure",
    message:
      "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is available, enabled, and not in an invalid state.",
  };
}

async function trustRefusal(
  policies: Policies,
  needs: readonly Need[],
): Promise<Refusal | undefined> {
  for (const { assumedBy, resource } of needs) {
    if (assumedBy === undefined) continue;
    const mayAssume = await policies.mayAssume({
      roleArn: resource,
      assumedBy: assumedBy.service,
      ...(assumedBy.context === undefined ? {} : { assumeContext: assumedBy.context }),
    });
    if (!mayAssume) return assumedBy.refusal;
  }
  return undefined;
}
