import type { Credential } from "./app";
import type { AppKey, SecretArn, ShopDomain, StoreKey } from "./brands";
import {
  AWS,
  believed,
  CHECK,
  CLOSED,
  type CodeFacts,
  GRANT,
  OURS,
  OUTAGE,
  page,
  READING,
  webhook,
} from "./code-facts";
import type { Distribution } from "./distribution";
import type { Kind } from "./kinds";
import type { StoreOrigin } from "./names";
import { type NextStep, nextOfOrigin } from "./origin-words";
import { nextOfKind, takenNext } from "./taken-next";
import { DAY_MS, HOUR_MS } from "./time";
import { REFRESH, UP } from "./up";

/** Who can mend a failure. */
export type Owner =
  | "platform-engineer"
  | "operator"
  | "merchant"
  | "shopify"
  | "aws"
  | "maintainers";

/** What people are told of a code: fixed text, so that it cannot leak. `<store>` and `<app>` are filled in where they are known. */
export interface Advice extends CodeFacts {
  readonly owner: Owner;
  /** One sentence: what is wrong. */
  readonly says: string;
  /** The next command, or what to do next. */
  readonly next: string;
  /** Whether trying the same again, later, can succeed without anybody's help. */
  readonly retryable: boolean;
}

const CONFIG_SECRET = "pulumi config set --secret --path 'shopify-secrets:clientSecrets.<app>'";
const CONFIG_TOKEN = "pulumi config set --secret --path 'shopify-secrets:accessTokens.<store>'";
const NOTHING = "nothing to do: the next attempt is scheduled";

