import { type EpochMs, isoOf } from "../contract/time";

/** What a reader's code says: fixed text, so that it cannot leak. `<store>` is filled in where it is known. */
export interface ReaderAdvice {
  /** One sentence: what is wrong. */
  readonly says: string;
  /** What to do next. */
  readonly next: string;
  /** Whether the same call can succeed later without anybody's help. */
  readonly retryable: boolean;
}

const STATUS = "shopify-secrets status <store>";

/** Every failure that an application can meet, a closed list. The code is the contract. */
export const READER_ADVICE = {
  options_malformed: {
    says: "an option of createTokenReader has no usable value",
    next: "correct the option",
    retryable: false,
  },
  store_unknown: {
    says: "this is no store that the reader can find: not a store key, secret ARN or shop domain that its options cover",
    next: "give createTokenReader the stack's prefix or its stores output",
    retryable: false,
  },
  store_ambiguous: {
    says: "several declared stores have this shop domain",
    next: "ask by store key, or give createTokenReader only the stores of this application",
    retryable: false,
  },
  shop_mismatch: {
    says: "the secret holds the token of another shop than the one asked for",
    next: "ask by store key, or give createTokenReader the stack's current stores output",
    retryable: false,
  },
  secret_missing: {
    says: "Secrets Manager knows no such secret in this account and region",
    next: "check prefix, region and store key against the stack's outputs; a store that was renamed keeps its former key in the secret's name",
    retryable: false,
  },
  value_missing: {
    says: "the store has no access token yet",
    next: STATUS,
    retryable: true,
  },
  secret_pending_deletion: {
    says: "the secret is scheduled for deletion: the store was removed from the stack",
    next: "shopify-secrets restore <store>, or stop reading it",
    retryable: false,
  },
  access_denied: {
    says: "AWS refuses this application the secret",
    next: "grant secretsmanager:GetSecretValue on the store's secret ARN to the application's role",
    retryable: false,
  },
  key_denied: {
    says: "AWS refuses this application the key of the secret",
    next: "grant kms:Decrypt on the stack's key to the application's role, by way of Secrets Manager",
    retryable: false,
  },
  region_missing: {
    says: "no usable AWS region is set",
    next: "set AWS_REGION, or give createTokenReader a region",
    retryable: false,
  },
  credentials_missing: {
    says: "the application has no valid AWS credentials",
    next: "give the process a role, and check its region and its clock",
    retryable: true,
  },
  secrets_manager_unreachable: {
    says: "Secrets Manager did not answer in time, or throttles us, and there is no unexpired token at hand",
    next: "try again later; if that never helps, check the way to it: proxy, VPC endpoint, region",
    retryable: true,
  },
  connection_untrusted: {
    says: "the TLS certificate that answers for Secrets Manager is not trusted: a proxy or firewall opens the connection",
    next: "give Node its authority: NODE_EXTRA_CA_CERTS or AWS_CA_BUNDLE with the file",
    retryable: false,
  },
  record_malformed: {
    says: "the value of the secret is not a store record",
    next: "shopify-secrets rollback <store>, or upgrade the reader if it is older than the stack",
    retryable: false,
  },
  token_expired: {
    says: "the store's current access token has expired and was not renewed",
    next: STATUS,
    retryable: true,
  },
  token_ends_too_soon: {
    says: "no access token of the store is good for as long as asked",
    next: "ask for less time, or split the job and take the token anew for each part",
    retryable: true,
  },
  redirect_refused: {
    says: "the answer redirects to where a token is never sent: another host or another kind of request",
    next: "check that the request goes to the permanent myshopify.com domain",
    retryable: false,
  },
  not_managed: {
    says: "this session does not belong to a managed store",
    next: "keep online sessions and other stores in a session storage of your own",
    retryable: false,
  },
  closed: {
    says: "the reader was closed",
    next: "create a new reader",
    retryable: false,
  },
} as const satisfies Readonly<Record<string, ReaderAdvice>>;

export type ReaderErrorCode = keyof typeof READER_ADVICE;

export const READER_ERROR_CODES = Object.keys(READER_ADVICE) as ReaderErrorCode[];

/** What an error may carry: names and times, never a value. */
export interface ReaderErrorFacts {
  /** The store key, shop domain or secret ARN that was asked for; only when it is one of these. */
  readonly store?: string;
  /** The end of the token at hand. */
  readonly expiresAt?: EpochMs;
  /** The name of the AWS exception, such as `ThrottlingException`, or of the system's error, such as `ENOTFOUND`. */
  readonly awsError?: string;
  /** The option, or the key of the malformed record; never its content. */
  readonly field?: string;
  /** What the option should say, where that is plain. */
  readonly instead?: string;
}

/** A failure of the reader, with a code from the closed list, its fixed sentence and what to do next. */
export class ReaderError extends Error {
  override readonly name = "ReaderError";
  readonly code: ReaderErrorCode;
  readonly facts: ReaderErrorFacts;

  constructor(code: ReaderErrorCode, facts: ReaderErrorFacts = {}) {
    super(sentenceOf(code, facts));
    this.code = code;
    this.facts = facts;
  }

  /** An error of the other module system's copy of the reader is one, too: an application may load both. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a subclass asks about itself
    if (Object.prototype.isPrototypeOf.call(this.prototype, Object(value))) return true;
    // biome-ignore lint/complexity/noThisInStatic: and a copy's error is no error of a subclass
    return this === ReaderError && isErrorOfACopy(value);
  }

  /** Whether the same call can succeed later without anybody's help. */
  get retryable(): boolean {
    return READER_ADVICE[this.code].retryable;
  }
}

function isErrorOfACopy(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { name, code } = value as { readonly name?: unknown; readonly code?: unknown };
  return name === "ReaderError" && typeof code === "string" && Object.hasOwn(READER_ADVICE, code);
}

function sentenceOf(code: ReaderErrorCode, facts: ReaderErrorFacts): string {
  const advice = READER_ADVICE[code];
  const shown = [
    facts.store,
    facts.field && `field ${facts.field}`,
    facts.instead && `write ${facts.instead}`,
    facts.expiresAt && `expires ${isoOf(facts.expiresAt)}`,
    facts.awsError,
  ].filter(Boolean);
  const details = shown.length === 0 ? "" : ` (${shown.join(", ")})`;
  return `${code}: ${advice.says}${details}. Next: ${advice.next.replace("<store>", facts.store ?? "<store>")}`;
}
