import { CodedError, type ErrorCode, type ErrorFacts } from "../../contract/errors";
import {
  type GrantedKind,
  isSigned,
  type KindKey,
  kindFactsOf,
  REFRESH_TOKEN_LIFETIME_SECONDS,
} from "../../contract/kinds";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { parseGrantedScopes } from "../../contract/scopes";
import { Sealed } from "../../contract/sealed";
import { type Judgement, requestIdOf, retryAfterMsOf, type ShopifyReply } from "./exchange";

/** The life of something, and whether we had to assume it. */
export interface Life {
  readonly seconds: number;
  readonly assumed: boolean;
}

/** The refresh token that comes with an expiring access token. */
export interface RefreshTokenGrant {
  readonly token: Sealed<string>;
  readonly life: Life;
}

/** What the token endpoint granted. */
export interface TokenGrant {
  readonly accessToken: Sealed<string>;
  readonly scopes: readonly string[];
  /** Undefined for a non-expiring token. */
  readonly life: Life | undefined;
  /** Undefined for grants that have none (client credentials). */
  readonly refresh: RefreshTokenGrant | undefined;
  readonly requestId: string | undefined;
}

/** A reply may round a life up: 86,400 is said of the 86,399 seconds of client credentials. */
const ROUNDING_SECONDS = 60;

/**
 * The life that a reply names, in seconds and at least one, or the documented one when it names none that can be; never
 * longer than documented.
 *
 * A reply without `expires_in` never means "for ever": it is the most repeated bug of this field. And 0 is no missing
 * life but one that is over: a refresh that is answered with the pair of before may come at its end.
 */
export function lifeOf(expiresIn: unknown, documentedSeconds: number): Life {
  const seconds = typeof expiresIn === "string" ? decimalOf(expiresIn) : expiresIn;
  const believable =
    typeof seconds === "number" &&
    Number.isFinite(seconds) &&
    seconds >= 0 &&
    seconds <= documentedSeconds + ROUNDING_SECONDS;
  return believable
    ? { seconds: Math.max(1, Math.min(Math.floor(seconds), documentedSeconds)), assumed: false }
    : { seconds: documentedSeconds, assumed: true };
}

