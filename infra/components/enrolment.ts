import type * as pulumi from "@pulumi/pulumi";
import { encodeDeclaration } from "../../contract/declaration";
import type { EnrolPayload } from "../../contract/enrolment";
import { encodeScopes } from "../../contract/scopes";
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
 * What makes an enrolment run again, in plain sight: the input itself is a secret, and a preview shows
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
  };
}

// Stable, and different for each secret: see the contract's remark on the invocation's resource ID.
function saltOf({ secretArn, kmsKeyArn }: EnrolmentFacts): string {
  return `${secretArn.slice(-6)}-${kmsKeyArn.split("/").at(-1) ?? ""}`;
}
