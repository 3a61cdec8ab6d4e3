/** One HTTP request as the imitation sees it; no socket is involved. */
export interface ImitationRequest {
  readonly method: string;
  /** Host without a port: `acme.myshopify.com`. */
  readonly host: string;
  /** Path with its query string. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Address that the call comes from, for IP allowlists; default 127.0.0.1. */
  readonly remoteAddress?: string;
}

export interface Answer {
  readonly drop?: never;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How long the carrier should hold the answer back, in real milliseconds. */
  readonly delayMs?: number;
}

/** The connection is closed without an answer; the change may or may not have been made. */
export interface Drop {
  readonly drop: true;
  readonly delayMs?: number;
}

export type ImitationReply = Answer | Drop;

/** Reads a header whatever its case. */
export function headerOf(
  request: Pick<ImitationRequest, "headers">,
  name: string,
): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(request.headers).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

/** Path and query of a request; the host is left out, since a caller may send any text as one. */
export function urlOf(request: Pick<ImitationRequest, "path">): URL {
  return new URL(`https://shop.invalid/${request.path.replace(/^\/+/, "")}`);
}

export function jsonAnswer(status: number, body: unknown): Answer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(body),
  };
}

export function htmlAnswer(status: number, page: { title: string; content: string }): Answer {
  const body = `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>${escapeHtml(page.title)}</title>\n</head>\n<body>\n${page.content}\n</body>\n</html>\n`;
  return { status, headers: { "content-type": "text/html; charset=utf-8" }, body };
}

export function textAnswer(status: number, body: string): Answer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

export function redirectAnswer(location: string): Answer {
  return { status: 302, headers: { location }, body: "" };
}

/** Adds headers to an answer; a drop stays a drop. */
export function withHeaders(
  reply: ImitationReply,
  headers: Readonly<Record<string, string>>,
): ImitationReply {
  return reply.drop === true ? reply : { ...reply, headers: { ...reply.headers, ...headers } };
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
