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
 * also when the answer redirects. With `redirect: "manual"` a redirect is handed on, with `"error"` refused.
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
    const redirect = init?.redirect ?? (isRequest(input) ? input.redirect : "follow");
    return reader.withToken(
      url.hostname,
      async (token) => {
        const headers = headersOf(input, init);
        headers.set(HEADER, token.accessToken.unseal());
        const sealed = { ...requestInit(input), ...init, headers, redirect: "manual" } as const;
        // The address that was checked is the one that is sent: an object may say another one the second time.
        const reply = await send(url.href, sealed);
        return followed(reply, { url, input, redirect, sealed, send, mayRepeat });
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
    url.password === "" &&
    isShopDomain(url.hostname) &&
    isAdminPath(url.pathname)
  );
}

/** An encoded slash may be decoded behind the door, and lead out of the folder again. */
const ENCODED_SLASH = /%(?:2f|5c)/i;
const TOKEN_ENDPOINT = /^\/admin\/+oauth\/+access_token/i;

function isAdminPath(pathname: string): boolean {
  if (ENCODED_SLASH.test(pathname)) return false;
  const path = decoded(pathname);
  return path.startsWith("/admin/") && !TOKEN_ENDPOINT.test(path);
}

/** Empty for a percent sign that begins nothing. */
function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return "";
  }
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
  /** What the caller wants done with a redirect. */
  readonly redirect: NonNullable<NonNullable<FetchInit>["redirect"]>;
  /** What was sent, with the token in its headers. */
  readonly sealed: NonNullable<FetchInit>;
  readonly send: Fetch;
  readonly mayRepeat: boolean;
}

/** Follows redirects on the same store, and refuses any other: the token would go with them. */
async function followed(first: Response, hop: Hop): Promise<Response> {
  let reply = first;
  let { url } = hop;
  for (let hops = 0; isRedirect(reply) && hop.redirect !== "manual"; hops += 1) {
    const target = targetOf(reply, url);
    await discard(reply);
    const staysHome = target?.host === url.host && takesToken(target);
    const mayFollow = hop.redirect === "follow" && hops < MOST_REDIRECTS;
    if (!staysHome || !mayFollow || !keepsItsMethod(reply.status, hop)) {
      throw new ReaderError("redirect_refused", { store: url.hostname });
    }
    url = target;
    reply = await hop.send(url.href, hop.sealed);
  }
  return reply;
}

function targetOf(reply: Response, base: URL): URL | undefined {
  const location = reply.headers.get("location") ?? "";
  return URL.canParse(location, base.href) ? new URL(location, base) : undefined;
}

/** As the Fetch standard has it: without an address it is an answer like any other. */
function isRedirect(reply: Response): boolean {
  return REDIRECTS.has(reply.status) && reply.headers.has("location");
}

/** A 301, 302 or 303 turns a POST into a GET, which is never what an Admin API call meant. */
function keepsItsMethod(status: number, hop: Hop): boolean {
  const method = methodOf(hop.input, hop.sealed);
  if (method === "GET" || method === "HEAD") return true;
  return (status === 307 || status === 308) && hop.mayRepeat;
}

/** What a `Request` says besides its address and its headers. */
function requestInit(input: FetchInput): NonNullable<FetchInit> {
  if (!isRequest(input)) return {};
  const { method, signal, body } = input;
  const stream = { body, duplex: "half" } as const; // the Fetch standard wants it said of a stream
  return { method, signal, ...(body === null ? {} : stream) };
}
