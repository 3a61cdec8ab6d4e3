import type { AppKey, ShopDomain, StoreKey } from "./brands";
import { ADVICE, type ErrorCode, isErrorCode, type Owner, sentenceOf } from "./errors";
import type { StoreState } from "./status";

/** What is known of a store before or after a pass of the sweep. */
export interface Standing {
  readonly state: StoreState | undefined;
  /** The code of what is wrong; empty: nothing. */
  readonly errorCode: string;
}

/** Which store a notice is about. */
export interface NoticeSubject {
  readonly prefix: string;
  readonly store: StoreKey;
  readonly shop: ShopDomain;
  readonly app: AppKey | undefined;
}

/** One message to people: fixed text, so that it cannot leak. */
export interface Notice {
  readonly turn: "worse" | "mended";
  readonly store: StoreKey;
  readonly state: StoreState;
  /** The code of what is wrong, or of what was. */
  readonly code: ErrorCode | undefined;
  readonly owner: Owner | undefined;
  /** The first line; at most 100 characters of ASCII, as SNS takes it. */
  readonly subject: string;
  readonly message: string;
}

/** How bad a state is; a store that awaits its first token was never well. */
const BADNESS: Readonly<Record<StoreState, number>> = {
  ok: 0,
  awaiting_token: 0,
  awaiting_merchant: 0,
  failing: 1,
  dead: 2,
  uninstalled: 2,
};

/** What makes the wait for a merchant worth a message: he has to act, and the tokens run out. */
const LOST_TOKENS: ReadonlySet<string> = new Set<ErrorCode>([
  "code_exchange_lost",
  "refresh_token_dead",
  "token_dead",
]);

function badnessOf({ state, errorCode }: Standing): number {
  if (state === undefined) return 0;
  return state === "awaiting_merchant" && LOST_TOKENS.has(errorCode) ? 1 : BADNESS[state];
}

/** What was told before: of a store that awaits its merchant, only that its tokens were lost. */
function badnessTold({ state }: Standing): number {
  if (state === undefined) return 0;
  return state === "awaiting_merchant" ? 1 : BADNESS[state];
}

/** SNS's limit for a subject, in characters. */
const LONGEST_SUBJECT = 100;

/**
 * Decides whether a change of a store's standing is worth a message: only when its state got worse or
 * it is well again. The state that was told last stands in the status tag, so each turn is told once, not at every pass.
 */
export function decideNotice(
  subject: NoticeSubject,
  change: { readonly before: Standing; readonly after: Standing },
): Notice | undefined {
  const { before, after } = change;
  if (after.state === undefined || after.state === before.state) return undefined;
  const was = badnessTold(before);
  const is = badnessOf(after);
  if (is > was) return noticeOf("worse", subject, { state: after.state, told: after });
  if (is === 0 && was > 0) return noticeOf("mended", subject, { state: after.state, told: before });
  return undefined;
}

function noticeOf(
  turn: Notice["turn"],
  subject: NoticeSubject,
  { state, told }: { readonly state: StoreState; readonly told: Standing },
): Notice {
  const code = isErrorCode(told.errorCode) ? told.errorCode : undefined;
  const owner = code === undefined ? undefined : ADVICE[code].owner;
  const line = `${subject.store}: ${turn === "mended" ? "well again" : state}`;
  return {
    turn,
    store: subject.store,
    state,
    code,
    owner,
    subject: `[shopify-secrets] ${code === undefined ? line : `${line} (${code})`}`.slice(
      0,
      LONGEST_SUBJECT,
    ),
    message: [
      `Store ${subject.store} (${subject.shop}) of ${subject.prefix}: ${
        turn === "mended" ? "well again" : `now ${state}`
      }.`,
      ...(turn === "mended" ? mendedLines(code) : worseLines(subject, code)),
      `Look: shopify-secrets status --prefix ${subject.prefix}`,
    ].join("\n"),
  };
}

function worseLines({ store, shop, app }: NoticeSubject, code: ErrorCode | undefined): string[] {
  if (code === undefined) return [];
  const facts = { store, shop, ...(app === undefined ? {} : { app }) };
  return [sentenceOf(code, facts), `Who can mend it: ${ADVICE[code].owner}`];
}

function mendedLines(code: ErrorCode | undefined): string[] {
  return code === undefined ? [] : [`It was: ${code}.`];
}
