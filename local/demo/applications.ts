import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { LOCAL_ACCOUNT } from "../world/environment";
import type { World } from "../world/world";

const PROGRAM = join(__dirname, "../../dist/local/demo/application.js");

/** Where an application finds a store: an entry of the stack's `stores` output. */
export interface StoreLocation {
  readonly shop: string;
  readonly secretArn: string;
}

export interface ApplicationOptions {
  readonly name: string;
  readonly stores: Readonly<Record<string, StoreLocation>>;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** What an application counted. */
export interface ApplicationTally {
  readonly served: number;
  readonly refused: number;
  /** Calls that were not made, because there was no live token to make them with. */
  readonly withheld: number;
  /** The refused calls of each store that has any. */
  readonly refusedOf: Readonly<Record<string, number>>;
}

/** A running application. */
export interface Application {
  readonly name: string;
  /** Why it ended although nobody asked it to; undefined while it runs. */
  failure(): string | undefined;
  /**
   * Does something while none of its calls is under way: where the clock jumps over the end of a token, a call would
   * arrive hours after it was sent.
   */
  between<T>(act: () => Promise<T>): Promise<T>;
  /** Lets it finish its round, and resolves with what it counted itself. */
  finish(): Promise<ApplicationTally>;
  /** Ends it at once. */
  kill(): void;
}

/** Starts an application as a process of its own inside the world. */
export function startApplication(world: World, options: ApplicationOptions): Application {
  const { name, stores, credentials } = options;
  const child = spawn(join(world.nodeBinDir, "node"), [PROGRAM], {
    env: {
      ...world.insideEnvironment,
      AWS_REGION: LOCAL_ACCOUNT.AWS_REGION,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      APPLICATION: JSON.stringify({ name, stores }),
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const said = linesOf(child);
  const ended = new Promise<number>((resolve) => {
    child.once("error", () => resolve(1));
    child.once("close", (code) => resolve(code ?? 1));
  });
  return {
    name,
    failure: () =>
      child.exitCode === null ? undefined : (said.errors.at(-1) ?? "it ended by itself"),
    between: async (act) => {
      const held = said.next("held");
      child.stdin?.write("hold\n");
      await Promise.race([held, failWhenEnded(name, ended)]);
      try {
        return await act();
      } finally {
        child.stdin?.write("go on\n");
      }
    },
    finish: async () => {
      child.stdin?.end();
      const code = await ended;
      const last = said.output.at(-1);
      if (code !== 0 || last === undefined) {
        throw new Error(`${name} failed: ${said.errors.at(-1) ?? `exit code ${code}`}`);
      }
      return JSON.parse(last) as ApplicationTally;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

interface Said {
  readonly output: string[];
  readonly errors: string[];
  /** Resolves when this line comes next. */
  next(line: string): Promise<void>;
}

function linesOf(child: ChildProcess): Said {
  const output: string[] = [];
  const errors: string[] = [];
  const awaited = new Map<string, () => void>();
  const keep = (line: string) => {
    output.push(line);
    awaited.get(line)?.();
  };
  if (child.stdout) createInterface({ input: child.stdout }).on("line", keep);
  if (child.stderr)
    createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
  const next = (line: string) => new Promise<void>((resolve) => awaited.set(line, resolve));
  return { output, errors, next };
}

async function failWhenEnded(name: string, ended: Promise<number>): Promise<never> {
  const code = await ended;
  throw new Error(`${name} ended by itself with exit code ${code}`);
}
