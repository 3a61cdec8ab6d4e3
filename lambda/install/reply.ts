import { encodePage, ICON_SOURCE, type Page, STYLE_SOURCE } from "./page";

/** An answer as API Gateway takes it (payload format 2.0). */
export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** `Set-Cookie` values. */
  readonly cookies: readonly string[];
  readonly body: string;
}

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": policyOf({}),
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
};

/** What a page may do beside showing itself; default: nothing. */
export interface PageRights {
  readonly cookies?: readonly string[];
  /** Whether it holds a form that is sent to this endpoint. */
  readonly hasForm?: boolean;
  /** Origins that may frame it. */
  readonly framedBy?: readonly string[];
  /** An address that the browser goes on to by itself, built out of declared values only. */
  readonly refreshTo?: string;
}

function policyOf({ hasForm = false, framedBy = [] }: PageRights): string {
  const ancestors = framedBy.length === 0 ? "'none'" : framedBy.join(" ");
  return `default-src 'none'; style-src ${STYLE_SOURCE}; img-src ${ICON_SOURCE}; base-uri 'none'; form-action ${hasForm ? "'self'" : "'none'"}; frame-ancestors ${ancestors}`;
}

/** A page for a person. */
export function pageReply(statusCode: number, page: Page, rights: PageRights = {}): Reply {
  const { cookies = [], refreshTo, hasForm = false } = rights;
  return {
    statusCode,
    headers: {
      ...SECURITY_HEADERS,
      "content-security-policy": policyOf(rights),
      "content-type": "text/html; charset=utf-8",
      // With none at all a browser hides from us that a form was sent from our own page.
      ...(hasForm ? { "referrer-policy": "same-origin" } : {}),
      ...(refreshTo === undefined ? {} : { refresh: `0; url=${refreshTo}` }),
    },
    cookies,
    body: encodePage(page),
  };
}

/** Sends the browser elsewhere; the caller builds the location out of declared values only. */
export function redirectReply(location: string, cookies: readonly string[]): Reply {
  return { statusCode: 302, headers: { ...SECURITY_HEADERS, location }, cookies, body: "" };
}

/** Sends the browser on to a page that may be loaded again: a reload repeats nothing (RFC 9110, 15.4.4). */
export function seeOtherReply(location: string, cookies: readonly string[]): Reply {
  return { ...redirectReply(location, cookies), statusCode: 303 };
}

/** A word for a machine. */
export function plainReply(statusCode: number, text: string): Reply {
  return {
    statusCode,
    headers: { ...SECURITY_HEADERS, "content-type": "text/plain; charset=utf-8" },
    cookies: [],
    body: `${text}\n`,
  };
}
