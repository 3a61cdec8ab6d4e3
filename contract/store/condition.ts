import { nonExpiringToldOf } from "../distribution";
import { adviceRow, type ErrorCode, type Owner, passesByItself } from "../errors";
import { isApprovedByMerchant, isStatic, kindFactsOf, lifeMsOf } from "../kinds";
import { INSTALLED, originOf } from "../names";
import { DAY_MS, type EpochMs, MINUTE_MS } from "../time";
import { adviceFor, type Found } from "./advice";
import { awaitedBy } from "./awaited";
import {
  REFRESH_MARGIN_MS,
  STUCK_TOLD_AFTER_MS,
  type StoreState,
  type StoreStatus,
  versionTagOf,
} from "./status";
import { expiryOf, isStatusOfCurrent, type StoreView } from "./view";

/** How a store is. */
export interface Verdict extends Found {
  /** Whether somebody has to do something. */
  readonly needsPerson: boolean;
}

/** How a store is, whose it is to mend, and what comes next; the texts are of use where something is wrong. */
export interface Condition extends Verdict {
  /** Of an end that comes nearer: within how many days it is, so that people are told once more. */
  readonly within?: number | undefined;
  readonly owner: Owner;
  /** One sentence: what is wrong. */
  readonly says: string;
  /** The next command, or what to do next. */
  readonly next: string;
}

/**
 * Judges a store from what its secret shows: the only judge there is. The sweep, its metrics and notices, and
 * every command say what this says.
 *
 * The state that the tags hold is but the memory of what cannot be seen again: that a check condemned the
 * token, that the app was uninstalled, that an approval was lost, that a definite failure was not taken back.
 */
export function conditionOf(view: StoreView, now: EpochMs): Condition {
  const verdict = expected(view, verdictOn(view, now));
  const within = withinOf(view, verdict, now);
  return { ...verdict, ...(within && { within }), ...adviceFor(view, verdict) };
}

/** Nobody waits for a merchant who came by himself and left again, or never approved: that is his own doing. */
function expected(view: StoreView, verdict: Verdict): Verdict {
  if (originOf(view.facts) !== INSTALLED) return verdict;
  const { state } = verdict;
  const hasLeft = state === "uninstalled";
  const neverCame = state === "awaiting_merchant" && view.current === undefined;
  return hasLeft || neverCame ? { ...verdict, needsPerson: false } : verdict;
}

function withinOf(view: StoreView, { state, code }: Verdict, now: EpochMs): number | undefined {
  if (code === "non_expiring_ending") return nonExpiringToldOf(view.declaration?.distribution, now);
  return code === ENDING && state === "dead" ? REFRESH_MARGIN_MS / DAY_MS : undefined;
}

function verdictOn(view: StoreView, now: EpochMs): Verdict {
  if (view.declaration === undefined) return wrong("failing", "declaration_malformed");
  return view.current === undefined ? withoutValue(view, now) : withValue(view, now);
}

function wrong(state: StoreState, code: ErrorCode | ""): Verdict {
  return { state, code, needsPerson: true };
}

/** How long an enrolment may be under way: `up` enrols stores one after another. */
const ENROLMENT_MS = 15 * MINUTE_MS;

/** What a store without a value waits for; what its enrolment failed with comes first. */
function withoutValue(view: StoreView, now: EpochMs): Verdict {
  const { declaration, facts } = view;
  if (declaration === undefined) return wrong("failing", "declaration_malformed");
  const code = standingCode(view);
  const awaited = awaitedBy(declaration, code);
  if (awaited !== undefined) return wrong(awaited, code);
  if (isApprovedByMerchant(declaration) && (code === "" || isApprovalLost(view, code))) {
    return wrong("awaiting_merchant", code);
  }
  if (code !== "") return wrong("failing", code);
  if (isStatic(declaration)) return wrong("awaiting_token", "token_required");
  const isYoung = facts.createdAt !== undefined && now - facts.createdAt <= ENROLMENT_MS;
  return isYoung
    ? { state: "awaiting_token", code: "", needsPerson: false }
    : wrong("failing", "not_enrolled");
}

function withValue(view: StoreView, now: EpochMs): Verdict {
  const code = standingCode(view);
  const memory = isStatusOfCurrent(view) ? view.status.state : undefined;
  if (memory === "uninstalled" && !contradictsUninstall(code)) return wrong(memory, code);
  if (memory === "dead" || hasEnded(view, now)) {
    return wrong("dead", outlivesClosure(view, code, now) ? code || "token_dead" : ENDING);
  }
  if (code !== "" && isApprovalLost(view, code)) return wrong("awaiting_merchant", code);
  if (code !== "" && !passesByItself(code)) return afterDefinite(view.status, code);
  if (isStuck(view, now)) return wrong("failing", "rotation_stuck");
  const isLate = isUnderAQuarter(view, now) || memory === "failing";
  const isFailing = isLate && isFailure(code) && hasFailedSince(view.status);
  const told = endingIn(view, now) ?? code;
  return isFailing
    ? wrong("failing", told)
    : { state: "ok", code: told, needsPerson: told !== code };
}

