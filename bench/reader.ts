import { bundleSizes } from "./reader/bundle-size";
import { cachedReads } from "./reader/cached-read";
import { coldReads } from "./reader/cold-reads";
import { CONTENDERS } from "./reader/contenders";
import { memoryForStores } from "./reader/memory";
import { refusedCalls, SCENARIOS } from "./reader/refused-calls";
import { machine, table } from "./reader/report";

const STORES_IN_MEMORY = 10_000;

/** One measure: what it is, and a cell for each library. */
interface Measure {
  readonly title: string;
  readonly cells: readonly string[];
}

/**
 * Reads secrets with each library, side by side in this one run, and prints what it came to as Markdown;
 * `--counts` leaves out what depends on the machine.
 */
async function main(options: readonly string[]): Promise<void> {
  if (options.includes("--counts")) {
    process.stdout.write(`${tableOf(await countedCalls())}\n`);
    return;
  }
  // Times first, in a process that has done nothing else.
  const times = await timeOfReads();
  const measures = [times, ...(await countedCalls()), await sizes(), await memory()];
  process.stdout.write(`${machine()}\n\n${tableOf(measures)}\n`);
}

async function timeOfReads(): Promise<Measure> {
  const nanoseconds = await cachedReads(CONTENDERS);
  return { title: "cached read, median", cells: nanoseconds.map((ns) => `${Math.round(ns)} ns`) };
}

async function countedCalls(): Promise<Measure[]> {
  const cold = (await coldReads(CONTENDERS)).map(String);
  const measures = [{ title: "calls for 1,000 cold reads of 20 secrets", cells: cold }];
  for (const scenario of SCENARIOS) {
    const tallies = await refusedCalls(CONTENDERS, scenario);
    const cells = tallies.map(({ refused, calls }) => `${refused} of ${calls}`);
    measures.push({ title: `refused calls: ${scenario.title}`, cells });
  }
  return measures;
}

async function sizes(): Promise<Measure> {
  const bundles = await bundleSizes(CONTENDERS);
  const cells = bundles.map(({ alone, whole }) => `${kilo(alone)} / ${kilo(whole)}`);
  return { title: "bundle without / with the AWS client", cells };
}

async function memory(): Promise<Measure> {
  const held = await memoryForStores(STORES_IN_MEMORY);
  const cells = held.map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`);
  return { title: "memory for 10,000 stores", cells };
}

function tableOf(measures: readonly Measure[]): string {
  const rows = CONTENDERS.map(({ name }, index) => ({
    library: name,
    ...Object.fromEntries(measures.map(({ title, cells }) => [title, cells[index] ?? ""])),
  }));
  return table(rows);
}

const kilo = (bytes: number) => `${(bytes / 1_000).toFixed(1)} kB`;

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
});
