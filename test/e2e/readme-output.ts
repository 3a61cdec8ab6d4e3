import { blocksOf } from "../docs/code-blocks";

/** Numbers, times and identifiers differ from run to run; everything else that the README shows must not. */
function shapeOf(line: string): string {
  return line
    .trim()
    .replace(/[0-9a-f]{8}(?:-[0-9a-f-]{27})?/g, "#")
    .replace(/\d+(?:[.:T-]\d+)*Z?/g, "#")
    .replace(/ +/g, " ");
}

/** The lines of the README's example output that a run did not print; a line that ends in … stands for its beginning. */
export function missingLines(output: string, firstLine: string): string[] {
  const block = blocksOf("README.md").find(
    (one) => one.language === "text" && one.code.startsWith(firstLine),
  );
  if (block === undefined)
    throw new Error(`the README shows no output that begins with ${firstLine}`);
  const printed = output.split("\n").map(shapeOf);
  return block.code.split("\n").filter((line) => {
    const shape = shapeOf(line.replace(/ ?…$/, ""));
    return !printed.some((one) => (line.endsWith("…") ? one.startsWith(shape) : one === shape));
  });
}