/** Every failure the product knows, a closed list with all that is known of each. The code is the contract; docs/operations.md has a section for each. */
export const ADVICE = {
  // What the token endpoint refuses.
  client_secret_rejected: {
    ...GRANT,
    ofClientProof: true,
    owner: "platform-engineer",
    says: "Shopify refuses the client secret of app <app>",
    next: `${CONFIG_SECRET}, then ${UP}`,
    retryable: false,
  },
  signing_key_unknown: {
    ...GRANT,
    ofClientProof: true,
    owner: "platform-engineer",
    says: "Shopify does not know the key that signs for app <app>",
    next: "shopify-secrets public-key <app>, and paste what it prints in the app's settings",
    retryable: false,
  },
  client_assertion_refused: {
    ...GRANT,
    owner: "maintainers",
    says: "Shopify knows the key of app <app>, and refuses what it signed",
    next: "open an issue with Shopify's request ID from the log line",
    retryable: true,
  },
  store_not_permitted: {
    ...GRANT,
    ...believed(3, HOUR_MS),
    owner: "platform-engineer",
    says: "app <app> and the store belong to different Shopify organizations",
    next: "declare the store with kind offline-expiring, or use an app of the store's organization",
    retryable: false,
  },
  app_not_installed: {
    ...GRANT,
    ...believed(3, HOUR_MS),
    tokens: "uninstalled",
    owner: "operator",
    says: "app <app> is not installed on the store",
    next: `install and release the app on the store, then ${UP}; an app that was made in the store's own admin grants nothing: paste its token, with kind custom-app`,
    retryable: false,
  },
  app_not_found: {
    ...GRANT,
    owner: "platform-engineer",
    says: "Shopify does not know the client ID of app <app>",
    next: `correct shopify-secrets:apps.<app>.clientId (an app made minutes ago may need a moment), then ${UP}`,
    retryable: true,
  },
  refresh_token_dead: {
    ...GRANT,
    ...believed(3, DAY_MS),
    tokens: "refresh_dead",
    owner: "merchant",
    says: "the refresh token is dead",
    next: "shopify-secrets install-link <store>, and send the link to the merchant",
    retryable: false,
  },
  refresh_token_ending: {
    ...OURS,
    tokens: "working",
    owner: "merchant",
    says: "the refresh token ends within 14 days, and renewals do not replace it",
    next: "shopify-secrets rotate <store>; if that fails: shopify-secrets install-link <store>",
    retryable: true,
  },
  non_expiring_ending: {
    ...OURS,
    tokens: "working",
    owner: "operator",
    says: "the access token has no end, and Shopify invalidates such tokens of public apps on 2027-01-01: the merchant has to approve again",
    next: `set shopify-secrets:stores.<store>.kind to offline-expiring, with the app that it is a token of, then ${UP}, then shopify-secrets migrate <store>`,
    retryable: false,
  },
  code_unusable: {
    ...GRANT,
    ...page(400),
    owner: "merchant",
    says: "the authorization code was used before or is unknown",
    next: "approve again: shopify-secrets install-link <store>",
    retryable: false,
  },
  subject_token_invalid: {
    ...GRANT,
    owner: "operator",
    says: "Shopify refuses to migrate this access token",
    next: "shopify-secrets check <store>",
    retryable: false,
  },
  migration_not_declared: {
    ...OURS,
    owner: "platform-engineer",
    says: "config does not permit the migration: it declares another kind than offline-expiring",
    next: `set shopify-secrets:stores.<store>.kind to offline-expiring, then ${UP}, then shopify-secrets migrate <store>`,
    retryable: false,
  },
  shop_not_found: {
    ...CHECK,
    ...believed(3, HOUR_MS),
    condemnsDeclaration: true,
    owner: "platform-engineer",
    says: "Shopify knows no such store",
    next: `correct shopify-secrets:stores.<store>.shop, then ${UP}`,
    retryable: false,
  },
  shop_inactive: {
    ...CLOSED,
    owner: "merchant",
    says: "Shopify has made the store inactive",
    next: "ask the merchant to talk to Shopify's support",
    retryable: true,
  },
  api_version_unknown: {
    ...CHECK,
    condemnsDeclaration: true,
    owner: "platform-engineer",
    says: "Shopify does not serve this version of the Admin API",
    next: `correct shopify-secrets:stores.<store>.apiVersion, then ${UP}`,
    retryable: false,
  },
  shop_frozen: {
    ...CLOSED,
    owner: "merchant",
    says: "the store is frozen",
    next: "ask the merchant to settle the store's bill with Shopify",
    retryable: true,
  },
  shop_locked: {
    ...CLOSED,
    owner: "merchant",
    says: "the store is locked",
    next: "ask the merchant to talk to Shopify's support",
    retryable: true,
  },
  shopify_unreachable: {
    ...OUTAGE,
    mayHaveGranted: true,
    owner: "shopify",
    says: "Shopify did not answer, or answered with an outage",
    next: NOTHING,
    retryable: true,
  },
  shopify_throttled: {
    ...OUTAGE,
    owner: "shopify",
    says: "Shopify throttles us",
    next: NOTHING,
    retryable: true,
  },
  token_reply_malformed: {
    ...GRANT,
    mayHaveGranted: true,
    owner: "maintainers",
    says: "Shopify's reply is not a token reply as we know it",
    next: "open an issue with Shopify's request ID from the log line",
    retryable: true,
  },
  token_request_refused: {
    ...GRANT,
    owner: "maintainers",
    says: "Shopify refused the token request for a reason that we do not know",
    next: "open an issue with Shopify's request ID from the log line",
    retryable: false,
  },
  redirect_refused: {
    ...CHECK,
    ...believed(3, HOUR_MS),
    condemnsDeclaration: true,
    mayHaveGranted: true,
    owner: "platform-engineer",
    says: "Shopify's answer redirects elsewhere, and redirects are not followed",
    next: `check that shopify-secrets:stores.<store>.shop is the permanent myshopify.com domain, then ${UP}`,
    retryable: false,
  },
  refusal_unconfirmed: {
    ...GRANT,
    owner: "shopify",
    says: "Shopify refused, and is asked again before that is believed",
    next: NOTHING,
    retryable: true,
  },

  // What the check of a token says.
  token_dead: {
    ...CHECK,
    ...believed(2, 0),
    ofGivenToken: true,
    tokens: "access_dead",
    ...page(502),
    owner: "operator",
    says: "Shopify answers 401: the access token is dead",
    next: "shopify-secrets put <store> (static token) or shopify-secrets rotate <store>",
    retryable: false,
  },
  scope_missing: {
    ...CHECK,
    tokens: "working",
    owner: "merchant",
    says: "the access token lacks a wanted scope",
    next: "release an app version with the scopes and let the merchant approve it, or correct shopify-secrets:stores.<store>.scopes",
    retryable: false,
  },
  ip_not_allowed: {
    ...CHECK,
    owner: "platform-engineer",
    says: "the functions' address is not on the app's IP allowlist",
    next: "put the app's lines on its IP allowlist in the Dev Dashboard (AWS's network numbers and the country of the region cost nothing, the dear way is a fixed address, shopify-secrets:vpc): pulumi stack output allowlist --json, then shopify-secrets allowlist --check",
    retryable: true,
  },
  token_kind_refused: {
    ...CHECK,
    condemnsDeclaration: true,
    owner: "operator",
    says: "Shopify no longer accepts non-expiring access tokens of this app",
    next: "shopify-secrets migrate <store>",
    retryable: false,
  },
  access_refused: {
    ...CHECK,
    owner: "merchant",
    says: "Shopify refuses the call for a reason that is not the token's",
    next: "shopify-secrets check <store>, and ask Shopify's support with the request ID",
    retryable: true,
  },
  lifetime_assumed: {
    ...GRANT,
    tokens: "working",
    owner: "maintainers",
    says: "the token reply names no usable life, so the shortest one of this kind is assumed",
    next: "open an issue with Shopify's request ID from the log line",
    retryable: true,
  },

  // What Secrets Manager says.
  version_unknown: {
    ...READING,
    owner: "aws",
    says: "Secrets Manager does not know this version",
    next: NOTHING,
    retryable: true,
  },
  version_not_pending: {
    ...AWS,
    attempt: "postponed",
    owner: "aws",
    says: "the version is neither pending nor current: another rotation is under way or was cancelled",
    next: NOTHING,
    retryable: true,
  },
  pending_missing: {
    ...AWS,
    owner: "aws",
    says: "the pending version has no value",
    next: NOTHING,
    retryable: true,
  },
  pending_stale: {
    ...AWS,
    owner: "aws",
    says: "the pending access token is past half its life, and was dropped so that the next attempt starts afresh",
    next: NOTHING,
    retryable: true,
  },
  parent_moved: {
    ...AWS,
    attempt: "postponed",
    owner: "aws",
    says: "another version became current in the meantime, so this one was dropped",
    next: NOTHING,
    retryable: true,
  },
  rotation_stuck: {
    ...AWS,
    refutedBy: "nothing_pending",
    owner: "operator",
    says: "a version has been pending for too long, and stands in the way of renewals",
    next: "shopify-secrets unstick <store>, then shopify-secrets rotate <store>",
    retryable: true,
  },
  rotation_off: {
    ...AWS,
    tokens: "working",
    refutedBy: "rotation_on",
    owner: "platform-engineer",
    says: "rotation is switched off for this secret",
    next: REFRESH,
    retryable: false,
  },
  rotation_missed: {
    ...AWS,
    tokens: "working",
    owner: "platform-engineer",
    says: "Secrets Manager has not rotated this secret although its schedule is on, and the sweep renewed it",
    next: `${REFRESH}, then shopify-secrets rotate <store>`,
    retryable: false,
  },
  secret_not_found: {
    ...AWS,
    attempt: "gone",
    owner: "platform-engineer",
    says: "the secret does not exist",
    next: REFRESH,
    retryable: false,
  },
  secret_pending_deletion: {
    ...AWS,
    attempt: "gone",
    owner: "operator",
    says: "the secret is scheduled for deletion",
    next: "shopify-secrets restore <store>",
    retryable: false,
  },
  access_denied: {
    ...READING,
    owner: "platform-engineer",
    says: "AWS refuses the function this call",
    next: `${REFRESH}, and if it stays: shopify-secrets doctor`,
    retryable: true,
  },
  key_denied: {
    ...READING,
    owner: "platform-engineer",
    says: "KMS refuses the use of the key",
    next: "check that the key is enabled and that its policy names the functions: shopify-secrets doctor",
    retryable: true,
  },
  signing_denied: {
    ...AWS,
    ofClientProof: true,
    owner: "platform-engineer",
    says: "KMS refuses the function a signature with the key of app <app>",
    next: `${REFRESH}, and if it stays: shopify-secrets doctor`,
    retryable: true,
  },
  signing_key_unusable: {
    ...AWS,
    ofClientProof: true,
    owner: "platform-engineer",
    says: "the key that signs for app <app> is disabled, waits for its deletion, or is gone",
    next: "cancel the key's deletion and enable it in KMS; if it is gone: take it out of shopify-secrets:apps.<app>.signingKeys, name another there, then pulumi up --continue-on-error, then shopify-secrets public-key <app>",
    retryable: false,
  },
  signing_unavailable: {
    ...AWS,
    owner: "aws",
    says: "KMS did not sign, or throttles us",
    next: NOTHING,
    retryable: true,
  },
  secrets_manager_unreachable: {
    ...READING,
    owner: "aws",
    says: "Secrets Manager did not answer, or throttles us",
    next: NOTHING,
    retryable: true,
  },
  store_name_taken: {
    ...AWS,
    owner: "platform-engineer",
    says: "the secret's name belongs to another store, or is not free again yet",
    next: "shopify-secrets status <store>; a store of config has another key there, or the other one is removed",
    retryable: false,
  },
  secrets_quota_spent: {
    ...AWS,
    owner: "platform-engineer",
    says: "the account and region hold as many secrets as AWS lets them",
    next: "ask AWS for a higher quota (Service Quotas, Secrets Manager, Secrets in an account and region)",
    retryable: true,
  },
  version_budget_spent: {
    ...AWS,
    attempt: "postponed",
    owner: "operator",
    says: "the secret got as many new versions as a day may have",
    next: "shopify-secrets status <store>, and mend the error that is shown there",
    retryable: true,
  },

  // What is stored or sent is not as it should be.
  record_malformed: {
    ...READING,
    from: "us",
    owner: "operator",
    says: "the value of the store secret is not a record",
    next: "shopify-secrets rollback <store>",
    retryable: false,
  },
  record_too_large: {
    ...OURS,
    owner: "maintainers",
    says: "the record is larger than Secrets Manager takes",
    next: "open an issue",
    retryable: false,
  },
  declaration_malformed: {
    ...OURS,
    refutedBy: "declaration",
    owner: "platform-engineer",
    says: "the description of the secret is not a declaration",
    next: REFRESH,
    retryable: false,
  },
  declaration_mismatch: {
    ...OURS,
    refutedBy: "reading",
    owner: "platform-engineer",
    says: "the record and the declaration name different shops",
    next: `${REFRESH}: the store is enrolled anew`,
    retryable: false,
  },
  kind_not_renewable: {
    ...OURS,
    owner: "platform-engineer",
    says: "this function does not renew stores of this kind",
    next: REFRESH,
    retryable: false,
  },
  app_secret_malformed: {
    ...OURS,
    owner: "platform-engineer",
    says: "the app secret of app <app> is not an app credential",
    next: `${CONFIG_SECRET}, then ${REFRESH}`,
    retryable: false,
  },
  refresh_token_missing: {
    ...OURS,
    ...believed(1, DAY_MS),
    tokens: "refresh_dead",
    owner: "merchant",
    says: "the record holds no refresh token",
    next: "shopify-secrets install-link <store>, and send the link to the merchant",
    retryable: false,
  },
  refresh_token_unreadable: {
    ...OURS,
    owner: "platform-engineer",
    says: "the sealed refresh token cannot be opened with its key",
    next: "check the refresh-token key: shopify-secrets doctor",
    retryable: true,
  },
  not_enrolled: {
    ...OURS,
    refutedBy: "value",
    owner: "platform-engineer",
    says: "the store has no access token, because its enrolment has not come to an end",
    next: UP,
    retryable: false,
  },
  token_required: {
    ...OURS,
    refutedBy: "value",
    owner: "platform-engineer",
    says: "the store has no access token yet",
    next: `shopify-secrets put <store>, or ${CONFIG_TOKEN}`,
    retryable: false,
  },
  token_is_client_secret: {
    ...OURS,
    ofGivenToken: true,
    owner: "platform-engineer",
    says: "a client secret (shpss_) stands where an access token belongs",
    next: `put the access token there: ${CONFIG_TOKEN}`,
    retryable: false,
  },
  token_malformed: {
    ...OURS,
    ofGivenToken: true,
    owner: "platform-engineer",
    says: "what was given as access token is not an access token alone",
    next: `give it alone: shopify-secrets put <store>, or ${CONFIG_TOKEN}`,
    retryable: false,
  },
  event_malformed: {
    ...OURS,
    owner: "operator",
    says: "the function was called with an event that is not its own",
    next: "call it through nothing but Secrets Manager, Pulumi and the operator's command: shopify-secrets --help",
    retryable: false,
  },
  secret_out_of_prefix: {
    ...OURS,
    owner: "operator",
    says: "the secret does not belong to this stack",
    next: "shopify-secrets status",
    retryable: false,
  },

  // What the install endpoint says.
  store_not_declared: {
    ...OURS,
    ...page(404),
    owner: "operator",
    says: "no such store is declared",
    next: "take the link from shopify-secrets install-link <store>",
    retryable: false,
  },
  store_not_installable: {
    ...OURS,
    ...page(404),
    owner: "platform-engineer",
    says: "the store's kind or missing app does not let a merchant approve it",
    next: `declare the store with kind offline-expiring and an app, then ${UP}`,
    retryable: false,
  },
  install_request_malformed: {
    ...OURS,
    ...page(400),
    owner: "operator",
    says: "the request is none that the install endpoint knows",
    next: "nothing to do, unless a merchant complains: shopify-secrets install-link <store>",
    retryable: false,
  },
  install_state_invalid: {
    ...OURS,
    ...page(400),
    owner: "merchant",
    says: "the browser brings no valid proof that it began this installation",
    next: "open the link again, in one browser and within ten minutes: shopify-secrets install-link <store>",
    retryable: false,
  },
  install_shop_mismatch: {
    ...OURS,
    ...page(400),
    owner: "merchant",
    says: "the answer comes from another shop than the declared one",
    next: "log in to the declared shop and open the link again: shopify-secrets install-link <store>",
    retryable: false,
  },
  callback_signature_invalid: {
    ...OURS,
    ...page(400),
    owner: "platform-engineer",
    says: "the answer is not signed with a client secret of app <app>",
    next: `if a merchant complains: ${CONFIG_SECRET}, then ${UP}`,
    retryable: false,
  },
  callback_stale: {
    ...OURS,
    ...page(400),
    owner: "merchant",
    says: "the answer was not made within the last 90 seconds",
    next: "open the link again: shopify-secrets install-link <store>",
    retryable: false,
  },
  code_exchange_lost: {
    ...GRANT,
    tokens: "lost",
    mayHaveGranted: true,
    ...page(502),
    owner: "merchant",
    says: "the merchant approved, but the tokens were lost on their way",
    next: "approve again: shopify-secrets install-link <store>",
    retryable: false,
  },
  approval_under_way: {
    ...OURS,
    ...page(409),
    attempt: "postponed",
    owner: "merchant",
    says: "another approval of the store is being stored at this moment",
    next: "wait a minute; if the other page does not say that the store is connected: shopify-secrets install-link <store>",
    retryable: true,
  },
  new_stores_too_many: {
    ...OURS,
    ...page(429),
    attempt: "postponed",
    owner: "operator",
    says: "app <app> took in as many new stores within an hour as config lets it",
    next: "shopify-secrets status; if they are merchants: raise shopify-secrets:apps.<app>.newStoresAnHour, then pulumi up --continue-on-error",
    retryable: true,
  },
  new_stores_closed: {
    ...OURS,
    ...page(403),
    attempt: "postponed",
    owner: "operator",
    says: "config lets app <app> take in no new stores now",
    next: "nothing, if it is meant; else raise shopify-secrets:apps.<app>.newStoresAnHour from 0, then pulumi up --continue-on-error",
    retryable: false,
  },
  approval_too_soon: {
    ...OURS,
    ...page(429),
    attempt: "postponed",
    owner: "operator",
    says: "the store was approved within the last 20 minutes, or as often as a day may bring",
    next: "shopify-secrets status <store>; if it has to be approved all the same, wait 20 minutes",
    retryable: true,
  },
  webhook_malformed: {
    ...OURS,
    ...webhook(400),
    owner: "operator",
    says: "the webhook is not one of Shopify's as we know them",
    next: "nothing to do, unless it comes from Shopify: then open an issue",
    retryable: false,
  },
  webhook_signature_invalid: {
    ...OURS,
    ...webhook(401),
    owner: "operator",
    says: "the webhook is not signed with a client secret of any declared app",
    next: `nothing to do, unless it comes from Shopify: then correct shopify-secrets:clientSecrets, and ${UP}`,
    retryable: false,
  },
  app_uninstalled: {
    ...OURS,
    ...believed(1, DAY_MS),
    tokens: "uninstalled",
    owner: "merchant",
    says: "the merchant uninstalled app <app>",
    next: "shopify-secrets install-link <store>, and send the link to the merchant",
    retryable: false,
  },

  // What surrounds a function.
  list_malformed: {
    ...OURS,
    owner: "platform-engineer",
    says: "the list of stores in the bucket is not as pulumi up wrote it",
    next: REFRESH,
    retryable: false,
  },
  list_replaced: {
    ...OURS,
    owner: "platform-engineer",
    says: "the list was replaced after the run began, and what is left belongs to the list before",
    next: "shopify-secrets apply",
    retryable: false,
  },
  list_unreachable: {
    ...AWS,
    owner: "aws",
    says: "the bucket of the list does not answer, or refuses",
    next: "shopify-secrets apply; if it stays: pulumi up --refresh --continue-on-error",
    retryable: true,
  },
  retirement_refused: {
    ...OURS,
    owner: "platform-engineer",
    says: "the list would retire a larger share of the stores than it may",
    next: "shopify-secrets apply --plan, which names the stores that would leave",
    retryable: false,
  },
  pair_abandoned: {
    ...OURS,
    owner: "platform-engineer",
    says: "the store is static now, and holds a one-hour token that nobody would renew any more",
    next: `set the store's kind to offline-expiring in the list, then ${UP}, then shopify-secrets apply`,
    retryable: false,
  },
  store_not_of_list: {
    ...OURS,
    owner: "platform-engineer",
    says: "the store's secret is not of the list: it stands in config, or came from a merchant",
    next: `take the store out of the list or out of config, then ${UP}, then shopify-secrets apply`,
    retryable: false,
  },
  store_awaits_deletion: {
    ...OURS,
    owner: "platform-engineer",
    says: "the store's secret waits for its deletion, and was not the list's when it was deleted",
    next: "shopify-secrets restore <store>, then declare the store in config again with the adopt line that it prints, then move <store> to the list: shopify-secrets move --help",
    retryable: false,
  },
  store_has_twin: {
    ...OURS,
    owner: "platform-engineer",
    says: "the store's app and shop have a secret under another key, and a second one would end its tokens",
    // The store that is there is named.
    next: `take the line out of the list, or have <store> there in its place: declare <store> in config with adopt, then ${UP}, then move <store> to the list: shopify-secrets move --help`,
    retryable: false,
  },
  environment_malformed: {
    ...OURS,
    owner: "platform-engineer",
    says: "the function's environment is incomplete",
    next: REFRESH,
    retryable: false,
  },
  out_of_time: {
    ...OURS,
    attempt: "postponed",
    owner: "aws",
    says: "the function's time ran out before the work was done",
    next: NOTHING,
    retryable: true,
  },
  unexpected: {
    ...OURS,
    owner: "maintainers",
    says: "something happened that we did not foresee",
    next: "open an issue with the log line",
    retryable: true,
  },
} as const satisfies Readonly<Record<string, Advice>>;

