import { parseJsonQuietly } from "../quiet-json";

/** A JSON object, or what is wrong with a text that should be one; never a word of it, which may be a secret. */
export type JsonObjectReading =
  | { readonly object: Readonly<Record<string, unknown>> }
  | { readonly wrong: string };

export const NO_JSON_OBJECT = "is no JSON object";

/** Reads a JSON object; a key that stands there twice is refused, of which parsers keep the last (RFC 8259, section 4). */
export function readJsonObject(text: string): JsonObjectReading {
  const value = parseJsonQuietly(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { wrong: NO_JSON_OBJECT };
  }
  if (keysIn(text) !== keysIn(JSON.stringify(value))) return { wrong: "has the same key twice" };
  return { object: value as Record<string, unknown> };
}

/** How many keys stand in a text that is JSON: the strings before a colon. */
function keysIn(json: string): number {
  const strings = json.matchAll(/"(?:[^"\\]|\\.)*"\s*(:?)/g);
  return [...strings].filter(([, colon]) => colon === ":").length;
}
