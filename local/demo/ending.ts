import type { World } from "../world/world";
import type { Stage } from "./stage";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export interface WorldProgram {
  /** Builds the world; the signal ends what is being installed for it. */
  readonly start: (signal: AbortSignal) => Promise<World>;
  /** What happens in the world; it ends with the promise. */
  readonly run: (world: World) => Promise<void>;
}

/**
 * Runs a program in a world of its own, and leaves nothing running: not after a failure, not after Ctrl-C.
 *
 * Exit codes: 0 done, 1 failed, 130 and the like when a signal ended it.
 */
export function runUntilDone(stage: Stage, program: WorldProgram): void {
  const interruption = new AbortController();
  const starting = program.start(interruption.signal);
  for (const [signal, code] of Object.entries(SIGNALS)) {
    // Stays registered: one Ctrl-C arrives twice, from the terminal and from the program that started this one.
    process.on(signal, () => {
      if (interruption.signal.aborted) return;
      stage.line();
      stage.line(`${signal}: taking the world down`);
      interruption.abort();
      void takeDown(starting).finally(() => process.exit(code));
    });
  }
  void play(starting, program).then(
    () => interruption.signal.aborted || process.exit(0),
    (error: unknown) => {
      // After a signal every part fails as it is taken down; that is not worth a word.
      if (interruption.signal.aborted) return;
      stage.bad(error instanceof Error ? error.message : String(error));
      process.exit(1);
    },
  );
}

async function takeDown(starting: Promise<World>): Promise<void> {
  try {
    await (await starting).stop();
  } catch {
    // An installation that was ended, or a part that was gone already: there is nothing left to end.
  }
}

async function play(starting: Promise<World>, program: WorldProgram): Promise<void> {
  const world = await starting;
  try {
    await Promise.race([program.run(world), failWhenBroken(world)]);
  } finally {
    await world.stop();
  }
}

/** A world without AWS would only produce riddles: its end is said plainly, and at once. */
async function failWhenBroken(world: World): Promise<never> {
  const reason = await world.broken;
  throw new Error(`${reason}. Its log ends:\n${world.emulatorLog()}`);
}
