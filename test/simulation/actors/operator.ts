import type { SimulatedProcess } from "../functions/process";
import { PREFIX } from "../stage";
import type { World } from "../world";

/** What the command's bundle exports. */
interface CommandPart {
  readonly run: (words: readonly string[], host: object) => Promise<number>;
  readonly connectToAws: (address: object) => object;
  readonly Sealed: { of(text: string): unknown };
}

/** An operator runs a command at his own machine; gives its exit code. */
export async function command(words: readonly string[], world: World, typed = ""): Promise<number> {
  return await startCommand(words, world, typed).exitCode;
}

/** The same, for somebody who reads what is printed. */
export async function commandSaid(
  words: readonly string[],
  world: World,
): Promise<{ readonly exitCode: number; readonly out: string }> {
  let out = "";
  const exitCode = await startCommand(words, world, "", (text) => {
    out += text;
  }).exitCode;
  return { exitCode, out };
}

/** The same, for somebody who may close the terminal: the exit code of a process that was killed never comes. */
// biome-ignore lint/complexity/useMaxParams: whoever reads along is rare, and comes last
export function startCommand(
  words: readonly string[],
  world: World,
  typed = "",
  read: (text: string) => void = () => undefined,
): { readonly process: SimulatedProcess; readonly exitCode: Promise<number> } {
  const { process, exports } = world.startPart("command", {});
  const { run, connectToAws, Sealed } = exports as CommandPart;
  const stream = { isTerminal: false, columns: undefined, write: process.write };
  const exitCode = run(words, {
    env: { SHOPIFY_SECRETS_PREFIX: PREFIX },
    out: {
      ...stream,
      write: (text: string) => {
        read(text);
        process.write(text);
      },
    },
    err: stream,
    clock: { now: () => Math.floor(world.awsClock()) },
    connect: connectToAws,
    sleep: (milliseconds: number) => process.sleep(milliseconds),
    every: (milliseconds: number, tell: () => void) => everyFrom(world, milliseconds, tell),
    readSecret: async () => Sealed.of(typed),
    readFile: async () => typed,
    ask: async () => undefined,
    runChild: async () => 0,
  });
  return { process, exitCode };
}

function everyFrom(world: World, milliseconds: number, tell: () => void): () => void {
  let isOn = true;
  const plan = () =>
    world.timeline.after(milliseconds, () => {
      if (!isOn) return;
      tell();
      plan();
    });
  plan();
  return () => {
    isOn = false;
  };
}
