import type { ShopDomain } from "../contract/brands";
import type { Clock, EpochMs } from "../contract/time";
import { ReaderError, type ReaderErrorFacts } from "./errors";
import type { LoadReason, ReaderEvent } from "./events";
import { decide, type FreshnessLimits, type Held, isAlive, isOutage } from "./freshness";
import type { SlotLoader } from "./slot-loader";
import type { Slot } from "./slots";
import type { StoreToken } from "./store-token";

/** A caller's question: which slot, under which name, and the shop that its record must name. */
export interface Question {
  readonly slot: Slot;
  readonly store: string;
  readonly shop: ShopDomain | undefined;
}

export interface AnswersOptions {
  readonly loader: SlotLoader;
  readonly clock: Clock;
  readonly limits: FreshnessLimits;
  readonly report: (event: ReaderEvent) => void;
}

/** Answers for tokens: from memory, or by way of a read. */
export class TokenAnswers {
  readonly #options: AnswersOptions;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** The current token, never an expired one. */
  async current(question: Question, reason: LoadReason): Promise<StoreToken> {
    const { loader, clock, limits } = this.#options;
    const { slot } = question;
    const decision = decide(slot, clock.now(), limits);
    switch (decision.do) {
      case "serve":
        if (decision.refresh) void loader.load(slot, "refresh"); // it never rejects; the slot keeps what came of it
        return checked(question, decision.held.token);
      case "serve_through_outage":
        if (decision.refresh) void loader.load(slot, "refresh");
        return this.#throughOutage(question, decision.held);
      case "refuse":
        throw withStore(decision.error, question);
      case "load":
        return this.#loaded(question, decision.waitMs, reason);
      default:
        return decision satisfies never;
    }
  }

  /** The current token as a read that starts from now on finds it. */
  async reread(question: Question, reason: LoadReason): Promise<StoreToken> {
    const { loader } = this.#options;
    await loader.loadAfter(question.slot, loader.seenBy(question.slot), { reason });
    return this.#judge(question);
  }

  /** The token that took the place of a refused one; undefined: none did. */
  async successorOf(question: Question, refused: StoreToken): Promise<StoreToken | undefined> {
    const { loader, clock, report } = this.#options;
    const { slot } = question;
    const newer = () => newerThan(slot, refused, clock.now());
    const seen = loader.seenBy(slot);
    if (newer() === undefined) {
      // The first refusal of a version is looked into at once; a dead one does not turn calls into reads.
      const atOnce = slot.refusedVersionId !== refused.versionId;
      slot.refusedVersionId = refused.versionId;
      // A read under way may bring the successor already; one that starts after the refusal is sure to tell.
      if (slot.loading !== undefined) await slot.loading;
      if (newer() === undefined) {
        await loader.loadAfter(slot, seen, { reason: "refused", atOnce });
      }
    }
    const successor = newer();
    const facts = { secretId: slot.secretId, versionId: refused.versionId };
    report({ event: "token.refused", ...facts, replaced: successor !== undefined });
    return successor && checked(question, successor);
  }

  async #loaded(question: Question, waitMs: number, reason: LoadReason): Promise<StoreToken> {
    const { loader } = this.#options;
    const { slot } = question;
    const seen = loader.seenBy(slot);
    const why = slot.held === undefined ? reason : "stale";
    if (waitMs === 0) await loader.load(slot, why);
    // A read that was under way before this call may have missed a renewal: after an expired answer it is asked once more.
    if (this.#hasExpired(slot)) await loader.loadAfter(slot, seen, { reason: why });
    return this.#judge(question);
  }

  #hasExpired({ held, failure }: Slot): boolean {
    return failure === undefined && held !== undefined && !this.#isAlive(held);
  }

  #isAlive(held: Held): boolean {
    return isAlive(held.token, this.#options.clock.now());
  }

  /** What the slot says right after a read. */
  #judge(question: Question): StoreToken {
    const { held, failure } = question.slot;
    if (failure !== undefined) {
      const mayServe = isOutage(failure.error) && this.#options.limits.onOutage === "serve";
      if (held === undefined || !mayServe || !this.#isAlive(held)) {
        throw withStore(failure.error, question);
      }
      return this.#throughOutage(question, held);
    }
    if (held !== undefined && this.#isAlive(held)) return checked(question, held.token);
    const expiresAt = held?.token.expiresAt;
    throw new ReaderError("token_expired", {
      store: question.store,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
  }

  #throughOutage(question: Question, { token, readAt }: Held): StoreToken {
    const { clock, report } = this.#options;
    const { secretId } = question.slot;
    const { versionId, expiresAt } = token;
    const ageMs = clock.now() - readAt;
    report({ event: "outage.served", secretId, versionId, ageMs, expiresAt });
    return checked(question, token);
  }
}

function newerThan(slot: Slot, refused: StoreToken, now: EpochMs): StoreToken | undefined {
  const token = slot.held?.token;
  if (token === undefined || token.versionId === refused.versionId) return undefined;
  return isAlive(token, now) ? token : undefined;
}

/** A token never goes to a caller who asked for another shop. */
function checked(question: Question, token: StoreToken): StoreToken {
  if (question.shop === undefined || question.shop === token.shop) return token;
  throw new ReaderError("shop_mismatch", { store: question.store });
}

/** The failure of a read, as an error of this caller: with the name that it asked for. */
function withStore(error: ReaderError, question: Question): ReaderError {
  const facts: ReaderErrorFacts = { ...error.facts, store: question.store };
  return new ReaderError(error.code, facts);
}
