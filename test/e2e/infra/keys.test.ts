import { CreateKeyCommand, DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  RestoreSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { epochMs, HOUR_MS } from "../../../contract/time";
import { readRecord } from "../../../local/demo/records";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { StoreOutput } from "../../../local/demo/stack";
import { DEV_STORES } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { beginWorld } from "../begin-world";
import { BOTH_APPS, changesIn, type Declared, DeclaredStack } from "./declared-stack";
import { createPolicyHolder, type TryToRead } from "./policy-holder";
import { describeSecret, historyOf, invokeFunction } from "./secret-history";

const { acme, partner } = DEV_STORES;

const CONFIG = {
  recoveryWindowDays: 7,
  ...BOTH_APPS,
  stores: {
    acme: { kind: acme.kind, shop: acme.shop, app: acme.app },
    partner: { kind: "offline-expiring", shop: partner.shop, app: partner.app },
  },
};

const REFRESH_KEY_URN =
  "urn:pulumi:dev::shopify-secrets::shopify-secrets:index:RefreshKey$aws:kms/key:Key::refresh-tokens-key";

const BEFORE_MIGRATION = {
  ...CONFIG,
  accessTokens: { partner: partner.accessToken },
  stores: { ...CONFIG.stores, partner: { ...CONFIG.stores.partner, kind: "offline" } },
};

/** Keys change under live secrets, on the real engine. The tests of this file build on each other. */
describe("keys", () => {
  let world: World;
  let stack: DeclaredStack;
  let kms: KMSClient;
  let ownKeyArn: string;
  let arns: Readonly<Record<string, string>>;

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    kms = new KMSClient(clientConfigOf(world));
    ownKeyArn = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? "";
    stack = new DeclaredStack(world);
    await stack.must(stack.engine.run(["stack", "init"]));
    await apply(BEFORE_MIGRATION);
    await apply(CONFIG);
    await invokeFunction(world, "sweep", { action: "migrate", store: "partner" });
    const stores = Object.entries(await stack.stores());
    arns = Object.fromEntries(stores.map(([store, { secretArn }]) => [store, secretArn]));
  });

  afterAll(async () => {
    kms?.destroy();
    await world?.stop();
  });

  async function apply(declared: Declared): Promise<string[]> {
    stack.declare(declared);
    return changesIn(await stack.must(stack.up()));
  }

  function histories(): Promise<string[][]> {
    return Promise.all(["acme", "partner"].map((store) => historyOf(world, arns[store] ?? "")));
  }

  async function keyOf(store: string): Promise<string | undefined> {
    return (await describeSecret(world, arns[store] ?? "")).KmsKeyId;
  }

  async function lifeOf(store: string): Promise<string | null> {
    const { record } = await readRecord(world, arns[store] ?? "");
    const accessToken = record.accessToken.unseal();
    return world.shopify.imitation.control.tokenLife({ accessToken }).death;
  }

  async function readerOf(store: string, name: string): Promise<TryToRead> {
    return createPolicyHolder(world, name, (await stack.stores())[store] as StoreOutput);
  }

  /** Both kinds are renewed, by Secrets Manager and by the sweep, and what is then current works. */
  async function expectRenewals(): Promise<void> {
    const before = await Promise.all(["acme", "partner"].map((store) => versionOf(store)));
    const client = new SecretsManagerClient(clientConfigOf(world));
    await client.send(new RotateSecretCommand({ SecretId: arns["acme"] }));
    client.destroy();
    await world.secrets.settled();
    await world.driver.moveTo(epochMs(world.clock.now() + HOUR_MS));
    const after = await Promise.all(["acme", "partner"].map((store) => versionOf(store)));
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    expect([await lifeOf("acme"), await lifeOf("partner")]).toEqual([null, null]);
  }

  async function versionOf(store: string): Promise<string> {
    return (await readRecord(world, arns[store] ?? "")).versionId;
  }

  test("a key of your own takes the place of the stack's, and no value changes", async () => {
    const readAsBefore = await readerOf("acme", "reader-of-the-first-key");
    expect(await readAsBefore()).toBe("alive");
    const before = await histories();
    const changes = await apply({ ...CONFIG, kmsKeyArn: ownKeyArn });
    expect(changes).toContain("- aws:kms:Key secrets-key");
    expect(changes).toContain("~ aws:secretsmanager:Secret acme-secret");
    expect([await keyOf("acme"), await keyOf("partner")]).toEqual([ownKeyArn, ownKeyArn]);
    expect(await histories()).toEqual(before);
    expect(await readAsBefore()).toMatch(/KMS/);
    const readAsNow = await readerOf("acme", "reader-of-the-own-key");
    expect(await readAsNow()).toBe("alive");
  });

  test("both kinds are renewed under it, and the stack is as declared", async () => {
    await expectRenewals();
    await stack.must(stack.preview("--refresh", "--expect-no-changes"));
  });

  test("and back to a key that the stack makes", async () => {
    const before = await histories();
    const changes = await apply(CONFIG);
    expect(changes).toContain("+ aws:kms:Key secrets-key");
    expect(await keyOf("acme")).not.toBe(ownKeyArn);
    expect(await histories()).toEqual(before);
    expect(await (await readerOf("acme", "reader-of-the-last-key"))()).toBe("alive");
    await expectRenewals();
    await stack.must(stack.preview("--refresh", "--expect-no-changes"));
  });

  describe("the key of the refresh tokens", () => {
    const WITHOUT_PARTNER = { ...CONFIG, stores: { acme: CONFIG.stores.acme } };
    let formerKeyArn: string;

    beforeAll(async () => {
      formerKeyArn = await refreshKey();
    });

    async function refreshKey(): Promise<string> {
      const { output } = await stack.engine.run(["stack", "output", "refreshKeyArn"]);
      return output.trim();
    }

    test("is protected: its last store cannot be retired by the way", async () => {
      stack.declare(WITHOUT_PARTNER);
      const { exitCode, output } = await stack.preview();
      expect(exitCode).not.toBe(0);
      expect(output).toMatch(/refresh-tokens-key.*protect/s);
    });

    test("is retained when that is wanted", async () => {
      await stack.must(stack.engine.run(["state", "unprotect", REFRESH_KEY_URN, "--yes"]));
      await apply(WITHOUT_PARTNER);
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: formerKeyArn }));
      expect(KeyMetadata?.KeyState).toBe("Enabled");
    });

    test("opens what it sealed when its store returns, and another one seals from then on", async () => {
      const partnerAgain = { ...CONFIG.stores.partner, adopt: arns["partner"] };
      const stores = { acme: CONFIG.stores.acme, partner: partnerAgain };
      await restore(arns["partner"] ?? "");
      const before = await historyOf(world, arns["partner"] ?? "");
      await apply({ ...CONFIG, stores, formerRefreshKeyArns: [formerKeyArn] });
      expect(await refreshKey()).not.toBe(formerKeyArn);
      expect(await historyOf(world, arns["partner"] ?? "")).toEqual(before);
      await expectRenewals();
      await apply(CONFIG);
      await expectRenewals();
    });
  });

  async function restore(secretArn: string): Promise<void> {
    const client = new SecretsManagerClient(clientConfigOf(world));
    await client.send(new RestoreSecretCommand({ SecretId: secretArn }));
    client.destroy();
  }
});
