import type { Call } from "../command";

/** Writes a result as a person reads it, or with `--json` as one JSON document: snake_case, null where there is nothing. */
export function writeResult(
  { json, host: { out } }: Pick<Call, "json" | "host">,
  result: object,
  text: () => string,
): void {
  out.write(json ? jsonText(result) : text());
}

/** A JSON document as text. */
export function jsonText(value: object): string {
  return `${JSON.stringify(value, (_key, inner: unknown) => (inner === undefined ? null : inner), 2)}\n`;
}
