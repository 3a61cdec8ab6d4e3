import type { StoreKey } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { storeKeyOfSecret } from "../../contract/names";
import { declarationIn } from "../../contract/store/view";
import { begin } from "./begin";
import { type AppUrlQuery, isSignedBy, parseAppUrlQuery, requireFresh } from "./callback-query";
import type { InstallDeps } from "./deps";
import type { KnownFleet } from "./known-apps";
import { pageReply, type Reply } from "./reply";
import type { GatewayRequest } from "./request";

/**
 * The App URL: a merchant who installed the app by Shopify's own link, or opened it in the store's admin. What
 * is signed by an app's client secret and names a declared store goes on as that store's link does.
 *
 * Source: Shopify's "Install an app" (`hmac`, `shop`, `timestamp`; `embedded` and `host` where the app is framed).
 */
export async function appUrl(
  request: Pick<GatewayRequest, "rawQuery" | "host" | "cookies">,
  deps: InstallDeps,
): Promise<Reply> {
  const query = parseAppUrlQuery(request.rawQuery);
  const store = storeOf(query, await deps.knownApps.read(deps), deps.prefix);
  requireFresh(query, deps.clock.now());
  if (store === undefined) throw new CodedError("store_not_declared");
  deps.log.info("install.app_opened", { store, shop: query.shop });
  if (query.isFramed) return leaveTheFrame(store, query);
  return await begin({ ...request, store }, deps);
}

/** The declared store of the shop and of the app that signed; a shop may have stores of several apps. */
function storeOf(
  query: AppUrlQuery,
  { apps, listed }: KnownFleet,
  prefix: string,
): StoreKey | undefined {
  const signers = apps.filter(({ clientSecrets }) => isSignedBy(query, clientSecrets));
  if (signers.length === 0) throw new CodedError("callback_signature_invalid");
  const own = listed.find(({ facts }) => {
    const declaration = declarationIn(facts);
    return declaration?.shop === query.shop && signers.some(({ app }) => app === declaration.app);
  });
  return own && storeKeyOfSecret(prefix, own.facts);
}

/** A framed page may not set the cookie that binds an approval to this browser: it opens the link outside. */
function leaveTheFrame(store: StoreKey, { shop }: AppUrlQuery): Reply {
  return pageReply(
    200,
    {
      mark: "open",
      title: "One more step",
      says: ["This app works in the background and has no pages of its own here."],
      link: { path: `/install/${store}`, text: "Go on", leavesFrame: true },
    },
    { framedBy: ["https://admin.shopify.com", `https://${shop}`] },
  );
}
