import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { FAMILIES } from "./directed";
import { doublesOf } from "./double-faults";
import { buildProduct, type Product } from "./functions/bundles";
import { RANDOM_KINDS, type Schedule, scheduleOf } from "./schedule";
import { casesWith, writersOf } from "./second-writers";
import { smallest } from "./shrink";
import { casesOf, SCENARIOS } from "./single-faults";
import { add, type Case, complaintsOf, count, emptyTally, lineOf, type Tally } from "./tally";
import { tracing } from "./trace";

const USAGE = `npm run simulate -- [options]

Lives through schedules of the one simulation and says which promises were broken.

  --seed <n>           the first seed of random schedules (default: a fresh one)
  --schedules <n>      how many seeds (default 200)
  --kind <kind>        ${RANDOM_KINDS.join(", ")} (default: all of them)
  --families [part]    the directed schedules whose family has that in its name, instead of random ones
  --scenarios [part]   the single faults of the scenarios that have that in their names
  --doubles [part]     two faults, in the scenarios that have that in their names
  --writers [part]     somebody else who writes amid the renewals that have that in their names
  --stride <n>         every so many of the single faults only (default 1)
  --case <part>        only the cases with that in their names
  --file <path>        one schedule, as JSON
  --trace              everything that happens
  --shrink             the smallest schedule that breaks the same promise, of the first that failed
  --workers <n>        how many processes (default: one a processor)

A failure is named by the words that replay it: npm run simulate -- <its words>
`;

const OPTIONS = {
  seed: { type: "string" },
  schedules: { type: "string" },
  kind: { type: "string" },
  families: { type: "string" },
  scenarios: { type: "string" },
  doubles: { type: "string" },
  writers: { type: "string" },
  stride: { type: "string" },
  case: { type: "string" },
  file: { type: "string" },
  trace: { type: "boolean" },
  shrink: { type: "boolean" },
  workers: { type: "string" },
  help: { type: "boolean" },
} as const;

type Given = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function* allCases(given: Given, product: Product): AsyncGenerator<Case> {
  if (given.file !== undefined) {
    const schedule = JSON.parse(readFileSync(given.file, "utf8")) as Schedule;
    yield { name: `--file ${given.file}`, schedule };
  } else if (given.families !== undefined) {
    for (const { name, cases } of FAMILIES.filter((one) =>
      one.name.includes(given.families ?? ""),
    )) {
      for (const one of cases) {
        yield { ...one, name: `--families "${name}" --case "${one.name}"` };
      }
    }
  } else if (given.scenarios !== undefined) {
    yield* faultCases(given.scenarios, Number(given.stride ?? 1), product);
  } else if (given.doubles !== undefined) {
    yield* doubleCases(given.doubles, Number(given.stride ?? 1), product);
  } else if (given.writers !== undefined) {
    yield* writerCases(given.writers, Number(given.stride ?? 1), product);
  } else {
    yield* randomCases(given);
  }
}

async function* doubleCases(part: string, stride: number, product: Product): AsyncGenerator<Case> {
  const count = Math.ceil(60 / Math.sqrt(stride));
  for (const scenario of SCENARIOS.filter(({ name }) => name.includes(part))) {
    for await (const one of doublesOf(scenario, product, { firsts: count, seconds: count })) {
      yield { ...one, name: `--doubles "${scenario.name}" --case "${one.name}"` };
    }
  }
}

async function* writerCases(part: string, stride: number, product: Product): AsyncGenerator<Case> {
  let index = 0;
  for (const scenario of SCENARIOS.filter(({ name }) => name.includes(part))) {
    for (const writer of writersOf(scenario)) {
      for (const one of await casesWith(scenario, writer, product)) {
        index += 1;
        if (index % stride !== 0) continue;
        const name = `--writers "${scenario.name}" --case "${writer.name}: ${one.name}"`;
        yield { ...one, name };
      }
    }
  }
}

async function* faultCases(part: string, stride: number, product: Product): AsyncGenerator<Case> {
  let index = 0;
  for (const scenario of SCENARIOS.filter(({ name }) => name.includes(part))) {
    for (const one of await casesOf(scenario, product)) {
      index += 1;
      if (index % stride !== 0) continue;
      yield { ...one, name: `--scenarios "${scenario.name}" --case "${one.name}"` };
    }
  }
}

function* randomCases(given: Given): Generator<Case> {
  const first = Number(given.seed);
  const kinds = RANDOM_KINDS.filter((kind) => (given.kind ?? kind) === kind);
  for (let seed = first; seed < first + Number(given.schedules ?? 200); seed += 1) {
    for (const kind of kinds) {
      const name = `--kind ${kind} --seed ${seed} --schedules 1`;
      yield { name, schedule: scheduleOf(kind, seed) };
    }
  }
}

/** This process's share of the cases: every so many, beginning with its own number. */
async function runShare(given: Given, share: { of: number; index: number }): Promise<Tally> {
  const product = await buildProduct();
  const tally = emptyTally();
  const watch = given.trace === true ? tracing(say) : () => undefined;
  let index = -1;
  for await (const one of allCases(given, product)) {
    if (!one.name.includes(given.case ?? "")) continue;
    index += 1;
    if (index % share.of !== share.index) continue;
    if (given.trace === true) say(JSON.stringify(one.schedule));
    await count(tally, one, { product, watch });
  }
  return tally;
}

/** Runs all shares side by side, each in a process of its own. */
async function runAll(words: readonly string[], workers: number): Promise<Tally> {
  const tallies = Array.from({ length: workers }, (_, index) => {
    const child = fork(__filename, [...words], {
      env: { ...process.env, SIMULATION_SHARE: `${index}/${workers}` },
    });
    return new Promise<Tally>((resolve, reject) => {
      child.once("message", (tally) => resolve(tally as Tally));
      child.once("exit", (code) => reject(new Error(`a worker ended with ${code}`)));
    });
  });
  return (await Promise.all(tallies)).reduce(add);
}

async function tellSmallest({ failures }: Tally): Promise<void> {
  const [failure] = failures;
  if (failure === undefined) return;
  say(`\nThe smallest schedule that breaks the same as ${failure.name}:`);
  say(JSON.stringify(await smallest(failure, await buildProduct())));
}

async function main(words: readonly string[]): Promise<void> {
  const { values: given } = parseArgs({ args: [...words], options: OPTIONS });
  if (given.help === true) return say(USAGE);
  const [index, of] = (process.env["SIMULATION_SHARE"] ?? "").split("/").map(Number);
  if (index !== undefined && of !== undefined) {
    process.send?.(await runShare(given, { index, of }), () => process.disconnect());
    return;
  }
  const isRandom = [
    given.file,
    given.families,
    given.scenarios,
    given.doubles,
    given.writers,
  ].every((one) => one === undefined);
  const seed = given.seed ?? String(randomInt(2 ** 31));
  const own = isRandom && given.seed === undefined ? [...words, "--seed", seed] : words;
  const workers = given.trace === true ? 1 : Number(given.workers ?? availableParallelism());
  if (isRandom) say(`seeds from ${seed}`);
  const tally = await runAll(own, workers);
  say(lineOf(tally));
  for (const line of complaintsOf(tally)) say(line);
  if (given.shrink === true) await tellSmallest(tally);
  process.exitCode = tally.failures.length === 0 ? 0 : 1;
}

void main(process.argv.slice(2));
