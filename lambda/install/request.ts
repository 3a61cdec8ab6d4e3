import { CodedError } from "../../contract/errors";
import { INSTALL_ROUTES, type InstallRoute, isHostName } from "../../contract/install";
import { Sealed } from "../../contract/sealed";

/** What API Gateway hands over of a request (payload format 2.0), as far as it is used. */
export interface GatewayRequest {
  readonly route: InstallRoute;
  /** The `{store}` of the path; empty on other routes. */
  readonly store: string;
  /** The API's own host as API Gateway knows it, which the caller's Host header cannot change. */
  readonly host: string;
  /** Sealed: it brings an authorization code. */
  readonly rawQuery: Sealed<string>;
  readonly cookies: ReadonlyMap<string, string>;
  /** Lower-case names; repeated headers are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as they were sent. */
  readonly body: Buffer;
}

type Fields = Readonly<Record<string, unknown>>;

const ROUTES: readonly InstallRoute[] = Object.values(INSTALL_ROUTES);

/**
 * Reads the event of the install function.
 *
 * @throws {CodedError} `event_malformed`, naming the field and never its content
 */
export function parseGatewayRequest(event: unknown): GatewayRequest {
  const fields = fieldsOf(event);
  const route = ROUTES.find((known) => known === fields["routeKey"]);
  if (fields["version"] !== "2.0" || route === undefined) throw malformed("routeKey");
  const host = fieldsOf(fields["requestContext"])["domainName"];
  if (!isHostName(host)) throw malformed("domainName");
  return {
    route,
    host,
    store: textOf(fieldsOf(fields["pathParameters"])["store"]),
    rawQuery: Sealed.of(textOf(fields["rawQueryString"])),
    cookies: cookiesOf(fields["cookies"]),
    headers: headersOf(fields["headers"]),
    body: bodyOf(fields),
  };
}

function malformed(field: string): CodedError {
  return new CodedError("event_malformed", { field });
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The cookies by name; of two with one name the first counts, as browsers order them by path. */
function cookiesOf(value: unknown): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const cookie of Array.isArray(value) ? value : []) {
    const [, name, text] = /^([^=]*)=(.*)$/.exec(textOf(cookie)) ?? [];
    if (name !== undefined && text !== undefined && !cookies.has(name)) cookies.set(name, text);
  }
  return cookies;
}

function headersOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(fieldsOf(value));
  return Object.fromEntries(entries.map(([name, text]) => [name.toLowerCase(), textOf(text)]));
}

function bodyOf(fields: Fields): Buffer {
  return Buffer.from(
    textOf(fields["body"]),
    fields["isBase64Encoded"] === true ? "base64" : "utf8",
  );
}
