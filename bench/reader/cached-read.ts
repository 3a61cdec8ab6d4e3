import { performance } from "node:perf_hooks";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { createTokenReader } from "../../reader";
import { type Spread, spreadOf } from "../spread";
import { CountingClient } from "./counting-client";
import { LIBRARIES, taken } from "./libraries";
import { PREFIX, recordText, storeName } from "./records";
import { serveSecrets } from "./secrets-server";

/**
 * How long a round of one subject lasts: less than the scheduler's slice, so that most rounds are undisturbed on a
 * busy machine, too. The subjects take turns, so that what disturbs hits all.
 */
const ROUND_MS = 0.5;

/** Nanoseconds of one read or call out of memory. */
export interface Times {
  /** In the order of the libraries. */
  readonly reads: readonly Spread[];
  readonly calls: readonly Spread[];
  /** What the reader's safe call is made of. */
  readonly deps: readonly { readonly title: string; readonly time: Spread }[];
}

/** Reads, or calls, so many times. */
type Run = (times: number) => Promise<void>;

const STORE = storeName(1);

export async function cachedReads(rounds: number): Promise<Times> {
  const server = await serveSecrets();
  const memory = new CountingClient((name) => ({ versionId: "1", text: recordText(name) }));
  const loopback = new SecretsManagerClient({
    endpoint: server.url,
    region: "us-east-1",
    credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
  });
  try {
    const open = await Promise.all(
      LIBRARIES.map((library) => library.open(library.keeps ? memory : loopback, [STORE])),
    );
    const deps = partsOfACall(memory);
    const reads = open.map(
      (library): Run =>
        (times) =>
          library.readTimes(STORE, times),
    );
    const calls = open.map(
      (library): Run =>
        (times) =>
          library.callTimes(STORE, times),
    );
    const times = await inTurns([...reads, ...calls, ...deps.map(({ run }) => run)], rounds);
    for (const library of open) library.close();
    return {
      reads: times.slice(0, open.length),
      calls: times.slice(open.length, 2 * open.length),
      deps: deps.map(({ title }, index) => ({
        title,
        time: times[2 * open.length + index] ?? spreadOf([]),
      })),
    };
  } finally {
    loopback.destroy();
    server.close();
  }
}

/** The reader's two calls with an application's call that answers at once, and that call without any reader. */
function partsOfACall(client: CountingClient): { title: string; run: Run }[] {
  const reader = createTokenReader({ client, prefix: PREFIX });
  const answer = { status: 200 };
  const loop = (title: string, one: () => Promise<unknown>) => ({
    title,
    run: async (times: number) => {
      for (let time = 0; time < times; time += 1) await one();
    },
  });
  return [
    loop("`token()`", () => reader.token(STORE)),
    loop("`withToken()`, a call that answers at once", () => reader.withToken(STORE, () => answer)),
    loop("`withToken()`, an asynchronous call", () => reader.withToken(STORE, () => taken(""))),
    loop("that asynchronous call alone", () => taken("")),
  ];
}

async function inTurns(subjects: readonly Run[], rounds: number): Promise<Spread[]> {
  const sizes: number[] = [];
  for (const run of subjects) sizes.push(await readsOfARound(run));
  const times: number[][] = subjects.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, run] of subjects.entries()) {
      await run(1); // an age limit may have passed: only reads from memory count
      times[index]?.push(await nanosecondsOf(run, sizes[index] ?? 1));
    }
  }
  return times.map(spreadOf);
}

/** How many reads fill a round, once the compiler is done with them. */
async function readsOfARound(run: Run): Promise<number> {
  const first = await nanosecondsOf(run, 10);
  await run(Math.min(30_000, Math.ceil(2e8 / first)));
  const tries: number[] = [];
  for (let time = 0; time < 5; time += 1) tries.push(await nanosecondsOf(run, 10));
  return Math.max(1, Math.round((ROUND_MS * 1e6) / spreadOf(tries).median));
}

async function nanosecondsOf(run: Run, times: number): Promise<number> {
  const startedAt = performance.now();
  await run(times);
  return ((performance.now() - startedAt) * 1e6) / times;
}
