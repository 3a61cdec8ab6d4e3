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
    const why = value === undefined ? whyNoJson(text) : undefined;
    return { wrong: why === undefined ? NO_JSON_OBJECT : `${NO_JSON_OBJECT}: ${why}` };
  }
  if (keysIn(text) !== keysIn(JSON.stringify(value))) return { wrong: "has the same key twice" };
  return { object: value as Record<string, unknown> };
}

/** How many keys stand in a text that is JSON: the strings before a colon. */
function keysIn(json: string): number {
  const strings = json.matchAll(/"(?:[^"\\]|\\.)*"\s*(:?)/g);
  return [...strings].filter(([, colon]) => colon === ":").length;
}

/** What people write that is no JSON, found in a text whose strings are blanked, with what is said of it. */
const SLIPS: readonly (readonly [RegExp, string])[] = [
  [/,(?=\s*[}\]])/, "a comma stands before the bracket that closes"],
  [/,(?=\s*,)/, "two commas stand there"],
  [/(?<=\}\s*),(?=\s*$)/, "a comma stands after its last }"],
  [/(?<=\}\s*)\{/, "another begins in the same line"],
  [/(?<=[{,]\s*)[^\s"{}[\],]/, "a key without double quotes stands there"],
  [/(?<=:\s*)'/, "a text in single quotes stands there"],
  [/^\s*\{[^}]*$/, "the } that closes it is not in the same line"],
];

/** Why a text is no JSON, without a word of it; undefined: it does not even begin as an object. */
function whyNoJson(text: string): string | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  // Each is as long as it was, so that columns stay.
  const bare = text.replaceAll(
    /"(?:[^"\\]|\\.)*"/g,
    (string) => `"${" ".repeat(string.length - 2)}"`,
  );
  for (const [slip, says] of SLIPS) {
    const at = bare.search(slip);
    if (at >= 0) return `${says} (column ${at + 1})`;
  }
  const at = faultOf(text);
  return at === undefined ? undefined : `see its column ${at + 1}`;
}

/** Where the parser stopped; of its message nothing but the number is taken, as it may quote the text. */
function faultOf(text: string): number | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const [, position] = /at position (\d+)/.exec(String(error)) ?? [];
    return position === undefined ? undefined : Number(position);
  }
}
