import { DEFAULT_API_VERSION, type ShopDomain } from "../../contract/brands";
import type { ErrorCode } from "../../contract/errors";
import { parseJsonQuietly } from "../../contract/quiet-json";
import type { Sealed } from "../../contract/sealed";
import { buildCheckRequest } from "../../lambda/shopify/check";
import { type RequestFields, requestIdOf, type ShopifyReply } from "../../lambda/shopify/exchange";
import { sendToShopify } from "../../lambda/shopify/send";
import { judgeTokenReply } from "../../lambda/shopify/token-reply";
import { buildTokenRequest } from "../../lambda/shopify/token-request";

const CALL_TIMEOUT_MS = 10_000;

/** What the token endpoint answered, as far as it may be shown. */
export interface Asked {
  /** Undefined: it was refused. */
  readonly token: Sealed<string> | undefined;
  readonly code: ErrorCode | "";
  readonly expiresIn: unknown;
  readonly hasRefreshToken: boolean;
  /** The status, Shopify's words and its name for the request. */
  readonly shown: string;
}

/** Asks a store's token endpoint once, and reads the answer as the functions do. */
export async function askForToken(shop: ShopDomain, fields: RequestFields): Promise<Asked> {
  const reply = await sendToShopify(buildTokenRequest(shop, fields), CALL_TIMEOUT_MS);
  const asked = { kind: "client-credentials", distribution: "public", credential: "signing-key" };
  const verdict = judgeTokenReply(reply, asked as Parameters<typeof judgeTokenReply>[1]);
  const body = parseJsonQuietly(reply.body.unseal());
  const member = (name: string): unknown => (isObject(body) ? body[name] : undefined);
  if (!verdict.good) {
    const code = verdict.error.code;
    const facts = { token: undefined, expiresIn: undefined, hasRefreshToken: false };
    return { ...facts, code, shown: `${wordsOf(reply)}, read as ${code}` };
  }
  return {
    token: verdict.value.accessToken,
    code: "",
    expiresIn: member("expires_in"),
    hasRefreshToken: member("refresh_token") !== undefined,
    shown: `a token (expires_in ${shownNumber(member("expires_in"))})`,
  };
}

/** The status with which the Admin API answers a token. */
export async function statusOfToken(shop: ShopDomain, token: Sealed<string>): Promise<number> {
  const request = buildCheckRequest(shop, DEFAULT_API_VERSION, token);
  return (await sendToShopify(request, CALL_TIMEOUT_MS)).status;
}

const LONGEST_WORDS = 160;
/** What may be a secret, a key or a part of an assertion. */
const OPAQUE = /[\w+/=.-]{24,}/g;

function wordsOf(reply: ShopifyReply): string {
  const body = parseJsonQuietly(reply.body.unseal());
  const texts = ["error", "error_description", "errors"].flatMap((name) => {
    const text = isObject(body) ? body[name] : undefined;
    return typeof text === "string" ? [text] : [];
  });
  const words = texts.join(": ").replace(OPAQUE, "…").slice(0, LONGEST_WORDS);
  const id = requestIdOf(reply);
  return `status ${reply.status}${words === "" ? ", no words" : `, "${words}"`}${id === undefined ? "" : ` (request ${id})`}`;
}

function shownNumber(value: unknown): string {
  return typeof value === "number" ? String(value) : "left out";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
