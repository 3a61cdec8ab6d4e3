import { performance } from "node:perf_hooks";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { createTokenReader } from "../../reader";
import { type Spread, spreadOf } from "../spread";
import { CountingClient } from "./counting-client";
import { LIBRARIES, taken } from "./libraries";
import { PREFIX, recordText, storeName } from "./records";
import { serveSecrets } from "./secrets-server";

/** How long a measurement takes: rounds of so many reads; the subjects take turns, so that noise hits all. */
export interface Rounds {
  readonly rounds: number;
  readonly reads: number;
}

/** Nanoseconds of one read or call out of memory. */
export interface Times {
  /** In the order of the libraries. */
  readonly reads: readonly Spread[];
  readonly calls: readonly Spread[];
  /** What the reader's safe call is made of. */
  readonly parts: readonly { readonly title: string; readonly time: Spread }[];
}

interface Subject {
  /** A request over loopback takes ten thousand times as long as a read from memory. */
  readonly reads: number;
  readonly run: (times: number) => Promise<void>;
}

const STORE = storeName(1);

export async function cachedReads(rounds: Rounds): Promise<Times> {
  const server = await serveSecrets();
  const memory = new CountingClient((name) => ({ versionId: "1", text: recordText(name) }));
  const loopback = new SecretsManagerClient({
    endpoint: server.url,
    region: "us-east-1",
    credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
  });
  try {
    const requests = Math.max(1, Math.floor(rounds.reads / 1_000));
    const open = await Promise.all(
      LIBRARIES.map(async ({ keeps, open: openWith }) => ({
        library: await openWith(keeps ? memory : loopback, [STORE]),
        reads: keeps ? rounds.reads : requests,
      })),
    );
    const parts = partsOfACall(memory, rounds.reads);
    const subjects: Subject[] = [
      ...open.map(({ library, reads }) => ({
        reads,
        run: (times: number) => library.readTimes(STORE, times),
      })),
      ...open.map(({ library, reads }) => ({
        reads,
        run: (times: number) => library.callTimes(STORE, times),
      })),
      ...parts,
    ];
    const times = await inTurns(subjects, rounds.rounds);
    for (const { library } of open) library.close();
    return {
      reads: times.slice(0, open.length),
      calls: times.slice(open.length, 2 * open.length),
      parts: parts.map(({ title }, index) => ({
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
function partsOfACall(client: CountingClient, reads: number): (Subject & { title: string })[] {
  const reader = createTokenReader({ client, prefix: PREFIX });
  const answer = { status: 200 };
  const loop = (title: string, one: () => Promise<unknown>) => ({
    title,
    reads,
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

async function inTurns(subjects: readonly Subject[], rounds: number): Promise<Spread[]> {
  const times: number[][] = subjects.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, { run, reads }] of subjects.entries()) {
      await run(1); // an age limit may have passed: only reads from memory count
      const startedAt = performance.now();
      await run(reads);
      const nanoseconds = ((performance.now() - startedAt) * 1e6) / reads;
      if (round > 0) times[index]?.push(nanoseconds); // the first round is the compiler's
    }
  }
  return times.map(spreadOf);
}
