import { encodeRecord } from "../../../contract/record";
import { encodeActingPolicy } from "../../../infra/policies/operator";
import { readRecord } from "../../../local/demo/records";
import { DEV_APPS, DEV_STORES } from "../../../local/world/dev-fixtures";
import { startWorld, type World } from "../../../local/world/world";
import { personWith } from "../operator/command";
import { changesIn, type Declared, DeclaredStack } from "./declared-stack";
import { describeSecret, historyOf } from "./secret-history";

jest.setTimeout(900_000);

const { acme, heritage, partner } = DEV_STORES;
const { fulfilment, catalog } = DEV_APPS;
const NEW_CLIENT_SECRET = "shpss_local-world-fulfilment-second-client-secret";

const FLEET = {
  place: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
  prefix: "shopify/dev",
};

const STORES = {
  acme: { kind: acme.kind, shop: acme.shop, app: acme.app, scopes: acme.scopes },
  heritage: { kind: heritage.kind, shop: heritage.shop, scopes: heritage.scopes },
};

const CONFIG = {
  recoveryWindowDays: 7,
  apps: {
    fulfilment: { clientId: fulfilment.clientId },
    catalog: { clientId: catalog.clientId },
  },
  clientSecrets: { fulfilment: fulfilment.clientSecret, catalog: catalog.clientSecret },
  accessTokens: { heritage: heritage.accessToken },
  stores: STORES,
};