export type ErrorCode = keyof typeof ADVICE;

export const ERROR_CODES = Object.keys(ADVICE) as ErrorCode[];

/**
 * What is left to do when `pulumi up` could not enrol a store: nothing but the next `up` tries it again.
 *
 * Only what differs from the general advice by more than that.
 */
const NEXT_AFTER_ENROLMENT: Partial<Record<ErrorCode, Advice["next"]>> = {
  // A token that was put does not outlast a dead one in config, which `up` would try again.
  token_dead: `correct a static token (${CONFIG_TOKEN}), or take it out of config and shopify-secrets put <store>; then ${UP}`,
  token_kind_refused: `declare the store with kind offline-expiring and an app, then ${UP}, then shopify-secrets install-link <store>`,
  unexpected: `${UP}, which tries again; if it stays, open an issue with the log line`,
};

/** All that is known of a code. */
export function adviceRow(code: ErrorCode): Advice {
  return ADVICE[code];
}

/** The codes with which the install endpoint answers a merchant's browser, or Shopify's webhooks. */
export type CodeAnsweredTo<To extends "merchant" | "shopify"> = {
  [C in ErrorCode]: (typeof ADVICE)[C]["answer"] extends { readonly to: To } ? C : never;
}[ErrorCode];

/** Whether a failure passes without a person: the next attempt may repair it. */
export function passesByItself(code: ErrorCode): boolean {
  const { retryable, owner } = adviceRow(code);
  return retryable && (owner === "shopify" || owner === "aws" || owner === "maintainers");
}

