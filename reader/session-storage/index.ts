import { isShopDomain, type ShopDomain } from "../../contract/brands";
import { ReaderError, type ReaderErrorCode } from "../errors";
import type { StoreToken } from "../store-token";
import type { TokenReader } from "../token-reader";

/** What a session of @shopify/shopify-api is made of. */
export interface OfflineSessionParams {
  readonly id: string;
  readonly shop: string;
  readonly state: string;
  readonly isOnline: boolean;
  readonly scope: string;
  readonly accessToken: string;
  readonly expires?: Date;
}

/** What is looked at of a session that an app wants to store. */
export interface AppSession {
  readonly id: string;
  readonly shop: string;
  readonly isOnline: boolean;
}

export interface SessionStorageOptions<S> {
  /** Where the tokens come from; it finds stores by shop domain. */
  readonly reader: Pick<TokenReader, "token">;
  /** The class `Session` of the app's own @shopify/shopify-api. */
  readonly Session: new (
    params: OfflineSessionParams,
  ) => S;
}

/** The interface of @shopify/shopify-app-session-storage. */
export interface ReadOnlySessionStorage<S> {
  /** Changes nothing for the offline session of a managed store, whose renewal is ours; throws `not_managed` for any other. */
  storeSession(session: AppSession): Promise<boolean>;
  /** The offline session of a managed store, without a refresh token and with its expiry; undefined for any other ID. */
  loadSession(id: string): Promise<S | undefined>;
  /** As `storeSession`. */
  deleteSession(id: string): Promise<boolean>;
  /** As `storeSession`, for all of them. */
  deleteSessions(ids: string[]): Promise<boolean>;
  /** The offline session of the shop, if it is managed. */
  findSessionsByShop(shop: string): Promise<S[]>;
}

/**
 * A read-only session storage for apps built on @shopify/shopify-api: the library neither refreshes nor
 * migrates a token, because the sessions carry no refresh token.
 *
 * @example
 * const sessionStorage = createSessionStorage({ reader, Session });
 */
export function createSessionStorage<S>(
  options: SessionStorageOptions<S>,
): ReadOnlySessionStorage<S> {
  const { reader, Session } = options;

  async function sessionOf(shop: ShopDomain | undefined): Promise<S | undefined> {
    if (shop === undefined) return undefined;
    const found = await findToken(reader, shop);
    return found.token && new Session(sessionParams(found.token));
  }

  async function leaveAlone(shop: ShopDomain | undefined): Promise<boolean> {
    if (shop !== undefined && (await findToken(reader, shop)).isManaged) return true;
    throw new ReaderError("not_managed", shop === undefined ? {} : { store: shop });
  }

  return {
    storeSession: ({ id, isOnline }) => leaveAlone(isOnline ? undefined : shopOf(id)),
    loadSession: (id) => sessionOf(shopOf(id)),
    deleteSession: (id) => leaveAlone(shopOf(id)),
    async deleteSessions(ids) {
      for (const id of ids) await leaveAlone(shopOf(id));
      return true;
    },
    async findSessionsByShop(shop) {
      const session = await sessionOf(isShopDomain(shop) ? shop : undefined);
      return session === undefined ? [] : [session];
    },
  };
}

const OFFLINE = "offline_";

/** The shop of an offline session's ID, as the library makes it; undefined for any other ID. */
function shopOf(id: string): ShopDomain | undefined {
  const shop = id.startsWith(OFFLINE) ? id.slice(OFFLINE.length) : undefined;
  return isShopDomain(shop) ? shop : undefined;
}

/** The reader knows no such store: the session belongs to somebody else. */
const NOT_OURS: ReadonlySet<ReaderErrorCode> = new Set([
  "store_unknown",
  "secret_missing",
  "shop_mismatch",
]);

interface Found {
  readonly isManaged: boolean;
  readonly token?: StoreToken;
}

/** A store without a first token is managed and has no session yet; every other failure is the app's to see. */
async function findToken(reader: Pick<TokenReader, "token">, shop: ShopDomain): Promise<Found> {
  try {
    return { isManaged: true, token: await reader.token(shop) };
  } catch (error) {
    if (!(error instanceof ReaderError)) throw error;
    if (NOT_OURS.has(error.code)) return { isManaged: false };
    if (error.code === "value_missing") return { isManaged: true };
    throw error;
  }
}

function sessionParams(token: StoreToken): OfflineSessionParams {
  return {
    id: `${OFFLINE}${token.shop}`,
    shop: token.shop,
    state: "",
    isOnline: false,
    scope: token.scopes.join(","),
    accessToken: token.accessToken.unseal(),
    ...(token.expiresAt === undefined ? {} : { expires: new Date(token.expiresAt) }),
  };
}
