import * as v from "valibot";
import {
  type AppKey,
  isAppKey,
  isSecretArn,
  isShopDomain,
  isStoreKey,
  isVersionId,
  type SecretArn,
  type ShopDomain,
  type StoreKey,
  type VersionId,
} from "./brands";
import { CodedError } from "./errors";
import { isKind, type Kind } from "./kinds";
import { Sealed } from "./sealed";
import { shownField } from "./shown-field";

/** What `pulumi up` (one `aws.lambda.Invocation` a store) and `shopify-secrets put` ask of the enrol function. */
export interface EnrolRequest {
  readonly store: StoreKey;
  readonly secretArn: SecretArn;
  /** Repeats the declaration, so that a changed one runs the enrolment again; checked against the description. */
  readonly kind: Kind;
  readonly shop: ShopDomain;
  readonly app: AppKey | undefined;
  /** The version of the app secret, so that a changed client secret runs the enrolment again. */
  readonly appSecretVersion: VersionId | undefined;
  /** A static token from config or from the operator. */
  readonly accessToken: Sealed<string> | undefined;
  /** `config`: it is fingerprinted, so that an unchanged config never replaces a newer one. `operator`: it is newer by definition. */
  readonly tokenSource: "config" | "operator";
}

/** Why an enrolment did what it did; part of its result, so a fixed list. */
export type EnrolReason =
  | "first_value"
  | "token_dead"
  | "record_malformed"
  | "declaration_changed"
  /** The token stays, and its record names the declared version of the Admin API. */
  | "api_version_changed"
  | "client_secret_changed"
  | "config_token_changed"
  | "operator_token"
  | "unchanged"
  | "refresh_pair_untouched"
  | "no_token_yet"
  | "merchant_has_not_approved"
  /** The store has its token, and config permits to migrate it. */
  | "migration_awaited"
  /** The store has the token that its app's key got, and is to have a pair again: the one that was kept, or another approval. */
  | "kept_pair_awaited"
  /** Shopify does not know the key that signs yet. */
  | "key_awaited"
  /** The merchant of a public app that signs has not installed it yet. */
  | "installation_awaited";

/** What an enrolment did: non-secret facts only, because an invocation's result stands unencrypted in the state. */
export interface EnrolResult {
  readonly store: StoreKey;
  readonly outcome: "written" | "kept" | "awaiting_token" | "awaiting_merchant";
  readonly why: EnrolReason;
  readonly versionId?: string;
  readonly expiresAt?: string;
  readonly scope?: string;
  readonly checked?: string;
}

// The parser is strict: an unknown key here is a mistake of ours.
const WireRequest = v.strictObject({
  action: v.literal("enrol"),
  store: v.custom<StoreKey>(isStoreKey),
  secret_arn: v.custom<SecretArn>(isSecretArn),
  kind: v.custom<Kind>(isKind),
  shop: v.custom<ShopDomain>(isShopDomain),
  app: v.union([v.literal(""), v.custom<AppKey>(isAppKey)]),
  // What Pulumi calls this changes with the input; it only has to be there, so that a new one enrols again.
  declaration: v.optional(v.string(), ""),
  app_secret_version: v.union([v.literal(""), v.custom<VersionId>(isVersionId)]),
  access_token: v.string(),
  token_source: v.picklist(["config", "operator"]),
  // The resource ID of an invocation is a plain MD5 of the payload: with a salt no two stores show that they share a
  // token, and no table helps. It is no secret, and why not: docs/decisions/enrolment-salt.md.
  salt: v.pipe(v.string(), v.minLength(16)),
});

/** The request as the invocation's payload, before it is turned into JSON. */
export type EnrolPayload = v.InferInput<typeof WireRequest>;

/**
 * Reads the event of the enrol function.
 *
 * @throws {CodedError} `event_malformed`, naming the field and never its content
 */
export function parseEnrolRequest(event: unknown): EnrolRequest {
  const parsed = v.safeParse(WireRequest, event);
  if (!parsed.success) {
    throw new CodedError("event_malformed", { field: shownField(parsed.issues[0], "event") });
  }
  const wire = parsed.output;
  return {
    store: wire.store,
    secretArn: wire.secret_arn,
    kind: wire.kind,
    shop: wire.shop,
    app: wire.app === "" ? undefined : wire.app,
    appSecretVersion: wire.app_secret_version === "" ? undefined : wire.app_secret_version,
    accessToken: wire.access_token === "" ? undefined : Sealed.of(wire.access_token),
    tokenSource: wire.token_source,
  };
}