export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === "string" && Object.hasOwn(ADVICE, text);
}

/** What an error may carry: never a request, a reply or a secret. */
export interface ErrorFacts {
  readonly store?: StoreKey;
  readonly app?: AppKey;
  readonly shop?: ShopDomain;
  /** The store's declared kind: it decides which commands help. */
  readonly kind?: Kind;
  /** Where it comes from; left out: from config. */
  readonly origin?: StoreOrigin;
  /** How its app is distributed; of a kind that is known, left out: config does not say. */
  readonly distribution?: Distribution;
  /** How its app gets the store's tokens; left out: with its client secret. */
  readonly credential?: Credential;
  /** Whether the store has a value, and one before it; default: it has both. */
  readonly hasValue?: boolean;
  readonly hasPrevious?: boolean;
  readonly secretArn?: SecretArn;
  readonly step?: string;
  readonly httpStatus?: number;
  /** Shopify's short code, such as `shop_not_permitted`; kept only when it looks like one. */
  readonly oauthError?: string;
  readonly shopifyRequestId?: string;
  /** The name of the AWS exception, such as `ThrottlingException`. */
  readonly awsError?: string;
  /** Names of scopes, for `scope_missing`. */
  readonly scopes?: readonly string[];
  /** Which key of a malformed value is wrong; a name out of our own schema, never its content. */
  readonly field?: string;
  /** What a pasted text is instead of a secret, in the fixed words of `contract/pasted-secret.ts`. */
  readonly pasted?: string;
}

