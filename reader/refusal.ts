/** What an application's call came to: its result, or what it threw. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

/** Runs a call and keeps its outcome, thrown or not. */
export async function outcomeOf<T>(call: () => Promise<T> | T): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    return { ok: false, error };
  }
}

const UNAUTHORIZED = 401;

/** The fields of all the shapes below; read by name, without a list, because every call of an application passes here. */
interface Answered {
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly response?: unknown;
  readonly errors?: unknown;
}

/**
 * Whether a result or an error says that Shopify answered 401.
 *
 * Known shapes: a `Response`; errors of @shopify/shopify-api (`response.code`), axios (`response.status`),
 * got (`response.statusCode`) and others (`status`, `statusCode`); the GraphQL clients' result
 * (`errors.networkStatusCode`).
 */
export function saysUnauthorized(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { status, statusCode, response, errors } = value as Answered;
  return (
    status === UNAUTHORIZED ||
    statusCode === UNAUTHORIZED ||
    (response !== undefined && saysUnauthorizedInside(response)) ||
    (errors !== undefined && field(errors, "networkStatusCode") === UNAUTHORIZED)
  );
}

function saysUnauthorizedInside(response: unknown): boolean {
  return ["status", "statusCode", "code"].some((name) => field(response, name) === UNAUTHORIZED);
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

/** Lets go of a result that nobody will read, so that its connection is free again. */
export async function discard(value: unknown): Promise<void> {
  const body = field(value, "body");
  const cancel = field(body, "cancel");
  if (typeof cancel !== "function") return;
  try {
    await cancel.call(body);
  } catch {
    // A body that was read already cannot be cancelled, and needs no cancelling.
  }
}
