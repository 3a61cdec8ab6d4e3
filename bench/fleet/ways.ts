import { cpSync, existsSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineRun } from "../../local/world/pulumi";
import { startWorld, type World } from "../../local/world/world";
import { DeclaredStack } from "../../test/e2e/infra/declared-stack";
import { declarationOf, fillApps, fillShops, makeStores } from "../../test/e2e/infra/made-fleet";
import { copyProject } from "../../test/e2e/infra/project-copy";
import { ROOT } from "../part";
import { type Burden, type Program, watchBurden } from "./burden";

/** What is done to a stack, in this order. */
export const DEEDS = ["up", "no-op up", "preview", "refresh", "one more", "destroy"] as const;
export type Deed = (typeof DEEDS)[number];

/** What one deed took. */
export interface Taken {
  readonly wallSeconds: number;
  readonly burdens: Readonly<Record<Program, Burden>>;
}

/** A stack of a way and what was done to it. */
export interface Measured {
  readonly title: string;
  readonly stores: number;
  readonly resources: number;
  readonly stateBytes: number;
  /** How many resources one store more was. */
  readonly grewBy: number;
  readonly taken: Readonly<Partial<Record<Deed, Taken>>>;
}

/**
 * Beyond so many stores no checkpoints are written: the file backend writes the whole state before and after each
 * resource, which grows with the square and would be all that is measured.
 */
export const MOST_WITH_CHECKPOINTS = 300;

export function hasCheckpoints(stores: number): boolean {
  return stores <= MOST_WITH_CHECKPOINTS;
}

function settingsFor(stores: number): Record<string, string> {
  if (hasCheckpoints(stores)) return {};
  return { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };
}

/** JSON is YAML. */
const STORES_FILE = "stores.yaml";
const UNATTENDED = ["--yes", "--skip-preview", "--suppress-outputs"];

/** A stack that grows: what the engine is asked with, and how it is set to a size. */
interface Stack {
  run(command: readonly string[]): Promise<EngineRun>;
  set(stores: number): Promise<void>;
}

/** The product with so many stores of every kind. */
export async function measureOurs(stores: number, deeds: readonly Deed[]): Promise<Measured> {
  return await inWorld(async (world) => {
    const projectDir = copyProject(world);
    const stack = new DeclaredStack(world, { projectDir, settings: settingsFor(stores) });
    fillApps(world);
    fillShops(world, makeStores(stores + 1));
    return await measure(
      { title: "shopify-secrets", stores, world, deeds },
      {
        run: (command) => stack.engine.run(command),
        // In a file, because of more than some 900 a program does not get them all in config.
        set: async (count) => {
          const { stores: declared, ...config } = declarationOf(makeStores(count));
          writeFileSync(join(projectDir, STORES_FILE), JSON.stringify(declared));
          stack.declare({ ...config, storesFile: STORES_FILE });
        },
      },
    );
  });
}

/** As many bare resources, and as heavy; or the naive program with as many stores. */
export async function measureProgram(
  name: "bare" | "naive",
  size: {
    readonly title: string;
    readonly stores: number;
    readonly count: number;
    readonly padding: number;
    /** How many are one store more. */
    readonly grows: number;
  },
  deeds: readonly Deed[],
): Promise<Measured> {
  return await inWorld(async (world) => {
    const projectDir = copyOf(name, world);
    const { title, stores, count, padding, grows } = size;
    const engine = world.engine({ projectDir, settings: settingsFor(stores) });
    const configure = async (key: string, value: number) =>
      await must(engine.run(["config", "set", key, `${value}`]));
    const stack: Stack = {
      run: (command) => engine.run(command),
      set: async (wanted) => {
        await configure("count", count + (wanted - stores) * grows);
        await configure("padding", padding);
      },
    };
    return await measure({ title, stores, world, deeds }, stack);
  });
}

/** The program in a folder of the world's, in which the engine may write its stack's config. */
function copyOf(name: string, world: World): string {
  const folder = join(world.folder, name);
  cpSync(join(__dirname, "programs", name), folder, { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

async function inWorld<T>(run: (world: World) => Promise<T>): Promise<T> {
  const world = await startWorld();
  try {
    return await run(world);
  } finally {
    await world.stop();
  }
}

interface Scene {
  readonly title: string;
  readonly stores: number;
  readonly world: World;
  readonly deeds: readonly Deed[];
}

async function measure({ title, stores, world, deeds }: Scene, stack: Stack): Promise<Measured> {
  await must(stack.run(["stack", "init"]));
  await stack.set(stores);
  const taken: Partial<Record<Deed, Taken>> = {};
  let state = { resources: 0, stateBytes: 0 };
  let grewBy = 0;
  for (const deed of deeds) {
    if (deed === "one more") await stack.set(stores + 1);
    // The key of the refresh tokens is protected.
    if (deed === "destroy") await must(stack.run(["state", "unprotect", "--all", "--yes"]));
    process.stderr.write(`  ${title}, ${stores} stores: ${deed}\n`);
    taken[deed] = await timed(() => must(stack.run(commandOf(deed))));
    if (deed === "up") state = await stateOf(world, stack);
    if (deed === "one more") {
      grewBy = (await stateOf(world, stack)).resources - state.resources;
    }
  }
  return { title, stores, taken, grewBy, ...state };
}

function commandOf(deed: Deed): readonly string[] {
  switch (deed) {
    case "preview":
      return ["preview", "--suppress-outputs"];
    case "refresh":
      return ["refresh", ...UNATTENDED];
    case "destroy":
      return ["destroy", ...UNATTENDED];
    default:
      return ["up", "--continue-on-error", ...UNATTENDED];
  }
}

async function must(run: Promise<EngineRun>): Promise<EngineRun> {
  const ended = await run;
  if (ended.exitCode !== 0) throw new Error(`pulumi failed:\n${ended.output.slice(-4_000)}`);
  return ended;
}

async function timed(run: () => Promise<unknown>): Promise<Taken> {
  const watch = watchBurden();
  const startedAt = performance.now();
  await run();
  const wallSeconds = (performance.now() - startedAt) / 1_000;
  return { wallSeconds, burdens: watch.stop() };
}

async function stateOf(
  world: World,
  stack: Stack,
): Promise<{ readonly resources: number; readonly stateBytes: number }> {
  const { output } = await must(stack.run(["stack", "export"]));
  const { deployment } = JSON.parse(output) as { deployment: { resources: readonly unknown[] } };
  return { resources: deployment.resources.length, stateBytes: sizeOfState(world) };
}

/** The one stack's file in the world's file backend. */
function sizeOfState({ folder }: World): number {
  const root = join(folder, "state", ".pulumi", "stacks");
  const [project = ""] = existsSync(root) ? readdirSync(root) : [];
  const [file = ""] = readdirSync(join(root, project)).filter((name) => name.endsWith(".json"));
  return statSync(join(root, project, file)).size;
}
