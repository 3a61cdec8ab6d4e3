import type { Surface } from "./faults";
import type { TokenDeath } from "./state";

const KEPT_CALLS = 20_000;

/** One call, with the judgement of the token that it presented. */
export interface CallRecord {
  readonly at: number;
  readonly surface: Surface;
  readonly method: string;
  /** Without the query string, which may carry a code. */
  readonly path: string;
  readonly shop: string;
  /** `X-Caller`, else `User-Agent`, else "unknown". */
  readonly caller: string;
  readonly status: number | "dropped";
  /** Why the call was not served; absent when it was. */
  readonly cause?: string;
  /** A number for the token that was presented, or handed out by the token endpoint; never its value. */
  readonly tokenId?: number;
  /** Admin API only: why the token was dead on arrival, whatever the answer said. */
  readonly tokenDeath?: TokenDeath;
  readonly secondsLeft?: number | "never";
  /** Token endpoint only. */
  readonly grant?: string;
}

export interface CallerCounts {
  served: number;
  refused: number;
  distinctTokens: number;
}

export interface CallCounts extends CallerCounts {
  /** Refused calls by cause. */
  readonly refusedBy: Readonly<Record<string, number>>;
  /** Calls that presented a token that was dead on arrival, whatever the answer said. */
  readonly withDeadToken: number;
  readonly callers: Readonly<Record<string, CallerCounts>>;
}

export interface CallFilter {
  /** Default: admin-api. */
  readonly surface?: Surface;
  readonly shop?: string;
  readonly caller?: string;
  /** Only calls at or after this moment, in milliseconds since the epoch. */
  readonly since?: number;
}

/** The last 20,000 calls. */
export class CallLog {
  #calls: CallRecord[] = [];

  add(call: CallRecord): void {
    this.#calls.push(call);
    if (this.#calls.length > KEPT_CALLS * 1.25) this.#calls = this.#calls.slice(-KEPT_CALLS);
  }

  read(filter: CallFilter = {}): CallRecord[] {
    const { surface = "admin-api", shop, caller, since = Number.NEGATIVE_INFINITY } = filter;
    return this.#calls.filter(
      (call) =>
        call.surface === surface &&
        (shop ?? call.shop) === call.shop &&
        (caller ?? call.caller) === call.caller &&
        call.at >= since,
    );
  }

  count(filter: CallFilter = {}): CallCounts {
    const calls = this.read(filter);
    const callers = new Set(calls.map(({ caller }) => caller));
    return {
      ...tally(calls),
      refusedBy: countBy(calls.flatMap(({ cause }) => (cause === undefined ? [] : [cause]))),
      withDeadToken: calls.filter(({ tokenDeath }) => tokenDeath !== undefined).length,
      callers: Object.fromEntries(
        [...callers].map((name) => [name, tally(calls.filter(({ caller }) => caller === name))]),
      ),
    };
  }

  clear(): void {
    this.#calls = [];
  }
}

function tally(calls: readonly CallRecord[]): CallerCounts {
  const served = calls.filter(({ cause }) => cause === undefined);
  const tokens = new Set(served.flatMap(({ tokenId }) => (tokenId === undefined ? [] : [tokenId])));
  return {
    served: served.length,
    refused: calls.length - served.length,
    distinctTokens: tokens.size,
  };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
