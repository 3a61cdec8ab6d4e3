import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { encodeRecord } from "../../../contract/record";
import { encodeActingPolicy, encodeLookingPolicy } from "../../../infra/policies/operator";
import { readRecord } from "../../../local/demo/records";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { StoreOutput } from "../../../local/demo/stack";
import { DEV_APPS, DEV_STORES } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { beginWorld } from "../begin-world";
import { letListsArrive } from "../let-lists-arrive";
import { personWith } from "../operator/command";
import { BOTH_APPS, changesIn, type Declared, DeclaredStack } from "./declared-stack";
import { createPolicyHolder, type TryToRead } from "./policy-holder";
import { describeSecret, historyOf } from "./secret-history";

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
  ...BOTH_APPS,
  accessTokens: { heritage: heritage.accessToken },
  stores: STORES,
};

/** Add, move, retire and return, on the real engine. The tests of this file build on each other. */

/** The labels that versions of a secret have. */
async function labelsOf(world: World, SecretId: string): Promise<string[]> {
  const described = await world.secrets.handle("DescribeSecret", { SecretId });
  const { VersionIdsToStages = {} } = described as {
    VersionIdsToStages?: Record<string, string[]>;
  };
  return Object.values(VersionIdsToStages).flat().sort();
}

describe("the life of stores in config", () => {
  let world: World;
  let stack: DeclaredStack;
  /** Applications that got their policies before anything moved. */
  let readers: Readonly<Record<keyof typeof STORES, TryToRead>>;

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    stack = new DeclaredStack(world);
    await stack.must(stack.engine.run(["stack", "init"]));
    stack.declare(CONFIG);
    await stack.must(stack.up());
    const stores = await stack.stores();
    const readerOf = (store: string) =>
      createPolicyHolder(world, `${store}-reader`, stores[store] as StoreOutput);
    readers = { acme: await readerOf("acme"), heritage: await readerOf("heritage") };
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
        taken: { kind: "client-credentials", shop: "taken.myshopify.com", app: "fulfilment" },
      },
    };
    const TAKEN = {
      Name: "shopify/dev/stores/taken/token",
      SecretString: "somebody else's",
      ClientRequestToken: "0123456789abcdef0123456789abcdef",
    };

    beforeAll(() => {
      for (const name of ["dead", "awaiting", "taken"])
        control().addShop({ shop: `${name}.myshopify.com` });
      const { clientId } = fulfilment;
      control().install({ clientId, shop: "taken.myshopify.com", scopes: ["read_orders"] });
    });

    test("up as documented provisions the others, and says what is left to do", async () => {
      await world.secrets.handle("CreateSecret", TAKEN);
      stack.declare(withNewStores);
      const { exitCode, output } = await stack.up();
      expect(exitCode).not.toBe(0);
      expect(output).toContain("token_dead: Shopify answers 401: the access token is dead");
      expect(output).toContain("shopify-secrets put dead");
      expect(output).not.toContain("shpat_local-world-dead");
      // A secret that fails has one error, and no other store's enrolment is left out for it.
      expect(output).toContain("the secret shopify/dev/stores/taken/token already exists");
      expect(output).not.toContain("Missing required property");
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
      await world.secrets.handle("DeleteSecret", {
        SecretId: TAKEN.Name,
        ForceDeleteWithoutRecovery: true,
      });
      const { output } = await stack.up();
      expect(changesIn(output)).toContain("+ aws:secretsmanager:SecretRotation taken-rotation");
      expect(output).toMatch(
        /awaiting: the store has no access token yet.*shopify-secrets put awaiting/,
      );
    });

    test("once mended, or taken back, up is clean", async () => {
      await apply(CONFIG);
      await stack.must(stack.preview("--refresh", "--expect-no-changes"));
    });
  });

  describe("a store that changes", () => {
    const offline = { ...STORES.heritage, kind: "offline" };
    const minted = { ...STORES.heritage, kind: "client-credentials", app: "fulfilment" };

    beforeAll(() => {
      const { control } = world.shopify.imitation;
      control.install({
        clientId: fulfilment.clientId,
        shop: heritage.shop,
        scopes: [...heritage.scopes],
      });
      control.install({ clientId: catalog.clientId, shop: acme.shop, scopes: [...acme.scopes] });
    });

    /** Declares one store otherwise: its name, its ARN and the keys of its record stay, and its reader goes on. */
    async function move(store: keyof typeof STORES, to: Declared, tokens: Declared = {}) {
      const arn = await arnOf(store);
      const keys = await keysOf(arn);
      await apply({ ...CONFIG, accessTokens: tokens, stores: { ...STORES, [store]: to } });
      expect(await arnOf(store)).toBe(arn);
      expect(await keysOf(arn)).toEqual(keys);
      expect(await readers[store]()).toBe("alive");
      return (await readRecord(world, arn)).record;
    }

    test("its kind from custom-app to client-credentials is minted from then on", async () => {
      const record = await move("heritage", minted);
      expect(record).toMatchObject({ kind: "client-credentials", app: "fulfilment" });
    });

    test("its kind to offline has the token of config, and no rotation", async () => {
      const record = await move("heritage", offline, CONFIG.accessTokens);
      expect(record).toMatchObject({ kind: "offline", checked: "ok" });
      expect(record.accessToken.unseal()).toBe(heritage.accessToken);
      const { RotationEnabled } = await describeSecret(world, await arnOf("heritage"));
      expect(RotationEnabled ?? false).toBe(false);
    });

    test("its kind from offline to client-credentials is minted again", async () => {
      expect(await move("heritage", minted)).toMatchObject({ kind: "client-credentials" });
    });

    test("its app is minted by the other one", async () => {
      const record = await move("acme", { ...STORES.acme, app: "catalog" }, CONFIG.accessTokens);
      expect(record).toMatchObject({ app: "catalog", checked: "ok" });
    });

    test("goes back to what it was", async () => {
      await apply(CONFIG);
      const { record } = await readRecord(world, await arnOf("heritage"));
      expect(record).toMatchObject({ kind: "custom-app", checked: "ok" });
      await stack.must(stack.preview("--refresh", "--expect-no-changes"));
    });
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
    // What the functions fall back to when Shopify refuses the new client secret.
    expect(await labelsOf(world, "shopify/dev/apps/fulfilment/credential")).toEqual([
      "AWSCURRENT",
      "AWSPREVIOUS",
    ]);
    expect(await historyOf(world, await arnOf("heritage"))).toEqual(other);
    expect([await readers.acme(), await readers.heritage()]).toEqual(["alive", "alive"]);
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

  test("workers come with their setting and go with it, and no store notices", async () => {
    const history = await historyOf(world, await arnOf("acme"));
    const come = await apply({ ...CONFIG, workQueue: true });
    expect(come.filter((change) => /^(?:\+-|-) /.test(change))).toEqual([]);
    expect(come).toEqual(
      expect.arrayContaining([
        "+ aws:lambda:EventSourceMapping work-orders",
        "+ aws:lambda:Function work-function",
        "+ aws:sqs:Queue work-queue",
        "~ aws:lambda:Function sweep-function",
      ]),
    );
    await stack.must(stack.preview("--refresh", "--expect-no-changes"));
    world.letRightsArrive();
    letListsArrive(world);
    const looking = encodeLookingPolicy(FLEET, { hasWorkQueue: true });
    const operator = await personWith(world, "operator-of-workers", [looking]);
    const { out, err } = await operator("doctor");
    expect(`${out}${err}`).toMatch(/shopify-dev-work +is there/);
    expect((await operator("history acme")).code).toBe(0);
    const go = await apply(CONFIG);
    expect(go.filter((change) => /^\+-? /.test(change))).toEqual([]);
    expect(go).toContain("- aws:sqs:Queue work-queue");
    // A name that was given up is free again after a minute, for which the provider waits.
    expect(await apply({ ...CONFIG, workQueue: true })).toContain("+ aws:sqs:Queue work-queue");
    await apply(CONFIG);
    expect(await historyOf(world, await arnOf("acme"))).toEqual(history);
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
    letListsArrive(world);
    stack.declare(CONFIG);
    const { exitCode, output } = await stack.up();
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/already scheduled for deletion/);
    expect(output).toContain(
      "heritage: secret_pending_deletion: the secret is scheduled for deletion. Next: shopify-secrets restore heritage",
    );
  });

  test("restored by the command that up named, and adopted by the line that it prints, it has its value and its history", async () => {
    letListsArrive(world);
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

  test("a secret of another origin is adopted with its name, its ARN and its token", async () => {
    const { control } = world.shopify.imitation;
    const shop = "legacy.myshopify.com";
    control.addShop({ shop });
    const { accessToken } = control.issueToken({
      clientId: catalog.clientId,
      shop,
      kind: "offline",
      scopes: ["read_orders"],
    });
    const client = new SecretsManagerClient(clientConfigOf(world));
    const Name = "shopify/dev/stores/legacy/token";
    const made = await client.send(new CreateSecretCommand({ Name, SecretString: accessToken }));
    client.destroy();
    const adopt = made.ARN ?? "";
    const legacy = { kind: "offline", shop, scopes: ["read_orders"] };
    const accessTokens = { ...CONFIG.accessTokens, legacy: accessToken };
    await apply({ ...CONFIG, accessTokens, stores: { ...STORES, legacy: { ...legacy, adopt } } });
    await apply({ ...CONFIG, accessTokens, stores: { ...STORES, legacy } });
    expect(await arnOf("legacy")).toBe(adopt);
    const { record } = await readRecord(world, adopt);
    expect(record).toMatchObject({ kind: "offline", shop, checked: "ok" });
    expect(record.accessToken.unseal()).toBe(accessToken);
    const before = [made.VersionId, "AWSPREVIOUS"].join(" ");
    expect(await historyOf(world, adopt)).toContain(before);
    await stack.must(stack.preview("--refresh", "--expect-no-changes"));
  });
});
