import { HOUR_MS } from "./time";

/** Who said it: Shopify; nobody, because no answer came; AWS; or our own code. */
export type Source = "shopify" | "no_answer" | "aws" | "us";

/** What a code says of the tokens that a store has. */
export type TokensAfter =
  | "unknown"
  /** It is said of a token that works. */
  | "working"
  | "access_dead"
  /** Nothing is left to present: only the merchant's approval brings another refresh token. */
  | "refresh_dead"
  /** Tokens were granted and never seen, so the earlier ones may be dead. */
  | "lost"
  /** Every token of an uninstalled app is dead. */
  | "uninstalled";

/** What shows, beside a renewal that succeeds, that a code is over. */
export type Refutation =
  | "renewal"
  /** A check of the current token that says something else. */
  | "check"
  /** The value was read: AWS gave it, and it is a record. */
  | "reading"
  /** The secret's description is a declaration. */
  | "declaration"
  /** No version is pending. */
  | "nothing_pending"
  /** The rotation is switched on. */
  | "rotation_on"
  /** The store has a value. */
  | "value";

/** How a code is believed. */
export interface Belief {
  /** How often it has to be seen, at different times. */
  readonly sights: number;
  /** For how long nobody asks again, at most, once it is believed; contract/store/second-sight.ts has the rule. */
  readonly restMs: number;
}

/** What every part of the product has to know about an error code, beside what people are told. */
export interface CodeFacts {
  readonly from: Source;
  readonly tokens: TokensAfter;
  readonly refutedBy: Refutation;
  /** How an attempt that ended with it is counted: too early or overtaken is no failure, and a secret may be gone. */
  readonly attempt: "failed" | "postponed" | "gone";
  /** Whether Shopify may have granted tokens that we never saw. */
  readonly mayHaveGranted: boolean;
  /** Whether it condemns an enrolment although it says nothing of the token: the declaration itself is wrong. */
  readonly condemnsDeclaration: boolean;
  /** Whether it speaks of the client secret or the key that was presented: another one may do. */
  readonly ofClientProof: boolean;
  /** Whether it speaks of a token that a person gave: another one has to be given, the same way. */
  readonly ofGivenToken: boolean;
  /** Whether it says that the shop is closed to everybody for a while, such as out of season. */
  readonly closesShop: boolean;
  readonly belief: Belief;
  /** Whom the install endpoint answers with it, and the HTTP status; undefined: a failure like any other. */
  readonly answer: { readonly to: "merchant" | "shopify"; readonly status: number } | undefined;
}

/** What happens in our own code: an odd input, or a part that is not as it should be. */
export const OURS = {
  from: "us",
  tokens: "unknown",
  refutedBy: "renewal",
  attempt: "failed",
  mayHaveGranted: false,
  condemnsDeclaration: false,
  ofClientProof: false,
  ofGivenToken: false,
  closesShop: false,
  belief: { sights: 1, restMs: 0 },
  answer: undefined,
} as const satisfies CodeFacts;

/** What the token endpoint refuses. */
export const GRANT = { ...OURS, from: "shopify" } as const satisfies CodeFacts;

/** What a check of the current token can say, and another check can take back. */
export const CHECK = { ...GRANT, refutedBy: "check" } as const satisfies CodeFacts;

/** The shop is closed: after a day nobody asks more often than once an hour, for as long as that lasts. */
export const CLOSED = {
  ...CHECK,
  closesShop: true,
  belief: { sights: 1, restMs: HOUR_MS },
} as const satisfies CodeFacts;

/** Shopify gave no answer. */
export const OUTAGE = { ...CHECK, from: "no_answer" } as const satisfies CodeFacts;

/** What AWS says of versions, labels and writes. */
export const AWS = { ...OURS, from: "aws" } as const satisfies CodeFacts;

/** What keeps a value from being read. */
export const READING = { ...AWS, refutedBy: "reading" } as const satisfies CodeFacts;

/** A refusal that is believed after so many sights, and then left alone for so long. */
export const believed = <S extends number, R extends number>(sights: S, restMs: R) =>
  ({ belief: { sights, restMs } }) as const;

/** What a merchant's browser is answered with; the page's text stands in lambda/install. */
export const page = <S extends number>(status: S) =>
  ({ answer: { to: "merchant", status } }) as const;

/** What a webhook is answered with. */
export const webhook = <S extends number>(status: S) =>
  ({ answer: { to: "shopify", status } }) as const;
