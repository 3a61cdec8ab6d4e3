import type { ShopDomain, StoreKey } from "./brands";
import type { TokensAfter } from "./code-facts";
import { adviceRow, type ErrorCode, type Owner, passesByItself } from "./errors";
import type { Found } from "./store/advice";
import type { Condition } from "./store/condition";
import type { Noticed, StoreState } from "./store/status";

/** Which store a notice is about. */
export interface NoticeSubject {
  readonly prefix: string;
  readonly store: StoreKey;
  readonly shop: ShopDomain;
}

/** One message to people: fixed text, so that it cannot leak. */
export interface Notice {
  readonly turn: "worse" | "mended" | "test";
  /** Undefined: it is about no store. */
  readonly store: StoreKey | undefined;
  readonly state: StoreState | undefined;
  /** The code of what is wrong, or of what was. */
  readonly code: ErrorCode | undefined;
  readonly owner: Owner | undefined;
  /** The first line; at most 100 characters of ASCII, as SNS takes it. */
  readonly subject: string;
  readonly message: string;
}

/**
 * A notice as AWS's chat applications show it in Slack and Teams, which drop every text of SNS that has no schema
 * (Amazon Q Developer in chat applications, administrator guide, "Custom notifications").
 *
 * One thread for each store, so that what was said of it stands together.
 */
export function encodeChatNotice(notice: Notice): string {
  const { store, state, code, owner, turn, subject, message } = notice;
  const [description = "", ...more] = message.split("\n");
  const thread = store ?? "test";
  return JSON.stringify({
    version: "1.0",
    source: "custom",
    content: {
      textType: "client-markdown",
      title: `${EMOJI[turn]} ${titleOf(subject)}`,
      description,
      ...(more.length === 0 ? {} : { nextSteps: more }),
      keywords: [thread, state, code].filter((word) => word !== undefined),
    },
    metadata: {
      threadId: `shopify-secrets ${thread}`,
      summary: titleOf(subject),
      eventType: code ?? state ?? thread,
      additionalContext: {
        store: thread,
        state: state ?? "",
        code: code ?? "",
        owner: owner ?? "",
      },
    },
  });
}

const EMOJI: Readonly<Record<Notice["turn"], string>> = {
  worse: ":warning:",
  mended: ":white_check_mark:",
  test: ":bell:",
};

const titleOf = (subject: string): string => subject.replace(/^\[shopify-secrets\] /, "");

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

function runsOut(code: ErrorCode | ""): boolean {
  return code !== "" && TOKENS_RUN_OUT.has(adviceRow(code).tokens);
}

/** Worse by one when it takes a person: then a token that works is worth a message too. */
function badnessOf({ state, code }: Found): number {
  if (state === "awaiting_token" || state === "uninstalled") return BADNESS[state];
  if (state === "awaiting_merchant") return runsOut(code) ? BADNESS.failing + 1 : 0;
  const takesPerson = code !== "" && !passesByItself(code);
  if (code === "non_expiring_ending") return BADNESS[state] + FAR_OFF;
  return BADNESS[state] + (takesPerson ? 1 : 0);
}

/** What is known to come is no reason to keep quiet of anything else. */
const FAR_OFF = 0.5;

/** What was told before: of a store that awaits its merchant, only that its tokens were lost. */
function badnessTold(told: Found | undefined): number {
  if (told === undefined) return 0;
  return told.state === "awaiting_merchant" ? BADNESS.failing + 1 : badnessOf(told);
}

/** SNS's limit for a subject, in characters. */
const LONGEST_SUBJECT = 100;

/**
 * Decides whether a change of a store's condition is worth a message: only when it got worse or
 * it is well again. What was told last stands in the status tag, so each turn is told once, not at every pass.
 */
export function decideNotice(
  subject: NoticeSubject,
  change: {
    /** What was told last; undefined: nothing. */
    readonly before: Noticed | undefined;
    readonly after: Condition;
  },
): Notice | undefined {
  const { before, after } = change;
  const was = badnessTold(before);
  const is = isNobodys(after) ? 0 : badnessOf(after);
  if (is > was || isNearer(before, after)) return worseNotice(subject, after);
  // A store that waits for its first token is not well, nor is one whose last attempt says anything: of that nobody knows
  // yet what it means. What was told before stands until nothing is left.
  const isWell = is === 0 && after.state === "ok" && after.code === "";
  if (was > 0 && isWell) return mendedNotice(subject, before?.code ?? "");
  return undefined;
}

/** Of a merchant who came by himself, and left or never came to the end: nobody has to do anything. */
function isNobodys({ state, needsPerson }: Condition): boolean {
  return !needsPerson && (state === "uninstalled" || state === "awaiting_merchant");
}

/** Whether an end that people know of has come so near that they are told again. */
function isNearer(before: Noticed | undefined, { within }: Condition): boolean {
  return within !== undefined && within < (before?.within ?? Number.POSITIVE_INFINITY);
}

function worseNotice(subject: NoticeSubject, condition: Condition): Notice {
  const { state, code, owner, says, next } = condition;
  const stands = standingText(state);
  const lines =
    code === ""
      ? []
      : [`${code}: ${says} (${subject.shop}). Next: ${next}`, `Who can mend it: ${owner}`];
  return {
    turn: "worse",
    state,
    ...wordsOf(subject, code, { short: stands, long: `now ${stands}`, lines }),
  };
}

function mendedNotice(subject: NoticeSubject, wasCode: ErrorCode | ""): Notice {
  const lines = wasCode === "" ? [] : [`It was: ${wasCode}.`];
  const words = { short: "well again", long: "well again", lines };
  return { turn: "mended", state: "ok", ...wordsOf(subject, wasCode, words) };
}

/** A notice that says nothing but that notices arrive, and a word to prove it with. */
export function testNotice(prefix: string, word: string): Notice {
  return {
    turn: "test",
    store: undefined,
    state: undefined,
    code: undefined,
    owner: undefined,
    subject: "[shopify-secrets] test: this is how you would hear of a store",
    message: [
      `A test of the notices of ${prefix}: nothing is wrong with any store.`,
      `Somebody asked for it with: shopify-secrets notify --test --prefix ${prefix}`,
      `The word that proves that you read this: ${word}`,
    ].join("\n"),
  };
}

function wordsOf(
  { store, shop, prefix }: NoticeSubject,
  code: ErrorCode | "",
  words: { readonly short: string; readonly long: string; readonly lines: readonly string[] },
): Omit<Notice, "turn" | "state" | "store"> & { readonly store: StoreKey } {
  const line = `[shopify-secrets] ${store}: ${words.short}`;
  return {
    store,
    code: code === "" ? undefined : code,
    owner: code === "" ? undefined : adviceRow(code).owner,
    subject: (code === "" ? line : `${line} (${code})`).slice(0, LONGEST_SUBJECT),
    message: [
      `Store ${store} (${shop}) of ${prefix}: ${words.long}.`,
      ...words.lines,
      `Look: shopify-secrets status --prefix ${prefix}`,
    ].join("\n"),
  };
}

/** A store that is told of and yet works. */
function standingText(state: StoreState): string {
  return state === "ok" ? "working, and needs a person" : state.replace("_", " ");
}
