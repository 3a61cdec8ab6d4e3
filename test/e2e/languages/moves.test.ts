import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { DEV_APPS, DEV_STORES } from "../../../local/world/dev-fixtures";
import { Engine } from "../../../local/world/pulumi";
import type { World } from "../../../local/world/world";
import { beginWorld } from "../begin-world";
import { BOTH_APPS, changesIn, type Declared, DeclaredStack } from "../infra/declared-stack";
import { versionsOfStores } from "../infra/secret-history";
import { environmentOf, languagesHere } from "./program";

const { acme, heritage, partner } = DEV_STORES;

const STORES = {
  acme: { kind: acme.kind, shop: acme.shop, app: "fulfilment", scopes: [...acme.scopes] },
  heritage: { kind: heritage.kind, shop: heritage.shop },
  partner: { kind: partner.kind, shop: partner.shop, app: "catalog" },
  hooli: { kind: "offline-expiring", shop: "hooli.myshopify.com", app: "catalog" },
};

const DECLARED = {
  ...BOTH_APPS,
  accessTokens: { heritage: heritage.accessToken, partner: partner.accessToken },
  stores: STORES,
  alarms: true,
  recoveryWindowDays: 0,
} satisfies Declared;

/** The same fleet as a program in YAML, under the project's name; its secrets stand in config as they did. */
const PROGRAM = {
  name: "shopify-secrets",
  runtime: "yaml",
  config: { "aws:ignoreTags": { value: { keyPrefixes: ["shopify-secrets:"] } } },
  resources: {
    shopify: {
      type: "shopify-secrets:Fleet",
      properties: {
        apps: {
          fulfilment: { clientId: DEV_APPS.fulfilment.clientId },
          catalog: { clientId: DEV_APPS.catalog.clientId, distribution: "custom" },
        },
        stores: STORES,
        alarms: true,
        recoveryWindowDays: 0,
      },
    },
  },
};

/** One stack, first under this project's program, then under another's, then back. The tests build on each other. */
describe("a stack that moves to the package, and back", () => {
  let world: World;
  let stack: DeclaredStack;
  let folder: string;
  let engine: Engine;

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    world.shopify.imitation.control.addShop({ shop: "hooli.myshopify.com" });
    stack = new DeclaredStack(world);
    await stack.must(stack.engine.run(["stack", "init"]));
    stack.declare(DECLARED);
    await stack.must(stack.up());
    folder = join(world.folder, "moved");
    mkdirSync(folder);
    write(PROGRAM);
    const environment = environmentOf(world, await languagesHere());
    engine = new Engine({ projectDir: folder, stack: "dev", environment });
  });

  afterAll(async () => {
    await engine?.stop();
    await world?.stop();
  });

  function write(program: object): void {
    writeFileSync(
      join(folder, "Pulumi.yaml"),
      stringify(program, { aliasDuplicateObjects: false }),
    );
    // The secrets as they stand encrypted in the stack's own file, and nothing else of ours.
    const { config, encryptionsalt } = parse(readFileSync(stack.configFile, "utf8")) as {
      readonly config: Readonly<Record<string, unknown>>;
      readonly encryptionsalt: string;
    };
    const kept = Object.entries(config).filter(([key]) =>
      /^aws:|:clientSecrets$|:accessTokens$/.test(key),
    );
    const file = { config: Object.fromEntries(kept), encryptionsalt };
    writeFileSync(join(folder, "Pulumi.dev.yaml"), stringify(file));
  }

  const up = () =>
    engine.run(["up", "--yes", "--skip-preview", "--suppress-outputs", "--continue-on-error"]);

  test("a component with another prefix is refused, because every secret would go", async () => {
    const { shopify } = PROGRAM.resources;
    write({ ...PROGRAM, resources: { shops: shopify } });
    const { exitCode, output } = await engine.run(["preview"]);
    write(PROGRAM);
    expect(exitCode).not.toBe(0);
    expect(output).toContain(
      "shops.prefix is shops/dev now, and this stack's secrets are under shopify/dev",
    );
    expect(output).toContain("set shops.prefix to shopify/dev");
  });

  test("nothing is made, replaced or enrolled, and every version stays", async () => {
    const before = await versionsOfStores(world);
    const run = await up();
    expect([run.exitCode, changesIn(run.output)]).toEqual([0, []]);
    expect(await versionsOfStores(world)).toEqual(before);
    const again = await up();
    expect([again.exitCode, changesIn(again.output)]).toEqual([0, []]);
  });

  test("and back", async () => {
    const before = await versionsOfStores(world);
    stack.declare({ ...DECLARED, formerFleet: "shopify" });
    expect(changesIn(await stack.must(stack.up()))).toEqual([]);
    stack.declare(DECLARED);
    expect(changesIn(await stack.must(stack.up()))).toEqual([]);
    expect(await versionsOfStores(world)).toEqual(before);
  });

  test("two fleets in one program live side by side, and go together", async () => {
    const { shopify } = PROGRAM.resources;
    const { acme: store } = STORES;
    const more = {
      ...shopify,
      properties: { apps: shopify.properties.apps, stores: { acme: store } },
    };
    write({ ...PROGRAM, name: "two-fleets", resources: { shops: more, more } });
    const run = async (...command: string[]) => await stack.must(engine.run(command));
    await run("stack", "init");
    expect(await run("up", "--yes", "--skip-preview", "--continue-on-error")).not.toMatch(
      /Duplicate/,
    );
    await run("preview", "--expect-no-changes");
    await run("destroy", "--yes", "--skip-preview", "--continue-on-error");
  });
});
