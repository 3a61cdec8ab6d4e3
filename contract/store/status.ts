import type { VersionId } from "../brands";
import { type ErrorCode, isErrorCode } from "../errors";
import { DAY_MS, type EpochMs, isoOf, MINUTE_MS, parseIso } from "../time";

/** Tags under this prefix are written by functions only; Pulumi's provider is told to ignore them. */
export const STATUS_TAG_PREFIX = "shopify-secrets:";

/** The status of a store: a few tags, so that it is read by ListSecrets without any value. */
export const STATUS_TAGS = {
  state: `${STATUS_TAG_PREFIX}state`,
  lastSuccessAt: `${STATUS_TAG_PREFIX}last-success-at`,
  lastErrorCode: `${STATUS_TAG_PREFIX}last-error-code`,
  lastErrorAt: `${STATUS_TAG_PREFIX}last-error-at`,
  /** Empty: the access token has no end. */
  expiresAt: `${STATUS_TAG_PREFIX}expires-at`,
  /** Empty: there is no refresh token. */
  refreshExpiresAt: `${STATUS_TAG_PREFIX}refresh-expires-at`,
  /** Wanted scopes that the access token lacks, with a blank between (a tag takes no comma); cut at 256 characters. */
  missingScopes: `${STATUS_TAG_PREFIX}missing-scopes`,
  /** The version that the other tags speak of; when another one is AWSCURRENT they are out of date. */
  version: `${STATUS_TAG_PREFIX}version`,
  /** When which pending version was first seen: `<time> <version>`. */
  pendingSeen: `${STATUS_TAG_PREFIX}pending-seen`,
  /** The version whose access token is being migrated, until that is over. */
  migrating: `${STATUS_TAG_PREFIX}migrating`,
  /** Which approval is under way, and since when, until it is over: `<time> <id>`. */
  approving: `${STATUS_TAG_PREFIX}approving`,
  /** The refusal of Shopify that was seen last, until it is believed and as long as it stands: `<code> <sights> <first> <last>`. */
  refused: `${STATUS_TAG_PREFIX}refused`,
  /** What was last told to people: `<state>`, `<state> <code>`, or `<state> <code> <days>`. */
  noticed: `${STATUS_TAG_PREFIX}noticed`,
} as const;

/** The tags of a secret are 50, as many of them as AWS takes of any resource. */
export const TAGS_OF_A_SECRET = 50;

/** The mark of an approval gives way: a secret that is full of somebody's own tags is approved without it. */
const GIVING_WAY = [STATUS_TAGS.approving];

/** How many of a secret's tags the functions may need: the last one is the time of the sweep's last pass. */
export const TAGS_OF_FUNCTIONS = Object.keys(STATUS_TAGS).length - GIVING_WAY.length + 1;

/** A tag of one store alone: when the sweep last came to the end of a pass over the fleet. */
export const SWEPT_AT_TAG = `${STATUS_TAG_PREFIX}swept-at`;

/** The sweep drops a stuck pending version after 20 minutes; what is pending for longer was not dropped. */
export const STUCK_TOLD_AFTER_MS = 40 * MINUTE_MS;

/** A refresh token that ends sooner was not replaced for ten weeks. */
export const REFRESH_MARGIN_MS = 14 * DAY_MS;

/** The states a store can be in. */
export const STORE_STATES = [
  "ok",
  "awaiting_token",
  "awaiting_merchant",
  "failing",
  "dead",
  "uninstalled",
] as const;

export type StoreState = (typeof STORE_STATES)[number];

/** An answer of Shopify that refuses something, and how often it came. */
export interface SeenRefusal {
  readonly code: ErrorCode;
  /** Counted where they are some minutes apart. */
  readonly sights: number;
  readonly first: EpochMs;
  readonly last: EpochMs;
}

/** What a store's tags say of it. */
export interface StoreStatus {
  /** Undefined: nobody has written a status yet. */
  readonly state: StoreState | undefined;
  readonly lastSuccessAt: EpochMs | undefined;
  /** Empty: the last attempt left nothing to complain of. */
  readonly lastErrorCode: ErrorCode | "";
  readonly lastErrorAt: EpochMs | undefined;
  /** `unknown`: no function has written it; `never`: the access token has no end. */
  readonly expiresAt: EpochMs | "never" | "unknown";
  readonly refreshExpiresAt: EpochMs | undefined;
  /** Undefined: nobody has written them. */
  readonly missingScopes: readonly string[] | undefined;
  readonly version: string;
  readonly pendingSeen: { readonly at: EpochMs; readonly version: string } | undefined;
  readonly migrating: string;
  /** Undefined: no approval is under way; one that was cut off leaves its own behind. */
  readonly approving: { readonly at: EpochMs; readonly id: string } | undefined;
  /** Undefined: nothing was refused, or a version before the tag wrote the status. */
  readonly refused: SeenRefusal | undefined;
  /** Undefined: nobody has been told anything. */
  readonly noticed: Noticed | undefined;
}

/** What people were told last of a store. */
export interface Noticed {
  readonly state: StoreState;
  readonly code: ErrorCode | "";
  /** Of an end that comes nearer: within how many days; undefined: of something else. */
  readonly within?: number | undefined;
}

