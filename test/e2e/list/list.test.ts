import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { KIND_FACTS } from "../../../contract/kinds";
import { SECRET_TAGS, storeSecretName } from "../../../contract/names";
import { STATUS_TAGS } from "../../../contract/store/status";
import { encodeActingPolicy, encodeApplyingPolicy } from "../../../infra/policies/operator";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { World } from "../../../local/world/world";
import { sized } from "../../long";
import { beginWorld } from "../begin-world";
import { changesIn, DeclaredStack } from "../infra/declared-stack";
import {
  declarationOf,
  fillApps,
  fillShops,
  type MadeStore,
  makeStores,
} from "../infra/made-fleet";
import { copyProject } from "../infra/project-copy";
import { versionsOfStores } from "../infra/secret-history";
import { letListsArrive } from "../let-lists-arrive";
import { type Person, personWith, type Started, startedBy } from "../operator/command";
import { until } from "../until";
import { killFunctions } from "./kill-functions";
import { typedIn } from "./typed-in";

const PREFIX = "shopify/dev";
const PLACE = { partition: "aws", region: "us-east-1", accountId: "000000000000" };
const FLEET = { place: PLACE, prefix: PREFIX };
const POLICIES = [encodeActingPolicy(FLEET), encodeApplyingPolicy(FLEET)];
/** By hand more: LIST_STORES=2000. */
const SIZE = Number(process.env["LIST_STORES"] ?? sized(60, 300));
const STORES = makeStores(SIZE);
const [TAKEN, NARROW] = [STORES[0], STORES[1]] as [MadeStore, MadeStore];
/** Stores that come later. */
const LATE = makeStores(30, "late");
/** The key of refresh tokens in Pulumi's state. */
const REFRESH_KEY_URN =
  "urn:pulumi:dev::shopify-secrets::shopify-secrets:index:RefreshKey$aws:kms/key:Key::refresh-tokens-key";
/** Stores that come and go, one of which nobody installed the app on. */
const FEW = makeStores(12, "few")
  .filter(({ kind }) => KIND_FACTS[kind].obtainable)
  .slice(0, 3);
/** A tenth of the stores is broken in some way. */
const isObtainable = ({ kind }: MadeStore) => KIND_FACTS[kind].obtainable;
const BROKEN = STORES.filter(isObtainable).slice(0, SIZE / 10);
const isStaticOne = ({ accessToken }: MadeStore) => accessToken !== undefined;
const UNINSTALLED = BROKEN.filter(
  (store) => isObtainable(store) && store !== TAKEN && store !== NARROW,
);

interface Applied {
  readonly status: string;
  readonly error: string | null;
  readonly stores: { readonly total: number; readonly succeeded: number; readonly failed: number };
  readonly failures: readonly { readonly store: string; readonly code: string }[];
  readonly plan: {
    readonly counts: Readonly<Record<string, number>>;
    readonly left: readonly { readonly store: string; readonly code: string }[];
  } | null;
}

