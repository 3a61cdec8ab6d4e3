import { plural } from "../../contract/plural";
import { plainRefusal } from "../plain-refusal";
import type { Problem } from "./node";
import { CONFIG_WORDS, type Words } from "./words";

/** Stops the program when there are problems, with one line for each and no stack. */
export function refuse(
  problems: readonly Problem[],
  words: Words = CONFIG_WORDS,
  state: "nothing was touched" | "something may have been touched" = "nothing was touched",
): void {
  if (problems.length === 0) return;
  const lines = [...new Set(problems.map(({ path, says }) => words.say(`  ${path} ${says}`)))];
  const count = plural(lines.length, "problem");
  throw plainRefusal([`${count} in ${placesOf(problems, words)}; ${state}:`, ...lines].join("\n"));
}

/** The path of a problem that stands in a file which config names. */
const IN_FILE = /^(?!Pulumi\.)([^:]+\.(?:jsonl|csv|ya?ml))(?::|$)/i;

/** Config, or the files that it names: whoever looks for a mistake looks there. */
function placesOf(problems: readonly Problem[], { where }: Words): string {
  const places = problems.map(({ path }) => IN_FILE.exec(path)?.[1] ?? where);
  return [...new Set(places)].join(" and ");
}
