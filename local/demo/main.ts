import { createProgress, processSurroundings } from "../toolchain";
import { beginsAtOf } from "../world/begins";
import { startWorld, type World } from "../world/world";
import {
  applyAgain,
  approve,
  DemoFailure,
  liveThroughTwoDays,
  provision,
  refuseWrongSecret,
  showRecords,
  takeDown,
} from "./acts";
import { CAST_FILE, filmed } from "./cast";
import { runUntilDone } from "./ending";
import { DevStack } from "./stack";
import { createStage, type Stage, wantsColour } from "./stage";

const film = process.env[CAST_FILE];
const write = (text: string) => void process.stdout.write(text);
const stage = createStage({
  write: film ? filmed(write, film) : write,
  colour: film ? true : wantsColour(process.stdout, process.env),
});

async function demo(world: World): Promise<void> {
  openWorld(world, stage);
  if (!world.isClockMovable) throw new DemoFailure(CLOCK_STANDS);
  const scene = { world, stage, stack: new DevStack(world) };
  await provision(scene);
  await approve(scene);
  await showRecords(scene);
  await liveThroughTwoDays(scene);
  await applyAgain(scene);
  await refuseWrongSecret(scene);
  await takeDown(scene);
}

const CLOCK_STANDS =
  "the demo moves the clock, and there is no libfaketime on this machine (Debian and Ubuntu: apt-get install faketime); npm run local works without it";

function openWorld(world: World, on: Stage): void {
  on.act("A world on this machine");
  on.table(
    ["part", "what runs", "where"],
    [
      ["engine", `Pulumi ${world.engineVersion}`, "the real one"],
      ["AWS", `ministack ${world.emulatorVersion}, IAM enforced`, world.front.url],
      ["Secrets Manager", "our model of it, rotation included", world.front.url],
      ["Shopify", "an imitation over TLS", `https://*.myshopify.com on port ${world.shopify.port}`],
    ],
  );
}

stage.line("shopify-secrets: the whole product on this machine, without an AWS account");
runUntilDone(stage, {
  start: async (signal) =>
    await startWorld({
      signal,
      progress: createProgress(processSurroundings()),
      beginsAt: beginsAtOf(process.env),
    }),
  run: demo,
});
