import { isShopDomain } from "../contract/brands";
import { ReaderError } from "./errors";
import { discard } from "./refusal";
import type { TokenReader } from "./token-reader";

/** The platform's own `fetch`, or anything that behaves like it. */
export type Fetch = typeof globalThis.fetch;

export interface TokenFetchOptions {
  /** What sends the requests. Default: the platform's `fetch`. */
  readonly fetch?: Fetch;
}

const HEADER = "X-Shopify-Access-Token";
const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * A `fetch` that adds the access token to Admin API requests of the reader's stores, and answers a 401
 * with the renewed token where the body can be sent again (not for streams, nor for a `Request` with a body).
 *
 * Every other request is passed on untouched. A token goes to `https://<store>.myshopify.com/admin/…` alone,
 * also when the answer redirects.
 *
 * @throws {ReaderError} as `withToken`; `redirect_refused`
 * @example
 * const shopifyFetch = createTokenFetch(reader);
 * await shopifyFetch("https://acme.myshopify.com/admin/api/2026-10/graphql.json", { method: "POST", body });
 */
export function createTokenFetch(reader: TokenReader, options: TokenFetchOptions = {}): Fetch {
  const send: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  return async (input, init) => {
    const url = urlOf(input);
    if (!takesToken(url)) return send(input, init);
    const mayRepeat = canSendAgain(input, init);
    return reader.withToken(
      url.hostname,
      async (token) => {
        const headers = headersOf(input, init);
        headers.set(HEADER, token.accessToken.unseal());
        const sealed = { ...init, headers, redirect: "manual" } as const;
        return followed(await send(input, sealed), { url, input, sealed, send, mayRepeat });
      },
      { mayRepeat },
    );
  };
}

type FetchInput = Parameters<Fetch>[0];
type FetchInit = Parameters<Fetch>[1];

function isRequest(input: FetchInput): input is Request {
  return typeof input === "object" && "url" in input;
}

function urlOf(input: FetchInput): URL {
  return new URL(isRequest(input) ? input.url : input);
}

/**
 * Whether a token may go there. Not to other paths of a store: a storefront path can belong to a third
 * party's server (app proxies pass requests on). Not to the token endpoint: no token is needed there.
 */
function takesToken(url: URL): boolean {
  return (
    url.protocol === "https:" &&
    url.port === "" &&
    url.username === "" &&
    isShopDomain(url.hostname) &&
    url.pathname.startsWith("/admin/") &&
    url.pathname !== "/admin/oauth/access_token"
  );
}

function headersOf(input: FetchInput, init: FetchInit): Headers {
  return new Headers(init?.headers ?? (isRequest(input) ? input.headers : undefined));
}

function methodOf(input: FetchInput, init: FetchInit): string {
  return (init?.method ?? (isRequest(input) ? input.method : "GET")).toUpperCase();
}

function canSendAgain(input: FetchInput, init: FetchInit): boolean {
  const body: unknown = init?.body ?? (isRequest(input) ? input.body : undefined) ?? undefined;
  return (
    body === undefined ||
    typeof body === "string" ||
    body instanceof URLSearchParams ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof Blob ||
    body instanceof FormData
  );
}

interface Hop {
  readonly url: URL;
  readonly input: FetchInput;
  /** What was sent, with the token in its headers. */
  readonly sealed: NonNullable<FetchInit>;
  readonly send: Fetch;
  readonly mayRepeat: boolean;
}

/** Follows redirects on the same store, and refuses any other: the token would go with them. */
async function followed(first: Response, hop: Hop): Promise<Response> {
  let reply = first;
  let { url } = hop;
  for (let hops = 0; REDIRECTS.has(reply.status); hops += 1) {
    const target = new URL(reply.headers.get("location") ?? "", url);
    await discard(reply);
    const staysHome = target.host === url.host && takesToken(target);
    if (!staysHome || hops === MOST_REDIRECTS || !keepsItsMethod(reply.status, hop)) {
      throw new ReaderError("redirect_refused", { store: url.hostname });
    }
    url = target;
    reply = await hop.send(url, { ...requestInit(hop.input), ...hop.sealed });
  }
  return reply;
}

/** A 301, 302 or 303 turns a POST into a GET, which is never what an Admin API call meant. */
function keepsItsMethod(status: number, hop: Hop): boolean {
  const method = methodOf(hop.input, hop.sealed);
  if (method === "GET" || method === "HEAD") return true;
  return (status === 307 || status === 308) && hop.mayRepeat;
}

/** What a redirected request keeps of a `Request`; its headers are in the init already. */
function requestInit(input: FetchInput): NonNullable<FetchInit> {
  return isRequest(input) ? { method: input.method, signal: input.signal } : {};
}
