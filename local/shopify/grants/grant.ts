import type { OauthError } from "../rules/oauth-errors";
import { compressScopes, expandScopes } from "../rules/scopes";
import type { TokenOwner } from "../rules/tokens";
import type { AccessToken, App, RuleContext, Shop, TokenPair } from "../state";

/** A request to the token endpoint whose client has proved itself. */
export interface GrantRequest {
  readonly app: App;
  /** What proved it: the ID of a client secret, or of a key that signed. */
  readonly provenBy: string;
  readonly isSigned: boolean;
  readonly shop: Shop;
  readonly fields: Readonly<Record<string, string>>;
}

export interface TokenReplyBody {
  readonly access_token: string;
  readonly scope: string;
  readonly expires_in?: number | string;
  readonly refresh_token?: string;
  readonly refresh_token_expires_in?: number;
}

export type GrantOutcome =
  | { readonly granted: TokenReplyBody; readonly refused?: never }
  | { readonly granted?: never; readonly refused: OauthError };

export type Grant = (context: RuleContext, request: GrantRequest) => GrantOutcome;

export const granted = (body: TokenReplyBody): GrantOutcome => ({ granted: body });
export const refused = (refusal: OauthError): GrantOutcome => ({ refused: refusal });

/** Who owns what this request mints: pinned to the client secret that was presented, or to the key that signed. */
export function ownerOf(request: GrantRequest, scopes: readonly string[]): TokenOwner {
  return {
    clientId: request.app.clientId,
    shop: request.shop.domain,
    secretId: request.provenBy,
    scopes,
  };
}

/** `expiring` arrives as 1, "1" or true, depending on the library. */
export function asksForExpiring(fields: GrantRequest["fields"]): boolean {
  return fields["expiring"] === "1" || fields["expiring"] === "true";
}

/** The reply for a lone access token. There is no `token_type`, in any reply. */
export function accessTokenBody(context: RuleContext, token: AccessToken): TokenReplyBody {
  return {
    access_token: token.value,
    scope: scopeText(context, token.scopes),
    ...(token.expiresAt === "never"
      ? {}
      : lifeField(context, (token.expiresAt - token.issuedAt) / 1_000)),
  };
}

/** The reply for an access token with its refresh token. */
export function pairBody(context: RuleContext, pair: TokenPair): TokenReplyBody {
  return {
    ...accessTokenBody(context, pair.access),
    refresh_token: pair.refresh.value,
    refresh_token_expires_in: (pair.refresh.expiresAt - pair.refresh.issuedAt) / 1_000,
  };
}

/** The reply for a pair handed out before, with the seconds that are left of it. */
export function agedPairBody(context: RuleContext, pair: TokenPair): TokenReplyBody {
  const left = (at: number) => Math.max(0, Math.floor((at - context.now) / 1_000));
  const { expires_in: _original, ...body } = pairBody(context, pair);
  const { expiresAt } = pair.access;
  return {
    ...body,
    ...(expiresAt === "never" ? {} : lifeField(context, left(expiresAt))),
    refresh_token_expires_in: left(pair.refresh.expiresAt),
  };
}

function lifeField(context: RuleContext, seconds: number): Pick<TokenReplyBody, "expires_in"> {
  switch (context.switches.expiresIn) {
    case "number":
      return { expires_in: seconds };
    case "text":
      return { expires_in: String(seconds) };
    case "absent":
      return {};
    default:
      return context.switches.expiresIn satisfies never;
  }
}

function scopeText(context: RuleContext, scopes: readonly string[]): string {
  return (context.switches.scopeText === "compressed" ? compressScopes : expandScopes)(scopes).join(
    ",",
  );
}
