import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { clientConfigOf } from "../../local/demo/root-client";
import { DEV_APPS } from "../../local/world/dev-fixtures";
import { endTree } from "../../local/world/process-tree";
import type { World } from "../../local/world/world";
import { ASSUMPTIONS, SHOPIFY_ASSUMPTIONS } from "../../smoke/catalogue";
import { beginWorld } from "./begin-world";

const PROJECT = join(__dirname, "../..");
const EVERY_NAME = ASSUMPTIONS.map(({ name }) => name);

interface SmokeRun {
  readonly child: ChildProcess;
  /** Everything that it printed so far. */
  output(): string;
  readonly ended: Promise<number | null>;
}

/** Starts the smoke run as a user does, in a world that stands in for the user's account. */
function startSmoke(world: World, args: readonly string[]): SmokeRun {
  const child = spawn(
    process.execPath,
    [join(PROJECT, "node_modules/tsx/dist/cli.mjs"), "smoke/main.ts", ...args],
    { cwd: PROJECT, env: environmentIn(world), stdio: ["ignore", "pipe", "pipe"] },
  );
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, output: () => text, ended };
}

function environmentIn(world: World): NodeJS.ProcessEnv {
  const { clientId, clientSecret } = DEV_APPS.fulfilment;
  return {
    ...process.env,
    ...world.operatorEnvironment,
    ...world.clockEnvironment,
    ...world.shopify.clientEnvironment,
    SHOPIFY_SMOKE_CLIENT_ID: clientId,
    SHOPIFY_SMOKE_CLIENT_SECRET: clientSecret,
  };
}

/** The names of the checks that ended in this verdict. */
function verdicts(output: string, verdict: string): string[] {
  const line = new RegExp(`^ +${verdict} +([a-z0-9-]+): `, "gm");
  return [...output.matchAll(line)].map(([, name = ""]) => name);
}

/** Secrets and functions that are still in the world. */
async function leftIn(world: World): Promise<string[]> {
  const lambda = new LambdaClient(clientConfigOf(world));
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  lambda.destroy();
  return [
    ...[...world.secrets.state.secrets.values()].map(({ name }) => name),
    ...Functions.map(({ FunctionName = "" }) => FunctionName),
  ];
}

describe("npm run smoke", () => {
  let world: World | undefined;
  let smoke: SmokeRun | undefined;

  afterEach(async () => {
    if (smoke?.child.pid !== undefined && smoke.child.exitCode === null) endTree(smoke.child.pid);
    await world?.stop();
  });

  test("checks every assumption, finds the world as assumed, and leaves nothing", async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    smoke = startSmoke(world, ["--region", "us-east-1", "--shop", "acme.myshopify.com", "--yes"]);
    const exitCode = await smoke.ended;
    const output = smoke.output();
    expect(verdicts(output, "(?:FAILS|differs)")).toEqual([]);
    expect(verdicts(output, "holds").sort()).toEqual([...EVERY_NAME].sort());
    expect(output).toContain("Everything that the run made is deleted.");
    expect(output).not.toMatch(/shp(at|ss)_\w/);
    expect(exitCode).toBe(0);
    expect(await leftIn(world)).toEqual([]);
  });

  test("names what differs, and deletes everything when it is interrupted in the middle of up", async () => {
    world = await beginWorld("2026-11-23T09:35:00Z", {
      switches: { firstValueBecomesCurrent: false },
    });
    smoke = startSmoke(world, ["--region", "us-east-1", "--yes"]);
    await until(smoke, async () => (await leftIn(world as World)).some(isOfTheStack));
    smoke.child.kill("SIGINT");
    const exitCode = await smoke.ended;
    const output = smoke.output();
    expect(verdicts(output, "differs")).toEqual(["first-value-is-current"]);
    expect(output).toContain("saw:   the first value has AWSPENDING");
    expect(output).toContain("Stopping; everything is deleted first.");
    expect(output).toContain(SHOPIFY_ASSUMPTIONS.older.name); // among what was not checked
    expect(exitCode).toBe(130);
    expect(await leftIn(world)).toEqual([]);
  });
});

const isOfTheStack = (name: string): boolean => /smoke-.*\/stores\/|smoke-.*-rotate$/.test(name);

/** Looks again and again while the run goes on. */
async function until(smoke: SmokeRun, isSo: () => Promise<boolean>): Promise<void> {
  while (smoke.child.exitCode === null && !(await isSo())) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