/** A failure with a code from the closed list, its fixed sentence and the next command. */
export class CodedError extends Error {
  override readonly name = "CodedError";
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, facts: ErrorFacts = {}) {
    super(sentenceOf(code, facts));
    this.code = code;
    this.facts = facts;
  }

  get retryable(): boolean {
    return ADVICE[this.code].retryable;
  }
}

/** What people are told of a failure, in its parts. */
export interface Told {
  readonly owner: Owner;
  /** One sentence: what is wrong. */
  readonly says: string;
  /** The next command, or what to do next. */
  readonly next: string;
}

/** What people are told of a code, with the names that are known; of a known kind never a command that it refuses. */
export function adviceOf(code: ErrorCode, facts: ErrorFacts = {}): Told {
  const { owner, says, next } = adviceRow(code);
  const { kind } = facts;
  const { app, distribution, credential } = facts;
  const ofKind =
    kind === undefined ? next : nextOfKind(code, next, { kind, app, distribution, credential });
  return { owner, says: fill(says, facts), next: nextFor({ code, next: ofKind }, facts) };
}

/** The same where only the next `pulumi up` enrols the store, or the next run of its list: what is left to do ends with it. */
export function enrolmentAdviceOf(code: ErrorCode, facts: ErrorFacts = {}): Told {
  const { owner, says, next } = adviceRow(code);
  const left = NEXT_AFTER_ENROLMENT[code] ?? nextUntilEnrolled(next);
  const step = { code, next: left, untilEnrolled: true };
  return { owner, says: fill(says, facts), next: nextFor(step, { hasValue: false, ...facts }) };
}

