import { isApprovedByMerchant, isStatic, type Kind, kindFactsOf } from "./kinds";

/** A store, as far as it decides which commands it takes. */
export interface Taker {
  readonly kind: Kind;
  readonly app: string | undefined;
  /** Whether it has a value; default: it has. */
  readonly hasValue?: boolean;
  /** Whether it has a version before the current one; default: it has. */
  readonly hasPrevious?: boolean;
}

const UP = "pulumi up --continue-on-error";
const ROTATE = "shopify-secrets rotate <store>";
const PUT = "shopify-secrets put <store>";
const INSTALL = "shopify-secrets install-link <store>";

/** The code's own advice is for every kind; this is what a kind has instead. */
const BY_KIND: Readonly<Record<string, Partial<Record<Kind, string>>>> = {
  token_dead: {
    "client-credentials": ROTATE,
    "custom-app": PUT,
    offline: PUT,
    "offline-expiring": ROTATE,
  },
  // The pending version of a pair may hold the only refresh token that still works.
  rotation_stuck: { "offline-expiring": ROTATE },
  token_kind_refused: {
    "custom-app": `declare the store with kind offline-expiring and an app, then ${UP}, then ${INSTALL}`,
    offline: `set shopify-secrets:stores.<store>.kind to offline-expiring, with the app that it is a token of, then ${UP}, then shopify-secrets migrate <store>`,
  },
  app_uninstalled: {
    "client-credentials": `install the app on the store again, then ${ROTATE}`,
    "custom-app": `install the app on the store again, then ${PUT}`,
  },
};

/** The next step that a code has for a store of this kind; `general`: the one for every kind. */
export function nextOfKind(code: string, general: string, { kind }: Pick<Taker, "kind">): string {
  return BY_KIND[code]?.[kind] ?? general;
}

/** The text, or what brings the store another access token where it refuses a command of the text. */
export function takenNext(next: string, taker: Taker): string {
  return takes(next, taker) ? next : wayToToken(taker);
}

/** What brings a store of its kind another access token, whatever was wrong with the last. */
export function wayToToken({ kind, app, hasValue = true }: Taker): string {
  if (isStatic(kind)) return PUT;
  if (isApprovedByMerchant({ kind, app })) return `${INSTALL}, and send the link to the merchant`;
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
  const taken: Readonly<Record<string, boolean>> = {
    put: isStatic(kind),
    rotate: !isStatic(kind) && hasValue,
    "install-link": isApprovedByMerchant({ kind, app }),
    migrate: kind === "offline-expiring",
    unstick: !hasRefreshToken,
    rollback: !hasRefreshToken && hasPrevious,
  };
  const verbs = [...next.matchAll(/shopify-secrets ([a-z-]+)/g)].map(([, verb = ""]) => verb);
  return verbs.every((verb) => taken[verb] ?? true) && (tokenInConfig || !CONFIG_TOKEN.test(next));
}