/** Stores that come from a list, on the real engine. The tests of this file build on each other. */
describe(`a list of ${SIZE} stores`, () => {
  let world: World;
  let stack: DeclaredStack;
  let folder: string;
  let operator: Person;
  let begin: (words: string) => Started;

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    folder = copyProject(world);
    stack = new DeclaredStack(world, { projectDir: folder });
    fillApps(world);
    fillShops(
      world,
      STORES.filter((store) => !UNINSTALLED.includes(store)),
    );
    for (const { shop } of UNINSTALLED) world.shopify.imitation.control.addShop({ shop });
    await stack.must(stack.engine.run(["stack", "init"]));
    operator = await personWith(world, "operator", POLICIES);
    begin = await startedBy(world, "starter", POLICIES);
  });

  afterAll(async () => {
    await world?.stop();
  });

  /** Writes the list; what is wrong with a store of it is declared. */
  function list(stores: readonly MadeStore[], narrow = true): void {
    const lines = stores.map((store) => {
      const { key, kind, shop, app } = store;
      const scopes =
        narrow && store === NARROW ? ["read_orders", "write_products"] : ["read_orders"];
      return JSON.stringify({ store: key, kind, shop, scopes, ...(app ? { app } : {}) });
    });
    writeFileSync(join(folder, "stores.jsonl"), `${lines.join("\n")}\n`);
  }

  async function up(concurrency = 8): Promise<string> {
    const { apps, clientSecrets } = declarationOf([]);
    stack.declare({
      apps,
      clientSecrets,
      recoveryWindowDays: 7,
      workQueue: true,
      fleet: { list: "stores.jsonl", concurrency },
    });
    const output = await stack.must(stack.up());
    world.letRightsArrive();
    return output;
  }

  async function applied(words = ""): Promise<{ readonly code: number; readonly run: Applied }> {
    const { code, out, err } = await operator(`apply --prefix ${PREFIX} --json ${words}`.trim());
    const run = JSON.parse(out || "{}") as Applied;
    if (run.status === undefined) throw new Error(`${err}\n${world.emulatorLog()}`);
    return { code, run };
  }

  /** Shopify's side of what was broken, mended. */
  function fillShopsAgain(): void {
    const { control } = world.shopify.imitation;
    for (const { shop, app } of UNINSTALLED) {
      control.install({ clientId: `made-fleet-${app}-client-id`, shop, scopes: ["read_orders"] });
    }
  }

  /** How many stores have a secret that stays. */
  function storesThere(): number {
    const secrets = [...world.secrets.state.secrets.values()];
    const isOwn = ({ tags }: (typeof secrets)[number]) =>
      (tags ?? []).some(({ Key, Value }) => Key === SECRET_TAGS.origin && Value === "listed");
    return secrets.filter((secret) => secret.deletion === undefined && isOwn(secret)).length;
  }

  /** When each static token was last seen to work, by the tags. */
  function lastChecks(): Map<string, string> {
    const secrets = [...world.secrets.state.secrets.values()];
    return new Map(
      STORES.filter((store) => isStaticOne(store) && store !== TAKEN).map(({ key }) => {
        const name = storeSecretName(PREFIX, key as never);
        const { tags = [] } = secrets.find((secret) => secret.name === name) ?? {};
        return [key, tags.find(({ Key }) => Key === STATUS_TAGS.lastSuccessAt)?.Value ?? ""];
      }),
    );
  }

  /** How long ago a store's current version was made, in milliseconds. */
  function ageOfCurrent(key: string): number {
    const name = storeSecretName(PREFIX, key as never);
    const secret = [...world.secrets.state.secrets.values()].find((one) => one.name === name);
    const current = secret?.versions.find(({ stages }) => stages.includes("AWSCURRENT"));
    return world.clock.now() - (current?.createdAt ?? world.clock.now());
  }

  /** How many times the sweep sent orders to its workers. */
  function sentByTheSweep(): number {
    return world.front
      .calls()
      .filter(({ operation, status }) => operation === "SendMessageBatch" && status === 200).length;
  }

  async function currentVersions(stores: readonly MadeStore[]): Promise<Map<string, string>> {
    const all = await versionsOfStores(world);
    return new Map(
      stores.map(({ key }) => {
        const versions = Object.entries(all[key] ?? {});
        const [id = ""] = versions.find(([, stages]) => stages.includes("AWSCURRENT")) ?? [];
        return [key, id];
      }),
    );
  }

  test("pulumi up makes the machinery, and no store", async () => {
    const client = new SecretsManagerClient(clientConfigOf(world));
    const Name = storeSecretName(PREFIX, TAKEN.key as never);
    await client.send(new CreateSecretCommand({ Name, SecretString: "somebody else's" }));
    client.destroy();
    list(STORES);
    const output = await up();
    expect(output).toMatch(/aws:sfn:StateMachine apply-machine created/);
    letListsArrive(world);
    const { output: state } = await stack.engine.run(["stack", "export"]);
    for (const { key, shop } of STORES) {
      expect(state).not.toContain(shop);
      expect(state).not.toContain(`${key}-secret`);
    }
  });

  test("preview shows what would become of the list", async () => {
    const words = ["--stack", "dev", "--config-file", stack.configFile, "--non-interactive"];
    const { code, out } = await typedIn(folder, ["preview", "--json", ...words], {
      HOME: world.folder,
      ...world.operatorEnvironment,
      ...world.clockEnvironment,
    });
    const { list } = JSON.parse(out) as { list: { counts: object; create: readonly string[] } };
    expect(list.counts).toMatchObject({ create: SIZE - 1, left: 1, retire: 0 });
    expect(code).toBe(0);
  });

  test("apply makes every store, and says which ones need somebody", async () => {
    const { code, run } = await applied();
    expect(run.plan?.counts).toMatchObject({ create: SIZE - 1, left: 1 });
    expect(run.plan?.left).toMatchObject([{ store: TAKEN.key, code: "store_not_of_list" }]);
    expect(run.status).toBe("succeeded");
    const failed = [...UNINSTALLED, NARROW];
    expect(new Map(run.failures.map(({ store, code }) => [store, code]))).toEqual(
      new Map(
        failed.map((store) => [
          store.key,
          store === NARROW ? "scope_missing" : "app_not_installed",
        ]),
      ),
    );
    expect(run.stores).toEqual({
      total: SIZE - 1,
      succeeded: SIZE - 1 - failed.length,
      failed: failed.length,
      unfinished: 0,
    });
    expect(code).toBe(1);
  });

  test("what is in other hands stays as it was", async () => {
    const client = new SecretsManagerClient(clientConfigOf(world));
    const SecretId = storeSecretName(PREFIX, TAKEN.key as never);
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
    client.destroy();
    expect(SecretString).toBe("somebody else's");
  });

  test("tokens are put by a list of their own, and none stands in the list", async () => {
    letListsArrive(world);
    const own = STORES.filter(isStaticOne);
    const tokens = own.map(({ key, accessToken }) => `${key},${accessToken}`);
    const { code, err } = await operator(
      `put --prefix ${PREFIX} --from -`,
      ["store,token", ...tokens].join("\n"),
    );
    expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  });

  test("what was mended is finished, and then nothing changes", async () => {
    fillShopsAgain();
    list(
      STORES.filter((store) => store !== TAKEN),
      false,
    );
    await up();
    letListsArrive(world);
    const { code, run } = await applied();
    expect(run.plan?.counts).toMatchObject({ create: 0, change: 1, finish: UNINSTALLED.length });
    expect(run.failures).toEqual([]);
    expect(code).toBe(0);

    letListsArrive(world);
    const before = await versionsOfStores(world);
    const again = await applied();
    expect(again.code).toBe(0);
    expect(again.run.plan?.counts).toEqual({
      create: 0,
      restore: 0,
      change: 0,
      finish: 0,
      retire: 0,
      same: SIZE - 1,
      left: 0,
    });
    expect(again.run.stores.total).toBe(0);
    expect(await versionsOfStores(world)).toEqual(before);
    expect(changesIn(await up())).toEqual([]);
  });

  test("in a small run one that fails stops no other", async () => {
    const [lacking, ...installed] = FEW;
    fillShops(world, installed);
    world.shopify.imitation.control.addShop({ shop: lacking?.shop ?? "" });
    const own = STORES.filter((store) => store !== TAKEN);
    list([...own, ...FEW], false);
    await up();
    const { code, run } = await applied();
    expect(run).toMatchObject({
      status: "succeeded",
      stores: { total: 3, succeeded: 2, failed: 1 },
      failures: [{ store: lacking?.key, code: "app_not_installed" }],
      unexplained: 0,
    });
    expect(code).toBe(1);
    letListsArrive(world);
    list(own, false);
    await up();
    expect(await applied()).toMatchObject({ code: 0, run: { plan: { counts: { retire: 3 } } } });
    letListsArrive(world);
  });

  test("a run that is stopped, and whose worker is killed, goes on where it was", async () => {
    fillShops(world, LATE);
    list([...STORES.filter((store) => store !== TAKEN), ...LATE], false);
    await up(2);
    const begun = begin(`apply --prefix ${PREFIX} --at-once 1 --json`);
    await until(() => storesThere() > SIZE - 1 + 2);
    expect(killFunctions("shopify-dev-apply")).toBeGreaterThan(0);
    await until(() => storesThere() > SIZE - 1 + 4);
    const stopped = await operator(`apply --prefix ${PREFIX} --stop`);
    expect(stopped.out).toMatch(/\d+ not begun/);
    expect((await begun.ended).code).toBe(3);
    const there = storesThere();
    expect(there).toBeLessThan(SIZE - 1 + LATE.length);

    // As long as another list is in force, nothing of this one is carried out.
    list(
      STORES.filter((store) => store !== TAKEN),
      false,
    );
    await up(2);
    const refused = await operator(`apply --prefix ${PREFIX} --resume`);
    expect(refused).toMatchObject({ code: 3, err: expect.stringContaining("list_replaced") });
    expect(storesThere()).toBe(there);
    list([...STORES.filter((store) => store !== TAKEN), ...LATE], false);
    await up(2);
    const { code, run } = await applied("--resume");
    expect({ code, failures: run.failures }).toEqual({ code: 0, failures: [] });
    expect(run.stores).toEqual({
      total: LATE.length,
      succeeded: LATE.length,
      failed: 0,
      unfinished: 0,
    });
    expect(storesThere()).toBe(SIZE - 1 + LATE.length);
  });

  test("a list that lost a third of its stores is refused, and nothing is lost", async () => {
    letListsArrive(world);
    const all = [...STORES.filter((store) => store !== TAKEN), ...LATE];
    const left = all.filter((_, index) => index % 10 >= 3);
    list(left, false);
    await up();
    const refused = await operator(`apply --prefix ${PREFIX}`);
    expect(refused.code).toBe(3);
    expect(refused.err).toMatch(/would retire a larger share.*--retire-at-most 3\d/);
    expect(storesThere()).toBe(all.length);

    const { code, run } = await applied("--retire-at-most 40");
    expect({ code, failures: run.failures }).toEqual({ code: 0, failures: [] });
    expect(storesThere()).toBe(left.length);
    // They wait for their deletion, and come back with the list.
    list(all, false);
    await up();
    letListsArrive(world);
    const back = await applied();
    expect(back.run.plan?.counts).toMatchObject({ restore: all.length - left.length, create: 0 });
    const { status, error, failures: failing } = back.run;
    expect({ code: back.code, status, error, failures: failing }).toEqual({
      code: 0,
      status: "succeeded",
      error: null,
      failures: [],
    });
    expect(storesThere()).toBe(all.length);
  });

  test("what was listed lives on as what is declared does", async () => {
    letListsArrive(world);
    const minted = STORES.filter((store) => isObtainable(store) && store !== TAKEN);
    const before = await currentVersions(minted);
    const checkedBefore = lastChecks();
    await world.driver.advance(9.5 * 3_600_000);
    // Static tokens are tried once a day, each at its own time of day, by the workers that the sweep sends them to.
    await until(() => [...lastChecks()].some(([key, at]) => at !== checkedBefore.get(key)));
    expect(sentByTheSweep()).toBeGreaterThan(0);
    const after = await currentVersions(minted);
    for (const { key } of minted) expect(after.get(key)).not.toBe(before.get(key));
    const { out } = await operator(`status --prefix ${PREFIX} --json`);
    const { stores } = JSON.parse(out) as { stores: { store: string; state: string }[] };
    const states = new Set(
      stores
        .filter(({ store }) => minted.some(({ key }) => key === store))
        .map(({ state }) => state),
    );
    expect([...states]).toEqual(["ok"]);
  });

  test("the machine renews a whole fleet in waves, the first few alone", async () => {
    letListsArrive(world);
    const minted = STORES.filter((store) => isObtainable(store) && store !== TAKEN);
    const before = await currentVersions(minted);
    // No store gets a new version within twenty minutes of the one before, which some were given by their schedules.
    const due = minted.filter(({ key }) => ageOfCurrent(key) > 21 * 60_000);
    expect(due.length).toBeGreaterThan(minted.length / 2);
    const { code, out } = await operator(`rotate --prefix ${PREFIX} --all --on-machine --json`);
    expect(code).toBe(0);
    const run = JSON.parse(out) as { stores: { done: number }; failures: object[] };
    expect(run).toMatchObject({ status: "succeeded", failures: [] });
    expect(run.stores.done).toBeGreaterThanOrEqual(minted.length);
    const after = await currentVersions(minted);
    for (const { key } of due) expect(after.get(key)).not.toBe(before.get(key));
  });

  test("a list ends in steps, and no other order lets its stores die", async () => {
    const ended = { recoveryWindowDays: 7, workQueue: true };
    stack.declare(ended);
    const refused = await stack.preview();
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toMatch(
      /apps\.orders is not declared any more[\s\S]*nothing would renew/,
    );
    expect(refused.output).toContain('see "End a list" in docs/fleets.md');

    list([]);
    // What renews one-hour tokens stays although no store of config or list has one any more.
    expect(changesIn(await up()).filter((change) => /refresh|install|sweep/.test(change))).toEqual(
      [],
    );
    letListsArrive(world);
    const { code, run } = await applied("--retire-at-most 100");
    expect({ code, failures: run.failures }).toEqual({ code: 0, failures: [] });
    expect(storesThere()).toBe(0);

    letListsArrive(world);
    stack.declare(ended);
    await stack.must(stack.engine.run(["state", "unprotect", REFRESH_KEY_URN, "--yes"]));
    const gone = changesIn(await stack.must(stack.up()));
    expect(gone).toEqual(expect.arrayContaining([expect.stringMatching(/^- .* apply-machine$/)]));
  });
});