function nextFor(step: NextStep, facts: ErrorFacts): string {
  const { kind, app, origin, hasValue = true, hasPrevious = true } = facts;
  const next =
    kind === undefined ? step.next : takenNext(step.next, { kind, app, hasValue, hasPrevious });
  return fill(nextOfOrigin(origin, { ...step, next, hasValue: facts.hasValue === true }), facts);
}

/** The one line that a person sees: `<code>: <what is wrong> (<facts>). Next: <command>`. */
export function sentenceOf(code: ErrorCode, facts: ErrorFacts = {}): string {
  return lineOf(code, facts, adviceOf(code, facts));
}

/** The same line in the output of a `pulumi up` that could not enrol a store: it ends with what is left to do. */
export function enrolmentSentenceOf(code: ErrorCode, facts: ErrorFacts = {}): string {
  return lineOf(code, facts, enrolmentAdviceOf(code, facts));
}

/** A sentence of {@link sentenceOf} in its parts again; undefined: it is none of this code's. */
export function partsOfSentence(
  code: ErrorCode,
  sentence: string,
): Pick<Told, "says" | "next"> | undefined {
  const at = sentence.lastIndexOf(BEFORE_NEXT);
  if (at < 0 || !sentence.startsWith(`${code}: `)) return undefined;
  return { says: sentence.slice(0, at), next: sentence.slice(at + BEFORE_NEXT.length) };
}

