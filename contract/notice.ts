import type { AppKey, ShopDomain, StoreKey } from "./brands";
import type { TokensAfter } from "./code-facts";
import {
  ADVICE,
  adviceRow,
  type ErrorCode,
  isErrorCode,
  type Owner,
  passesByItself,
  sentenceOf,
} from "./errors";
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
  failing: 2,
  dead: 4,
  uninstalled: 5,
};

/** What makes the wait for a merchant worth a message: they have to act, and the tokens run out. */
const TOKENS_RUN_OUT: ReadonlySet<TokensAfter> = new Set(["lost", "refresh_dead", "access_dead"]);

function runsOut(code: string): boolean {
  return isErrorCode(code) && TOKENS_RUN_OUT.has(adviceRow(code).tokens);
}

/** Worse by one when it takes a person: then a token that works is worth a message too. */
function badnessOf({ state, errorCode }: Standing): number {
  if (state === undefined) return 0;
  if (state === "awaiting_token" || state === "uninstalled") return BADNESS[state];
  if (state === "awaiting_merchant") return runsOut(errorCode) ? BADNESS.failing + 1 : 0;
  const takesPerson = isErrorCode(errorCode) && !passesByItself(errorCode);
  return BADNESS[state] + (takesPerson ? 1 : 0);
}

/** What was told before: of a store that awaits its merchant, only that its tokens were lost. */
function badnessTold(told: Standing): number {
  return told.state === "awaiting_merchant" ? BADNESS.failing + 1 : badnessOf(told);
}

/** SNS's limit for a subject, in characters. */
const LONGEST_SUBJECT = 100;

/**
 * Decides whether a change of a store's standing is worth a message: only when it got worse or
 * it is well again. What was told last stands in the status tag, so each turn is told once, not at every pass.
 */
export function decideNotice(
  subject: NoticeSubject,
  change: { readonly before: Standing; readonly after: Standing },
): Notice | undefined {
  const { before, after } = change;
  if (after.state === undefined) return undefined;
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
  const line = `${subject.store}: ${turn === "mended" ? "well again" : standingText(state)}`;
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
        turn === "mended" ? "well again" : `now ${standingText(state)}`
      }.`,
      ...(turn === "mended" ? mendedLines(code) : worseLines(subject, code)),
      `Look: shopify-secrets status --prefix ${subject.prefix}`,
    ].join("\n"),
  };
}

/** A store that is told of and yet works. */
function standingText(state: StoreState): string {
  return state === "ok" ? "working, and needs a person" : state.replace("_", " ");
}

function worseLines({ store, shop, app }: NoticeSubject, code: ErrorCode | undefined): string[] {
  if (code === undefined) return [];
  const facts = { store, shop, ...(app === undefined ? {} : { app }) };
  return [sentenceOf(code, facts), `Who can mend it: ${ADVICE[code].owner}`];
}

function mendedLines(code: ErrorCode | undefined): string[] {
  return code === undefined ? [] : [`It was: ${code}.`];
}
