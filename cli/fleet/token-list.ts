import { isStoreKey, type StoreKey } from "../../contract/brands";
import { readCsv } from "../../contract/csv-text";
import { pastedSays, readPasted } from "../../contract/pasted-secret";
import { parseJsonQuietly } from "../../contract/quiet-json";
import type { Sealed } from "../../contract/sealed";

/** A store and its static token, as a list has them. */
export interface ListedToken {
  readonly store: StoreKey;
  readonly token: Sealed<string>;
}

/** The tokens of a list, or all that is wrong with it; never a word of it, which may be a token. */
export type TokenListReading =
  | { readonly tokens: readonly ListedToken[] }
  | { readonly faults: readonly string[] };

/** A line's two values, or what is wrong with it. */
type Line = { readonly store: string; readonly token: string } | { readonly wrong: string };

/**
 * Reads a list of stores and tokens: a table (`store,token`, with that heading or without), or a JSON object a line
 * with the keys `store` and `token`. All of it is judged before any of it is used.
 */
export function readTokenList(text: Sealed<string>): TokenListReading {
  const given = text.unseal().replace(/^\uFEFF/, "");
  const lines = given.trimStart().startsWith("{") ? jsonLines(given) : tableLines(given);
  if ("wrong" in lines) return { faults: [`it ${lines.wrong}`] };
  if (lines.length === 0) return { faults: ["it holds no token"] };
  const read = lines.map((line, index) => readLine(line, `line ${index + 1}`));
  const tokens = read.flatMap((line) => (typeof line === "string" ? [] : [line]));
  const faults = read.filter((line) => typeof line === "string");
  const twice = repeated(tokens.map(({ store }) => store));
  const all = [...faults, ...twice.map((store) => `it names ${store} twice`)];
  return all.length > 0 ? { faults: all } : { tokens };
}

function readLine(line: Line, where: string): ListedToken | string {
  if ("wrong" in line) return `${where} ${line.wrong}`;
  const { store } = line;
  // What is no key may be a token in the wrong column.
  if (!isStoreKey(store)) return `${where} names no store's key first`;
  const reading = readPasted(line.token, "access token");
  if ("secret" in reading) return { store, token: reading.secret };
  return `the token of ${store} ${pastedSays(reading.fault, "access token")}`;
}

function jsonLines(text: string): Line[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const { store, token, ...rest } = (parseJsonQuietly(line) ?? {}) as Record<string, unknown>;
    const isWhole = typeof store === "string" && typeof token === "string";
    if (isWhole && Object.keys(rest).length === 0) return { store, token };
    return { wrong: 'is no JSON object with the keys "store" and "token" alone' };
  });
}

function tableLines(text: string): Line[] | { readonly wrong: string } {
  const reading = readCsv(text);
  if ("wrong" in reading) return reading;
  const [first = [], ...others] = reading.rows;
  const heading = first.map((cell) => cell.toLowerCase());
  const isHeading = heading.includes("store");
  const places = isHeading ? [heading.indexOf("store"), heading.indexOf("token")] : [0, 1];
  if (places.includes(-1)) return { wrong: "has no column named token" };
  return (isHeading ? others : reading.rows).map((cells) => {
    if (cells.length !== first.length || cells.length < 2) {
      return { wrong: `has ${cells.length} cells, where the first line has ${first.length}` };
    }
    const [store = "", token = ""] = places.map((place) => cells[place] ?? "");
    return { store, token };
  });
}

function repeated(stores: readonly StoreKey[]): StoreKey[] {
  const seen = new Set<StoreKey>();
  return stores.filter((store) => seen.size === seen.add(store).size);
}
