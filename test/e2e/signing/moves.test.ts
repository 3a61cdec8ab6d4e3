import type { StoreKey } from "../../../contract/brands";
import { installLinkOf } from "../../../contract/install";
import { HOUR_MS, MINUTE_MS } from "../../../contract/time";
import { type ServedEndpoint, serveEndpoint } from "../install/endpoint";
import { Merchant } from "../install/merchant";
import { letListsArrive } from "../let-lists-arrive";
import { SigningScene } from "./scene";

const MOVER = "client-id-of-mover";
const MOVER_SECRET = "shpss_00000000000000000000000000c0ffee";
const WEST = "west.myshopify.com";
const EAST = "east.myshopify.com";

const PLAIN = { clientId: MOVER, distribution: "public" };
const SIGNS = { ...PLAIN, credential: "signing-key" };
const STORES = {
  west: { kind: "offline", shop: WEST, app: "mover" },
  east: { kind: "offline-expiring", shop: EAST, app: "mover" },
};

/** From tokens that merchants granted to the app's own key, and back, under an application. The tests of this file build on each other. */
describe("stores move to their app's key and back, without their merchants", () => {
  let scene: SigningScene;
  let endpoint: ServedEndpoint;
  let arns: readonly string[];
  let endless: string;

  const config = (app: object, more: object = {}) => ({
    recoveryWindowDays: 7,
    apps: { mover: app },
    clientSecrets: { mover: MOVER_SECRET },
    stores: STORES,
    ...more,
  });
  const arnsOfBoth = () => ["west", "east"].map((store) => scene.arnOf(store));
  const recordOf = async (store: string) => (await scene.recordOf(store)).record;

  beforeAll(async () => {
    scene = await SigningScene.start("2026-12-02T10:05:00Z");
    const { control } = scene;
    control.addApp({
      clientId: MOVER,
      clientSecret: MOVER_SECRET,
      scopes: ["read_orders"],
      distribution: "public",
      // Public apps that were made since April 2026 never had a token without an end.
      createdAt: Date.UTC(2025, 0, 1),
      allowedNetworks: ["AS16509", "AS14618"],
      allowedCountries: ["US"],
    });
    for (const shop of [WEST, EAST]) control.addShop({ shop, organization: "org-of-a-merchant" });
    const owner = { clientId: MOVER, shop: WEST, scopes: ["read_orders"] };
    control.install(owner);
    endless = control.issueToken({ ...owner, kind: "offline" }).accessToken;
  });

  afterAll(async () => {
    await endpoint?.close();
    await scene?.stop();
  });

  test("one has a token without an end, and a merchant approves the other in a browser", async () => {
    const output = await scene.up(config(PLAIN, { accessTokens: { west: endless } }));
    expect(output).toContain("mover.offlineTokens' signed, then pulumi up");
    letListsArrive(scene.world);
    const { stack, world } = scene;
    const baseUrl = await stack.must(stack.engine.run(["stack", "output", "installBaseUrl"]));
    endpoint = await serveEndpoint(world, baseUrl, MOVER);
    const merchant = await Merchant.in(endpoint.browser);
    await merchant.openLink(installLinkOf(`https://${endpoint.door.host}`, "east" as StoreKey));
    expect((await merchant.press("#approve")).status).toBe(200);
    await merchant.leave();
    arns = arnsOfBoth();
    await scene.startApplication("west", "east");
    await scene.pass(HOUR_MS);
    expect((await recordOf("east")).refreshTokenSealed).not.toBe("");
  });

  test("migrate offers the app's key first, and what it prints is pasted as it stands", async () => {
    const { out } = await scene.operator("migrate --all --dry-run --json");
    const [offer] = (JSON.parse(out) as { by_key: { stores: string[]; next: string }[] }).by_key;
    expect(offer?.stores).toEqual(["east", "west"]);
    await scene.paste(offer?.next.slice(0, offer.next.indexOf(", then shopify-secrets")) ?? "");
    expect(arnsOfBoth()).toEqual(arns);
  });

  test("until the key is pasted both go on with what they have", async () => {
    await scene.pass(90 * MINUTE_MS);
    expect((await recordOf("west")).accessToken.unseal()).toBe(endless);
    expect((await recordOf("east")).refreshTokenSealed).not.toBe("");
    // What a pair was refreshed for is a success; of a token without an end nobody had one since.
    expect(await scene.told("east")).toMatchObject({ state: "ok", code: "signing_key_unknown" });
    expect(await scene.told("west")).toMatchObject({
      state: "failing",
      code: "signing_key_unknown",
    });
  });

  test("once it is, both live by it, an hour at a time and without a refresh token", async () => {
    const [jwk = {}] = await scene.printed("mover");
    scene.control.pasteKey({ clientId: MOVER, jwk });
    await scene.pass(2 * HOUR_MS);
    for (const store of ["west", "east"]) {
      const record = await recordOf(store);
      expect([record.kind, record.refreshTokenSealed]).toEqual(["client-credentials", ""]);
      expect(Number(record.expiresAt) - record.issuedAt).toBe(HOUR_MS);
      expect(await scene.told(store)).toMatchObject({ state: "ok", code: null });
    }
  });

  test("the client secret, leaked, gets no token for a merchant's store", async () => {
    const reply = await scene.world.shopify.imitation.handle({
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

  test("a way back under which nobody would renew is refused before anything is touched", async () => {
    scene.stack.declare(config(SIGNS));
    const { exitCode, output } = await scene.stack.up();
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/stores\.west\.kind.*is offline now.*kind' client-credentials/s);
  });

  test("on the way back the pair that was kept is taken up, and the other store stays with the key", async () => {
    const west = { ...STORES.west, kind: "client-credentials" };
    const output = await scene.up(config(SIGNS, { stores: { ...STORES, west } }));
    expect(output).toMatch(/east: it leaves its app's key: .*rotate east; if that fails/);
    expect(arnsOfBoth()).toEqual(arns);
    await scene.pass(2 * HOUR_MS);
    const east = await recordOf("east");
    expect([east.kind, east.refreshTokenSealed === ""]).toEqual(["offline-expiring", false]);
    expect((await recordOf("west")).kind).toBe("client-credentials");
    for (const store of ["west", "east"]) {
      expect(await scene.told(store)).toMatchObject({ state: "ok", code: null });
    }
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
