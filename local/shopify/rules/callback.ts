import { createHmac } from "node:crypto";
import {
  type App,
  type AuthorizationCode,
  liveSecretsOf,
  type PendingApproval,
  type RuleContext,
} from "../state";
import { grantScopes } from "./installation";

/** Joins the parameters the way Shopify signs them: sorted, percent-encoded, without `hmac` and `signature`. */
export function signedText(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .filter(([key]) => key !== "hmac" && key !== "signature")
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join("&");
}

/** The `hmac` of an OAuth callback: hexadecimal HMAC-SHA256 with the client secret. */
export function callbackHmac(
  parameters: Readonly<Record<string, string>>,
  clientSecret: string,
): string {
  return createHmac("sha256", clientSecret).update(signedText(parameters)).digest("hex");
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
    ...(context.switches.callbackExtras === "none" ? {} : { locale: "pt-BR" }),
  };
  const hmac = callbackHmac(
    parameters,
    signingSecret(context, context.state.apps.get(approval.clientId)),
  );
  const query = [...Object.entries(parameters), ["hmac", hmac] as const]
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join("&");
  return `${approval.redirectUri}${approval.redirectUri.includes("?") ? "&" : "?"}${query}`;
}

function signingSecret(context: RuleContext, app: App | undefined): string {
  const live = app === undefined ? [] : liveSecretsOf(app);
  const secret = context.switches.callbackSignedWith === "newest-secret" ? live.at(-1) : live.at(0);
  return secret?.value ?? "";
}
