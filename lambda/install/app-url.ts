import type { AppKey, ShopDomain, StoreKey } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { keysOfInstalled } from "../../contract/installed-keys";
import { storeKeyOfSecret, storeSecretName } from "../../contract/names";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { checkEvenDead } from "../engine/check-token";
import { fieldsOfError } from "../log";
import { begin, beginNewcomer } from "./begin";
import { type AppUrlQuery, isSignedBy, parseAppUrlQuery, requireFresh } from "./callback-query";
import type { InstallDeps } from "./deps";
import { asInstallable, needsMerchant } from "./installable";
import type { KnownFleet } from "./known-apps";
import {
  candidatesOf,
  declaredOf,
  type Installation,
  isOf,
  livingAmong,
  type Newcomer,
  openAppOf,
} from "./newcomer";
import { pageReply, type Reply } from "./reply";
import type { GatewayRequest } from "./request";
import { usableRecord } from "./topics";
import { wayOf } from "./way";

type Asked = Pick<GatewayRequest, "rawQuery" | "host" | "cookies">;

/** Whose approval is to be begun: a store's, by its key, or that of a merchant whose store is yet to be made. */
type Visitor =
  | {
      readonly store: StoreKey;
      /** Whether its token was tried and is dead, though nobody heard of it. */
      readonly isDead: boolean;
    }
  | { readonly newcomer: Newcomer };

/**
 * The App URL: a merchant who installed the app by Shopify's own link, or opened it in the store's admin. What
 * is signed by an app's client secret and names a declared store goes on as that store's link does; a merchant of an
 * open app whom nobody declared goes on to an approval that makes his store.
 *
 * Source: Shopify's "Install an app" (`hmac`, `shop`, `timestamp`; `embedded` and `host` where the app is framed).
 */
export async function appUrl(request: Asked, deps: InstallDeps): Promise<Reply> {
  const query = parseAppUrlQuery(request.rawQuery);
  const fleet = await deps.knownApps.read(deps);
  const signers = signersOf(query, fleet);
  requireFresh(query, deps.clock.now());
  const visitor = await visitorOf(query.shop, { signers, fleet }, deps);
  if (visitor === undefined) throw new CodedError("store_not_declared");
  const store = "store" in visitor ? visitor.store : visitor.newcomer.key;
  deps.log.info("install.app_opened", { store, shop: query.shop });
  if (query.isFramed) return leaveTheFrame(await pathOf(visitor, deps), query);
  return "store" in visitor
    ? await begin({ ...request, store }, deps, visitor)
    : await beginNewcomer(visitor.newcomer, request, deps);
}

/**
 * The apps that signed, by their client secrets.
 *
 * @throws {CodedError} `callback_signature_invalid`
 */
function signersOf(query: AppUrlQuery, { apps }: KnownFleet): AppKey[] {
  const signers = apps.filter(({ clientSecrets }) => isSignedBy(query, clientSecrets));
  if (signers.length === 0) throw new CodedError("callback_signature_invalid");
  return signers.map(({ app }) => app);
}

async function visitorOf(
  shop: ShopDomain,
  { signers, fleet }: { readonly signers: readonly AppKey[]; readonly fleet: KnownFleet },
  deps: InstallDeps,
): Promise<Visitor | undefined> {
  for (const find of [declaredIn(fleet), arrivedOf]) {
    for (const app of signers) {
      const living = await find({ app, shop }, deps);
      const key = living && storeKeyOfSecret(deps.prefix, living.facts);
      if (living === undefined || key === undefined) continue;
      return await visitorTo(living, { app, shop, key }, deps);
    }
  }
  const app = signers.find((signer) => openAppOf(signer, deps) !== undefined);
  const key = app && keysOfInstalled({ app, shop })[0];
  return app === undefined || key === undefined ? undefined : { newcomer: { app, shop, key } };
}

/** Who comes to a store that is there; where his token is dead he approves at once, as a newcomer if that leads to the same store. */
async function visitorTo(
  living: ListedSecret,
  newcomer: Newcomer,
  deps: InstallDeps,
): Promise<Visitor> {
  const isOpen = openAppOf(newcomer.app, deps) !== undefined;
  const isDead = isOpen && (await isDeadUnheard(living, deps));
  const isTakenIn = keysOfInstalled(newcomer).some(
    (key) => storeSecretName(deps.prefix, key) === living.facts.name,
  );
  return isDead && isTakenIn ? { newcomer } : { store: newcomer.key, isDead };
}

/**
 * Whether the store has no token that works, without its merchant being waited for: that he uninstalled the app may not
 * be known yet, as Shopify's word of it may be late or lost, and a token that looks well is tried again only when it is
 * renewed. Whoever comes by Shopify meanwhile approves anew.
 */
async function isDeadUnheard(living: ListedSecret, deps: InstallDeps): Promise<boolean> {
  try {
    const installable = asInstallable(living, deps);
    if (needsMerchant(installable, deps)) return false;
    const current = await usableRecord(installable.store, deps);
    if (current === undefined) return true;
    const { checked } = await checkEvenDead(installable.store, current.record.accessToken, deps);
    return checked === "token_dead";
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    // The store's own page says what is known, and has a button.
    deps.log.warn("install.not_tried", fieldsOfError(error));
    return false;
  }
}

type FindStore = (of: Installation, deps: InstallDeps) => Promise<ListedSecret | undefined>;

/** Finds the declared store of an app on a shop; each is looked at anew, as a list may still show one that was removed since. */
function declaredIn(fleet: KnownFleet): FindStore {
  return async (installation, deps) => {
    for (const { facts } of await declaredOf(installation, fleet, deps)) {
      const now = await deps.found.find(facts.name, deps);
      if (now === undefined || now.facts.deletedAt !== undefined) continue;
      if (isOf(installation, now)) return now;
    }
    return undefined;
  };
}

/** Finds the store of a merchant who came by himself. */
const arrivedOf: FindStore = async (installation, deps) => {
  if (openAppOf(installation.app, deps) === undefined) return undefined;
  return livingAmong(await candidatesOf(installation, deps), installation);
};

/** Where a framed page leads out: a store has a link of its own, and a newcomer gets one for some minutes. */
async function pathOf(visitor: Visitor, deps: InstallDeps): Promise<string> {
  if ("store" in visitor) return `/install/${visitor.store}`;
  return await wayOf(visitor.newcomer, deps);
}

/** A framed page may not set the cookie that binds an approval to this browser: it opens the link outside. */
function leaveTheFrame(path: string, { shop }: AppUrlQuery): Reply {
  return pageReply(
    200,
    {
      mark: "open",
      title: "One more step",
      says: ["This app works in the background and has no pages of its own here."],
      link: { path, text: "Go on", leavesFrame: true },
    },
    { framedBy: ["https://admin.shopify.com", `https://${shop}`] },
  );
}
