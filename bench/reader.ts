import { bundleSizes } from "./reader/bundle-size";
import { cachedReads } from "./reader/cached-read";
import { coldReads } from "./reader/cold-reads";
import { CONTENDERS } from "./reader/contenders";
import { memoryForStores } from "./reader/memory";
import { refusedCalls, SCENARIOS } from "./reader/refused-calls";
import { machine, table } from "./reader/report";

const STORES_IN_MEMORY = 10_000;

/** Reads secrets with each library, side by side in this one run, and prints what it came to as Markdown. */
async function main(): Promise<void> {
  const rows: Record<string, string>[] = CONTENDERS.map(({ name }) => ({ library: name }));
  const add = (title: string, cells: readonly string[]) => {
    for (const [index, cell] of cells.entries())
      Object.assign(rows[index] ?? {}, { [title]: cell });
  };
  const reads = await cachedReads(CONTENDERS);
  add(
    "cached read, median",
    reads.map((ns) => `${Math.round(ns)} ns`),
  );
  add("calls for 1,000 cold reads of 20 secrets", (await coldReads(CONTENDERS)).map(String));
  for (const scenario of SCENARIOS) {
    const refused = await refusedCalls(CONTENDERS, scenario);
    add(
      `refused calls: ${scenario.title}`,
      refused.map((one) => `${one.refused} of ${one.calls}`),
    );
  }
  const sizes = await bundleSizes(CONTENDERS);
  add(
    "bundle without / with the AWS client",
    sizes.map((one) => `${kilo(one.alone)} / ${kilo(one.whole)}`),
  );
  const memory = await memoryForStores(STORES_IN_MEMORY);
  add(
    "memory for 10,000 stores",
    memory.map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`),
  );
  process.stdout.write(`${machine()}\n\n${table(rows)}\n`);
}

const kilo = (bytes: number) => `${(bytes / 1_000).toFixed(1)} kB`;

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
});
