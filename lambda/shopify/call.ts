import { CodedError, type ErrorCode } from "../../contract/errors";
import type { Deadline } from "../deadline";
import { fieldsOfError, type Log } from "../log";
import { retry } from "../retry";
import type { Judgement, Send, ShopifyReply, ShopifyRequest } from "./exchange";

/** How a failed call to Shopify is tried again. */
export interface RetryPlan {
  /** Calls in all, the first included. */
  readonly attempts: number;
  /** The wait before the second call; it doubles from call to call. */
  readonly firstWaitMs: number;
}

const OUTAGE: RetryPlan = { attempts: 4, firstWaitMs: 300 };
// An app that was made minutes ago is not known everywhere yet; Shopify's own tools try 3 times.
const YOUNG_APP: RetryPlan = { attempts: 3, firstWaitMs: 2_000 };

/** Which refusals are worth another call within the same invocation; a 400 never is, with one exception. */
export function retryPlanOf(code: ErrorCode): RetryPlan | undefined {
  switch (code) {
    case "shopify_unreachable":
    case "shopify_throttled":
      return OUTAGE;
    case "app_not_found":
      return YOUNG_APP;
    default:
      return undefined;
  }
}

/** One kind of call: what is asked, and what an answer means. */
export interface ShopifyCall<T> {
  /** The name in log lines, such as `shopify.token`. */
  readonly name: string;
  /** What is asked; a function builds it anew for each attempt, where it is good for one alone. */
  readonly request: ShopifyRequest | (() => Promise<ShopifyRequest>);
  judge(reply: ShopifyReply): Judgement<T>;
  /** Whether it must never be made twice: then its answer is waited for as long as there is time. */
  readonly isOnlyOnce?: boolean;
}

/** What a persistent call needs of its surroundings. */
export interface CallDeps {
  readonly send: Send;
  readonly deadline: Deadline;
  readonly log: Log;
  /** A number from 0 up to 1, for jitter. */
  random(): number;
  planOf(code: ErrorCode): RetryPlan | undefined;
  /** Told of each attempt, once it has ended. */
  measure?(attempt: Attempt): void;
}

/** How one call of several went. */
export interface Attempt {
  readonly durationMs: number;
  /** Empty: it was answered as it should be. */
  readonly code: ErrorCode | "";
}

/** The longest that a single call may take, when it can be repeated. */
const CALL_TIMEOUT_MS = 8_000;
/** Less time than this is not worth starting a call. */
const SHORTEST_CALL_MS = 200;

/** Calls Shopify, again with backoff where that helps, and never past the deadline. */
export async function callShopify<T>(call: ShopifyCall<T>, deps: CallDeps): Promise<T> {
  let wishMs = 0;
  const attempt = async (tries: number) => {
    const verdict = await attemptOnce(call, deps, tries);
    if (verdict.good) return verdict.value;
    wishMs = verdict.retryAfterMs ?? 0;
    throw verdict.error;
  };
  const waitMs = (failure: unknown, tries: number) => {
    const backoffMs = backoffAfter(failure, tries, deps);
    return backoffMs === undefined ? undefined : Math.max(backoffMs, wishMs);
  };
  return await retry(attempt, { waitMs, restMs: SHORTEST_CALL_MS }, deps.deadline);
}

async function attemptOnce<T>(
  call: ShopifyCall<T>,
  deps: CallDeps,
  attempt: number,
): Promise<Judgement<T>> {
  const longestMs = call.isOnlyOnce === true ? Number.POSITIVE_INFINITY : CALL_TIMEOUT_MS;
  // What it takes to build it is none of the call's time, and no answer of Shopify's.
  const request = typeof call.request === "function" ? await call.request() : call.request;
  const timeoutMs = Math.floor(Math.min(longestMs, deps.deadline.remainingMs()));
  if (timeoutMs < SHORTEST_CALL_MS) throw new CodedError("out_of_time");
  const startedAtMs = performance.now();
  const verdict = await verdictOf({ ...call, request }, deps, timeoutMs);
  const durationMs = Math.round(performance.now() - startedAtMs);
  deps.measure?.({ durationMs, code: verdict.good ? "" : verdict.error.code });
  if (!verdict.good) {
    deps.log.warn(`${call.name}_refused`, { attempt, ...fieldsOfError(verdict.error) });
  }
  return verdict;
}

async function verdictOf<T>(
  call: ShopifyCall<T> & { readonly request: ShopifyRequest },
  deps: CallDeps,
  timeoutMs: number,
): Promise<Judgement<T>> {
  try {
    return call.judge(await deps.send(call.request, timeoutMs));
  } catch (error) {
    if (error instanceof CodedError) return { good: false, error, retryAfterMs: undefined };
    throw error;
  }
}

/** The wait before the next call; undefined when there is to be none. */
function backoffAfter(failure: unknown, tries: number, deps: CallDeps): number | undefined {
  const plan = failure instanceof CodedError ? deps.planOf(failure.code) : undefined;
  if (plan === undefined || tries >= plan.attempts) return undefined;
  const backoffMs = plan.firstWaitMs * 2 ** (tries - 1);
  return backoffMs / 2 + (backoffMs / 2) * deps.random();
}
