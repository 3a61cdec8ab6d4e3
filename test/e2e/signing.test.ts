import { GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { epochMs, HOUR_MS, MINUTE_MS } from "../../contract/time";
import { encodeLookingPolicy } from "../../infra/policies/operator";
import { createReaderUser } from "../../local/demo/reader-user";
import { readRecord } from "../../local/demo/records";
import { clientConfigOf } from "../../local/demo/root-client";
import type { World } from "../../local/world/world";
import { beginWorld } from "./begin-world";
import { changesIn, DeclaredStack } from "./infra/declared-stack";
import { letListsArrive } from "./let-lists-arrive";
import { type Person, personWith } from "./operator/command";

const ERP = "client-id-of-erp";
const REACH = "client-id-of-reach";
const MOVER = "client-id-of-mover";
const MOVER_SECRET = "shpss_00000000000000000000000000c0ffee";
const WEST = "west.myshopify.com";
const NORTH = "north.myshopify.com";
const SOUTH = "south.myshopify.com";
const PLACE = { partition: "aws", region: "us-east-1", accountId: "000000000000" };
const FLEET = { place: PLACE, prefix: "shopify/dev" };

const CONFIG = {
  recoveryWindowDays: 7,
  apps: {
    erp: { clientId: ERP, distribution: "own-organization", credential: "signing-key" },
    reach: { clientId: REACH, distribution: "public", credential: "signing-key" },
  },
  stores: {
    north: { kind: "client-credentials", shop: NORTH, app: "erp" },
    south: { kind: "client-credentials", shop: SOUTH, app: "reach" },
  },
};

const withKeys = (...signingKeys: string[]) => ({
  ...CONFIG,
  apps: { ...CONFIG.apps, reach: { ...CONFIG.apps.reach, signingKeys } },
});

/** Apps that sign with keys in KMS, on the real engine. The tests of this file build on each other. */
describe("apps that sign", () => {
  let world: World;
  let stack: DeclaredStack;
  let operator: Person;
  let arns: Readonly<Record<string, string>>;

  beforeAll(async () => {
    world = await beginWorld("2026-12-02T10:05:00Z");
    const { control } = world.shopify.imitation;
    control.addApp({ clientId: ERP, scopes: ["read_orders"] });
    control.addApp({ clientId: REACH, scopes: ["read_orders"], distribution: "public" });
    control.addShop({ shop: NORTH });
    control.install({ clientId: ERP, shop: NORTH });
    control.addShop({ shop: SOUTH, organization: "org-of-a-merchant" });
    stack = new DeclaredStack(world);
    operator = await personWith(world, "looker", [
      encodeLookingPolicy(FLEET, { hasSigningKeys: true }),
    ]);
    await stack.must(stack.engine.run(["stack", "init"]));
  });

  afterAll(() => world?.stop());

  /** The public keys of an app, as its people paste them. */
  async function printed(app: string): Promise<Record<string, unknown>[]> {
    const { code, out, err } = await operator(`public-key ${app} --json`);
    if (code !== 0) throw new Error(err);
    return (JSON.parse(out) as { keys: { jwk: Record<string, unknown> }[] }).keys.map(
      ({ jwk }) => jwk,
    );
  }

  async function deathOf(store: string): Promise<string | null> {
    const { record } = await readRecord(world, arns[store] ?? "");
    const accessToken = record.accessToken.unseal();
    return world.shopify.imitation.control.tokenLife({ accessToken }).death;
  }

  async function versionOf(store: string): Promise<string> {
    return (await readRecord(world, arns[store] ?? "")).versionId;
  }

  async function stateOf(store: string): Promise<{ state: string; code: string; next: string }> {
    const { out, err } = await operator("status --json");
    const { stores } = JSON.parse(out || `{"stores":[],"err":${JSON.stringify(err)}}`) as {
      stores: { store: string; state: string; code: string; next: string }[];
    };
    const found = stores.find((one) => one.store === store);
    if (found === undefined) throw new Error(`no ${store} in ${out}${err}`);
    return found;
  }

  /** Lets time pass in steps of five minutes, in each of which an application reads and calls. */
  async function pass(milliseconds: number, stores: readonly string[]): Promise<void> {
    const end = world.clock.now() + milliseconds;
    while (world.clock.now() < end) {
      await world.driver.moveTo(epochMs(world.clock.now() + 5 * MINUTE_MS));
      for (const store of stores) expect([store, await deathOf(store)]).toEqual([store, null]);
    }
  }

  test("up ends well before Shopify knows a key, and says what to paste", async () => {
    stack.declare(CONFIG);
    const output = await stack.must(stack.up());
    expect(output).toMatch(/north: Shopify does not know the key .*public-key erp/);
    expect(output).toMatch(/south: Shopify does not know the key .*public-key reach/);
    const stores = Object.entries(await stack.stores());
    arns = Object.fromEntries(stores.map(([store, { secretArn }]) => [store, secretArn]));
    letListsArrive(world);
    expect(await stateOf("north")).toMatchObject({
      state: "awaiting_token",
      code: "signing_key_unknown",
    });
    await stack.must(stack.preview("--refresh", "--expect-no-changes"));
  });

  test("no secret of the apps is anywhere: what their secrets hold is public", async () => {
    const { SecretString = "" } = (await world.secrets.handle("GetSecretValue", {
      SecretId: "shopify/dev/apps/erp/credential",
    })) as { SecretString?: string };
    expect(JSON.parse(SecretString)).toEqual({
      schema_version: "1.0",
      app: "erp",
      client_id: ERP,
      client_secret: "",
      previous_client_secret: "",
      signing_keys: [expect.stringMatching(/^arn:aws:kms:us-east-1:000000000000:key\//)],
    });
  });

  test("an operator reads the public half, and nobody but the functions signs", async () => {
    const [jwk] = await printed("erp");
    const { kid } = jwk as { kid: string };
    const almighty = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*" }],
    });
    const credentials = await createReaderUser(world, "administrator", [almighty]);
    const kms = new KMSClient({ ...clientConfigOf(world), credentials });
    const sign = new SignCommand({
      KeyId: kid,
      Message: Buffer.from("text"),
      SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256",
    });
    try {
      expect((await kms.send(new GetPublicKeyCommand({ KeyId: kid }))).KeySpec).toBe("RSA_3072");
      await expect(kms.send(sign)).rejects.toMatchObject({ name: "AccessDeniedException" });
    } finally {
      kms.destroy();
    }
    const stranger = await personWith(world, "stranger", [encodeLookingPolicy(FLEET)]);
    expect((await stranger("public-key erp")).err).toMatch(/kms:(GetPublicKey|DescribeKey)/);
  });

  test("ten minutes after its key is pasted a store of the own organization has a token of a day", async () => {
    const [jwk = {}] = await printed("erp");
    world.shopify.imitation.control.pasteKey({ clientId: ERP, jwk });
    await world.driver.moveTo(epochMs(world.clock.now() + 10 * MINUTE_MS));
    const { record } = await readRecord(world, arns["north"] ?? "");
    expect(Number(record.expiresAt) - record.issuedAt).toBe(86_399_000);
    expect(await deathOf("north")).toBeNull();
    letListsArrive(world);
    expect(await stateOf("north")).toMatchObject({ state: "ok" });
  });

  test("a public app's store awaits its merchant, and has a token of an hour once the app is installed", async () => {
    const [jwk = {}] = await printed("reach");
    const { control } = world.shopify.imitation;
    control.pasteKey({ clientId: REACH, jwk });
    await world.driver.moveTo(epochMs(world.clock.now() + 10 * MINUTE_MS));
    letListsArrive(world);
    expect(await stateOf("south")).toMatchObject({ state: "awaiting_merchant" });
    control.install({ clientId: REACH, shop: SOUTH });
    await world.driver.moveTo(epochMs(world.clock.now() + 10 * MINUTE_MS));
    const { record } = await readRecord(world, arns["south"] ?? "");
    expect(Number(record.expiresAt) - record.issuedAt).toBe(HOUR_MS);
    expect(record.refreshTokenSealed).toBe("");
    expect(await deathOf("south")).toBeNull();
  });

  test("both are renewed for ten hours: by Secrets Manager's schedule, and by the sweep", async () => {
    const before = [await versionOf("north"), await versionOf("south")];
    await pass(10 * HOUR_MS, ["north", "south"]);
    expect(await versionOf("north")).not.toBe(before[0]);
    expect(await versionOf("south")).not.toBe(before[1]);
    letListsArrive(world);
    expect(await stateOf("north")).toMatchObject({ state: "ok" });
    expect(await stateOf("south")).toMatchObject({ state: "ok" });
  });

  test("a key is changed for another, and no application meets a dead token", async () => {
    const { control } = world.shopify.imitation;
    const [first] = await printed("reach");
    stack.declare(withKeys("first", "second"));
    expect(changesIn(await stack.must(stack.up()))).toContain(
      "+ aws:kms:Key reach-signing-second-key",
    );
    const [, second = {}] = await printed("reach");
    control.pasteKey({ clientId: REACH, jwk: second });
    await pass(HOUR_MS, ["south"]);
    stack.declare(withKeys("second", "first"));
    await stack.must(stack.up());
    await pass(HOUR_MS, ["south"]);
    control.revokeKey({ clientId: REACH, kid: String(first?.["kid"]) });
    await pass(2 * HOUR_MS, ["south"]);
    stack.declare(withKeys("second"));
    expect(changesIn(await stack.must(stack.up()))).toContain(
      "- aws:kms:Key reach-signing-first-key",
    );
    await pass(2 * HOUR_MS, ["south"]);
    letListsArrive(world);
    expect(await stateOf("south")).toMatchObject({ state: "ok" });
    await stack.must(stack.preview("--refresh", "--expect-no-changes"));
  });

  test("a store with a token without an end moves to the key without its merchant, its secret the same", async () => {
    const { control } = world.shopify.imitation;
    control.addApp({
      clientId: MOVER,
      clientSecret: MOVER_SECRET,
      scopes: ["read_orders"],
      distribution: "public",
      // Public apps that were made since April 2026 never had a token without an end.
      createdAt: Date.UTC(2025, 0, 1),
    });
    control.addShop({ shop: WEST, organization: "org-of-a-merchant" });
    const owner = { clientId: MOVER, shop: WEST, scopes: ["read_orders"] };
    control.install(owner);
    const { accessToken } = control.issueToken({ ...owner, kind: "offline" });
    const mover = { clientId: MOVER, distribution: "public" };
    const keys = withKeys("second");
    const config = (app: object, kind: string, more: object) => ({
      ...keys,
      ...more,
      apps: { ...keys.apps, mover: app },
      stores: { ...keys.stores, west: { kind, shop: WEST, app: "mover" } },
    });
    const secrets = { clientSecrets: { mover: MOVER_SECRET }, accessTokens: { west: accessToken } };
    stack.declare(config(mover, "offline", secrets));
    await stack.must(stack.up());
    arns = { ...arns, west: (await stack.stores())["west"]?.secretArn ?? "" };
    const before = arns["west"];

    stack.declare(config({ ...mover, credential: "signing-key" }, "client-credentials", {}));
    const output = await stack.must(stack.up());
    expect(output).toMatch(/west: Shopify does not know the key .*public-key mover/);
    expect((await stack.stores())["west"]?.secretArn).toBe(before);
    await pass(HOUR_MS, ["west"]);
    const [jwk = {}] = await printed("mover");
    control.pasteKey({ clientId: MOVER, jwk });
    await pass(2 * HOUR_MS, ["west"]);
    const { record } = await readRecord(world, before ?? "");
    expect([record.kind, Number(record.expiresAt) - record.issuedAt]).toEqual([
      "client-credentials",
      HOUR_MS,
    ]);
  });

  test("its client secret, leaked, gets no token for a merchant's store", async () => {
    const reply = await world.shopify.imitation.handle({
      method: "POST",
      host: WEST,
      path: "/admin/oauth/access_token",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({
        client_id: MOVER,
        client_secret: MOVER_SECRET,
        grant_type: "client_credentials",
      }),
    });
    expect(reply).toMatchObject({
      status: 400,
      body: expect.stringContaining("shop_not_permitted"),
    });
  });

  test("a key that was revoked ends in one code with one command, and the token lives on until its end", async () => {
    const { control } = world.shopify.imitation;
    const [second = {}] = await printed("reach");
    control.revokeKey({ clientId: REACH, kid: String(second["kid"]) });
    const before = await versionOf("south");
    await world.driver.moveTo(epochMs(world.clock.now() + 50 * MINUTE_MS));
    letListsArrive(world);
    expect(await versionOf("south")).toBe(before);
    const told = await stateOf("south");
    expect(told.code).toBe("signing_key_unknown");
    expect(told.next).toMatch(/^shopify-secrets public-key reach/);
  });
});
