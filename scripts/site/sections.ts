/** What the operations page says of a code, without its heading and up to the next one; empty: nothing. */
export function sectionOfCode(operations: string, code: string): string {
  const [, section = ""] = operations.split(`### \`${code}\`\n`);
  return section.split(/^#{1,3} /m)[0] ?? "";
}
