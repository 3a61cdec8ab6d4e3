import { AwsError } from "../aws-error";
import { present } from "../present";
import type { ResourcePolicyRequest, SecretIdRequest } from "../requests";
import { requireLiveSecret } from "../secret-id";
import { answered, changed, type ModelState, type Outcome } from "../state";

export function getResourcePolicy(state: ModelState, request: SecretIdRequest): Outcome {
  const secret = requireLiveSecret(state, request.SecretId);
  return answered(state, {
    ARN: secret.arn,
    Name: secret.name,
    ...present({ ResourcePolicy: secret.policy }),
  });
}

/** @throws {AwsError} `MalformedPolicyDocumentException`, `PublicPolicyException` */
export function putResourcePolicy(state: ModelState, request: ResourcePolicyRequest): Outcome {
  const secret = requireLiveSecret(state, request.SecretId ?? "");
  const statements = statementsOf(request.ResourcePolicy);
  if (request.BlockPublicPolicy === true && statements.some(isPublic)) {
    throw new AwsError(
      "PublicPolicyException",
      "You can't attach a resource policy that allows broad access to the secret.",
    );
  }
  return changed(
    state,
    { ...secret, policy: request.ResourcePolicy },
    { ARN: secret.arn, Name: secret.name },
  );
}

export function deleteResourcePolicy(state: ModelState, request: SecretIdRequest): Outcome {
  const secret = requireLiveSecret(state, request.SecretId);
  return changed(state, { ...secret, policy: undefined }, { ARN: secret.arn, Name: secret.name });
}

export function validateResourcePolicy(state: ModelState, request: ResourcePolicyRequest): Outcome {
  if (request.SecretId !== undefined) requireLiveSecret(state, request.SecretId);
  const errors = statementsOf(request.ResourcePolicy).some(isPublic)
    ? [{ CheckName: "BLOCK_PUBLIC_POLICY", ErrorMessage: "The policy allows broad access." }]
    : [];
  return answered(state, {
    PolicyValidationPassed: errors.length === 0,
    ValidationErrors: errors,
  });
}

type Statement = Readonly<Record<string, unknown>>;

function statementsOf(policy: string): readonly Statement[] {
  const statement = parsedPolicy(policy)["Statement"];
  const statements: unknown[] = Array.isArray(statement) ? statement : [statement];
  if (!statements.every(isStatement)) throw malformed();
  return statements;
}

function parsedPolicy(policy: string): Statement {
  let parsed: unknown;
  try {
    parsed = JSON.parse(policy);
  } catch {
    throw malformed(); // the parser's own error would quote the policy
  }
  if (typeof parsed !== "object" || parsed === null) throw malformed();
  return parsed as Statement;
}

function isStatement(statement: unknown): statement is Statement {
  if (typeof statement !== "object" || statement === null) return false;
  const given = statement as Statement;
  const hasEffect = given["Effect"] === "Allow" || given["Effect"] === "Deny";
  const hasAction = "Action" in given || "NotAction" in given;
  return hasEffect && hasAction && ("Principal" in given || "NotPrincipal" in given);
}

/** An allowing statement for everybody, under no condition. */
function isPublic(statement: Statement): boolean {
  if (statement["Effect"] !== "Allow" || statement["Condition"] !== undefined) return false;
  const principal = statement["Principal"];
  const aws = (principal as Statement | null)?.["AWS"];
  return principal === "*" || aws === "*" || (Array.isArray(aws) && aws.includes("*"));
}

const malformed = (): AwsError =>
  new AwsError("MalformedPolicyDocumentException", "This resource policy contains a syntax error.");
