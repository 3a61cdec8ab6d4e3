import { readFileSync } from "node:fs";
import { createTokenReader, type ReaderEvent, type StoreLocation } from "shopify-secrets/reader";
import { type Tally, work } from "./work";

/** What the application is told by its environment. */
interface Settings {
  /** The file with the stack's output: `pulumi stack output stores --json > stores.json`. */
  readonly storesFile: string;
  readonly workers: number;
  /** How long a worker rests between two calls, in milliseconds. */
  readonly pauseMs: number;
}

function readSettings(environment: NodeJS.ProcessEnv): Settings {
  return {
    storesFile: environment["STORES_FILE"] ?? "stores.json",
    workers: Number(environment["WORKERS"] ?? 4),
    pauseMs: Number(environment["PAUSE_MS"] ?? 1_000),
  };
}

async function main({ storesFile, workers, pauseMs }: Settings): Promise<void> {
  const stores = JSON.parse(readFileSync(storesFile, "utf8")) as Record<string, StoreLocation>;
  const events: Record<string, number> = {};
  const onEvent = (event: ReaderEvent) => {
    const name = "code" in event ? `${event.event}: ${event.code}` : event.event;
    events[name] = (events[name] ?? 0) + 1;
  };
  const reader = createTokenReader({ stores, onEvent });

  const { failed } = await reader.prefetch(Object.keys(stores));
  for (const { error } of failed) process.stderr.write(`${error.message}\n`);

  const stop = stopSignal();
  const tally: Tally = { served: 0, failures: [] };
  const shops = Object.values(stores).map(({ shop }) => shop);
  const all = Array.from({ length: workers }, (_, index) => {
    const startAfterMs = (index * pauseMs) / workers;
    return work({ reader, shops, first: index, startAfterMs, pauseMs, stop, tally });
  });
  await Promise.all(all);
  reader.close();
  process.stdout.write(`${JSON.stringify({ ...tally, events })}\n`);
}

/** Aborted when the application is asked to end: by a signal, or by the end of its standard input. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  process.stdin.once("end", stop).resume();
  controller.signal.addEventListener("abort", () => process.stdin.destroy());
  return controller.signal;
}

main(readSettings(process.env)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
