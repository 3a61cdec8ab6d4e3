import { createHmac } from "node:crypto";
import {
  type App,
  type AppOnShop,
  type AuthorizationCode,
  liveSecretsOf,
  type PendingApproval,
  type RuleContext,
} from "../state";
import type { Switches } from "../switches";
import { grantScopes } from "./installation";
import { mintSessionToken } from "./session-token";

const EXTRAS = {
  none: {},
  "extra-parameter": { locale: "pt-BR" },
  "spaced-parameter": { locale: "pt BR" },
} as const satisfies Record<Switches["callbackExtras"], Parameters>;

/** How a space travels: `%20`, or `+` as in a form. */
export type CallbackEncoding = Switches["callbackEncoding"];
type Parameters = Readonly<Record<string, string>>;

/** Joins the parameters the way Shopify signs them: sorted, encoded, without `hmac` and `signature`. */
export function signedText(parameters: Parameters, encoding: CallbackEncoding = "percent"): string {
  const signed = Object.entries(parameters)
    .filter(([key]) => key !== "hmac" && key !== "signature")
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return joined(signed, encoding);
}

/** The `hmac` of an OAuth callback: hexadecimal HMAC-SHA256 of the signed text with the client secret. */
export function callbackHmac(text: string, clientSecret: string): string {
  return createHmac("sha256", clientSecret).update(text).digest("hex");
}

function joined(
  entries: readonly (readonly [string, string])[],
  encoding: CallbackEncoding,
): string {
  if (encoding === "form") return new URLSearchParams(Object.fromEntries(entries)).toString();
  return entries
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join("&");
}

/** The merchant says yes: the app is installed with those scopes, and the browser is sent back with a code. */
export function approveAuthorization(context: RuleContext, approval: PendingApproval): string {
  const { clientId, shop, scopes } = approval;
  grantScopes(context, { clientId, shop }, scopes);
  const code: AuthorizationCode = {
    value: context.randomness.hex(16),
    clientId,
    shop,
    scopes,
    issuedAt: context.now,
    used: false,
  };
  context.state.codes.set(code.value, code);
  return callbackAddress(context, approval, code);
}

function callbackAddress(
  context: RuleContext,
  approval: PendingApproval,
  code: AuthorizationCode,
): string {
  return signedAddress(context, approval, {
    address: approval.redirectUri,
    parameters: {
      code: code.value,
      host: hostParameter(approval.shop),
      ...(approval.state === undefined ? {} : { state: approval.state }),
      ...EXTRAS[context.switches.callbackExtras],
    },
  });
}

/** The app's own address with what Shopify adds when a merchant opens the app; undefined: the app has none. */
export function appUrlAddress(context: RuleContext, on: AppOnShop): string | undefined {
  const app = context.state.apps.get(on.clientId);
  if (app?.appUrl === undefined) return undefined;
  const framed = { embedded: "1", host: hostParameter(on.shop), session: "0123abcd" };
  const secret = signingSecret(context, app);
  // An app whose installation Shopify manages begins with token exchange, and gets what that takes.
  const session =
    app.managedInstall === true
      ? { id_token: mintSessionToken(context, { app, shop: on.shop, secret }) }
      : {};
  const parameters = app.embedded === true ? { ...framed, ...session } : {};
  return signedAddress(context, on, { address: app.appUrl, parameters });
}

function hostParameter(shop: string): string {
  const handle = shop.replace(/\.myshopify\.com$/, "");
  return Buffer.from(`admin.shopify.com/store/${handle}`).toString("base64");
}

/** An address with parameters, the shop and the time, all of them signed. */
function signedAddress(
  context: RuleContext,
  { clientId, shop }: AppOnShop,
  to: { readonly address: string; readonly parameters: Parameters },
): string {
  const timestamp = String(Math.floor(context.now / 1_000));
  const parameters = { ...to.parameters, shop, timestamp };
  const { callbackEncoding } = context.switches;
  const secret = signingSecret(context, context.state.apps.get(clientId));
  const hmac = callbackHmac(signedText(parameters, callbackEncoding), secret);
  const query = joined([...Object.entries(parameters), ["hmac", hmac]], callbackEncoding);
  return `${to.address}${to.address.includes("?") ? "&" : "?"}${query}`;
}

function signingSecret(context: RuleContext, app: App | undefined): string {
  const live = app === undefined ? [] : liveSecretsOf(app);
  const secret = context.switches.callbackSignedWith === "newest-secret" ? live.at(-1) : live.at(0);
  return secret?.value ?? "";
}
