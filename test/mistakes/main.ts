import { StalePatch } from "../patch";
import { MISTAKES } from "./all-mistakes";
import type { Mistake } from "./mistake";
import { type Outcome, runTests } from "./run-tests";
import { ScratchTree } from "./scratch-tree";

/** Whether the named test notices the mistake. */
type Verdict = "caught" | "NOT CAUGHT" | "not loaded" | "broken without it" | "stale patch";

const USAGE = `npm run mistakes [-- --fast] [-- <part of a name>]

Plants one mistake after another into a copy of the project and runs the test that must notice it.
--fast leaves out the mistakes whose test starts the emulator.`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function chosenMistakes(options: readonly string[]): readonly Mistake[] {
  const isFast = options.includes("--fast");
  const part = options.find((option) => !option.startsWith("--"));
  return MISTAKES.filter(
    ({ name, needs }) =>
      (!isFast || needs === undefined) && (part === undefined || name.includes(part)),
  );
}

function verdictOf(before: Outcome | undefined, after: Outcome | undefined): Verdict {
  if (before !== "passed") return "broken without it";
  if (after === "absent") return "not loaded";
  return after === "failed" ? "caught" : "NOT CAUGHT";
}

async function tried(
  mistake: Mistake,
  before: Outcome | undefined,
  tree: ScratchTree,
): Promise<Verdict> {
  if (before !== "passed") return verdictOf(before, undefined);
  try {
    return await tree.with(mistake.patches, async () => {
      const [after] = await runTests(tree.folder, [mistake.caughtBy]);
      return verdictOf(before, after);
    });
  } catch (error) {
    if (error instanceof StalePatch) return "stale patch";
    throw error;
  }
}

function rowOf({ of, name, caughtBy, needs }: Mistake, verdict: Verdict): string {
  const note = needs === undefined ? "" : ` (needs the ${needs})`;
  const test = `${caughtBy.file}: ${caughtBy.titles.join(" › ")}${note}`;
  return `${verdict.padEnd(18)}${of.padEnd(9)}${name}\n${" ".repeat(27)}${test}`;
}

/** Plants each mistake in turn; gives the exit code. */
async function plant(mistakes: readonly Mistake[]): Promise<number> {
  const tree = new ScratchTree();
  process.once("exit", () => tree.remove());
  say(`${mistakes.length} mistakes; first their tests as they are …`);
  const tests = mistakes.map(({ caughtBy }) => caughtBy);
  const before = await runTests(tree.folder, tests);
  let caught = 0;
  for (const [index, mistake] of mistakes.entries()) {
    const verdict = await tried(mistake, before[index], tree);
    say(rowOf(mistake, verdict));
    if (verdict === "caught") caught += 1;
  }
  say(`\n${caught} of ${mistakes.length} mistakes are caught.`);
  return caught === mistakes.length ? 0 : 1;
}

async function main(options: readonly string[]): Promise<void> {
  if (options.includes("--help")) {
    say(USAGE);
    return;
  }
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  const chosen = chosenMistakes(options);
  if (chosen.length === 0) say(`No mistake has that in its name.\n\n${USAGE}`);
  process.exitCode = chosen.length === 0 ? 2 : await plant(chosen);
}

void main(process.argv.slice(2));
