import type { ShopDomain } from "../../contract/brands";
import type { CodedError } from "../../contract/errors";
import { Sealed } from "../../contract/sealed";

/** Named texts of a request; a secret among them stays sealed until it is sent. */
export type RequestFields = Readonly<Record<string, string | Sealed<string>>>;

/** A request to a store's host, always https. */
export interface ShopifyRequest {
  readonly shop: ShopDomain;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: RequestFields;
  /** The fields of its JSON body. */
  readonly body: RequestFields;
}

/** What goes over the wire; opens every secret of a request, so that nobody else does. */
export function openRequest({ headers, body }: ShopifyRequest): {
  readonly headers: Record<string, string>;
  readonly body: string;
} {
  return { headers: opened(headers), body: JSON.stringify(opened(body)) };
}

function opened(fields: RequestFields): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [
      name,
      text instanceof Sealed ? text.unseal() : text,
    ]),
  );
}

/** An answer; header names are lower-case, the body is sealed because it may hold a token. */
export interface ShopifyReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Sealed<string>;
}

/**
 * Sends one request and reads one reply; no retries, no redirects.
 *
 * @throws {CodedError} `shopify_unreachable`; `token_reply_malformed` for a reply that is too large
 */
export type Send = (request: ShopifyRequest, timeoutMs: number) => Promise<ShopifyReply>;

/** What a reply means: a value, or a coded refusal with Shopify's own wish for a wait. */
export type Judgement<T> =
  | { readonly good: true; readonly value: T }
  | {
      readonly good: false;
      readonly error: CodedError;
      readonly retryAfterMs: number | undefined;
    };

/** The largest reply that is read, in bytes; a token reply has a few hundred. */
export const LARGEST_REPLY_BYTES = 262_144;

/** Shopify's own name for a request, to quote to its support. */
export function requestIdOf(reply: ShopifyReply): string | undefined {
  const id = reply.headers["x-request-id"];
  return id !== undefined && /^[\w.-]{1,80}$/.test(id) ? id : undefined;
}

/** The wait that a reply asks for, in milliseconds; Shopify writes seconds, fractions allowed. */
export function retryAfterMsOf(reply: ShopifyReply): number | undefined {
  const text = reply.headers["retry-after"];
  if (text === undefined || !/^\d{1,6}(\.\d{1,6})?$/.test(text.trim())) return undefined;
  return Math.ceil(Number(text) * 1_000);
}
