import { text, texts } from "./values";
import { isObject, type Properties, type Value } from "./wire";

/** Builds the policy of `aws.iam.getPolicyDocument` (internal/service/iam/policy_document_data_source.go). */
export function policyDocument(args: Properties): Properties {
  const sources = [text(args, "sourceJson"), ...(texts(args, "sourcePolicyDocuments") ?? [])];
  const overrides = [text(args, "overrideJson"), ...(texts(args, "overridePolicyDocuments") ?? [])];
  const own = objects(args["statements"]).map(statement);
  const merged = new Map<string, Properties>();
  for (const [index, one] of [...sources.flatMap(statementsIn), ...own].entries()) {
    merged.set(keyOf(one, `own ${index}`), one);
  }
  for (const [index, one] of overrides.flatMap(statementsIn).entries()) {
    merged.set(keyOf(one, `override ${index}`), one);
  }
  const policyId = text(args, "policyId");
  return {
    Version: text(args, "version") ?? "2012-10-17",
    ...(policyId ? { Id: policyId } : {}),
    Statement: [...merged.values()],
  };
}

const keyOf = (one: Properties, fallback: string): string => text(one, "Sid") ?? fallback;

function statementsIn(json: string | undefined): Properties[] {
  if (!json) return [];
  const policy = JSON.parse(json) as Properties;
  const statements = policy["Statement"];
  return objects(Array.isArray(statements) ? statements : [statements ?? null]);
}

function statement(args: Properties): Properties {
  const sid = text(args, "sid");
  return {
    ...(sid ? { Sid: sid } : {}),
    Effect: text(args, "effect") ?? "Allow",
    ...named(args, { actions: "Action", notActions: "NotAction" }),
    ...named(args, { resources: "Resource", notResources: "NotResource" }),
    ...principals("Principal", args["principals"]),
    ...principals("NotPrincipal", args["notPrincipals"]),
    ...conditions(args["conditions"]),
  };
}

function named(args: Properties, names: Readonly<Record<string, string>>): Properties {
  const entries = Object.entries(names).flatMap(([from, to]) => {
    const list = texts(args, from);
    return list && list.length > 0 ? [[to, oneOrMany(list)] as const] : [];
  });
  return Object.fromEntries(entries);
}

// One value stands alone, several are listed in reverse order, as the official provider prints them.
const oneOrMany = (list: readonly string[]): Value =>
  list.length === 1 ? (list[0] ?? "") : [...list].sort().reverse();

function principals(key: string, value: Value | undefined): Properties {
  const listed = objects(value);
  if (listed.length === 0) return {};
  const [first] = listed;
  const anyone = listed.length === 1 && first && text(first, "type") === "*";
  if (anyone) return { [key]: "*" };
  const entries = listed.map((one) => [
    text(one, "type"),
    oneOrMany(texts(one, "identifiers") ?? []),
  ]);
  return { [key]: Object.fromEntries(entries) };
}

function conditions(value: Value | undefined): Properties {
  const tests: Record<string, Properties> = {};
  for (const one of objects(value)) {
    const test = text(one, "test") ?? "";
    const values = texts(one, "values") ?? [];
    tests[test] = { ...tests[test], [text(one, "variable") ?? ""]: oneOrMany(values) };
  }
  return Object.keys(tests).length > 0 ? { Condition: tests } : {};
}

const objects = (value: Value | undefined): Properties[] =>
  Array.isArray(value) ? value.filter(isObject) : [];
