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
  readonly networkStatusCode?: unknown;
  readonly code?: unknown;
  readonly response?: unknown;
  readonly networkError?: unknown;
  readonly errors?: unknown;
  readonly error?: unknown;
  readonly cause?: unknown;
}

/** Errors are wrapped by wrappers; deeper than this nobody looks, and no circle matters. */
const DEEPEST = 4;
/** Of an AggregateError or a list of GraphQL errors. */
const MOST_ERRORS = 20;

/**
 * Whether a result or an error says that Shopify answered 401.
 *
 * Known shapes: a `Response`; errors of @shopify/shopify-api (`response.code`), axios and graphql-request
 * (`response.status`), got (`response.statusCode`) and others (`status`, `statusCode`, also as text); the result of
 * Shopify's GraphQL clients (`errors.networkStatusCode`); Apollo (`networkError.statusCode`), urql
 * (`error.response.status`); all of these behind `cause` or in an AggregateError.
 */
export function saysUnauthorized(value: unknown): boolean {
  return isObject(value) && says(value, 0);
}

function says(value: Answered, depth: number): boolean {
  const { status } = value;
  // An answer that has a status of HTTP says it itself.
  if (typeof status === "number" && status >= 100) return status === UNAUTHORIZED;
  if (isUnauthorized(status) || isUnauthorized(value.statusCode)) return true;
  if (isUnauthorized(value.networkStatusCode)) return true;
  return depth < DEEPEST && saysInside(value, depth + 1);
}

function saysInside(value: Answered, depth: number): boolean {
  const { response, networkError, error, errors, cause } = value;
  if (isObject(response) && (response.code === UNAUTHORIZED || says(response, depth))) return true;
  if (isObject(networkError) && says(networkError, depth)) return true;
  if (isObject(error) && says(error, depth)) return true;
  if (isObject(cause) && says(cause, depth)) return true;
  if (!Array.isArray(errors)) return isObject(errors) && says(errors, depth);
  return errors.slice(0, MOST_ERRORS).some((one) => isObject(one) && says(one, depth));
}

function isUnauthorized(status: unknown): boolean {
  return status === UNAUTHORIZED || status === "401";
}

function isObject(value: unknown): value is Answered {
  return typeof value === "object" && value !== null;
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
