import { createHmac, timingSafeEqual } from "node:crypto";
import { isShopDomain, type ShopDomain } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { Sealed } from "../../contract/sealed";
import { type EpochMs, SECOND_MS } from "../../contract/time";
import type { ClientSecret } from "../engine/app-secret";

/** What Shopify signs of an address; nothing of it is believed before its signature is verified. */
export interface SignedQuery {
  readonly shop: ShopDomain;
  readonly timestampSeconds: number;
  readonly hmac: string;
  /** The texts that the signature may cover: Shopify's documentation and its library write a space differently. */
  readonly signedTexts: readonly Sealed<string>[];
}

/** What Shopify's answer to an approval brings. */
export interface CallbackQuery extends SignedQuery {
  readonly state: string;
  readonly code: Sealed<string>;
}

/** What Shopify adds to the App URL when a merchant installs or opens the app. */
export interface AppUrlQuery extends SignedQuery {
  /** Whether the app is shown in a frame of the store's admin. */
  readonly isFramed: boolean;
}

const LONGEST_QUERY = 4_096;
const MOST_PARAMETERS = 32;
const HMAC = /^[0-9a-f]{64}$/;
const TIMESTAMP = /^\d{9,11}$/;
/** Codes are opaque: printable, no blanks, of a sane length. */
const CODE = /^[\x21-\x7e]{1,512}$/;
const UNSIGNED: ReadonlySet<string> = new Set(["hmac", "signature"]);

/** How far Shopify's clock and ours may be apart, in seconds. */
export const LARGEST_SKEW_SECONDS = 90;

/**
 * Reads the query of Shopify's answer.
 *
 * @throws {CodedError} `install_request_malformed`, naming the parameter and never its content
 */
export function parseCallbackQuery(rawQuery: Sealed<string>): CallbackQuery {
  const parameters = parseParameters(rawQuery.unseal());
  return {
    ...signedQueryIn(parameters),
    state: textIn(parameters, "state", () => true),
    code: Sealed.of(textIn(parameters, "code", (value) => CODE.test(value))),
  };
}

/**
 * Reads the query of the App URL.
 *
 * @throws {CodedError} `install_request_malformed`, naming the parameter and never its content
 */
export function parseAppUrlQuery(rawQuery: Sealed<string>): AppUrlQuery {
  const parameters = parseParameters(rawQuery.unseal());
  return { ...signedQueryIn(parameters), isFramed: parameters.get("embedded") === "1" };
}

type Parameters = ReadonlyMap<string, string>;

function signedQueryIn(parameters: Parameters): SignedQuery {
  const shop = textIn(parameters, "shop", isShopDomain);
  if (!isShopDomain(shop)) throw malformed("shop");
  return {
    shop,
    timestampSeconds: Number(textIn(parameters, "timestamp", (value) => TIMESTAMP.test(value))),
    hmac: textIn(parameters, "hmac", (value) => HMAC.test(value)),
    signedTexts: signedTextsOf(parameters).map((signed) => Sealed.of(signed)),
  };
}

function textIn(
  parameters: Parameters,
  name: string,
  isWellFormed: (value: string) => boolean,
): string {
  const value = parameters.get(name);
  if (value === undefined || !isWellFormed(value)) throw malformed(name);
  return value;
}

/** Every parameter once, decoded; one that is there twice could mean one thing to us and another to Shopify. */
function parseParameters(rawQuery: string): Parameters {
  const pieces = rawQuery.split("&");
  if (rawQuery.length > LONGEST_QUERY || pieces.length > MOST_PARAMETERS) throw malformed("query");
  const parameters = new Map<string, string>();
  for (const piece of pieces) {
    const at = piece.indexOf("=");
    if (at < 1) throw malformed("query");
    const name = decoded(piece.slice(0, at));
    if (parameters.has(name)) throw malformed("query");
    parameters.set(name, decoded(piece.slice(at + 1)));
  }
  return parameters;
}

function decoded(text: string): string {
  try {
    const plain = decodeURIComponent(text.replaceAll("+", " "));
    // Half a character can be sent as JSON, and cannot be signed.
    encodeURIComponent(plain);
    return plain;
  } catch {
    throw malformed("query");
  }
}

function signedTextsOf(parameters: Parameters): string[] {
  const signed = [...parameters]
    .filter(([name]) => !UNSIGNED.has(name))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const percent = signed
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
  return [percent, new URLSearchParams(signed).toString()];
}

function malformed(field: string): CodedError {
  return new CodedError("install_request_malformed", { field });
}

/**
 * Verifies the signature with every client secret that Shopify may sign with.
 *
 * @throws {CodedError} `callback_signature_invalid`
 */
export function requireSignature(query: SignedQuery, clientSecrets: readonly ClientSecret[]): void {
  if (!isSignedBy(query, clientSecrets)) throw new CodedError("callback_signature_invalid");
}

/** Whether one of these client secrets signed a query; all are tried, so that the time tells nothing. */
export function isSignedBy(query: SignedQuery, clientSecrets: readonly ClientSecret[]): boolean {
  const given = Buffer.from(query.hmac, "hex");
  const matches = clientSecrets.flatMap(({ secret }) =>
    query.signedTexts.filter((text) => timingSafeEqual(given, hmacOf(text, secret))),
  );
  return matches.length > 0;
}

function hmacOf(text: Sealed<string>, clientSecret: Sealed<string>): Buffer {
  return createHmac("sha256", clientSecret.unseal()).update(text.unseal()).digest();
}

/**
 * Refuses an answer that was not made just now.
 *
 * @throws {CodedError} `callback_stale`
 */
export function requireFresh({ timestampSeconds }: SignedQuery, now: EpochMs): void {
  const skewSeconds = Math.abs(now / SECOND_MS - timestampSeconds);
  if (skewSeconds > LARGEST_SKEW_SECONDS) throw new CodedError("callback_stale");
}