/** Add, move, retire and return, on the real engine. The tests of this file build on each other. */
describe("the life of stores in config", () => {
  let world: World;
  let stack: DeclaredStack;

  beforeAll(async () => {
    world = await startWorld();
    stack = new DeclaredStack(world);
    await stack.must(stack.engine.run(["stack", "init"]));
    stack.declare(CONFIG);
    await stack.must(stack.up());
  });

  afterAll(async () => {
    await world?.stop();
  });

  async function arnOf(store: string): Promise<string> {
    return (await stack.stores())[store]?.secretArn ?? "";
  }

  async function apply(declared: Declared): Promise<string[]> {
    stack.declare(declared);
    return changesIn(await stack.must(stack.up()));
  }

  /** The keys of a record as they stand in the secret. */
  async function keysOf(secretArn: string): Promise<string[]> {
    const { record } = await readRecord(world, secretArn);
    return Object.keys(JSON.parse(encodeRecord(record)) as object);
  }

  describe("one dead store among new ones", () => {
    const { control } = { control: () => world.shopify.imitation.control };
    const withNewStores: Declared = {
      ...CONFIG,
      accessTokens: { ...CONFIG.accessTokens, dead: "shpat_local-world-dead-access-token" },
      stores: {
        ...STORES,
        dead: { kind: "offline", shop: "dead.myshopify.com" },
        awaiting: { kind: "offline", shop: "awaiting.myshopify.com" },
        partner: { kind: "client-credentials", shop: partner.shop, app: "catalog" },
      },
    };

    beforeAll(() => {
      for (const shop of ["dead.myshopify.com", "awaiting.myshopify.com"])
        control().addShop({ shop });
    });

    test("up as documented provisions the others, and says what is left to do", async () => {
      stack.declare(withNewStores);
      const { exitCode, output } = await stack.up();
      expect(exitCode).not.toBe(0);
      expect(output).toContain("token_dead: Shopify answers 401: the access token is dead");
      expect(output).toContain("shopify-secrets put dead");
      expect(output).not.toContain("shpat_local-world-dead");
      expect(changesIn(output)).toContain("+ aws:secretsmanager:SecretRotation partner-rotation");
      const { record } = await readRecord(world, "shopify/dev/stores/partner/token");
      expect(record).toMatchObject({ kind: "client-credentials", shop: partner.shop });
    });

    test("a store without its token awaits it, and up says so", async () => {
      const { Tags = [], VersionIdsToStages } = await describeSecret(
        world,
        "shopify/dev/stores/awaiting/token",
      );
      expect(VersionIdsToStages ?? {}).toEqual({});
      expect(Tags).toContainEqual({ Key: "shopify-secrets:state", Value: "awaiting_token" });
      const { output } = await stack.up();
      expect(output).toMatch(/awaiting was enrolled without an access token.*token_required/);
    });

    test("once mended, or taken back, up is clean", async () => {
      await apply(CONFIG);
      await stack.must(stack.preview("--refresh", "--expect-no-changes"));
    });
  });

  test("a store changes kind: the name, the ARN and the keys of its record stay", async () => {
    const { control } = world.shopify.imitation;
    control.install({
      clientId: fulfilment.clientId,
      shop: heritage.shop,
      scopes: [...heritage.scopes],
    });
    const arn = await arnOf("heritage");
    const keys = await keysOf(arn);
    await apply({
      ...CONFIG,
      accessTokens: {},
      stores: {
        ...STORES,
        heritage: { ...STORES.heritage, kind: "client-credentials", app: "fulfilment" },
      },
    });
    expect(await arnOf("heritage")).toBe(arn);
    const { record } = await readRecord(world, arn);
    expect(record).toMatchObject({ kind: "client-credentials", app: "fulfilment", checked: "ok" });
    expect(await keysOf(arn)).toEqual(keys);
  });

  test("and back again", async () => {
    const arn = await arnOf("heritage");
    await apply(CONFIG);
    const { record } = await readRecord(world, arn);
    expect(record).toMatchObject({ kind: "custom-app", checked: "ok" });
    expect((await describeSecret(world, arn)).RotationEnabled ?? false).toBe(false);
  });

  test("an app's new client secret enrols its stores anew, and touches no other", async () => {
    world.shopify.imitation.control.addClientSecret({
      clientId: fulfilment.clientId,
      clientSecret: NEW_CLIENT_SECRET,
    });
    const other = await historyOf(world, await arnOf("heritage"));
    const before = await readRecord(world, await arnOf("acme"));
    const changes = await apply({
      ...CONFIG,
      clientSecrets: { ...CONFIG.clientSecrets, fulfilment: NEW_CLIENT_SECRET },
      previousClientSecrets: { fulfilment: fulfilment.clientSecret },
    });
    expect(changes).toContain("+- aws:lambda:Invocation acme-enrolment");
    const after = await readRecord(world, await arnOf("acme"));
    expect(after.record.appSecretVersion).not.toBe(before.record.appSecretVersion);
    expect(await historyOf(world, await arnOf("heritage"))).toEqual(other);
    await apply(CONFIG);
  });

  test("a renamed store keeps its secret and its history", async () => {
    const arn = await arnOf("acme");
    const history = await historyOf(world, arn);
    const { acme: renamed, ...others } = STORES;
    stack.declare({ ...CONFIG, stores: { ...others, brand: { ...renamed, formerly: "acme" } } });
    const output = await stack.must(stack.up());
    expect(changesIn(output).filter((change) => /^[+-] /.test(change))).toEqual([]);
    expect(await arnOf("brand")).toBe(arn);
    expect(await historyOf(world, arn)).toEqual(history);
    stack.declare({
      ...CONFIG,
      stores: {
        ...others,
        acme: { ...renamed, formerly: "brand", secretName: "shopify/dev/stores/acme/token" },
      },
    });
    await stack.must(stack.up());
    expect(await historyOf(world, arn)).toEqual(history);
    await apply(CONFIG);
  });

  test("a protected store is not deleted", async () => {
    await apply({
      ...CONFIG,
      stores: { ...STORES, heritage: { ...STORES.heritage, protect: true } },
    });
    stack.declare({ ...CONFIG, accessTokens: {}, stores: { acme: STORES.acme } });
    const { exitCode, output } = await stack.up();
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/protect/);
    expect(
      (await describeSecret(world, "shopify/dev/stores/heritage/token")).DeletedDate,
    ).toBeUndefined();
    await apply(CONFIG);
  });

  test("a removed store can be restored for the days of the window", async () => {
    const arn = await arnOf("heritage");
    await apply({ ...CONFIG, accessTokens: {}, stores: { acme: STORES.acme } });
    expect((await describeSecret(world, arn)).DeletedDate).toBeDefined();
    stack.declare(CONFIG);
    const { exitCode, output } = await stack.up();
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/already scheduled for deletion/);
    expect(output).toContain(
      "heritage: secret_pending_deletion: the secret is scheduled for deletion. Next: shopify-secrets restore heritage",
    );
  });

  test("restored by the command that up named, and adopted by the line that it prints, it has its value and its history", async () => {
    const operator = await personWith(world, "operator", [encodeActingPolicy(FLEET)]);
    const { out } = await operator("restore heritage");
    const [, ARN = ""] = /^ {2}adopt: (arn:\S+)$/m.exec(out) ?? [];
    const history = await historyOf(world, ARN);
    await apply({
      ...CONFIG,
      stores: { ...STORES, heritage: { ...STORES.heritage, adopt: ARN } },
    });
    expect(await arnOf("heritage")).toBe(ARN);
    expect(await historyOf(world, ARN)).toEqual(history);
    await apply(CONFIG);
    await stack.must(stack.preview("--refresh", "--expect-no-changes"));
  });
});
