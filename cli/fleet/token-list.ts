import { pastedSays, readPasted } from "../../contract/pasted-secret";
import type { Sealed } from "../../contract/sealed";
import { NO_JSON_OBJECT, readJsonObject } from "../../contract/texts/json-object";
import { readTable, type TableForm } from "../../contract/texts/table";
import { storeWordIn } from "./store-names";

/** A store and its static token, as a list has them. */
export interface ListedToken {
  /** Its key, or its shop's domain. */
  readonly store: string;
  readonly token: Sealed<string>;
  /** Where it stands, as editors count. */
  readonly line: number;
}

/** The tokens of a list, or all that is wrong with it; never a word of it, which may be a token. */
export type TokenListReading =
  | { readonly tokens: readonly ListedToken[] }
  | { readonly faults: readonly string[] };

/** A line's two values, or what is wrong with it. */
type Line = { readonly line: number } & (
  | { readonly store: string; readonly token: string }
  | { readonly wrong: string }
);

/**
 * Reads a list of stores and tokens: a table (`store,token`, with that heading or without), or a JSON object a line
 * with the keys `store` and `token`. All of it is judged before any of it is used.
 */
export function readTokenList(text: Sealed<string>): TokenListReading {
  const given = text.unseal().replace(/^\uFEFF/, "");
  const lines = given.trimStart().startsWith("{") ? jsonLines(given) : tableLines(given);
  const read = lines.map(readLine);
  if (read.length === 0) return { faults: ["it holds no token"] };
  const tokens = read.flatMap((line) => (typeof line === "string" ? [] : [line]));
  const faults = [...read.filter((line) => typeof line === "string"), ...repeated(tokens)];
  return faults.length > 0 ? { faults } : { tokens };
}

function readLine(given: Line): ListedToken | string {
  const { line } = given;
  if ("wrong" in given) return `line ${line} ${given.wrong}`;
  const store = storeWordIn(given.store);
  // What is neither may be a token in the wrong column.
  if (store === undefined) return `line ${line} names no store's key or shop first`;
  const reading = readPasted(given.token, "access token");
  if ("secret" in reading) return { store, token: reading.secret, line };
  return `the token of ${store} in line ${line} ${pastedSays(reading.fault, "access token")}`;
}

function jsonLines(text: string): Line[] {
  return text.split(/\r\n?|\n/).flatMap((line, index) => {
    return line.trim() === "" ? [] : { line: index + 1, ...tokenIn(line) };
  });
}

function tokenIn(
  text: string,
): { readonly store: string; readonly token: string } | { readonly wrong: string } {
  const reading = readJsonObject(text);
  const { store, token, ...rest } = "object" in reading ? reading.object : {};
  const isWhole = typeof store === "string" && typeof token === "string";
  if (isWhole && Object.keys(rest).length === 0) return { store, token };
  if ("wrong" in reading && reading.wrong !== NO_JSON_OBJECT) return reading;
  return { wrong: 'is no JSON object with the keys "store" and "token" alone' };
}

const TOKENS_TABLE: TableForm = {
  columns: ["store", "token"],
  example: "store,token",
  mayLackHeading: true,
};

function tableLines(text: string): Line[] {
  return [...readTable([text], TOKENS_TABLE)].map((row) => {
    if ("wrong" in row) return row;
    const { line, cells } = row;
    return { line, store: cells.get("store") ?? "", token: cells.get("token") ?? "" };
  });
}

function repeated(tokens: readonly ListedToken[]): string[] {
  return repeatsOf(tokens, ({ store }) => store).map(
    ({ again: { store, line }, before }) =>
      `it names ${store} twice, in its lines ${before} and ${line}`,
  );
}

/** What stands there once more, with the line of the one before it. */
export function repeatsOf<T extends Pick<ListedToken, "line">>(
  all: readonly T[],
  keyOf: (one: T) => string,
): { readonly again: T; readonly before: number }[] {
  const lines = new Map<string, number>();
  return all.flatMap((again) => {
    const key = keyOf(again);
    const before = lines.get(key);
    lines.set(key, again.line);
    return before === undefined ? [] : { again, before };
  });
}
