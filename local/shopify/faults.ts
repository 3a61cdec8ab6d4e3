import type { ImitationReply } from "./protocol";
import {
  FORBIDDEN_CAUSES,
  type ForbiddenCause,
  forbiddenAnswer,
  GRAPHQL_ERROR_CODES,
  type GraphqlErrorCode,
  graphqlErrorAnswer,
  noSuchShopAnswer,
  statusAnswer,
} from "./rules/admin-refusals";

export type Surface = "token-endpoint" | "admin-api" | "authorize" | "other";

/** What a broken call gets: a status, one of the causes of a 403, a GraphQL error, the page of no shop, or no answer at all. */
export type FaultAnswer = number | ForbiddenCause | GraphqlErrorCode | "no-such-shop" | "drop";

export const NAMED_FAULT_ANSWERS = [
  ...FORBIDDEN_CAUSES,
  ...GRAPHQL_ERROR_CODES,
  "no-such-shop",
  "drop",
] as const;

export interface FaultPlan {
  /** Default: every surface. */
  readonly on?: Surface;
  /** Default: every shop. */
  readonly shop?: string;
  readonly answer: FaultAnswer;
  /** How many calls; default: until mended. */
  readonly times?: number;
  /** Whether Shopify makes the change before the call fails (a lost reply); default: before-effect. */
  readonly when?: "before-effect" | "after-effect";
  /** `Retry-After` of a status, in seconds, fractions allowed; default "2.0" for 429 and 430, none for the others. */
  readonly retryAfterSeconds?: string;
}

export interface SlowPlan {
  readonly on?: Surface;
  readonly shop?: string;
  readonly delayMs: number;
  readonly times?: number;
}

interface Armed<P> {
  readonly id: number;
  readonly plan: P;
  left: number;
}

interface Where {
  readonly surface: Surface;
  readonly shop: string;
}

/** Calls that are planned to fail or to be slow. */
export class FaultBoard {
  #nextId = 1;
  #faults: Armed<FaultPlan>[] = [];
  #delays: Armed<SlowPlan>[] = [];

  /** Plans failures and returns the number by which they can be mended. */
  break(plan: FaultPlan): number {
    return this.#arm(this.#faults, plan);
  }

  slow(plan: SlowPlan): number {
    return this.#arm(this.#delays, plan);
  }

  /** Ends one plan, or all of them. */
  mend(id?: number): void {
    const isKept = (armed: Armed<unknown>) => id !== undefined && armed.id !== id;
    this.#faults = this.#faults.filter(isKept);
    this.#delays = this.#delays.filter(isKept);
  }

  takeFault(where: Where): FaultPlan | undefined {
    return takeFirst(this.#faults, where);
  }

  takeDelayMs(where: Where): number {
    return takeFirst(this.#delays, where)?.delayMs ?? 0;
  }

  #arm<P extends { times?: number }>(list: Armed<P>[], plan: P): number {
    const id = this.#nextId++;
    list.push({ id, plan, left: plan.times ?? Number.POSITIVE_INFINITY });
    return id;
  }
}

/** The answer that a planned failure gives. */
export function faultReply(plan: FaultPlan): ImitationReply {
  const { answer } = plan;
  if (typeof answer === "number") return statusAnswer(answer, plan.retryAfterSeconds);
  if (answer === "drop") return { drop: true };
  if (answer === "no-such-shop") return noSuchShopAnswer();
  return isForbiddenCause(answer) ? forbiddenAnswer(answer) : graphqlErrorAnswer(answer);
}

function isForbiddenCause(answer: ForbiddenCause | GraphqlErrorCode): answer is ForbiddenCause {
  return FORBIDDEN_CAUSES.some((cause) => cause === answer);
}

function takeFirst<P extends { on?: Surface; shop?: string }>(
  list: Armed<P>[],
  where: Where,
): P | undefined {
  const armed = list.find(
    ({ plan, left }) =>
      left > 0 &&
      (plan.on ?? where.surface) === where.surface &&
      (plan.shop ?? where.shop) === where.shop,
  );
  if (armed === undefined) return undefined;
  armed.left--;
  return armed.plan;
}
