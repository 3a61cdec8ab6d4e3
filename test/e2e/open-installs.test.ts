import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import {
  type AppKey,
  DEFAULT_API_VERSION,
  type ShopDomain,
  type StoreKey,
} from "../../contract/brands";
import { encodeDeclaration } from "../../contract/declaration";
import { INSTALLED, SECRET_TAGS } from "../../contract/names";
import { declarationOfInstalled } from "../../contract/open-installs";
import { storeTagsOf } from "../../contract/store/tags";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../contract/time";
import { encodeLookingPolicy } from "../../infra/policies/operator";
import { readRecord } from "../../local/demo/records";
import { clientConfigOf } from "../../local/demo/root-client";
import { DEV_APPS } from "../../local/world/dev-fixtures";
import type { World } from "../../local/world/world";
import { createTokenReader } from "../../reader";
import { beginWorld } from "./begin-world";
import { DeclaredStack } from "./infra/declared-stack";
import { AppStore } from "./install/app-store";
import { letListsArrive } from "./let-lists-arrive";
import { personWith } from "./operator/command";
import { until } from "./until";

const { clientId, clientSecret } = DEV_APPS.catalog;
/** By hand more: OPEN_INSTALLS=500. */
const MERCHANTS = Number(process.env["OPEN_INSTALLS"] ?? 20);
/** How many of them are on their way at the same time. */
const AT_ONCE = 4;
const SHOPS = Array.from({ length: MERCHANTS }, (_, index) => `merchant-${index}.myshopify.com`);
const LATE = "late.myshopify.com";
const LEFT = "left.myshopify.com" as ShopDomain;
const PREFIX = "shopify/dev";

const CONFIG = {
  apps: {
    catalog: { clientId, distribution: "public", installs: "open", newStoresAnHour: MERCHANTS },
  },
  clientSecrets: { catalog: clientSecret },
  stores: {},
} as const;

/** What an approval leaves whose function is killed once the secret is made. */
async function leaveBehind(
  world: World,
  { name, shop, kmsKeyArn }: { name: string; shop: ShopDomain; kmsKeyArn: string },
): Promise<void> {
  const installation = { app: "catalog" as AppKey, shop };
  const declaration = declarationOfInstalled(installation, { apiVersion: DEFAULT_API_VERSION });
  const tags = storeTagsOf({
    key: "left" as StoreKey,
    declaration,
    clientId,
    origin: INSTALLED,
    tags: {},
  });
  await world.secrets.handle("CreateSecret", {
    Name: name,
    ClientRequestToken: world.secrets.newToken(),
    Description: encodeDeclaration(declaration),
    KmsKeyId: kmsKeyArn,
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  });
}

/** The title of a page, and its reference. */
const saidBy = (page: string) =>
  [/<title>([^<]*)/, /Reference: (\w+)/].map((part) => part.exec(page)?.[1] ?? "").join(": ");

