import type { AppCredential } from "../../contract/app-credential";
import type { ShopDomain } from "../../contract/brands";
import { Sealed } from "../../contract/sealed";
import type { ShopifyRequest } from "./exchange";

/** The fields of a token request beside the client's own. */
export type GrantFields = Readonly<Record<string, Sealed<string>>>;

const TOKEN_PATH = "/admin/oauth/access_token";

/** Builds a request to a store's token endpoint with one of the app's client secrets. */
export function buildTokenRequest(
  shop: ShopDomain,
  client: { readonly credential: AppCredential; readonly secret: Sealed<string> },
  fields: GrantFields,
): ShopifyRequest {
  const body: Record<string, string> = {
    client_id: client.credential.clientId,
    client_secret: client.secret.unseal(),
  };
  for (const [name, value] of Object.entries(fields)) body[name] = value.unseal();
  return {
    shop,
    method: "POST",
    path: TOKEN_PATH,
    headers: {
      // Without it errors come as HTML pages.
      accept: Sealed.of("application/json"),
      "content-type": Sealed.of("application/json"),
    },
    body: Sealed.of(JSON.stringify(body)),
  };
}
