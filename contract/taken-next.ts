import type { Credential } from "./app";
import type { AppKey } from "./brands";
import { type Distribution, nonExpiringEndOf } from "./distribution";
import {
  isApprovedByMerchant,
  isSigned,
  isStatic,
  type Kind,
  type KindFacts,
  kindFactsOf,
} from "./kinds";
import { moveToKey } from "./move-to-key";
import { UP } from "./up";

/** A store, as far as it decides which commands it takes. */
export interface Taker {
  readonly kind: Kind;
  readonly app: string | undefined;
  /** Whether it has a value; default: it has. */
  readonly hasValue?: boolean;
  /** Whether it has a version before the current one; default: it has. */
  readonly hasPrevious?: boolean;
}

const ROTATE = "shopify-secrets rotate <store>";
const PUT = "shopify-secrets put <store>";
const INSTALL = "shopify-secrets install-link <store>";
const MIGRATE = "shopify-secrets migrate <store>";

/** A store, as far as it decides what comes next. */
export interface Advised {
  readonly kind: Kind;
  readonly app: string | undefined;
  /** Undefined: config does not say. */
  readonly distribution?: Distribution | undefined;
  /** Undefined: the client secret. */
  readonly credential?: Credential | undefined;
}

const DECLARE_EXPIRING = "set shopify-secrets:stores.<store>.kind to offline-expiring";
/** Nobody tells us of it: the sweep asks for a token until it gets one. */
const INSTALL_APP =
  "have the app installed on the store, from its own page at Shopify; its token follows within ten minutes";
const CUSTOM_APP = "set shopify-secrets:apps.<app>.distribution to custom";

/** The code's own advice is for every kind; this is what a store has instead; undefined: nothing else. */
const BY_FACTS: Readonly<
  Record<string, (facts: KindFacts, advised: Advised) => string | undefined>
> = {
  token_dead: ({ renewer }, advised) => {
    if (renewer !== "nobody") return ROTATE;
    // A person holds no token that a merchant granted: another approval brings one.
    if (!isApprovedByMerchant(advised)) return PUT;
    const link = `${INSTALL}, and send the link to the merchant`;
    const isExempt = nonExpiringEndOf(advised.distribution) === undefined;
    return isExempt ? link : `${DECLARE_EXPIRING}, then ${UP}, then ${link}`;
  },
  non_expiring_ending: ({ hasRefreshToken }, { app, distribution }) => {
    if (app !== undefined && distribution === "public") {
      return `without its merchant, by the app's own key: ${moveToKey("<app>" as AppKey)}; or as a pair: ${hasRefreshToken ? MIGRATE : `${DECLARE_EXPIRING}, then ${UP}, then ${MIGRATE}`}`;
    }
    const migrate = hasRefreshToken ? MIGRATE : undefined;
    if (app === undefined) return migrate;
    const permit = migrate ?? `${DECLARE_EXPIRING}, then ${UP}, then ${MIGRATE}`;
    const unless = `; where the app is a custom one: ${CUSTOM_APP}, then ${UP}`;
    return distribution === undefined ? `${permit}${unless}` : permit;
  },
  // The pending version of a pair may hold the only refresh token that still works.
  rotation_stuck: ({ hasRefreshToken }) => (hasRefreshToken ? ROTATE : undefined),
  token_kind_refused: ({ migratable, renewer }) => {
    if (migratable) {
      return `set shopify-secrets:stores.<store>.kind to offline-expiring, with the app that it is a token of, then ${UP}, then shopify-secrets migrate <store>`;
    }
    return renewer === "nobody"
      ? `declare the store with kind offline-expiring and an app, then ${UP}, then ${INSTALL}`
      : undefined;
  },
  app_not_installed: (_, advised) => (isSigned(advised) ? INSTALL_APP : undefined),
  app_uninstalled: ({ approvedByMerchant, renewer }) =>
    approvedByMerchant === "never"
      ? `install the app on the store again, then ${renewer === "nobody" ? PUT : ROTATE}`
      : undefined,
};

/** The next step that a code has for a store of this kind; `general`: the one for every kind. */
export function nextOfKind(code: string, general: string, declared: Advised): string {
  return BY_FACTS[code]?.(kindFactsOf(declared), declared) ?? general;
}

/** The text, or what brings the store another access token where it refuses a command of the text. */
export function takenNext(next: string, taker: Taker): string {
  return takes(next, taker) ? next : wayToToken(taker);
}

/** What brings a store of its kind another access token, whatever was wrong with the last. */
export function wayToToken(taker: Taker): string {
  const { hasValue = true } = taker;
  if (isStatic(taker)) return PUT;
  if (isApprovedByMerchant(taker)) return `${INSTALL}, and send the link to the merchant`;
  return hasValue ? ROTATE : UP;
}

/** The text may have the store declared first as what it is not yet. */
const DECLARED_FIRST = /kind (?:to )?offline-expiring/;
const CONFIG_TOKEN = /shopify-secrets:accessTokens\./;

function takes(next: string, taker: Taker): boolean {
  const { app, hasValue = true, hasPrevious = true } = taker;
  if (app === undefined && next.includes("<app>")) return false;
  const kind = DECLARED_FIRST.test(next) ? "offline-expiring" : taker.kind;
  const { tokenInConfig, hasRefreshToken } = kindFactsOf({ kind });
  const isEndless = isStatic({ kind });
  const taken: Readonly<Record<string, boolean>> = {
    put: isEndless,
    rotate: !isEndless && hasValue,
    "install-link": isApprovedByMerchant({ kind, app }),
    migrate: hasRefreshToken,
    unstick: !hasRefreshToken,
    rollback: !hasRefreshToken && hasPrevious,
  };
  const verbs = [...next.matchAll(/shopify-secrets ([a-z-]+)/g)].map(([, verb = ""]) => verb);
  return verbs.every((verb) => taken[verb] ?? true) && (tokenInConfig || !CONFIG_TOKEN.test(next));
}
