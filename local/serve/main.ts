import { createInterface } from "node:readline";
import { SECOND_MS } from "../../contract/time";
import { runUntilDone } from "../demo/ending";
import { createStage, type Stage, wantsColour } from "../demo/stage";
import { createProgress, processSurroundings } from "../toolchain";
import { beginsAtOf } from "../world/begins";
import { startWorld, type World } from "../world/world";
import { browserLine, helpText, leverLines, ownStoreLines, parseSpan } from "./guide";
import { openTerminal, type Terminal } from "./terminal";

const stage = createStage({
  write: (text) => process.stdout.write(text),
  colour: wantsColour(process.stdout, process.env),
});

/** Keeps a world running until Ctrl-C, or until standard input ends, and moves its clock when asked to. */
async function serve(world: World): Promise<void> {
  const terminal = await openTerminal(world, process.env);
  try {
    tell(world, terminal);
    await obey(world, stage);
  } finally {
    await terminal.road.close();
  }
}

function tell({ folder, shopify }: World, { file, road }: Terminal): void {
  const block = (title: string, lines: readonly string[]) => {
    stage.line(`   ${title}`);
    stage.line();
    for (const line of lines) stage.line(line);
    stage.line();
  };
  stage.act("The world is up");
  block("In another terminal, in this folder, whatever the language:", [
    `source ${file}`,
    ...helpText(),
  ]);
  block(
    "A stack and a store of your own, beside those of Pulumi.dev.yaml:",
    ownStoreLines(shopify.controlUrl),
  );
  block(
    "A merchant's browser, in which an install link opens (docs/local-world.md, A merchant's way):",
    [browserLine(road.url, folder)],
  );
  block("Shopify's levers: a list of them, and one pulled:", leverLines(shopify.controlUrl));
  stage.line(
    '   Here: "+8h" moves the clock through everything that falls due; "quit" or Ctrl-C ends the world.',
  );
}

async function obey(world: World, on: Stage): Promise<void> {
  const inTurn = oneAtATime();
  const flowing = setInterval(() => void inTurn(() => catchUp(world, on)), SECOND_MS);
  try {
    for await (const line of createInterface({ input: process.stdin })) {
      const span = parseSpan(line);
      if (line.trim() === "quit") return;
      if (!world.isClockMovable)
        on.line("   the clock stands: there is no libfaketime on this machine");
      else if (span === undefined) on.line('   say for example "+8h", "+30m" or "quit"');
      else await inTurn(() => move(world, on, span));
    }
    // Standard input has ended (a service, a pipe): stay until a signal comes.
    if (!process.stdin.isTTY) await new Promise(() => {});
  } finally {
    clearInterval(flowing);
  }
}

/** The clock has one driver: moves wait for each other. */
function oneAtATime(): (task: () => Promise<void>) => Promise<void> {
  let last = Promise.resolve();
  return (task) => {
    last = last.then(task);
    return last;
  };
}

/** What falls due while nobody moves the clock happens too: time flows by itself. */
async function catchUp(world: World, on: Stage): Promise<void> {
  await world.driver
    .moveTo(world.clock.now(), (tick) => on.line(`   ${timeOf(tick.at)}  ${tick.source}`))
    .catch((error: unknown) => on.bad(error instanceof Error ? error.message : String(error)));
}

async function move(world: World, on: Stage, spanMs: number): Promise<void> {
  await world.driver.advance(spanMs, (tick) => on.line(`   ${timeOf(tick.at)}  ${tick.source}`));
  on.good(`it is now ${timeOf(world.clock.now())}`);
}

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19);
}

/** AWS promises five minutes at the most, and takes seconds as a rule: somebody is waiting here. */
const LIST_LAG_MS = 2 * SECOND_MS;

runUntilDone(stage, {
  start: async (signal) =>
    await startWorld({
      signal,
      progress: createProgress(processSurroundings()),
      beginsAt: beginsAtOf(process.env),
      switches: { listLagMs: LIST_LAG_MS },
    }),
  run: serve,
});
