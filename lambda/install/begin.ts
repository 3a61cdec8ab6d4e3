import { callbackUrlOf, installBaseUrlOf } from "../../contract/install";
import { encodeScopes } from "../../contract/scopes";
import { readApp } from "../engine/app-secret";
import { findInstallable } from "./installable";
import type { InstallParts } from "./parts";
import { type Reply, redirectReply } from "./reply";
import type { GatewayRequest } from "./request";
import { issueTicket } from "./ticket";

/** The merchant's link: gives the browser a ticket and sends it to Shopify's page of approval. */
export async function begin(
  request: Pick<GatewayRequest, "store" | "host">,
  parts: InstallParts,
): Promise<Reply> {
  const installable = await findInstallable(request.store, parts);
  const app = await readApp(installable.app, parts);
  const { state, cookie } = issueTicket(installable, app.current, parts.clock.now());
  const { shop, scopes } = installable.store.declaration;
  const location = new URL(`https://${shop}/admin/oauth/authorize`);
  location.searchParams.set("client_id", app.credential.clientId);
  // Without it Shopify grants what the app's released version asks for.
  if (scopes.length > 0) location.searchParams.set("scope", encodeScopes(scopes));
  location.searchParams.set("redirect_uri", callbackAddressOf(request, parts));
  location.searchParams.set("state", state);
  parts.log.info("install.begun", { store: installable.key, shop });
  return redirectReply(location.toString(), [cookie]);
}

function callbackAddressOf(
  { host }: Pick<GatewayRequest, "host">,
  { installDomain }: InstallParts,
): string {
  return callbackUrlOf(installBaseUrlOf(installDomain ?? host));
}
