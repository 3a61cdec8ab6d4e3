import type { StoreKey } from "../brands";
import type { Declaration } from "../declaration";
import type { EnrolResult } from "../enrolment";
import { adviceOf, type ErrorCode, type ErrorFacts, enrolmentAdviceOf, type Told } from "../errors";
import { INSTALLED, originOf } from "../names";
import { nextOfOrigin } from "../origin-words";
import { UP } from "../up";
import { holderOf } from "./secret-facts";
import type { StoreState } from "./status";
import { labelOf, type StoreView } from "./view";

/** What was found of a store. */
export interface Found {
  readonly state: StoreState;
  /** The code of what is wrong, or of the last attempt that failed; empty: neither. */
  readonly code: ErrorCode | "";
}

type Advised = Pick<StoreView, "key" | "facts" | "declaration" | "current">;

/** Whose it is to mend a store, what is wrong, and the next command: never one that the store refuses. */
export function adviceFor(view: Advised, { state, code }: Found): Told {
  if (code === "") return withoutCode(view, state);
  const { declaration, current, facts, key } = view;
  const origin = originOf(facts);
  const known: ErrorFacts = {
    ...(key === undefined ? {} : { store: key }),
    ...(origin === undefined ? {} : { origin }),
    ...factsOf(declaration),
    ...(declaration?.distribution && { distribution: declaration.distribution }),
    hasValue: current !== undefined,
    hasPrevious: holderOf(facts, "AWSPREVIOUS") !== undefined,
  };
  // Nothing but the next `up`, or the next run of its list, enrols it; one that came by itself is its merchant's.
  const isEnrolled = state !== "failing" || current !== undefined || origin === INSTALLED;
  return isEnrolled ? adviceOf(code, known) : enrolmentAdviceOf(code, known);
}

function factsOf(
  declared: Pick<Declaration, "app" | "kind" | "credential"> | undefined,
): ErrorFacts {
  if (declared === undefined) return {};
  const { app, kind, credential } = declared;
  return {
    kind,
    ...(app === undefined ? {} : { app }),
    ...(credential === undefined ? {} : { credential }),
  };
}

/** What is left to do for a store that was enrolled and has no token of its kind yet; undefined: nothing. */
export function adviceOnEnrolment(
  store: StoreKey,
  { outcome, why }: Pick<EnrolResult, "outcome" | "why">,
  declaration?: Pick<Declaration, "app" | "kind" | "credential">,
): Told | undefined {
  const known = { store, ...factsOf(declaration) };
  if (why === "key_awaited") return adviceOf("signing_key_unknown", known);
  if (why === "installation_awaited") return adviceOf("app_not_installed", known);
  if (outcome === "awaiting_token") return adviceOf("token_required", { store });
  if (outcome !== "awaiting_merchant") return undefined;
  if (why === "kept_pair_awaited") {
    return {
      owner: "operator",
      says: "it leaves its app's key: the sweep takes up the pair that it had within the last three hours, and without one its merchant has to approve",
      next: `shopify-secrets rotate ${store}; if that fails: shopify-secrets install-link ${store}, and send the link to the merchant`,
    };
  }
  if (why !== "migration_awaited") return awaitingMerchant(store);
  return {
    owner: "operator",
    says: "its token is yet to be migrated, which config permits",
    next: `shopify-secrets migrate ${store}`,
  };
}

function awaitingMerchant(store: string): Told {
  return {
    owner: "merchant",
    says: "the merchant has not approved the app yet",
    next: `shopify-secrets install-link ${store}, and send the link to the merchant`,
  };
}

function withoutCode(view: Advised, state: StoreState): Told {
  const store = labelOf(view);
  const worded = (next: string) => nextOfOrigin(originOf(view.facts), { code: "", next });
  switch (state) {
    case "awaiting_merchant":
      return awaitingMerchant(store);
    case "awaiting_token":
      return {
        owner: "platform-engineer",
        says: "its enrolment is under way",
        next: worded(`if no pulumi up is running: ${UP}`),
      };
    case "uninstalled":
      return {
        owner: "merchant",
        says: "the merchant uninstalled the app",
        next: `${adviceFor(view, { state, code: "app_uninstalled" }).next}${worded("; or take the store out of config")}`,
      };
    default:
      return {
        owner: "operator",
        says: `the store is ${state}`,
        next: `shopify-secrets check ${store}`,
      };
  }
}
