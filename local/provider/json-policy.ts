import { isDeepStrictEqual } from "node:util";
import type { Value } from "./wire";

// Which differences AWS itself does not keep: github.com/hashicorp/awspolicyequivalence.
const SETS = new Set(["Action", "NotAction", "Resource", "NotResource"]);

/** True when both texts are the same policy to AWS: order, single values in lists and spelling aside. */
export function samePolicy(old: Value | undefined, next: Value | undefined): boolean {
  const bothNone = isNoPolicy(old ?? "") && isNoPolicy(next ?? "");
  return bothNone || compareTexts(old, next, normalPolicy);
}

/** True when both texts are the same JSON. */
export function sameJson(old: Value | undefined, next: Value | undefined): boolean {
  return compareTexts(old, next, (parsed) => parsed);
}

/** Nothing and an empty document are the same (pulumi-aws, SuppressEquivalentPolicyDiffs). */
const isNoPolicy = (text: Value): boolean =>
  typeof text === "string" && /^\s*(\{\s*\})?\s*$/.test(text);

type Comparison = (parsed: unknown) => unknown;

function compareTexts(old: Value | undefined, next: Value | undefined, by: Comparison): boolean {
  const [a, b] = [old ?? "", next ?? ""];
  if (a === b) return true;
  if (typeof a !== "string" || typeof b !== "string" || a === "" || b === "") return false;
  try {
    return isDeepStrictEqual(by(JSON.parse(a)), by(JSON.parse(b)));
  } catch {
    return false;
  }
}

function normalPolicy(parsed: unknown): unknown {
  if (!isRecord(parsed)) return parsed;
  const statements = listOf(parsed["Statement"]).map(normalStatement);
  return { ...parsed, Statement: sorted(statements) };
}

function normalStatement(statement: unknown): unknown {
  if (!isRecord(statement)) return statement;
  return Object.fromEntries(
    Object.entries(statement)
      .map(([key, value]) => [key, normalPart(key, value)])
      .filter(([key, value]) => !(key === "Sid" && value === "")),
  );
}

function normalPart(key: string, value: unknown): unknown {
  if (SETS.has(key)) return setOf(value, key.endsWith("Action"));
  if (key === "Condition" && isRecord(value)) {
    return mapValues(value, (test) =>
      isRecord(test) ? mapValues(test, (wanted) => setOf(wanted)) : test,
    );
  }
  if (key.endsWith("Principal")) return normalPrincipal(value);
  return value;
}

const normalPrincipal = (value: unknown): unknown => {
  if (value === "*") return { AWS: ["*"] };
  return isRecord(value) ? mapValues(value, (names) => setOf(names)) : value;
};

// Action names ignore case; AWS stores booleans and numbers of conditions as text.
const setOf = (value: unknown, ignoreCase = false): unknown[] =>
  sorted(
    listOf(value).map((item) => {
      const text = typeof item === "object" ? item : String(item);
      return ignoreCase && typeof text === "string" ? text.toLowerCase() : text;
    }),
  );

const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const sorted = (items: readonly unknown[]): unknown[] =>
  [...items].sort((a, b) => (JSON.stringify(ordered(a)) < JSON.stringify(ordered(b)) ? -1 : 1));

/** The same value with its keys in order, so that its text can be compared. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isRecord(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, ordered(value[key])]));
}

const mapValues = (record: Record<string, unknown>, by: Comparison): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, by(value)]));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
