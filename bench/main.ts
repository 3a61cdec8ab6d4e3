import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { coldStartPart } from "./cold-start/part";
import { costsPart } from "./costs/part";
import { fleetPart } from "./fleet/part";
import { readPage, sectionOf, withOtherSizes, writeSection } from "./page";
import { type BenchOptions, machineLine, type Part } from "./part";
import { readerPart } from "./reader/part";
import { resourcesPart } from "./resources/part";
import { rotationPart } from "./rotation/part";
import { runTimePart } from "./run-time/part";

/** In the order of the page. */
const PARTS: Readonly<Record<string, Part>> = {
  reader: readerPart,
  rotation: rotationPart,
  "cold-start": coldStartPart,
  resources: resourcesPart,
  fleet: fleetPart,
  "run-time": runTimePart,
  costs: costsPart,
};

/** `npm run bench`: every part in a process of its own, or the one that is named; each writes its section of the page. */
async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: "boolean" },
      print: { type: "boolean" },
      // such as --sizes 1000,2000
      sizes: { type: "string" },
    },
  });
  const names = positionals.length === 0 ? Object.keys(PARTS) : positionals;
  const [name = "", ...more] = names;
  if (more.length > 0)
    return runEach(
      names,
      args.filter((arg) => arg.startsWith("--")),
    );
  const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
  if (part === undefined) {
    throw new Error(`there is no part ${name}; there are ${Object.keys(PARTS).join(", ")}`);
  }
  const sizes = values.sizes?.split(",").map(Number);
  const section = await sectionFrom(part, {
    isQuick: values.quick === true,
    ...(sizes === undefined ? {} : { sizes }),
  });
  process.stdout.write(`${section}\n`);
  if (values.print === true) return;
  // A large size takes the better part of an hour: each may be measured by itself.
  const before = sizes === undefined ? undefined : sectionOf(readPage(), name);
  const whole = before === undefined ? section : withOtherSizes(section, before);
  writeSection(name, whole, Object.keys(PARTS));
}

async function sectionFrom(part: Part, options: BenchOptions): Promise<string> {
  const measured = await part.run(options);
  return `## ${part.title}\n\n${machineLine(part, options)}\n\n${measured.trim()}\n`;
}

/** A process that has measured one thing is not fit to measure another: its heap and its compiled code differ. */
function runEach(names: readonly string[], options: readonly string[]): void {
  for (const name of names) {
    const run = ["--import", "tsx", __filename, name, ...options];
    execFileSync(process.execPath, run, { stdio: "inherit" });
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : "the bench failed"}\n`);
  process.exitCode = 1;
});
