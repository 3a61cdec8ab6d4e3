import { spawn } from "node:child_process";
import { join } from "node:path";
import { parse } from "yaml";
import { MINUTE_MS } from "../../../contract/time";
import { DEV_APPS, DEV_STORES } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { blocksOf } from "../../docs/code-blocks";
import { beginWorld } from "../begin-world";
import { letListsArrive } from "../let-lists-arrive";
import { DeclaredStack } from "./declared-stack";

const PROJECT = join(__dirname, "../../..");
const { acme, heritage } = DEV_STORES;

const CONFIG = {
  recoveryWindowDays: 7,
  apps: { fulfilment: { clientId: DEV_APPS.fulfilment.clientId } },
  clientSecrets: { fulfilment: DEV_APPS.fulfilment.clientSecret },
  accessTokens: { heritage: heritage.accessToken },
  stores: {
    acme: { kind: acme.kind, shop: acme.shop, app: acme.app, scopes: acme.scopes },
    heritage: { kind: heritage.kind, shop: heritage.shop, scopes: heritage.scopes },
  },
};
const WITHOUT_HERITAGE = { ...CONFIG, accessTokens: {}, stores: { acme: CONFIG.stores.acme } };

/** `shopify-secrets preview` on the real engine. The tests of this file build on each other. */
describe("shopify-secrets preview", () => {
  let world: World;
  let stack: DeclaredStack;

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    stack = new DeclaredStack(world);
    stack.declare(CONFIG);
    await stack.must(stack.engine.run(["stack", "init"]));
  });

  afterAll(async () => {
    await world?.stop();
  });

  function runPreview(): Promise<{ exitCode: number | null; said: string }> {
    const words = ["--stack", "dev", "--config-file", stack.configFile, "--non-interactive"];
    return runInProject("npm", ["run", "--silent", "preview", "--", ...words]);
  }

  function runInProject(
    program: string,
    args: readonly string[],
  ): Promise<{ exitCode: number | null; said: string }> {
    const child = spawn(program, args, {
      cwd: PROJECT,
      env: { HOME: world.folder, ...world.operatorEnvironment, ...world.clockEnvironment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString("utf8");
      });
    }
    return new Promise((resolve) => child.on("close", (exitCode) => resolve({ exitCode, said })));
  }

  test("before the first up everything is new", async () => {
    const { exitCode, said } = await runPreview();
    expect(said).toContain("New stores:\n  acme\n  heritage\n");
    expect(said).toContain(
      "Enrolments that will run:\n  acme: first value\n  heritage: first value\n",
    );
    expect(said).toMatch(/A month: \$0\.00 now, \$\d+\.\d\d after/);
    expect(exitCode).toBe(0);
  });

  test("after it there are no changes", async () => {
    await stack.must(stack.up());
    const { exitCode, said } = await runPreview();
    expect(said).toContain("No changes.");
    // Two stores, an app, the stack's key and the metrics of the sweep stand there unchanged.
    expect(said).toMatch(/A month: \$(\d+\.\d\d) now, \$\1 after/);
    expect(said).not.toContain("$0.00");
    expect(exitCode).toBe(0);
  });

  test("the pipeline of docs/deploy.md goes through", async () => {
    // Right after a first deployment `status` waits until the list can be complete.
    letListsArrive(world);
    world.clock.advance(MINUTE_MS);
    const { exitCode, said } = await runInProject("bash", ["-euxo", "pipefail", "-c", pipeline()]);
    expect(said).toContain("2 stores of shopify/dev: all well");
    expect(exitCode).toBe(0);
  });

  /** The steps of the docs, with the stack of this world for both of theirs; the build is done. */
  function pipeline(): string {
    const blocks = blocksOf("docs/deploy.md").map(({ code }) => code);
    const code = blocks.find((block) => block.startsWith("steps:")) ?? "";
    const { steps } = parse(code) as { steps: { run: string }[] };
    const stackHere = `--stack dev --config-file '${stack.configFile}' --non-interactive`;
    return steps
      .map(({ run }) => run)
      .filter((run) => run !== "npm ci && npm run build")
      .join("\n")
      .replaceAll(/--stack (?:stage|prod)/g, stackHere)
      .replaceAll("shopify/prod", "shopify/dev");
  }

  test("changed scopes are named, and so is the enrolment that they cause", async () => {
    stack.declare({
      ...CONFIG,
      stores: { ...CONFIG.stores, acme: { ...CONFIG.stores.acme, scopes: ["read_orders"] } },
    });
    const { exitCode, said } = await runPreview();
    expect(said).toContain("Changed stores:\n  acme: description\n");
    expect(said).toContain("Enrolments that will run:\n  acme: changed scopes\n");
    expect(exitCode).toBe(0);
  });

  test("a store that would lose its secret comes first, and stops a pipeline", async () => {
    stack.declare(WITHOUT_HERITAGE);
    const { exitCode, said } = await runPreview();
    expect(said).toContain(
      "Stores that would lose their secret, its values and its history:\n  heritage (delete)\n",
    );
    expect(exitCode).toBe(3);
  });

  test("a name that a deleted secret holds is explained before anything is touched", async () => {
    await stack.must(stack.up());
    letListsArrive(world);
    stack.declare(CONFIG);
    const { said } = await runPreview();
    expect(said).toContain(
      "heritage: secret_pending_deletion: the secret is scheduled for deletion",
    );
    expect(said).toContain("shopify-secrets restore heritage");
  });

  test("a mistake in config is said in full, and nothing else", async () => {
    stack.declare({
      ...CONFIG,
      stores: { ...CONFIG.stores, odd: { kind: "offline", shop: "acme" } },
    });
    const { exitCode, said } = await runPreview();
    expect(said).toContain(
      "shopify-secrets:stores.odd.shop must be the permanent domain alone: write acme.myshopify.com",
    );
    expect(exitCode).not.toBe(0);
  });
});
