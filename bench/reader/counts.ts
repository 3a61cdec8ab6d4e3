import { table } from "../part";
import { coldReads } from "./cold-reads";
import { type Manner, play, type Scenario, STEADY_DAYS, TROUBLE } from "./days";
import { LIBRARIES } from "./libraries";

// What is counted does not depend on the machine: a test compares it with the page.

const head = () => ["", ...LIBRARIES.map(({ name }) => name)];

async function forEach<T>(measure: (library: (typeof LIBRARIES)[number]) => Promise<T>) {
  const results: T[] = [];
  for (const library of LIBRARIES) results.push(await measure(library));
  return results;
}

/** Refused calls in each kind of trouble, and the requests of a cold start. */
export async function countsTable(): Promise<string> {
  const rows: string[][] = [];
  for (const scenario of TROUBLE) {
    for (const manner of ["bare", "safe"] as const) rows.push(await troubleRow(scenario, manner));
  }
  const cold = await forEach(coldReads);
  return table([
    head(),
    ...rows,
    ["requests for 1,000 cold reads of 20 secrets", ...cold.map(String)],
  ]);
}

async function troubleRow(scenario: Scenario, manner: Manner): Promise<string[]> {
  const tallies = await forEach((library) => play(library, scenario, manner));
  const [first] = tallies;
  const cells = tallies.map(({ refusedAtShopify, seenByApplication }) =>
    manner === "bare" ? `${refusedAtShopify}` : `${refusedAtShopify}, seen ${seenByApplication}`,
  );
  return [`${scenario.title} (${first?.calls} calls), ${manner}: refused`, ...cells];
}

/** Requests to Secrets Manager of a day without trouble. */
export async function dayTable(): Promise<string> {
  const rows: string[][] = [];
  for (const scenario of STEADY_DAYS) {
    const tallies = await forEach((library) => play(library, scenario, "safe"));
    rows.push([scenario.title, ...tallies.map(({ requests }) => requests.toLocaleString("en"))]);
  }
  return table([head(), ...rows]);
}

async function main(): Promise<void> {
  process.stdout.write(`${await countsTable()}\n\n${await dayTable()}\n`);
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  });
}
