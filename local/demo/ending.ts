import type { World } from "../world/world";
import type { Stage } from "./stage";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export interface WorldProgram {
  readonly start: () => Promise<World>;
  /** What happens in the world; it ends with the promise. */
  readonly run: (world: World) => Promise<void>;
}

/**
 * Runs a program in a world of its own, and leaves nothing running: not after a failure, not after Ctrl-C.
 *
 * Exit codes: 0 done, 1 failed, 130 and the like when a signal ended it.
 */
export function runUntilDone(stage: Stage, program: WorldProgram): void {
  const starting = program.start();
  let interrupted: number | undefined;
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.once(signal, () => {
      interrupted = code;
      stage.line();
      stage.line(`${signal}: taking the world down`);
      void starting
        .then((world) => world.stop())
        .catch(() => undefined) // what went wrong is said below, by the run that it ends
        .finally(() => process.exit(code));
    });
  }
  void play(starting, program)
    .then(() => 0)
    .catch((error: unknown) => {
      if (interrupted === undefined) stage.bad(sentenceOf(error));
      return 1;
    })
    .then((code) => {
      if (interrupted === undefined) process.exit(code);
    });
}

async function play(starting: Promise<World>, program: WorldProgram): Promise<void> {
  const world = await starting;
  try {
    await program.run(world);
  } finally {
    await world.stop();
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
