import { GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { HOUR_MS, MINUTE_MS } from "../../../contract/time";
import { encodeLookingPolicy } from "../../../infra/policies/operator";
import { createReaderUser } from "../../../local/demo/reader-user";
import { clientConfigOf } from "../../../local/demo/root-client";
import { changesIn } from "../infra/declared-stack";
import { startBrowser } from "../install/browser";
import { Merchant } from "../install/merchant";
import { letListsArrive } from "../let-lists-arrive";
import { personWith } from "../operator/command";
import { FLEET, SigningScene } from "./scene";

const ERP = "client-id-of-erp";
const REACH = "client-id-of-reach";
const NORTH = "north.myshopify.com";
const SOUTH = "south.myshopify.com";

const ALLOWLIST = { allowedNetworks: ["AS16509", "AS14618"], allowedCountries: ["US"] };

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

/** Apps that sign with keys in KMS, on the real engine. The tests of this file build on each other. */
describe("apps that sign", () => {
  let scene: SigningScene;

  beforeAll(async () => {
    scene = await SigningScene.start("2026-12-02T10:05:00Z");
    const { control } = scene;
    control.addApp({ clientId: ERP, scopes: ["read_orders"] });
    control.addApp({
      clientId: REACH,
      scopes: ["read_orders"],
      distribution: "public",
      managedInstall: true,
      // Without a list Shopify blocks a public app's new installs since 20 November 2026.
      ...ALLOWLIST,
    });
    control.addShop({ shop: NORTH });
    control.install({ clientId: ERP, shop: NORTH });
    control.addShop({ shop: SOUTH, organization: "org-of-a-merchant" });
  });

  afterAll(() => scene?.stop());

  test("up ends well before Shopify knows a key, and says what to paste", async () => {
    const output = await scene.up(CONFIG);
    expect(output).toMatch(/north: Shopify does not know the key .*public-key erp/);
    expect(output).toMatch(/south: Shopify does not know the key .*public-key reach/);
    expect(await scene.told("north")).toMatchObject({
      state: "awaiting_token",
      code: "signing_key_unknown",
    });
    await scene.stack.must(scene.stack.preview("--refresh", "--expect-no-changes"));
  });

  test("no secret of the apps is anywhere: what their secrets hold is public", async () => {
    const { SecretString = "" } = (await scene.world.secrets.handle("GetSecretValue", {
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
    const [jwk] = await scene.printed("erp");
    const { kid } = jwk as { kid: string };
    const almighty = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*" }],
    });
    const credentials = await createReaderUser(scene.world, "administrator", [almighty]);
    const kms = new KMSClient({ ...clientConfigOf(scene.world), credentials });
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
    const stranger = await personWith(scene.world, "stranger", [encodeLookingPolicy(FLEET)]);
    expect((await stranger("public-key erp")).err).toMatch(/kms:(GetPublicKey|DescribeKey)/);
    expect((await stranger("status")).out).toMatch(/App erp signs; .*kms:DescribeKey/);
  });

  test("ten minutes after its key is pasted a store of the own organization has a token of a day", async () => {
    const [jwk = {}] = await scene.printed("erp");
    scene.control.pasteKey({ clientId: ERP, jwk });
    await scene.pass(10 * MINUTE_MS);
    const { record } = await scene.recordOf("north");
    expect(Number(record.expiresAt) - record.issuedAt).toBe(86_399_000);
    expect(await scene.deathOf("north")).toBeNull();
    expect(await scene.told("north")).toMatchObject({ state: "ok" });
  });

  test("a public app's store awaits its merchant, who installs it in a browser, and has a token of an hour", async () => {
    const [jwk = {}] = await scene.printed("reach");
    scene.control.pasteKey({ clientId: REACH, jwk });
    await scene.pass(10 * MINUTE_MS);
    expect(await scene.told("south")).toMatchObject({ state: "awaiting_merchant" });
    const browser = await startBrowser({ "*.myshopify.com": scene.world.shopify.port });
    try {
      const merchant = await Merchant.in(browser);
      const asked = await merchant.open(`https://${SOUTH}/admin/oauth/install?client_id=${REACH}`);
      expect(asked.text).toContain("read_orders");
      await merchant.press("#approve");
      await merchant.leave();
    } finally {
      await browser.close();
    }
    await scene.pass(10 * MINUTE_MS);
    const { record } = await scene.recordOf("south");
    expect(Number(record.expiresAt) - record.issuedAt).toBe(HOUR_MS);
    expect(record.refreshTokenSealed).toBe("");
    expect(await scene.deathOf("south")).toBeNull();
  });

  test("both are renewed for ten hours under an application: by Secrets Manager's schedule, and by the sweep", async () => {
    await scene.startApplication("north", "south");
    const before = [await scene.recordOf("north"), await scene.recordOf("south")];
    await scene.pass(10 * HOUR_MS);
    expect((await scene.recordOf("north")).versionId).not.toBe(before[0]?.versionId);
    expect((await scene.recordOf("south")).versionId).not.toBe(before[1]?.versionId);
    expect(await scene.told("north")).toMatchObject({ state: "ok", code: null });
    expect(await scene.told("south")).toMatchObject({ state: "ok", code: null });
  });

  describe("the change of a key, led through", () => {
    const CHANGE = "rotate --signing-key reach --json";

    async function step(): Promise<Readonly<Record<string, unknown>> & { readonly next: string }> {
      const { out, err } = await scene.operator(CHANGE);
      if (out === "") throw new Error(err);
      return JSON.parse(out);
    }

    test("with one key it prints how config gets a second, which works as it stands", async () => {
      const { code, err } = await scene.operator("rotate --signing-key reach");
      expect([code, err]).toEqual([3, expect.stringContaining("has one key, first, and no next")]);
      await scene.paste(err.slice(0, err.indexOf(", then shopify-secrets")));
      expect(await scene.printed("reach")).toHaveLength(2);
      await scene.pass(10 * MINUTE_MS);
    });

    test("the next key is proved once it is pasted, and nothing is changed before", async () => {
      const before = await scene.recordOf("south");
      expect(await step()).toMatchObject({ step: "paste", code: "signing_key_unknown" });
      expect((await scene.recordOf("south")).versionId).toBe(before.versionId);
      expect(await scene.told("south")).toMatchObject({ state: "ok", code: null });
      const [, second = {}] = await scene.printed("reach");
      scene.control.pasteKey({ clientId: REACH, jwk: second });
      expect(await step()).toMatchObject({ step: "switch", code: null });
      expect((await scene.recordOf("south")).versionId).not.toBe(before.versionId);
      await scene.pass(HOUR_MS);
    });

    test("it is switched by what is printed, and the one before is not needed any more", async () => {
      const [first] = await scene.printed("reach");
      await scene.pass(30 * MINUTE_MS);
      const { next } = await step();
      await scene.paste(next.slice(0, next.indexOf(", then shopify-secrets")));
      await scene.pass(10 * MINUTE_MS);
      const last = await step();
      expect(last).toMatchObject({
        step: "revoke",
        is_safe_to_revoke: true,
        on_newest: ["south"],
        keys: [{ role: "signs" }, { name: "first", role: "before", kid: first?.["kid"] }],
      });
      expect((await scene.operator("rotate --signing-key reach")).code).toBe(0);
      scene.control.revokeKey({ clientId: REACH, kid: String(first?.["kid"]) });
      await scene.pass(2 * HOUR_MS);
      await scene.paste(last.next);
      await scene.pass(2 * HOUR_MS);
      expect(await scene.told("south")).toMatchObject({ state: "ok", code: null });
      letListsArrive(scene.world);
      const { out } = await scene.operator("status");
      expect(out).toMatch(/^App reach signs with the key key-2026-12-0\d, \dh( \d+m)? old\.$/m);
      await scene.stack.must(scene.stack.preview("--refresh", "--expect-no-changes"));
    });

    test("and no call of the application was refused or made with a dead token", async () => {
      const { own, seen } = await scene.finishApplication();
      expect(own.served).toBeGreaterThan(100);
      expect({ ...seen, own: own.refused, withheld: own.withheld }).toEqual({
        refused: 0,
        withDeadToken: 0,
        own: 0,
        withheld: 0,
      });
    });
  });

  test("a key that was revoked ends in one code with one command, and the token lives on until its end", async () => {
    const [only = {}] = await scene.printed("reach");
    scene.control.revokeKey({ clientId: REACH, kid: String(only["kid"]) });
    const before = await scene.recordOf("south");
    await scene.pass(40 * MINUTE_MS);
    expect((await scene.recordOf("south")).versionId).toBe(before.versionId);
    const told = await scene.told("south");
    expect(told.code).toBe("signing_key_unknown");
    expect(told.next).toMatch(/^shopify-secrets public-key reach/);
  });

  test("what is left behind goes with its store and app", async () => {
    const { south: _, ...stores } = CONFIG.stores;
    const { reach: __, ...apps } = CONFIG.apps;
    const output = await scene.up({ ...CONFIG, apps, stores });
    expect(changesIn(output).filter((change) => change.includes("kms:Key"))).toEqual([
      expect.stringMatching(/^- aws:kms:Key reach-signing-key-2026-12-0\d-key$/),
    ]);
  });
});