const BEFORE_NEXT = ". Next: ";

function nextUntilEnrolled(next: string): string {
  if (next === NOTHING) return `${UP}, which tries again`;
  return next.includes(UP) || next.includes(REFRESH) ? next : `${next}; then ${UP}`;
}

function lineOf(code: ErrorCode, facts: ErrorFacts, { says, next }: Told): string {
  const shown = shownFacts(facts);
  const details = shown === "" ? "" : ` (${shown})`;
  return `${code}: ${says}${details}${BEFORE_NEXT}${next}`;
}

function fill(text: string, facts: ErrorFacts): string {
  return text
    .replaceAll("<store>", facts.store ?? "<store>")
    .replaceAll("<app>", facts.app ?? "<app>");
}

function shownFacts(facts: ErrorFacts): string {
  const shown = [
    facts.shop,
    facts.step,
    facts.field && `field ${facts.field}`,
    facts.pasted && `it ${facts.pasted}`,
    facts.scopes && facts.scopes.length > 0 && `missing ${facts.scopes.join(" ")}`,
    facts.httpStatus && `HTTP ${facts.httpStatus}`,
    facts.oauthError,
    facts.awsError,
    facts.shopifyRequestId && `request ${facts.shopifyRequestId}`,
  ];
  return shown.filter(Boolean).join(", ");
}
