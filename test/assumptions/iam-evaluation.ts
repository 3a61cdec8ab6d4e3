import type { Statement } from "../../infra/policies/statement";

type Context = Readonly<Record<string, string | readonly string[]>>;

/** One question to the policies of a role. */
export interface Question {
  readonly action: string;
  readonly resource: string;
  /** Default: no condition key is known. */
  readonly context?: Context | undefined;
}

/** Whether a role's own statements allow it: the part of IAM's evaluation that this project's policies use. */
export function allows(statements: readonly Statement[], question: Question): boolean {
  const matching = statements.filter((statement) => matches(statement, question));
  return (
    matching.some(({ Effect }) => Effect === "Allow") &&
    !matching.some(({ Effect }) => Effect === "Deny")
  );
}

function matches(statement: Statement, { action, resource, context = {} }: Question): boolean {
  const resources = [statement.Resource].flat();
  return (
    statement.Action.includes(action) &&
    resources.some((pattern) => isLike(resource, pattern)) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) =>
        holds(operator, context[key], [wanted].flat() as readonly string[]),
      ),
    )
  );
}

type Test = (given: Context[string] | undefined, wanted: readonly string[]) => boolean;

const OPERATORS: Readonly<Record<string, Test>> = {
  StringEquals: (given, wanted) => typeof given === "string" && wanted.includes(given),
  ArnEquals: (given, wanted) => typeof given === "string" && isLikeAny(given, wanted),
  ArnNotEquals: (given, wanted) => !(typeof given === "string" && isLikeAny(given, wanted)),
  StringNotEquals: (given, wanted) => !(typeof given === "string" && wanted.includes(given)),
  BoolIfExists: (given, wanted) => given === undefined || wanted.includes(String(given)),
  NumericGreaterThanEquals: (given, wanted) =>
    given !== undefined && wanted.some((least) => Number(given) >= Number(least)),
  Null: (given, wanted) => wanted.includes(String(given === undefined)),
  StringLike: (given, wanted) => typeof given === "string" && isLikeAny(given, wanted),
  "ForAllValues:StringLike": (given, wanted) =>
    [given ?? []].flat().every((value) => isLikeAny(value, wanted)),
};

function holds(operator: string, given: Context[string] | undefined, wanted: readonly string[]) {
  const test = OPERATORS[operator];
  if (test === undefined) throw new Error(`no test of ${operator}`);
  return test(given, wanted);
}

const isLikeAny = (value: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => isLike(value, pattern));

/** `*` stands for any characters, `?` for one. */
function isLike(value: string, pattern: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*/g, ".*").replace(/\?/g, ".")}$`).test(value);
}
