import type * as pulumi from "@pulumi/pulumi";
import type { StoreKey } from "../../contract/brands";
import { encodeDeclaration } from "../../contract/declaration";
import type { EnrolPayload, EnrolResult } from "../../contract/enrolment";
import { sentenceOf } from "../../contract/errors";
import { kindFactsOf } from "../../contract/kinds";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { encodeScopes } from "../../contract/scopes";
import { adviceOnEnrolment } from "../../contract/store/advice";
import { awaitedBy } from "../../contract/store/awaited";
import type { StoreView } from "../../contract/store/view";
import type { StoreSpec } from "../config/spec";

/** What is known of a store's secret once it exists. */
export interface EnrolmentFacts {
  readonly secretArn: string;
  readonly kmsKeyArn: string;
  /** The version of the app secret; empty: the store has no app. */
  readonly appSecretVersion: string;
  /** A static token of config; empty: there is none. */
  readonly accessToken: string;
}

/** The input of a store's enrolment. */
export function buildEnrolPayload(store: StoreSpec, facts: EnrolmentFacts): EnrolPayload {
  const { kind, shop, app } = store.declaration;
  return {
    action: "enrol",
    store: store.key,
    secret_arn: facts.secretArn as EnrolPayload["secret_arn"],
    kind,
    shop,
    app: app ?? "",
    declaration: encodeDeclaration(store.declaration),
    app_secret_version: facts.appSecretVersion as EnrolPayload["app_secret_version"],
    access_token: facts.accessToken,
    token_source: "config",
    salt: saltOf(facts),
  };
}

/**
 * What makes an enrolment run again, in plain sight: an input with a token in it is a secret, and a preview shows
 * nothing of it.
 */
export function buildTriggers(
  { declaration }: StoreSpec,
  appSecretVersion: pulumi.Input<string>,
): Record<string, pulumi.Input<string>> {
  return {
    kind: declaration.kind,
    shop: declaration.shop,
    app: declaration.app ?? "",
    scopes: encodeScopes(declaration.scopes),
    apiVersion: declaration.apiVersion,
    appSecretVersion,
    // Left out where there is none: a store that is enrolled already is not enrolled again.
    ...(declaration.credential === undefined ? {} : { credential: declaration.credential }),
  };
}

/** A store as its enrolment knows it. */
export type Enrolled = Pick<StoreSpec, "key" | "declaration">;

/**
 * What is left to do since a store's enrolment, in one line; undefined when it has its token.
 *
 * The result is that of the enrolment, so the line stays true after a later `put`, approval or migration as well.
 */
export function leftAfterEnrolment(
  { key: store, declaration }: Enrolled,
  result: string | undefined,
): string | undefined {
  const told = parseJsonQuietly(result ?? "");
  const advice = isResult(told) ? adviceOnEnrolment(store, told, declaration) : undefined;
  if (advice === undefined) return undefined;
  return `${store} was enrolled: ${advice.says}. Unless that was done since: ${advice.next}`;
}

/** A store before this run: `unknown` where nobody could tell. */
export type StoreBefore = StoreView | "new" | "unknown";

/**
 * The same, held against the store as it is: an enrolment's result stays in the state after the token was put, the
 * app approved or the token migrated.
 */
export function leftNow(
  enrolled: Enrolled,
  result: string | undefined,
  before: StoreBefore,
): string | undefined {
  const { key: store, declaration } = enrolled;
  const told = parseJsonQuietly(result ?? "");
  const advice = isResult(told) ? adviceOnEnrolment(store, told, declaration) : undefined;
  if (advice === undefined) return undefined;
  if (before === "unknown") return leftAfterEnrolment(enrolled, result);
  if (before !== "new" && isDone(before) && !isStillTold(before)) return undefined;
  return `${store}: ${advice.says}. Next: ${advice.next}`;
}

/**
 * What a living token lacks of the scopes that config wants, in one line; undefined: nothing. Held against the store
 * as it was before this run, because the result stays in the state.
 */
export function scopesLeft(
  store: StoreKey,
  result: string | undefined,
  before: StoreBefore,
): string | undefined {
  const told = parseJsonQuietly(result ?? "");
  if (!isResult(told) || told.checked !== "scope_missing") return undefined;
  const isMended = typeof before === "object" && before.status.missingScopes?.length === 0;
  return isMended ? undefined : `${store}: ${sentenceOf("scope_missing", { store })}`;
}

/** A token that lives on says nothing of the key that is to get the next. */
function isStillTold({ declaration, status: { lastErrorCode } }: StoreView): boolean {
  return declaration !== undefined && awaitedBy(declaration, lastErrorCode) !== undefined;
}

/** A token is there; that of a pair with its end of the refresh token. */
function isDone({ current, declaration, status }: StoreView): boolean {
  const isPair = declaration !== undefined && kindFactsOf(declaration).hasRefreshToken;
  return current !== undefined && (!isPair || status.refreshExpiresAt !== undefined);
}

function isResult(told: unknown): told is Pick<EnrolResult, "outcome" | "why" | "checked"> {
  return typeof told === "object" && told !== null && "outcome" in told;
}

// Stable, and different for each secret: see the contract's remark on the invocation's resource ID.
function saltOf({ secretArn, kmsKeyArn }: EnrolmentFacts): string {
  return `${secretArn.slice(-6)}-${kmsKeyArn.split("/").at(-1) ?? ""}`;
}