function decimalOf(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** The shortest life of any access token that ends. */
const SHORTEST_LIFE_SECONDS = 3_600;

/** How the life of a token is read from a reply. */
export type ReadLife = (expiresIn: unknown, documentedSeconds: number) => Life;

/** What was asked for: its kind, of which app, and whether it was signed. */
export interface AskedGrant extends KindKey {
  readonly kind: GrantedKind;
}

/** Judges a reply of the token endpoint to a request for this. */
export function judgeTokenReply(
  reply: ShopifyReply,
  asked: AskedGrant,
  readLife: ReadLife = lifeOf,
): Judgement<TokenGrant> {
  if (reply.status < 200 || reply.status > 299) return refusal(reply, codeOfRefusal(reply, asked));
  const body = parseJsonQuietly(reply.body.unseal());
  const grant = isObject(body) ? grantOf(body, asked, readLife) : undefined;
  if (grant === undefined) return refusal(reply, "token_reply_malformed");
  return { good: true, value: { ...grant, requestId: requestIdOf(reply) } };
}

function grantOf(
  body: Readonly<Record<string, unknown>>,
  asked: AskedGrant,
  readLife: ReadLife,
): Omit<TokenGrant, "requestId"> | undefined {
  const accessToken = body["access_token"];
  if (!isToken(accessToken)) return undefined;
  const { hasRefreshToken } = kindFactsOf(asked);
  const refresh = hasRefreshToken ? refreshOf(body, readLife) : undefined;
  if (hasRefreshToken && refresh === undefined) return undefined;
  const scope = body["scope"];
  return {
    accessToken: Sealed.of(accessToken),
    scopes: typeof scope === "string" ? parseGrantedScopes(scope) : [],
    life: accessTokenLife(body["expires_in"], asked, readLife),
    refresh,
  };
}

/** A kind without an end has one when the reply names it: Shopify may stop handing out endless tokens. */
function accessTokenLife(
  expiresIn: unknown,
  asked: AskedGrant,
  readLife: ReadLife,
): Life | undefined {
  const { lifetimeSeconds } = kindFactsOf(asked);
  if (lifetimeSeconds === undefined && (expiresIn === undefined || expiresIn === null)) {
    return undefined;
  }
  return readLife(expiresIn, lifetimeSeconds ?? SHORTEST_LIFE_SECONDS);
}

function refreshOf(
  body: Readonly<Record<string, unknown>>,
  readLife: ReadLife,
): RefreshTokenGrant | undefined {
  const token = body["refresh_token"];
  if (!isToken(token)) return undefined;
  const life = readLife(body["refresh_token_expires_in"], REFRESH_TOKEN_LIFETIME_SECONDS);
  return { token: Sealed.of(token), life };
}

/** Tokens are opaque, but one goes into a header: printable, no blanks, of a sane length. */
function isToken(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,4096}$/.test(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A refusal as a verdict, with the facts that a person needs and nothing of the body. */
export function refusal(
  reply: ShopifyReply,
  code: ErrorCode,
  more: ErrorFacts = {},
): Judgement<never> {
  const oauthError = oauthErrorOf(reply);
  const requestId = requestIdOf(reply);
  const error = new CodedError(code, {
    httpStatus: reply.status,
    ...(oauthError === undefined ? {} : { oauthError }),
    ...(requestId === undefined ? {} : { shopifyRequestId: requestId }),
    ...more,
  });
  return { good: false, error, retryAfterMs: retryAfterMsOf(reply) };
}

// Shopify's table of errors; descriptions are matched loosely because they are observed, not promised.
function codeOfRefusal(reply: ShopifyReply, asked: AskedGrant): ErrorCode {
  const byStatus = codeOfStatus(reply.status);
  if (byStatus !== undefined) return byStatus;
  const oauthError = oauthErrorOf(reply);
  if (isSigned(asked) && REFUSED_CLIENT.has(oauthError ?? "")) return codeOfRefusedAssertion(reply);
  const named = oauthError === undefined ? undefined : OAUTH_ERRORS.get(oauthError);
  if (named !== undefined) return named;
  const text = reply.body.unseal();
  // Whoever signed and is told of a client secret was not understood: nobody has one to mend.
  if (isSigned(asked) && /client secret/i.test(text)) return "client_assertion_refused";
  const described = DESCRIPTIONS.find(([pattern]) => pattern.test(text));
  if (described !== undefined) return described[1];
  return oauthError === "invalid_grant" ? "refresh_token_dead" : "token_request_refused";
}

/** How a client assertion is refused: RFC 7521, section 4.2.1 and, where it is the grant itself, 4.1.1. */
const REFUSED_CLIENT: ReadonlySet<string> = new Set(["invalid_client", "invalid_grant"]);
/** What is wrong with an assertion whose key is known; Shopify's own words are not published. */
const OTHER_THAN_KEY =
  /expired|not (?:yet )?valid yet|audience|already used|replay|claim|client secret/i;

/** An unknown key is what is wrong with most: a refusal without words is read so. */
function codeOfRefusedAssertion(reply: ShopifyReply): ErrorCode {
  return OTHER_THAN_KEY.test(reply.body.unseal())
    ? "client_assertion_refused"
    : "signing_key_unknown";
}

/** What a status alone says, whatever was asked; undefined when the body decides. */
export function codeOfStatus(status: number): ErrorCode | undefined {
  if (status >= 300 && status <= 399) return "redirect_refused";
  if (status === 402) return "shop_frozen";
  if (status === 404) return "shop_not_found";
  if (status === 423) return "shop_locked";
  if (status === 408 || status >= 500) return "shopify_unreachable";
  return status === 429 || status === 430 ? "shopify_throttled" : undefined;
}

// A map: an object would answer `constructor` with a function.
const OAUTH_ERRORS: ReadonlyMap<string, ErrorCode> = new Map([
  ["shop_not_permitted", "store_not_permitted"],
  ["app_not_installed", "app_not_installed"],
  ["application_cannot_be_found", "app_not_found"],
  ["invalid_subject_token", "subject_token_invalid"],
  ["invalid_client", "client_secret_rejected"],
]);

const DESCRIPTIONS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/client secret/i, "client_secret_rejected"],
  [/refresh_token/i, "refresh_token_dead"],
  [/authorization code/i, "code_unusable"],
  [/not installed/i, "app_not_installed"],
];

function oauthErrorOf(reply: ShopifyReply): string | undefined {
  const text = reply.body.unseal();
  const body = parseJsonQuietly(text);
  const found = isObject(body)
    ? body["error"]
    : /<title>\d{3} - Oauth error (\w+)/i.exec(text)?.[1];
  return typeof found === "string" && /^[a-z_]{1,60}$/.test(found) ? found : undefined;
}
