import { createHmac } from "node:crypto";
import {
  type App,
  type AuthorizationCode,
  liveSecretsOf,
  type PendingApproval,
  type RuleContext,
} from "../state";
import type { Switches } from "../switches";
import { grantScopes } from "./installation";

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
  const parameters: Record<string, string> = {
    code: code.value,
    host: Buffer.from(
      `admin.shopify.com/store/${approval.shop.replace(/\.myshopify\.com$/, "")}`,
    ).toString("base64"),
    shop: approval.shop,
    timestamp: String(Math.floor(context.now / 1_000)),
    ...(approval.state === undefined ? {} : { state: approval.state }),
    ...EXTRAS[context.switches.callbackExtras],
  };
  const { callbackEncoding } = context.switches;
  const secret = signingSecret(context, context.state.apps.get(approval.clientId));
  const hmac = callbackHmac(signedText(parameters, callbackEncoding), secret);
  const query = joined([...Object.entries(parameters), ["hmac", hmac]], callbackEncoding);
  return `${approval.redirectUri}${approval.redirectUri.includes("?") ? "&" : "?"}${query}`;
}

function signingSecret(context: RuleContext, app: App | undefined): string {
  const live = app === undefined ? [] : liveSecretsOf(app);
  const secret = context.switches.callbackSignedWith === "newest-secret" ? live.at(-1) : live.at(0);
  return secret?.value ?? "";
}
