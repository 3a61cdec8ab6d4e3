import type { ErrorCode } from "../../contract/errors";

/** What the operations page says of a code, without its heading; empty: nothing. */
export function sectionOfCode(operations: string, code: ErrorCode): string {
  const [, after = ""] = operations.split(`\n### \`${code}\`\n`);
  return (after.split(/\n#{2,3} /)[0] ?? "").trim();
}