/** Reads the status out of a secret's tags; what is no status reads as not written. */
export function parseStatus(tags: ReadonlyMap<string, string>): StoreStatus {
  const text = (name: keyof typeof STATUS_TAGS) => tags.get(STATUS_TAGS[name]) ?? "";
  const code = text("lastErrorCode");
  return {
    state: stateIn(text("state")),
    lastSuccessAt: parseIso(text("lastSuccessAt")),
    lastErrorCode: isErrorCode(code) ? code : "",
    lastErrorAt: parseIso(text("lastErrorAt")),
    expiresAt: expiryOf(tags.get(STATUS_TAGS.expiresAt)),
    refreshExpiresAt: parseIso(text("refreshExpiresAt")),
    missingScopes: tags
      .get(STATUS_TAGS.missingScopes)
      ?.split(" ")
      .filter((scope) => scope !== ""),
    version: text("version"),
    pendingSeen: sightingOf(text("pendingSeen")),
    migrating: text("migrating"),
    approving: approvalIn(text("approving")),
    refused: refusalOf(text("refused")),
    noticed: noticedIn(text("noticed")),
  };
}

/** What is to be written of a status; what is left out stays as it is. */
export interface StatusChange {
  readonly state?: StoreState;
  readonly lastSuccessAt?: EpochMs;
  /** Empty: the last attempt left nothing to complain of. */
  readonly lastErrorCode?: ErrorCode | "";
  /** `never`: it is no longer known when. */
  readonly lastErrorAt?: EpochMs | "never";
  /** `never`: the access token has no end. */
  readonly expiresAt?: EpochMs | "never";
  /** `never`: there is no refresh token. */
  readonly refreshExpiresAt?: EpochMs | "never";
  readonly missingScopes?: readonly string[];
  readonly version?: VersionId;
  readonly pendingSeen?: { readonly at: EpochMs; readonly version: VersionId };
  /** Undefined where given: the migration is over. */
  readonly migrating?: VersionId | undefined;
  /** Undefined where given: the approval is over. */
  readonly approving?: { readonly at: EpochMs; readonly id: string } | undefined;
  /** Undefined where given: nothing is refused any more. */
  readonly refused?: SeenRefusal | undefined;
  readonly noticed?: Noticed;
}

/** The tags of a change, as {@link parseStatus} reads them. */
export function encodeStatus(change: StatusChange): Record<string, string> {
  return Object.fromEntries(
    (Object.keys(change) as (keyof StatusChange)[]).map((name) => [
      STATUS_TAGS[name],
      ENCODERS[name](change as never),
    ]),
  );
}

const ENCODERS: {
  readonly [K in keyof StatusChange]-?: (change: Required<Pick<StatusChange, K>>) => string;
} = {
  state: ({ state }) => state,
  lastSuccessAt: ({ lastSuccessAt }) => isoOf(lastSuccessAt),
  lastErrorCode: ({ lastErrorCode }) => lastErrorCode,
  lastErrorAt: ({ lastErrorAt }) => encodeEnd(lastErrorAt),
  expiresAt: ({ expiresAt }) => encodeEnd(expiresAt),
  refreshExpiresAt: ({ refreshExpiresAt }) => encodeEnd(refreshExpiresAt),
  missingScopes: ({ missingScopes }) => encodeMissingScopes(missingScopes),
  version: ({ version }) => versionTagOf(version),
  pendingSeen: ({ pendingSeen: { at, version } }) => `${isoOf(at)} ${versionTagOf(version)}`,
  migrating: ({ migrating }) => (migrating === undefined ? "" : versionTagOf(migrating)),
  approving: ({ approving }) =>
    approving === undefined ? "" : `${isoOf(approving.at)} ${approving.id}`,
  refused: ({ refused }) =>
    refused === undefined
      ? ""
      : `${refused.code} ${refused.sights} ${isoOf(refused.first)} ${isoOf(refused.last)}`,
  noticed: ({ noticed: { state, code, within } }) =>
    [state, code, within].filter(Boolean).join(" "),
};

function encodeEnd(at: EpochMs | "never"): string {
  return at === "never" ? "" : isoOf(at);
}

/** Secrets Manager's longest tag value, in characters. */
const LONGEST_TAG_VALUE = 256;

/** Blank-separated; what does not fit is cut off at a scope. */
function encodeMissingScopes(scopes: readonly string[]): string {
  const whole = scopes.join(" ");
  if (whole.length <= LONGEST_TAG_VALUE) return whole;
  const cut = whole.slice(0, LONGEST_TAG_VALUE + 1);
  return cut.slice(0, cut.lastIndexOf(" "));
}

/** A version as a tag names it: tag values take fewer characters than version IDs. */
export function versionTagOf(versionId: VersionId): string {
  return versionId.replace(/[^\w+=.:/@-]/g, "_");
}

function expiryOf(text: string | undefined): StoreStatus["expiresAt"] {
  if (text === undefined) return "unknown";
  return text === "" ? "never" : (parseIso(text) ?? "unknown");
}

function stateIn(text: string | undefined): StoreState | undefined {
  return STORE_STATES.find((state) => state === text);
}

function noticedIn(text: string): StoreStatus["noticed"] {
  const [name, code, days = ""] = text.split(" ");
  const state = stateIn(name);
  if (state === undefined) return undefined;
  const within = /^\d{1,3}$/.test(days) ? Number(days) : undefined;
  return { state, code: isErrorCode(code) ? code : "", ...(within && { within }) };
}

function refusalOf(text: string): SeenRefusal | undefined {
  const [code, count = "", from = "", to = ""] = text.split(" ");
  const [sights, first, last] = [Number(count), parseIso(from), parseIso(to)];
  const isWhole = Number.isInteger(sights) && sights >= 1 && isErrorCode(code);
  return isWhole && first !== undefined && last !== undefined
    ? { code, sights, first, last }
    : undefined;
}

function approvalIn(text: string): StoreStatus["approving"] {
  const [time = "", id = ""] = text.split(" ");
  const at = parseIso(time);
  return at === undefined || id === "" ? undefined : { at, id };
}

function sightingOf(text: string): StoreStatus["pendingSeen"] {
  const [time = "", version = ""] = text.split(" ");
  const at = parseIso(time);
  return at === undefined || version === "" ? undefined : { at, version };
}
