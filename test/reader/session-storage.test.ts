import { Session, type Shopify } from "@shopify/shopify-api";
import type { SessionStorage } from "@shopify/shopify-app-session-storage";
import type { ShopDomain } from "../../contract/brands";
import { Sealed } from "../../contract/sealed";
import { epochMs, HOUR_MS, systemClock } from "../../contract/time";
import { createTokenReader, type TokenReader } from "../../reader";
import { createSessionStorage } from "../../reader/session-storage";
import { type Arranged, SHOP } from "../local/shopify/arrange";
import { libraryOn, libraryWorld, ON, standAtTheBeginning } from "../local/shopify/shopify-api";
import { recordText } from "./records";
import { awsError, StubSecretsManager } from "./stub-secrets-manager";

const ID = `offline_${SHOP}`;
const KEY = SHOP.slice(0, SHOP.indexOf("."));
const NAME = `shopify/test/stores/${KEY}/token`;

standAtTheBeginning();

let secrets: StubSecretsManager;
let reader: TokenReader;
let storage: SessionStorage;
let world: Arranged;
let shopify: Shopify;

function put(accessToken: string, expiresAt: number | undefined): void {
  secrets.put(
    NAME,
    recordText(KEY, systemClock.now(), {
      kind: "offline-expiring",
      shop: SHOP as ShopDomain,
      accessToken: Sealed.of(accessToken),
      expiresAt: expiresAt === undefined ? undefined : epochMs(expiresAt),
      refreshTokenSealed: "c2VhbGVk",
    }),
  );
}

/** A reader without memory of what came before. */
function reopen(): void {
  reader?.close();
  reader = createTokenReader({ client: secrets, prefix: "shopify/test" });
  storage = createSessionStorage({ reader, Session });
}

beforeEach(() => {
  secrets = new StubSecretsManager();
  reopen();
  world = libraryWorld();
  shopify = libraryOn(world);
});

afterEach(() => reader.close());

/** The paths that the imitation was asked for, each once. */
const pathsAsked = () => [...new Set(world.shopify.control.readCalls({}).map(({ path }) => path))];

test("the session is the offline one, with its expiry and without a refresh token", async () => {
  const expiresAt = Math.floor(Date.now() / 1_000) * 1_000 + HOUR_MS;
  put("shpat_one", expiresAt);
  const session = await storage.loadSession(shopify.session.getOfflineId(SHOP));
  expect(session?.toObject()).toEqual({
    id: ID,
    shop: SHOP,
    state: "",
    isOnline: false,
    scope: "read_orders,write_products",
    accessToken: "shpat_one",
    expires: new Date(expiresAt),
  });
  expect(await storage.findSessionsByShop(SHOP)).toEqual([session]);
});

test("the library works with it through a renewal, and neither refreshes nor migrates", async () => {
  const first = world.shopify.control.issuePair(ON);
  put(first.accessToken, Date.now() + 2_000); // so near its end that a library would refresh it
  const call = async () => {
    const session = await storage.loadSession(ID);
    if (session === undefined) throw new Error("no session");
    const graphql = new shopify.clients.Graphql({ session });
    return (await graphql.request("{ shop { myshopifyDomain } }")).data;
  };
  expect(await call()).toEqual({ shop: { myshopifyDomain: SHOP } });
  const second = world.shopify.control.issuePair(ON);
  put(second.accessToken, Date.now() + HOUR_MS);
  world.shopify.control.revokeToken({ accessToken: first.accessToken });
  reopen();
  expect(await call()).toEqual({ shop: { myshopifyDomain: SHOP } });
  expect(pathsAsked()).toEqual(["/admin/api/2026-04/graphql.json"]);
  expect(world.shopify.control.readCalls({ surface: "token-endpoint" })).toEqual([]);
});

test("the library's own conditions for a refresh and a migration do not hold", async () => {
  put("shpat_one", Date.now() + 2_000);
  const expiring = await storage.loadSession(ID);
  expect(expiring?.isExpired(60_000)).toBe(true);
  expect(expiring?.refreshToken).toBeUndefined();
  expect(expiring?.isActive(["write_products", "read_products", "read_orders"])).toBe(true);
  put("shpat_two", undefined);
  reopen();
  const lasting = await storage.loadSession(ID);
  expect(lasting?.expires).toBeUndefined();
  expect(lasting?.isActive(undefined)).toBe(true);
});

test("a client that met a 401 is served with the renewed token by withToken", async () => {
  const first = world.shopify.control.issuePair(ON);
  put(first.accessToken, Date.now() + HOUR_MS);
  await reader.token(KEY);
  const second = world.shopify.control.issuePair(ON);
  world.shopify.control.revokeToken({ accessToken: first.accessToken });
  put(second.accessToken, Date.now() + HOUR_MS);
  const answer = await reader.withToken(KEY, async () => {
    const session = await storage.loadSession(ID);
    if (session === undefined) throw new Error("no session");
    return new shopify.clients.Graphql({ session }).request("{ shop { myshopifyDomain } }");
  });
  expect(answer.data).toEqual({ shop: { myshopifyDomain: SHOP } });
});

test("storing and deleting the session of a managed store change nothing", async () => {
  put("shpat_one", undefined);
  const session = await storage.loadSession(ID);
  if (session === undefined) throw new Error("no session");
  session.accessToken = "shpat_foreign";
  expect(await storage.storeSession(session)).toBe(true);
  expect(await storage.deleteSession(ID)).toBe(true);
  expect(await storage.deleteSessions([ID])).toBe(true);
  expect((await storage.loadSession(ID))?.accessToken).toBe("shpat_one");
});

test("a managed store that awaits its first token has no session yet", async () => {
  secrets.put(NAME);
  expect(await storage.loadSession(ID)).toBeUndefined();
  expect(await storage.findSessionsByShop(SHOP)).toEqual([]);
  expect(await storage.deleteSession(ID)).toBe(true);
});

test.each([
  ["an online session", `${SHOP}_1234`],
  ["another store", "offline_stranger.myshopify.com"],
  ["no session ID at all", "offline_"],
])("%s is not managed", async (_what, id) => {
  put("shpat_one", undefined);
  expect(await storage.loadSession(id)).toBeUndefined();
  await expect(storage.deleteSession(id)).rejects.toMatchObject({ code: "not_managed" });
  await expect(storage.deleteSessions([ID, id])).rejects.toMatchObject({ code: "not_managed" });
  const session = new Session({ id, shop: SHOP, state: "", isOnline: true });
  await expect(storage.storeSession(session)).rejects.toMatchObject({ code: "not_managed" });
});

test("an online session is refused even under an offline ID", async () => {
  put("shpat_one", undefined);
  const session = new Session({ id: ID, shop: SHOP, state: "", isOnline: true });
  await expect(storage.storeSession(session)).rejects.toMatchObject({ code: "not_managed" });
});

test("an outage is told as an outage, not as a store that is not managed", async () => {
  secrets.before = () => {
    throw awsError("ThrottlingException");
  };
  const unreachable = { code: "secrets_manager_unreachable" };
  await expect(storage.loadSession(ID)).rejects.toMatchObject(unreachable);
  await expect(storage.deleteSession(ID)).rejects.toMatchObject(unreachable);
});

test("a shop domain that is none has no sessions", async () => {
  expect(await storage.findSessionsByShop("stranger.example")).toEqual([]);
  expect(await storage.findSessionsByShop("stranger.myshopify.com")).toEqual([]);
});
