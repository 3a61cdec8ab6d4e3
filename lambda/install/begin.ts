import { isStoreKey } from "../../contract/brands";
import { adviceRow, CodedError } from "../../contract/errors";
import { callbackUrlOf, installBaseUrlOf } from "../../contract/install";
import { encodeScopes } from "../../contract/scopes";
import { clientSecretOf } from "../engine/app-secret";
import type { InstallDeps } from "./deps";
import { crowdedOutSessions, issueInstallSession, type SessionSubject } from "./install-session";
import {
  conditionOfStore,
  findInstallable,
  type InstallableStore,
  needsMerchant,
} from "./installable";
import type { Newcomer } from "./newcomer";
import type { Page } from "./page";
import { pageReply, type Reply, redirectReply } from "./reply";
import type { GatewayRequest } from "./request";
import { newcomerBy } from "./way";

type Asked = Pick<GatewayRequest, "store" | "host" | "cookies">;

/** The merchant's link, or the way out of a frame of a merchant who has none. */
export async function open(
  request: Asked & Pick<GatewayRequest, "rawQuery">,
  deps: InstallDeps,
): Promise<Reply> {
  const newcomer = await newcomerBy(request.rawQuery, deps);
  return newcomer === undefined
    ? await begin(request, deps)
    : await beginNewcomer(newcomer, request, deps);
}

/**
 * The merchant's link: a store that needs its merchant goes straight on to Shopify; for one that is well there
 * is a button, so that no page that is open elsewhere can drive approvals.
 *
 * @param isDead whether its token was tried and is dead, though nobody heard of it. Default: nobody tried
 */
export async function begin(
  request: Asked,
  deps: InstallDeps,
  { isDead = false }: { readonly isDead?: boolean } = {},
): Promise<Reply> {
  const installable = await findInstallable(request.store, deps);
  if (isDead || needsMerchant(installable, deps)) {
    const { location, cookies } = await startApproval(installable, request, deps);
    return redirectReply(location, cookies);
  }
  const { key, store } = installable;
  deps.log.info("install.asked", { store: key, shop: store.declaration.shop });
  return pageReply(200, pageOf(installable, deps), { hasForm: true });
}

/** Says what is known of a store that does not need its merchant; it was tried some time ago, so the page promises nothing. */
function pageOf(installable: InstallableStore, deps: InstallDeps): Page {
  const { key, store } = installable;
  const { shop } = store.declaration;
  const { state, code, needsPerson } = conditionOfStore(installable, deps);
  // Of a token that works, and of what becomes of it later, the merchant need not hear.
  const works = !needsPerson || (code !== "" && adviceRow(code).tokens === "working");
  const isWell = state === "ok" && works;
  return {
    mark: isWell ? "done" : "open",
    title: `${shop} does not need you`,
    says: isWell
      ? [
          "When it was last looked at, the access to this store worked. There is nothing for you to do, and you can close this page.",
          "If you were asked to approve the app once more, go on here.",
        ]
      : [
          "Something is wrong with the access to this store, and it is not yours to mend: whoever sent you the link has been told.",
          "If you were asked to approve the app once more, go on here.",
        ],
    button: { path: `/install/${key}`, text: "Approve again" },
  };
}

/** The button of that page, pressed on that page and nowhere else. */
export async function approve(
  request: Asked & Pick<GatewayRequest, "headers">,
  deps: InstallDeps,
): Promise<Reply> {
  const installable = await findInstallable(request.store, deps);
  requireOwnPage(request, deps);
  const { location, cookies } = await startApproval(installable, request, deps);
  // A redirect would be held to the form's own policy, which allows this endpoint alone.
  return pageReply(
    200,
    {
      mark: "open",
      title: "On to Shopify",
      says: ["If nothing happens, please go on here."],
      link: { path: location, text: "Go on" },
    },
    { cookies, refreshTo: location },
  );
}

/**
 * A browser says where a form was sent from.
 *
 * @throws {CodedError} `install_state_invalid`
 */
function requireOwnPage(
  { headers, host, store }: Parameters<typeof approve>[0],
  { installDomain }: InstallDeps,
): void {
  const isOwn =
    headers["sec-fetch-site"] === "same-origin" ||
    headers["origin"] === installBaseUrlOf(installDomain ?? host);
  if (!isOwn) throw new CodedError("install_state_invalid", isStoreKey(store) ? { store } : {});
}

/** The same for a merchant of an open app who has no store yet: it is made when the approval was verified. */
export async function beginNewcomer(
  newcomer: Newcomer,
  request: Pick<GatewayRequest, "host" | "cookies">,
  deps: InstallDeps,
): Promise<Reply> {
  const { location, cookies } = await startApproval(newcomer, request, deps);
  return redirectReply(location, cookies);
}

/** Gives the browser an install session, and says where at Shopify the approval is. */
async function startApproval(
  subject: SessionSubject,
  request: Pick<GatewayRequest, "host" | "cookies">,
  deps: InstallDeps,
): Promise<{ readonly location: string; readonly cookies: readonly string[] }> {
  const { app } = await deps.apps.read(subject.app, deps);
  const clientSecret = clientSecretOf(app);
  const { state, cookie } = issueInstallSession(subject, clientSecret, deps.clock.now());
  const { shop, scopes } =
    "store" in subject ? subject.store.declaration : { ...subject, scopes: [] };
  const location = new URL(`https://${shop}/admin/oauth/authorize`);
  location.searchParams.set("client_id", app.credential.clientId);
  // Without it Shopify grants what the app's released version asks for.
  if (scopes.length > 0) location.searchParams.set("scope", encodeScopes(scopes));
  location.searchParams.set("redirect_uri", callbackAddressOf(request, deps));
  location.searchParams.set("state", state);
  deps.log.info("install.begun", { store: subject.key, shop });
  return {
    location: location.toString(),
    cookies: [cookie, ...crowdedOutSessions(request.cookies)],
  };
}

function callbackAddressOf(
  { host }: Pick<GatewayRequest, "host">,
  { installDomain }: InstallDeps,
): string {
  return callbackUrlOf(installBaseUrlOf(installDomain ?? host));
}
