import { SECOND_MS } from "./time";

/** The kinds of store, a closed list: adding one must break the build wherever it matters. */
export const KINDS = ["client-credentials", "custom-app", "offline", "offline-expiring"] as const;

/** Where a store's access token comes from, and so who renews it. */
export type Kind = (typeof KINDS)[number];

/** Kinds whose access tokens are registered and watched, never renewed. */
export type StaticKind = "custom-app" | "offline";

/** Kinds whose access tokens end, and are renewed by a Lambda. */
export type RenewableKind = Exclude<Kind, StaticKind>;

/** Kinds whose access tokens the token endpoint hands out. */
export type GrantedKind = Exclude<Kind, "custom-app">;

/** Who renews the access tokens of a kind. */
export type Renewer = "secrets-manager" | "sweep" | "nobody";

/** What every part of the product has to know about a kind. */
export interface KindFacts {
  readonly renewer: Renewer;
  /** The life that Shopify documents for an access token of this kind, in seconds; undefined: until uninstall. */
  readonly lifetimeSeconds: number | undefined;
  /** Whether a store of this kind belongs to an app whose client secret we hold. */
  readonly app: "required" | "optional";
  /** Whether the access token may stand in config (`accessTokens`). */
  readonly tokenInConfig: boolean;
  /** Whether an access token comes with a refresh token, which every renewal replaces. */
  readonly hasRefreshToken: boolean;
  /** Whether the merchant's approval brings the access token; `with_app`: when the store names an app. */
  readonly approvedByMerchant: "always" | "with_app" | "never";
}

/**
 * What decides on the facts of a store. Today its kind alone does; an app's distribution and credential will
 * have a say, so that whoever asks hands over the declaration and not the bare kind.
 */
export interface KindKey {
  readonly kind: Kind;
}

// Lives: Shopify's documentation of the client credentials grant (86399 s) and of expiring offline
// access tokens (3600 s, refresh token 7776000 s).
export const KIND_FACTS: Readonly<Record<Kind, KindFacts>> = {
  "client-credentials": {
    renewer: "secrets-manager",
    lifetimeSeconds: 86_399,
    app: "required",
    tokenInConfig: false,
    hasRefreshToken: false,
    approvedByMerchant: "never",
  },
  "custom-app": {
    renewer: "nobody",
    lifetimeSeconds: undefined,
    app: "optional",
    tokenInConfig: true,
    hasRefreshToken: false,
    approvedByMerchant: "never",
  },
  offline: {
    renewer: "nobody",
    lifetimeSeconds: undefined,
    app: "optional",
    tokenInConfig: true,
    hasRefreshToken: false,
    approvedByMerchant: "with_app",
  },
  "offline-expiring": {
    renewer: "sweep",
    lifetimeSeconds: 3_600,
    app: "required",
    tokenInConfig: false,
    hasRefreshToken: true,
    approvedByMerchant: "always",
  },
};

/** The life of a refresh token, in seconds (90 days). */
export const REFRESH_TOKEN_LIFETIME_SECONDS = 7_776_000;

export function isKind(text: unknown): text is Kind {
  return typeof text === "string" && (KINDS as readonly string[]).includes(text);
}

/** The facts of a store. */
export function kindFactsOf({ kind }: KindKey): KindFacts {
  return KIND_FACTS[kind];
}

/** Whether the merchant's approval brings the store's access token. */
export function isApprovedByMerchant(
  declared: KindKey & { readonly app: string | undefined },
): boolean {
  const { approvedByMerchant } = kindFactsOf(declared);
  return (
    approvedByMerchant === "always" ||
    (approvedByMerchant === "with_app" && declared.app !== undefined)
  );
}

/** The documented life of an access token, in milliseconds; undefined: until uninstall. */
export function lifeMsOf(declared: KindKey): number | undefined {
  const { lifetimeSeconds } = kindFactsOf(declared);
  return lifetimeSeconds === undefined ? undefined : lifetimeSeconds * SECOND_MS;
}

/** Whether access tokens of this kind are registered and never renewed. */
export function isStatic(kind: Kind): kind is StaticKind {
  return KIND_FACTS[kind].renewer === "nobody";
}
