import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { DEV_APPS, DEV_STORES } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { deployerPolicy } from "../../security/deployer-policy";
import { beginWorld } from "../begin-world";
import { type Person, personWith } from "../operator/command";
import { BOTH_APPS, changesIn, type Declared, DeclaredStack } from "./declared-stack";
import { copyProject } from "./project-copy";
import { historyOf } from "./secret-history";

const SHOP = "boutique.myshopify.com";
const LISTED = '{"store":"west","kind":"custom-app","shop":"west.myshopify.com"}\n';
const CONFIG = {
  ...BOTH_APPS,
  accessTokens: { heritage: DEV_STORES.heritage.accessToken },
  recoveryWindowDays: 0,
  fleet: { list: "stores.jsonl" },
  stores: {
    acme: { kind: "client-credentials", shop: DEV_STORES.acme.shop, app: "fulfilment" },
    heritage: { kind: "custom-app", shop: DEV_STORES.heritage.shop },
    boutique: { kind: "offline-expiring", shop: SHOP, app: "catalog" },
  },
};
const STORES = Object.keys(CONFIG.stores);
/** A line that the engine prints when a resource is done. */
const DONE = /^\s*[-+~=<>]*\s*\S*aws:\S+ .*\b(created|imported|updated)\b/;
const KILLED_AFTER = 10;

/** What the engine was writing when it was killed; the copy before it lies beside it. S3 has whole ones alone. */
function mendTornState({ folder }: World): void {
  const stacks = join(folder, "state/.pulumi/stacks");
  const names = readdirSync(stacks, { recursive: true, encoding: "utf8" });
  const state = join(stacks, names.find((name) => name.endsWith("dev.json")) ?? "");
  for (const end of ["", ".attrs"]) {
    try {
      JSON.parse(readFileSync(`${state}${end}`, "utf8"));
    } catch {
      copyFileSync(`${state}.bak${end}`, `${state}${end}`);
    }
  }
}

/** What goes wrong around a deployment, on the real engine: a killed one, and a lost state. */
describe("a stack in trouble", () => {
  let world: World;
  let stack: DeclaredStack;
  let deployer: Person;
  let kills = 0;
  let killAfter = KILLED_AFTER;
  let done = 0;

  beforeAll(async () => {
    world = await beginWorld("2026-11-24T09:35:00Z", { switches: { listLagMs: 0 } });
    world.shopify.imitation.control.addShop({ shop: SHOP });
    const projectDir = copyProject(world);
    writeFileSync(join(projectDir, "stores.jsonl"), LISTED);
    stack = new DeclaredStack(world, {
      projectDir,
      onLine: (line) => {
        if (!DONE.test(line)) return;
        done += 1;
        if (done !== killAfter) return;
        kills += 1;
        void stack.engine.stop();
      },
    });
    deployer = await personWith(world, "deployer", deployerPolicy("dev", { list: true }));
    await stack.must(stack.engine.run(["stack", "init"]));
  });

  afterAll(() => world?.stop());

  /** The config that the command prints, laid over what stands in the stack's file. */
  async function adopted(config: Declared, words: string): Promise<Declared> {
    const { code, out, err } = await deployer(
      `adopt --prefix shopify/dev --region us-east-1${words}`,
    );
    expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
    const printed = (parse(out) as { config: Record<string, unknown> }).config;
    const own = Object.entries(printed).map(([key, value]) => [key.split(":")[1], value]);
    return { ...config, ...Object.fromEntries(own) };
  }

  const histories = async () => {
    const arns = [...world.secrets.state.secrets.values()]
      .filter(({ name }) => name.startsWith("shopify/dev/"))
      .map(({ arn }) => arn)
      .sort();
    return await Promise.all(arns.map(async (arn) => [arn, await historyOf(world, arn)]));
  };

  test("an up that is killed after every tenth resource is brought back by the documented steps", async () => {
    let config: Declared = CONFIG;
    for (let tries = 0; ; tries += 1) {
      expect(tries).toBeLessThan(12);
      done = 0;
      stack.declare(config);
      const before = kills;
      const run = await stack.up();
      if (kills === before) {
        expect(run.output).not.toContain("error:");
        expect(run.exitCode).toBe(0);
        break;
      }
      mendTornState(world);
      await stack.must(stack.engine.run(["cancel", "--yes"]));
      config = await adopted(CONFIG, " --imports-only");
    }
    expect(kills).toBeGreaterThanOrEqual(4);
    stack.declare(CONFIG);
    await stack.must(stack.preview("--expect-no-changes"));
    const { out, code } = await deployer("status --prefix shopify/dev --json --region us-east-1");
    const { stores } = JSON.parse(out) as { stores: { store: string; state: string }[] };
    expect(Object.fromEntries(stores.map(({ store, state }) => [store, state]))).toEqual({
      acme: "ok",
      boutique: "awaiting_merchant",
      heritage: "ok",
    });
    expect(code).toBe(0);
  });

  test("no version was made twice", () => {
    for (const { name, versions } of world.secrets.state.secrets.values()) {
      if (name.startsWith("shopify/dev/"))
        expect([name, versions.length <= 1]).toEqual([name, true]);
    }
  });

  test("a lost state is made anew by what the command prints, and no token is touched", async () => {
    const before = await histories();
    expect(before).toHaveLength(STORES.length + 2);
    await stack.must(stack.engine.run(["stack", "rm", "--force", "--yes", "--preserve-config"]));
    await stack.must(stack.engine.run(["stack", "init"]));
    killAfter = Number.POSITIVE_INFINITY;
    const { clientSecrets } = BOTH_APPS;
    const config = await adopted({ clientSecrets, recoveryWindowDays: 0 }, "");
    // How an app is distributed stands nowhere in AWS.
    const apps = Object.entries(BOTH_APPS.apps).map(([app, { clientId }]) => [app, { clientId }]);
    expect(config["apps"]).toEqual(Object.fromEntries(apps));
    expect(config["stores"]).toMatchObject(CONFIG.stores);
    stack.declare(config);
    const run = await stack.up();
    expect(run.output).not.toContain("error:");
    expect(run.exitCode).toBe(0);
    expect(changesIn(run.output).filter((change) => /^(\+-|-)/.test(change))).toEqual([]);
    expect(await histories()).toEqual(before);
    const { imports: _, ...left } = config as Declared & { imports: unknown };
    stack.declare(left);
    await stack.must(stack.preview("--expect-no-changes"));
    expect(readFileSync(stack.configFile, "utf8")).not.toContain(DEV_APPS.catalog.clientSecret);
  });

  test("what was brought back can be taken down", async () => {
    const run = await stack.engine.run([
      "destroy",
      "--yes",
      "--skip-preview",
      "--continue-on-error",
    ]);
    // The key of refresh tokens is protected: it outlives every version that it sealed.
    expect(run.output).toContain("refresh-tokens-key");
  });
});