const ENDING = "refresh_token_ending" satisfies ErrorCode;

/** Whether a shop that is closed may stay so: out of season its refresh token ends, and then only its merchant can help. */
function outlivesClosure(view: StoreView, code: ErrorCode | "", now: EpochMs): boolean {
  const isClosed = code !== "" && adviceRow(code).closesShop;
  return !isClosed || !isRefreshEndNear(view, now);
}

/** What of a token that works will end before anybody can renew it; undefined: nothing soon. */
function endingIn(view: StoreView, now: EpochMs): ErrorCode | undefined {
  if (isRefreshEndNear(view, now)) return "refresh_token_ending";
  const within = nonExpiringToldOf(view.declaration?.distribution, now);
  return within !== undefined && isNonExpiring(view) ? "non_expiring_ending" : undefined;
}

/** Whether a merchant granted the current token without an end; one whose migration is permitted is, until then. */
export function isNonExpiring(
  view: Pick<StoreView, "declaration" | "current" | "status">,
): boolean {
  const { declaration, current } = view;
  if (declaration === undefined || current === undefined) return false;
  const { migratable, hasRefreshToken } = kindFactsOf(declaration);
  return migratable || (hasRefreshToken && expiryOf(view) === "never");
}

/** A definite answer needs a person; the store goes on working where a success came after it, or with it. */
function afterDefinite(status: StoreStatus, code: ErrorCode): Verdict {
  return wrong(isFailure(code) && hasFailedSince(status) ? "failing" : "ok", code);
}

/** What the last attempt left, unless the secret itself shows that it is over. */
function standingCode(view: StoreView): ErrorCode | "" {
  const code = view.status.lastErrorCode;
  return code === "" || isRefuted(code, view) ? "" : code;
}

function isRefuted(code: ErrorCode, view: StoreView): boolean {
  const { current, declaration, facts, pending } = view;
  switch (adviceRow(code).refutedBy) {
    case "check":
      // It was said of another version's token.
      return current !== undefined && !isStatusOfCurrent(view);
    case "declaration":
      return declaration !== undefined;
    case "nothing_pending":
      return pending === undefined;
    case "rotation_on":
      return (
        facts.rotationEnabled ||
        (declaration !== undefined && kindFactsOf(declaration).renewer !== "secrets-manager")
      );
    case "value":
      return current !== undefined;
    default:
      return false;
  }
}

/** Whether an approval that went wrong is still to be repeated: only a success, or a definite other failure, ends that. */
function isApprovalLost(view: StoreView, code: ErrorCode): boolean {
  const { current, status } = view;
  const isOfCurrent = current === undefined || isStatusOfCurrent(view);
  return isOfCurrent && status.state === "awaiting_merchant" && asksMerchant(code);
}

function asksMerchant(code: ErrorCode): boolean {
  const { tokens } = adviceRow(code);
  return (
    tokens === "lost" ||
    tokens === "refresh_dead" ||
    tokens === "access_dead" ||
    passesByItself(code)
  );
}

/** Only a definite other answer does: nothing else is heard of a shop whose app is gone. */
function contradictsUninstall(code: ErrorCode | ""): boolean {
  return code !== "" && !isConsequenceOfUninstall(code) && !passesByItself(code);
}

/** Whether a code says what an uninstall leads to. */
export function isConsequenceOfUninstall(code: ErrorCode | ""): boolean {
  if (code === "") return false;
  const { tokens } = adviceRow(code);
  return tokens === "uninstalled" || tokens === "access_dead" || tokens === "refresh_dead";
}

/** Whether a code is said of work that went wrong, and not of a token that works. */
export function isFailure(code: ErrorCode | ""): boolean {
  return code !== "" && adviceRow(code).tokens !== "working";
}

/** Whether the last attempt went wrong. */
export function hasFailedSince({ lastErrorAt, lastSuccessAt }: StoreStatus): boolean {
  return lastErrorAt !== undefined && (lastSuccessAt === undefined || lastErrorAt > lastSuccessAt);
}

function hasEnded(view: StoreView, now: EpochMs): boolean {
  const expiry = expiryOf(view);
  return typeof expiry === "number" && expiry <= now;
}

/** Whether less than a quarter of the access token's life is left. */
export function isUnderAQuarter(view: StoreView, now: EpochMs): boolean {
  const lifeMs = view.declaration && lifeMsOf(view.declaration);
  const expiry = expiryOf(view);
  return lifeMs !== undefined && typeof expiry === "number" && expiry - now < lifeMs / 4;
}

function isRefreshEndNear({ status: { refreshExpiresAt } }: StoreView, now: EpochMs): boolean {
  return refreshExpiresAt !== undefined && refreshExpiresAt - now < REFRESH_MARGIN_MS;
}

/** The sweep drops what is stuck: what is pending for longer was not dropped. */
function isStuck({ pending, status: { pendingSeen } }: StoreView, now: EpochMs): boolean {
  if (pending === undefined || pendingSeen?.version !== versionTagOf(pending)) return false;
  return now - pendingSeen.at > STUCK_TOLD_AFTER_MS;
}