/** Merchants whom nobody declared, on the local world. The tests of this file build on each other. */
describe("an open app", () => {
  let world: World;
  let stack: DeclaredStack;
  let appStore: AppStore;
  const arns = new Map<string, string>();
  // Every fourth leaves, and of those every other one is back at once.
  const leaving = SHOPS.filter((_, index) => index % 4 === 0);
  const back = leaving.filter((_, index) => index % 2 === 0);
  const gone = leaving.filter((_, index) => index % 2 === 1);
  const staying = SHOPS.filter((shop) => !leaving.includes(shop));

  beforeAll(async () => {
    world = await beginWorld("2026-11-29T09:35:00Z");
    stack = new DeclaredStack(world);
    stack.declare(CONFIG);
    await stack.engine.run(["stack", "init"]);
    for (const shop of [...SHOPS, LATE, LEFT]) world.shopify.imitation.control.addShop({ shop });
  });

  afterAll(async () => {
    await appStore?.close();
    await world?.stop();
  });

  const nameOf = (shop: string) => `${PREFIX}/stores/${shop.split(".")[0]}/token`;

  async function describe(shop: string) {
    const secret = (await world.secrets.handle("DescribeSecret", { SecretId: nameOf(shop) })) as {
      ARN: string;
      DeletedDate?: Date;
      Tags: { Key: string; Value: string }[];
    };
    const tags = Object.fromEntries(secret.Tags.map(({ Key, Value }) => [Key, Value]));
    return { arn: secret.ARN, isDeleted: secret.DeletedDate !== undefined, tags };
  }

  async function isAlive(shop: string): Promise<boolean> {
    const { record } = await readRecord(world, nameOf(shop));
    const accessToken = record.accessToken.unseal();
    const { death } = world.shopify.imitation.control.tokenLife({ accessToken });
    return record.shop === shop && death === null;
  }

  async function dead(shops: readonly string[]): Promise<string[]> {
    const alive = await Promise.all(shops.map(isAlive));
    return shops.filter((_, index) => !alive[index]);
  }

  /** Merchants install the app, a few at a time; what those read who were not connected. */
  async function come(shops: readonly string[]): Promise<string[]> {
    const waiting = [...shops];
    const complaints: string[] = [];
    const next = async () => {
      for (let shop = waiting.shift(); shop !== undefined; shop = waiting.shift()) {
        const { status, text } = await appStore.install(shop);
        if (!text.includes(`${shop} is connected`))
          complaints.push(`${shop}: ${status} ${saidBy(text)}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    return complaints;
  }

  const storesNow = async () =>
    (
      (await world.secrets.handle("ListSecrets", {
        Filters: [{ Key: "name", Values: [`${PREFIX}/stores/`] }],
        MaxResults: 100,
      })) as { SecretList: { ARN: string }[] }
    ).SecretList.length;

  test("up provisions the endpoint and no store", async () => {
    const run = await stack.up();
    expect(run.output).not.toContain("error:");
    expect(run.exitCode).toBe(0);
    const { output } = await stack.engine.run(["stack", "output", "installBaseUrl"]);
    appStore = await AppStore.list(world, output);
    expect(await storesNow()).toBe(0);
  });

  test("what an approval left that came to nothing is removed after a week, and its merchant may come anew", async () => {
    const kmsKeyArn = (await stack.engine.run(["stack", "output", "kmsKeyArn"])).output.trim();
    await leaveBehind(world, { name: nameOf(LEFT), shop: LEFT, kmsKeyArn });
    world.clock.advance(6 * DAY_MS);
    await world.driver.advance(20 * MINUTE_MS);
    expect(await describe(LEFT)).toMatchObject({ isDeleted: false });
    world.clock.advance(DAY_MS);
    await world.driver.advance(10 * MINUTE_MS);
    await until(async () => (await describe(LEFT)).isDeleted);
    expect(await come([LEFT])).toEqual([]);
    expect(await describe(LEFT)).toMatchObject({ isDeleted: false });
    expect(await dead([LEFT])).toEqual([]);
    await world.secrets.handle("DeleteSecret", {
      SecretId: nameOf(LEFT),
      ForceDeleteWithoutRecovery: true,
    });
    letListsArrive(world);
  });

  test(`${MERCHANTS} merchants come by themselves, and each has a working pair`, async () => {
    expect(await come(SHOPS)).toEqual([]);
    expect(await dead(SHOPS)).toEqual([]);
    for (const shop of SHOPS) {
      const { arn, tags } = await describe(shop);
      arns.set(shop, arn);
      expect(tags).toMatchObject({
        [SECRET_TAGS.origin]: INSTALLED,
        "shopify-secrets:state": "ok",
      });
    }
  });

  test("one more than the hour may bring is turned away, with a page", async () => {
    letListsArrive(world);
    const { status, text } = await appStore.install(LATE);
    expect(status).toBe(429);
    expect(text).toContain("new_stores_too_many");
  });

  test("the sweep renews their pairs, with nothing of them in config", async () => {
    const versions = async () =>
      Promise.all(SHOPS.map(async (shop) => (await readRecord(world, nameOf(shop))).versionId));
    const before = await versions();
    await world.driver.advance(70 * MINUTE_MS);
    const after = await versions();
    expect(after.filter((version, index) => version === before[index])).toEqual([]);
    expect(await dead(SHOPS)).toEqual([]);
  });

  test("status counts them, and an application finds one by its shop", async () => {
    const looker = await personWith(world, "looker", [
      encodeLookingPolicy({
        place: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
        prefix: PREFIX,
      }),
    ]);
    const { out, code } = await looker(`status --prefix ${PREFIX}`);
    expect(out).toContain(`${MERCHANTS} stores of ${PREFIX}: all well`);
    expect(code).toBe(0);
    const one = await looker(`status ${SHOPS[0]} --prefix ${PREFIX} --json`);
    expect(JSON.parse(one.out)).toMatchObject({ stores: [{ store: "merchant-0", state: "ok" }] });
    const client = new SecretsManagerClient(clientConfigOf(world));
    const reader = createTokenReader({ prefix: PREFIX, client, clock: world.clock });
    const { accessToken, shop } = await reader.token(SHOPS[1] ?? "");
    expect(shop).toBe(SHOPS[1]);
    expect(
      world.shopify.imitation.control.tokenLife({ accessToken: accessToken.unseal() }),
    ).toMatchObject({
      death: null,
    });
    reader.close();
    client.destroy();
  });

  test("those who uninstall are parked, and who is back at once has the same store", async () => {
    await appStore.uninstall(leaving);
    for (const shop of leaving) {
      expect((await describe(shop)).tags).toMatchObject({ "shopify-secrets:state": "uninstalled" });
    }
    expect(await come(back)).toEqual([]);
    for (const shop of back) expect((await describe(shop)).arn).toBe(arns.get(shop));
    expect(await dead(back)).toEqual([]);
  });

  test("Shopify's request to forget them removes those who are gone, and nobody else", async () => {
    await appStore.redact(leaving);
    for (const shop of gone) expect(await describe(shop)).toMatchObject({ isDeleted: true });
    for (const shop of [...back, ...staying]) {
      expect(await describe(shop)).toMatchObject({ isDeleted: false, arn: arns.get(shop) });
    }
    await world.driver.advance(HOUR_MS);
    expect(await dead([...back, ...staying])).toEqual([]);
  });

  test("who comes back to a removed store has it again, with its name and ARN", async () => {
    expect(await come(gone)).toEqual([]);
    for (const shop of gone) {
      expect(await describe(shop)).toMatchObject({ isDeleted: false, arn: arns.get(shop) });
    }
    expect(await dead(SHOPS)).toEqual([]);
  });

  test("Pulumi sees nothing of them", async () => {
    const preview = await stack.engine.run(["preview", "--refresh", "--expect-no-changes"]);
    expect(preview.output).not.toMatch(/[+~-] \d+ to (create|update|delete|replace)/);
    expect(preview.exitCode).toBe(0);
    const before = await Promise.all(SHOPS.map(describe));
    const up = await stack.up();
    expect(up.exitCode).toBe(0);
    expect(await Promise.all(SHOPS.map(describe))).toEqual(before);
    const { output } = await stack.engine.run(["stack", "export"]);
    for (const shop of SHOPS) expect(output).not.toContain(shop.split(".")[0] ?? "");
  });

  test("closing the app is refused while they stand, before anything is changed; its door may be closed", async () => {
    const { installs: _, newStoresAnHour: __, ...closed } = CONFIG.apps.catalog;
    letListsArrive(world);
    stack.declare({ ...CONFIG, apps: { catalog: closed } });
    const refused = await stack.up();
    expect(refused.output).toContain(
      `shopify-secrets:apps.catalog.installs is not open any more, and merchants came to it by themselves`,
    );
    expect(refused.exitCode).not.toBe(0);
    stack.declare({
      ...CONFIG,
      apps: { catalog: { ...CONFIG.apps.catalog, newStoresAnHour: 0 } },
    });
    const kept = await stack.engine.run(["preview"]);
    expect(kept.exitCode).toBe(0);
    expect(kept.output).not.toContain("delete");
    stack.declare(CONFIG);
  });

  test("a store that came by itself moves into config untouched, by the lines that preview prints", async () => {
    const [, shop = ""] = SHOPS;
    const { versionId } = await readRecord(world, nameOf(shop));
    const declared = { kind: "offline-expiring", shop, app: "catalog" };
    letListsArrive(world);
    stack.declare({ ...CONFIG, stores: { "merchant-1": declared } });
    const { output } = await stack.preview();
    expect(output).toContain(`stores.merchant-1.adopt' '${arns.get(shop)}'`);
    stack.declare({ ...CONFIG, stores: { "merchant-1": { ...declared, adopt: arns.get(shop) } } });
    const run = await stack.up();
    expect(run.output).not.toContain("error:");
    expect(run.exitCode).toBe(0);
    const { arn, tags } = await describe(shop);
    expect(arn).toBe(arns.get(shop));
    expect(tags[SECRET_TAGS.origin]).toBeUndefined();
    expect(await readRecord(world, nameOf(shop))).toMatchObject({ versionId });
    expect(await isAlive(shop)).toBe(true);
  });

  test("destroy takes the store of config, and leaves those that came by themselves", async () => {
    const others = SHOPS.filter((_, index) => index !== 1);
    const before = await Promise.all(others.map(describe));
    await stack.engine.run(["destroy", "--yes", "--skip-preview"]);
    expect(await Promise.all(others.map(describe))).toEqual(before);
    expect(await describe(SHOPS[1] ?? "")).toMatchObject({ isDeleted: true });
  });
});
