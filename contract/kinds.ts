import type { Credential, Distribution } from "./app";
import { SECOND_MS } from "./time";

/** The kinds of store, a closed list: adding one must break the build wherever it matters. */
export const KINDS = ["client-credentials", "custom-app", "offline", "offline-expiring"] as const;

/** Where a store's access token comes from, and so who renews it. */
export type Kind = (typeof KINDS)[number];

/** Who renews the access tokens of a kind. */
export type Renewer = "secrets-manager" | "sweep" | "nobody";

/** What every part of the product has to know about a kind. */
export interface KindFacts {
  readonly renewer: Renewer;
  /** How much of an access token's life is left, as a share, when the sweep renews it; undefined: never. */
  readonly sweptAtShareLeft: number | undefined;
  /** The life that Shopify documents for an access token of this kind, in seconds; undefined: until uninstall. */
  readonly lifetimeSeconds: number | undefined;
  /** Whether a store of this kind belongs to an app whose client secret we hold. */
  readonly app: "required" | "optional";
  /** Whether the token endpoint hands out its access tokens. */
  readonly granted: boolean;
  /** Whether the app's credential alone gets an access token, at any time and without anybody's approval. */
  readonly obtainable: boolean;
  /** Whether the merchant's approval brings the access token; `with_app`: when the store names an app. */
  readonly approvedByMerchant: "always" | "with_app" | "never";
  /** Whether the access token may stand in config (`accessTokens`). */
  readonly tokenInConfig: boolean;
  /** Whether an access token comes with a refresh token, which every renewal replaces. */
  readonly hasRefreshToken: boolean;
  /** Whether Shopify turns the access token into one that expires, with a refresh token, when asked to. */
  readonly migratable: boolean;
}

// Lives: Shopify's documentation of the client credentials grant (86399 s) and of expiring offline
// access tokens (3600 s, refresh token 7776000 s).
export const KIND_FACTS = {
  "client-credentials": {
    renewer: "secrets-manager",
    // Secrets Manager comes first: the sweep is the second line.
    sweptAtShareLeft: 1 / 4,
    lifetimeSeconds: 86_399,
    app: "required",
    granted: true,
    obtainable: true,
    approvedByMerchant: "never",
    tokenInConfig: false,
    hasRefreshToken: false,
    migratable: false,
  },
  "custom-app": {
    renewer: "nobody",
    sweptAtShareLeft: undefined,
    lifetimeSeconds: undefined,
    app: "optional",
    granted: false,
    obtainable: false,
    approvedByMerchant: "never",
    tokenInConfig: true,
    hasRefreshToken: false,
    migratable: false,
  },
  offline: {
    renewer: "nobody",
    sweptAtShareLeft: undefined,
    lifetimeSeconds: undefined,
    app: "optional",
    granted: true,
    obtainable: false,
    approvedByMerchant: "with_app",
    tokenInConfig: true,
    hasRefreshToken: false,
    migratable: true,
  },
  "offline-expiring": {
    renewer: "sweep",
    sweptAtShareLeft: 1 / 2,
    lifetimeSeconds: 3_600,
    app: "required",
    granted: true,
    obtainable: false,
    approvedByMerchant: "always",
    tokenInConfig: false,
    hasRefreshToken: true,
    migratable: false,
  },
} as const satisfies Readonly<Record<Kind, KindFacts>>;

/** The kinds whose facts are these. */
export type KindsWith<Facts extends Partial<KindFacts>> = {
  [K in Kind]: (typeof KIND_FACTS)[K] extends Facts ? K : never;
}[Kind];

/** Kinds whose access tokens are registered and watched, never renewed. */
export type StaticKind = KindsWith<{ readonly renewer: "nobody" }>;

/** Kinds whose access tokens end, and are renewed by a Lambda. */
export type RenewableKind = Exclude<Kind, StaticKind>;

/** Kinds whose access tokens the token endpoint hands out. */
export type GrantedKind = KindsWith<{ readonly granted: true }>;

/** Kinds that a merchant may approve. */
export type ApprovedKind = Exclude<Kind, KindsWith<{ readonly approvedByMerchant: "never" }>>;

/** The life of a refresh token, in seconds (90 days). */
export const REFRESH_TOKEN_LIFETIME_SECONDS = 7_776_000;

export function isKind(text: unknown): text is Kind {
  return typeof text === "string" && (KINDS as readonly string[]).includes(text);
}

/**
 * What decides on the facts of a store: its kind, and of an app that signs how it is distributed. Whoever asks hands
 * over what is declared, and not the bare kind; a record knows its kind alone, which serves for what does not differ.
 */
export interface KindKey {
  readonly kind: Kind;
  /** Undefined: nothing is said of it, or it does not matter. */
  readonly distribution?: Distribution | undefined;
  /** Undefined: the client secret. */
  readonly credential?: Credential | undefined;
}

/**
 * A public app that signs gets an hour, for any store that installed it (Shopify's announcement of application-only
 * access tokens, October 2026): too short for Secrets Manager's schedules.
 */
const SIGNED_BY_PUBLIC_APP: KindFacts = {
  ...KIND_FACTS["client-credentials"],
  renewer: "sweep",
  sweptAtShareLeft: 1 / 2,
  lifetimeSeconds: 3_600,
};

/** The facts of a store. */
export function kindFactsOf(key: KindKey): KindFacts {
  return isSigned(key) && key.distribution === "public"
    ? SIGNED_BY_PUBLIC_APP
    : KIND_FACTS[key.kind];
}

/** Whether a store's access tokens are obtained with a client assertion: what the app's credential alone gets. */
export function isSigned({ kind, credential }: KindKey): boolean {
  return credential === "signing-key" && KIND_FACTS[kind].obtainable;
}

/** The kind of a store once its token has been migrated; one that nobody migrates keeps its own. */
export function kindAfterMigration(kind: Kind): Kind {
  return kindFactsOf({ kind }).migratable ? "offline-expiring" : kind;
}

/** The kind of a store whose token its app gets by itself, where a merchant granted one before; others keep their own. */
export function kindWithoutMerchant(kind: Kind): Kind {
  return kindFactsOf({ kind }).approvedByMerchant === "never" ? kind : "client-credentials";
}

/** The kinds of which something is true, in their order. */
export function kindsThat(is: (facts: KindFacts) => boolean): Kind[] {
  return KINDS.filter((kind) => is(kindFactsOf({ kind })));
}

/** Whether the install endpoint has to do with a kind: merchants approve it, or Shopify tells of its app's uninstall. */
export function isHeardOf({ approvedByMerchant, renewer }: KindFacts): boolean {
  return approvedByMerchant !== "never" || renewer !== "nobody";
}

/** Whether access tokens are registered and never renewed. */
export function isStatic<K extends KindKey>(declared: K): declared is K & { kind: StaticKind } {
  return kindFactsOf(declared).renewer === "nobody";
}

/** Whether a store's access tokens end, and are renewed by a Lambda. */
export function isRenewed<K extends KindKey>(declared: K): declared is K & { kind: RenewableKind } {
  return kindFactsOf(declared).renewer !== "nobody";
}

/** Whether the merchant's approval can bring a store of this kind its access token. */
export function isApprovable<K extends KindKey>(
  declared: K,
): declared is K & { kind: ApprovedKind } {
  return kindFactsOf(declared).approvedByMerchant !== "never";
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
