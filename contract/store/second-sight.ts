import { adviceRow, type ErrorCode, passesByItself } from "../errors";
import { DAY_MS, type EpochMs, HOUR_MS, later, MINUTE_MS } from "../time";
import { hasFailedSince, isConsequenceOfUninstall } from "./condition";
import type { SeenRefusal, StoreStatus } from "./status";

/**
 * A refusal is believed when it came again: one stray answer of Shopify's edge must cost no store its token,
 * and no merchant a click. The code's row says how often it has to be seen and for how long it then rests
 * (`belief`); this is the rest of the rule.
 *
 * | the access token | seen less often | seen as often as its row says |
 * |---|---|---|
 * | lives | asked by every sweep | asked again after what its row says, at most a quarter of the life left |
 * | died less than an hour ago | asked by every sweep | asked by every sweep |
 * | died longer ago | asked by every sweep | asked again after what its row says |
 * | people are told | `refusal_unconfirmed`, once little life is left | the code |
 */

/** Sights that are closer together are one: deliveries come twice, and people try again. */
const SIGHTS_APART_MS = 5 * MINUTE_MS;

/** What the sights of a refusal add up to, and what is told of it. */
export interface Sighted {
  readonly refused: SeenRefusal;
  /** What is to be told: the code itself once it is believed; undefined: what was told before stands. */
  readonly told: ErrorCode | undefined;
}

/** Adds one sight of a failure to what is known of a store; undefined: a failure that is believed at first sight. */
export function sight(status: StoreStatus, code: ErrorCode, now: EpochMs): Sighted | undefined {
  if (adviceRow(code).belief.sights <= 1) return undefined;
  // The webhook, and the store's own token, said it before.
  if (status.state === "uninstalled" && isConsequenceOfUninstall(code)) return undefined;
  const refused = seenAgain(status, code, now);
  if (isBelieved(refused)) return { refused, told: code };
  return { refused, told: standsDefinite(status) ? undefined : "refusal_unconfirmed" };
}

/** What an attempt that went wrong before says is not taken back by an answer that may be none. */
function standsDefinite(status: StoreStatus): boolean {
  const { lastErrorCode } = status;
  if (lastErrorCode === "" || !hasFailedSince(status)) return false;
  // That the token is dead leads to the renewal which is refused now.
  return !passesByItself(lastErrorCode) && adviceRow(lastErrorCode).tokens !== "access_dead";
}

function seenAgain(status: StoreStatus, code: ErrorCode, now: EpochMs): SeenRefusal {
  const { refused, lastSuccessAt } = status;
  const isOver = refused === undefined || refused.last < (lastSuccessAt ?? 0) || refused.last > now;
  if (isOver || refused.code !== code) return { code, sights: 1, first: now, last: now };
  if (now - refused.last < SIGHTS_APART_MS) return refused;
  return { ...refused, sights: refused.sights + 1, last: now };
}

/** Whether a refusal came as often as its row asks for. */
export function isBelieved({ code, sights }: SeenRefusal): boolean {
  return sights >= adviceRow(code).belief.sights;
}

/** The refusal that stands since the last success; of tags without sights the code that they tell is believed. */
export function standingRefusal(status: StoreStatus): SeenRefusal | undefined {
  const { refused, lastErrorAt, lastErrorCode, lastSuccessAt } = status;
  if (lastErrorAt === undefined || !hasFailedSince(status)) return undefined;
  if (refused !== undefined && refused.last > (lastSuccessAt ?? 0)) return refused;
  if (lastErrorCode === "") return undefined;
  const { sights } = adviceRow(lastErrorCode).belief;
  return { code: lastErrorCode, sights, first: lastErrorAt, last: lastErrorAt };
}

/** From when on a store whose renewal was refused is asked again; `expiresAt` is the access token's end. */
export function asksAgainAt(refusal: SeenRefusal, expiresAt: EpochMs, now: EpochMs): EpochMs {
  return later(refusal.last, restMs(refusal, expiresAt - now));
}

function restMs(refusal: SeenRefusal, lifeLeftMs: number): number {
  if (!isBelieved(refusal)) return 0;
  const { belief, closesShop } = adviceRow(refusal.code);
  const { restMs: most } = belief;
  // A shop that was closed for an hour or two is asked by every sweep, and well with the first one that it answers.
  if (closesShop && lifeLeftMs > -DAY_MS) return 0;
  if (lifeLeftMs > 0) return Math.min(most, lifeLeftMs / 4);
  return lifeLeftMs > -HOUR_MS ? 0 : most;
}
