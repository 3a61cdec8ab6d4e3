import type { AppCredential } from "../../contract/app-credential";
import type { ShopDomain } from "../../contract/brands";
import type { Sealed } from "../../contract/sealed";
import type { RequestFields, ShopifyRequest } from "./exchange";

const TOKEN_PATH = "/admin/oauth/access_token";

/** Builds a request to a store's token endpoint with one of the app's client secrets; `fields` stand beside the client's own. */
export function buildTokenRequest(
  shop: ShopDomain,
  client: { readonly credential: AppCredential; readonly secret: Sealed<string> },
  fields: RequestFields,
): ShopifyRequest {
  return {
    shop,
    method: "POST",
    path: TOKEN_PATH,
    // Without it errors come as HTML pages.
    headers: { accept: "application/json", "content-type": "application/json" },
    body: { client_id: client.credential.clientId, client_secret: client.secret, ...fields },
  };
}
