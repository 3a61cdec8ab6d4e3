/** How sure we are of a rule: X was observed once by someone, I is inferred, D is documented with room to read it two ways. */
type Grade = "X" | "I" | "D";

interface SwitchSpec<P extends string = string> {
  readonly grade: Grade;
  readonly about: string;
  /** The first position is the default. */
  readonly positions: readonly [P, P, ...P[]];
}

/** Every rule of Shopify's that only Shopify can confirm, with the positions it may turn out to have. */
export const SWITCHES = {
  clientCredentialsOverlap: {
    grade: "X",
    about: "what a new client-credentials token does to the older ones",
    positions: ["old-survives", "old-dies"],
  },
  wrongSecretAnswer: {
    grade: "X",
    about: "how a wrong client secret is refused",
    positions: ["400-invalid-request", "401-invalid-client"],
  },
  assertionGrant: {
    grade: "I",
    about: "by which parameters a client assertion is presented: RFC 7523, section 2.2 or 2.1",
    positions: ["client-assertion", "jwt-bearer"],
  },
  assertionAudience: {
    grade: "I",
    about: "whom a client assertion has to be addressed to",
    positions: ["token-endpoint", "shop"],
  },
  assertionShop: {
    grade: "I",
    about: "whether a client assertion has to name the shop in a claim of its own, `dest`",
    positions: ["not-asked", "claimed"],
  },
  assertionKid: {
    grade: "I",
    about: "whether a client assertion has to name its key, or every pasted key is tried",
    positions: ["any-key", "named-key"],
  },
  assertionLife: {
    grade: "I",
    about: "how long a client assertion may live from `iat` to `exp`",
    positions: ["five-minutes", "one-minute"],
  },
  assertionReplay: {
    grade: "I",
    about: "what presenting a client assertion again yields",
    positions: ["refused", "granted"],
  },
  assertionRefusal: {
    grade: "I",
    about: "how a client assertion is refused",
    positions: ["401-invalid-client", "400-invalid-grant", "401-without-words"],
  },
  revokedKey: {
    grade: "I",
    about: "what becomes of the tokens that a revoked key got",
    positions: ["tokens-live-on", "tokens-die"],
  },
  revokedKeyLag: {
    grade: "I",
    about: "how long a revoked key still signs",
    positions: ["none", "ten-minutes"],
  },
  clientSecretOfSigningApp: {
    grade: "I",
    about:
      "whether the client credentials grant still takes the client secret of an app that signs",
    positions: ["granted", "refused"],
  },
  appNotInstalledAnswer: {
    grade: "X",
    about: "how an app that is not installed is refused",
    positions: ["app-not-installed", "invalid-request"],
  },
  deadRefreshTokenAnswer: {
    grade: "X",
    about: "how a dead refresh token is refused",
    positions: ["401-invalid-request", "400-invalid-grant"],
  },
  scopeText: {
    grade: "X",
    about: "whether a token reply leaves out read scopes that a write scope implies",
    positions: ["compressed", "expanded"],
  },
  accessScopesList: {
    grade: "I",
    about: "whether the list of a token's scopes names implied read scopes",
    positions: ["expanded", "compressed"],
  },
  errorsWithoutJsonAccept: {
    grade: "I",
    about: "what an error of the token endpoint looks like when JSON was not asked for",
    positions: ["html", "json"],
  },
  expiresIn: {
    grade: "X",
    about: "whether a reply of a token that expires says so",
    positions: ["number", "absent", "text"],
  },
  refreshReplay: {
    grade: "I",
    about: "what presenting a refresh token again yields",
    // The same pair comes with an access token that lives, or as it was, which may have ended by then.
    positions: ["new-pair", "same-pair", "same-pair-as-it-was"],
  },
  overtakenReplacement: {
    grade: "I",
    about: "whether an earlier replacement still works after the refresh token was replayed",
    positions: ["alive", "dead"],
  },
  migrationReplayLife: {
    grade: "I",
    about: "which life the replay of a migration reports",
    positions: ["remaining", "original"],
  },
  nonExpiringAfterTheEnd: {
    grade: "D",
    about:
      "what becomes of a public app's token without an end on 1 January 2027: the migration page says invalidated, the changelog that requests receive error responses",
    positions: ["invalidated", "refused"],
  },
  reauthorizeWithOtherSecret: {
    grade: "I",
    about: "what re-authorizing a non-expiring token with another client secret yields",
    positions: ["same-token", "new-token"],
  },
  repinning: {
    grade: "D",
    about:
      "whether a token without an end can be asked for anew under another client secret, as the page on rotating client credentials says",
    positions: ["documented", "gone"],
  },
  scopesOfLiveTokens: {
    grade: "I",
    about: "whether a live token follows a change of the installation's scopes",
    positions: ["follow-installation", "fixed-at-mint"],
  },
  callbackSignedWith: {
    grade: "I",
    about: "which of two live client secrets signs the OAuth callback",
    positions: ["newest-secret", "oldest-secret"],
  },
  callbackExtras: {
    grade: "I",
    about: "whether the OAuth callback brings a parameter that nobody documents",
    positions: ["none", "extra-parameter", "spaced-parameter"],
  },
  callbackEncoding: {
    grade: "D",
    about:
      "how the callback's parameters are encoded, sent and signed: the documentation and the library's version 15 say percent, its version 13 form",
    positions: ["percent", "form"],
  },
  authorizeOnForeignStore: {
    grade: "I",
    about:
      "what an authorize address opened for a custom app that a store of another organization has not installed yet shows: Shopify's staff say a refusal, two older reports say the page",
    positions: ["invalid-link", "page"],
  },
  installWithoutAllowlist: {
    grade: "D",
    about:
      "what a new install of an app that needs an IP allowlist and has none comes to since 20 November 2026: the changelog says it is blocked, and not by which words or at which step",
    positions: ["blocked", "allowed"],
  },
  authorizeWhenInstalled: {
    grade: "I",
    about: "what the merchant sees when nothing new is asked for",
    positions: ["page", "redirect-at-once"],
  },
  redactAfterReturn: {
    grade: "I",
    about:
      "whether `shop/redact` comes 48 hours after an uninstall also where the merchant has installed the app again",
    positions: ["sent", "withheld"],
  },
  webhookSecretLag: {
    grade: "D",
    about: "how long a revoked client secret still signs webhooks",
    positions: ["none", "one-hour"],
  },
  webhookHeaders: {
    grade: "D",
    about: "which header names a webhook carries",
    positions: ["x-shopify", "both-spellings"],
  },
  tokenShape: {
    grade: "X",
    about: "what a token looks like",
    positions: ["prefixed", "bare-hex"],
  },
} as const satisfies Record<string, SwitchSpec>;

export type SwitchName = keyof typeof SWITCHES;
export type Switches = { [S in SwitchName]: (typeof SWITCHES)[S]["positions"][number] };

export const SWITCH_NAMES = Object.keys(SWITCHES) as SwitchName[];

/** All switches, each in its default position unless chosen otherwise. */
export function switchesWith(chosen: Partial<Switches> = {}): Switches {
  const defaults = Object.fromEntries(
    SWITCH_NAMES.map((name) => [name, SWITCHES[name].positions[0]]),
  );
  return { ...(defaults as Switches), ...chosen };
}

/** Says whether a position belongs to a switch. */
export function isPosition(name: SwitchName, position: string): boolean {
  return SWITCHES[name].positions.some((known) => known === position);
}
