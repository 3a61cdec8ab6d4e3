import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { SECRET_TAGS } from "../../../contract/names";
import { encodeActingPolicy, encodeApplyingPolicy } from "../../../infra/policies/operator";
import { readRecord } from "../../../local/demo/records";
import { DEV_STORES } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { beginWorld } from "../begin-world";
import { BOTH_APPS, changesIn, DeclaredStack } from "../infra/declared-stack";
import { copyProject } from "../infra/project-copy";
import { versionsOfStores } from "../infra/secret-history";
import { letListsArrive } from "../let-lists-arrive";
import { type Person, personWith } from "../operator/command";

const { acme, heritage, partner } = DEV_STORES;
const FLEET = {
  place: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
  prefix: "shopify/dev",
};
const CONFIG = {
  ...BOTH_APPS,
  recoveryWindowDays: 7,
  accessTokens: { heritage: heritage.accessToken, partner: partner.accessToken },
  stores: {
    acme: { kind: acme.kind, shop: acme.shop, app: acme.app, scopes: [...acme.scopes] },
    heritage: { kind: heritage.kind, shop: heritage.shop },
    partner: { kind: partner.kind, shop: partner.shop, app: "catalog" },
  },
  fleet: { list: "stores.jsonl" },
};
const MOVED = ["acme", "heritage"];

/** Two of three stores go to the list and come back. The tests of this file build on each other. */
describe("stores that move between config and the list", () => {
  let world: World;
  let stack: DeclaredStack;
  let folder: string;
  let operator: Person;
  let before: Awaited<ReturnType<typeof versionsOfStores>>;

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    folder = copyProject(world);
    stack = new DeclaredStack(world, { projectDir: folder });
    writeFileSync(join(folder, "stores.jsonl"), "");
    await stack.must(stack.engine.run(["stack", "init"]));
    stack.declare(CONFIG);
    await up();
    operator = await personWith(world, "operator", [
      encodeActingPolicy(FLEET),
      encodeApplyingPolicy(FLEET),
    ]);
    before = await versionsOfStores(world);
  });

  afterAll(async () => await world?.stop());

  async function up(): Promise<string[]> {
    const output = await stack.must(stack.up());
    world.letRightsArrive();
    letListsArrive(world);
    return changesIn(output);
  }

  /** The command changes the config file of a project, in its folder. */
  async function move(words: string): Promise<string> {
    const file = join(folder, "Pulumi.moving.yaml");
    copyFileSync(stack.configFile, file);
    const { code, out, err } = await operator(`move ${words} --file ${file} --prefix shopify/dev`);
    if (code !== 0) throw new Error(err);
    copyFileSync(file, stack.configFile);
    return out;
  }

  const secretOf = (store: string) => {
    const all = [...world.secrets.state.secrets.values()];
    return all.find(({ name }) => name === `shopify/dev/stores/${store}/token`);
  };
  const originOf = (store: string) =>
    secretOf(store)?.tags?.find(({ Key }) => Key === SECRET_TAGS.origin)?.Value;

  async function expectUntouched(): Promise<void> {
    expect(await versionsOfStores(world)).toEqual(before);
    for (const store of Object.keys(CONFIG.stores)) {
      expect(secretOf(store)?.deletion).toBeUndefined();
      const { record } = await readRecord(world, `shopify/dev/stores/${store}/token`);
      const accessToken = record.accessToken.unseal();
      expect(world.shopify.imitation.control.tokenLife({ accessToken }).death).toBeNull();
    }
  }

  test("the first step marks them, and enrols none", async () => {
    await move(`--to-list ${MOVED.join(" ")}`);
    const changes = await up();
    expect(changes.filter((change) => /Invocation|^[-+]|SecretRotation/.test(change))).toEqual([]);
    expect(MOVED.map(originOf)).toEqual(["listed", "listed"]);
    expect(originOf("partner")).toBeUndefined();
    await expectUntouched();
  });

  test("the second takes them out of the state alone", async () => {
    await move(`--to-list ${MOVED.join(" ")}`);
    await up();
    const state = await stack.must(stack.engine.run(["stack", "export"]));
    expect(MOVED.filter((store) => state.includes(`${store}-secret`))).toEqual([]);
    await expectUntouched();
    expect(secretOf("acme")?.rotation?.enabled).toBe(true);
  });

  test("the list has nothing to do for them", async () => {
    const { out } = await operator("apply --prefix shopify/dev --json");
    const { plan } = JSON.parse(out) as { readonly plan: object | null };
    expect(plan).toMatchObject({ counts: { same: 2, left: 0 } });
    await expectUntouched();
  });

  test("and back, into config", async () => {
    await move("--to-config --all");
    await up();
    expect(MOVED.map(originOf)).toEqual([undefined, undefined]);
    await move("--to-config --all");
    await up();
    expect(readFileSync(join(folder, "stores.jsonl"), "utf8")).toBe("");
    await stack.must(stack.preview("--expect-no-changes"));
    await expectUntouched();
  });

  test("a first step is taken back by going the other way", async () => {
    await move("--to-list acme");
    await up();
    expect(originOf("acme")).toBe("listed");
    const config = parseDocument(readFileSync(stack.configFile, "utf8"));
    config.deleteIn(["config", "shopify-secrets:moving"]);
    writeFileSync(stack.configFile, config.toString({ lineWidth: 0 }));
    await move("--to-config acme");
    await up();
    expect(originOf("acme")).toBeUndefined();
    await move("--to-config acme");
    await up();
    expect(readFileSync(join(folder, "stores.jsonl"), "utf8")).toBe("");
    await stack.must(stack.preview("--expect-no-changes"));
    await expectUntouched();
  });

  test("one that was taken out of config by hand comes to the list as it is told", async () => {
    const { partner: taken, ...stores } = CONFIG.stores;
    const { partner: _, ...accessTokens } = CONFIG.accessTokens;
    writeFileSync(
      join(folder, "stores.jsonl"),
      `${JSON.stringify({ store: "partner", ...taken })}\n`,
    );
    stack.declare({ ...CONFIG, stores, accessTokens });
    await up();
    expect(secretOf("partner")?.deletion).toBeDefined();
    const planned = await operator("apply --plan --prefix shopify/dev");
    expect(planned.out).toContain("Next: shopify-secrets restore partner, then declare the store");

    const { code, out } = await operator("restore partner --prefix shopify/dev --json");
    const { secret_arn: adopt } = JSON.parse(out) as { secret_arn: string };
    expect(code).toBe(0);
    letListsArrive(world);
    stack.declare({ ...CONFIG, stores: { ...stores, partner: { ...taken, adopt } }, accessTokens });
    await move("--to-list partner");
    await up();
    await move("--to-list partner");
    await up();
    const { out: applied } = await operator("apply --prefix shopify/dev --json");
    expect(JSON.parse(applied)).toMatchObject({ plan: { counts: { same: 1, left: 0 } } });
    await expectUntouched();
  });
});
