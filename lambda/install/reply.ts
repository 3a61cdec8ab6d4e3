import { encodePage, type Page, STYLE_SOURCE } from "./page";

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
  "content-security-policy": `default-src 'none'; style-src ${STYLE_SOURCE}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
};

/** A page for a person. */
export function pageReply(statusCode: number, page: Page, cookies: readonly string[] = []): Reply {
  return {
    statusCode,
    headers: { ...SECURITY_HEADERS, "content-type": "text/html; charset=utf-8" },
    cookies,
    body: encodePage(page),
  };
}

/** Sends the browser elsewhere; the caller builds the location out of declared values only. */
export function redirectReply(location: string, cookies: readonly string[]): Reply {
  return { statusCode: 302, headers: { ...SECURITY_HEADERS, location }, cookies, body: "" };
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
