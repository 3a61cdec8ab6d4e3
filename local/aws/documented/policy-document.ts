/** What a policy is attached to: that decides who and what its statements have to name. */
export type PolicyForm = "trust" | "identity" | "key" | "resource";

interface Statement {
  readonly Sid?: unknown;
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
}

const VERSIONS = new Set(["2008-10-17", "2012-10-17"]);
const KEYS = new Set(["Version", "Id", "Statement"]);
const STATEMENT_KEYS = new Set([
  ...["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource"],
  ...["Principal", "NotPrincipal", "Condition"],
]);
/** "Sid … supports upper-case letters, lower-case letters and numbers" in IAM; other services take more. */
const SID = /^[A-Za-z0-9]*$/;
const ACTION = /^(?:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$/;
const ARN = /^(?:\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:.+)$/;

/**
 * What AWS refuses of a policy document (IAM user guide, "IAM JSON policy elements reference", "Grammar of the
 * IAM JSON policy language"); undefined: nothing.
 */
export function policyProblem(text: string, form: PolicyForm): string | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return "This policy contains invalid Json";
  }
  if (!isRecord(document)) return "This policy contains invalid Json";
  const { Version, Statement } = document;
  const isKnown = Object.keys(document).every((key) => KEYS.has(key));
  if (!isKnown || (Version !== undefined && !VERSIONS.has(String(Version)))) {
    return "Syntax errors in policy.";
  }
  const statements = (Array.isArray(Statement) ? Statement : [Statement]) as unknown[];
  if (Statement === undefined || statements.length === 0) return "Missing required field Statement";
  const sids = statements.flatMap((one) => (isRecord(one) && one["Sid"] ? [one["Sid"]] : []));
  if (new Set(sids).size < sids.length)
    return "Statement IDs (SID) in a single policy must be unique.";
  return firstOf(statements.map((statement) => statementProblem(statement, form)));
}

function statementProblem(statement: unknown, form: PolicyForm): string | undefined {
  if (!isRecord(statement)) return "Syntax errors in policy.";
  if (!Object.keys(statement).every((key) => STATEMENT_KEYS.has(key))) {
    return "Syntax errors in policy.";
  }
  const { Sid = "", Effect } = statement as Statement;
  if (Effect !== "Allow" && Effect !== "Deny") return "Syntax errors in policy.";
  const isIam = form === "trust" || form === "identity";
  if (typeof Sid !== "string" || (isIam && !SID.test(Sid))) {
    return "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
  }
  return firstOf([
    actionProblem(statement as Statement),
    whoProblem(statement as Statement, form),
    whatProblem(statement as Statement, form),
  ]);
}

function actionProblem({ Action, NotAction }: Statement): string | undefined {
  const actions = textsOf(Action ?? NotAction);
  if (actions.length === 0) return "Policy statement must contain actions.";
  return actions.every((action) => ACTION.test(action))
    ? undefined
    : "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
}

function whoProblem({ Principal, NotPrincipal }: Statement, form: PolicyForm): string | undefined {
  const names = Principal !== undefined || NotPrincipal !== undefined;
  if (form === "identity")
    return names ? "Policy document should not specify a principal." : undefined;
  return names ? undefined : "Missing required field Principal";
}

function whatProblem({ Resource, NotResource }: Statement, form: PolicyForm): string | undefined {
  const resources = textsOf(Resource ?? NotResource);
  if (form === "trust") {
    return resources.length > 0 ? "Has prohibited field Resource" : undefined;
  }
  if (resources.length === 0) return "Policy statement must contain resources.";
  return resources.every((resource) => ARN.test(resource))
    ? undefined
    : `Resource ${resources.find((one) => !ARN.test(one))} must be in ARN format or "*".`;
}

function textsOf(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

function firstOf(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a key policy leaves its author out: nobody could change it any more (KMS API reference, PutKeyPolicy). */
export function locksItsAuthorOut(text: string, account: string): boolean {
  const { Statement = [] } = JSON.parse(text) as { readonly Statement?: readonly Statement[] };
  return !Statement.some(({ Effect, Principal, Action }) => {
    const who = JSON.stringify(Principal ?? "");
    const isOurs =
      who.includes(`:${account}:`) || who.includes(`"${account}"`) || who.includes('"*"');
    const may = textsOf(Action).some((action) =>
      /^(?:\*|kms:\*|kms:Put\*|kms:PutKeyPolicy)$/.test(action),
    );
    return Effect === "Allow" && isOurs && may;
  });
}
