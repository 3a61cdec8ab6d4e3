import type { Allowed, AllowlistMode } from "../../contract/allowlist";
import type { Credential } from "../../contract/app";
import type { ApiVersion, AppKey, KeyArn, SecretArn, StoreKey } from "../../contract/brands";
import type { Declaration } from "../../contract/declaration";
import type { Distribution } from "../../contract/distribution";
import type { Imports } from "../../contract/imports";
import type { RotationHours } from "../../contract/schedule";
import type { GivenSecret } from "./parse-secrets";

/** An application that reads tokens and calls Shopify with them, and what lets it pass. */
export interface Consumer extends Allowed {
  readonly name: string;
}

/** An app of config, with its secrets. */
export interface AppSpec {
  readonly app: AppKey;
  readonly clientId: string;
  /** Undefined: the app signs, and nothing needs it. */
  readonly clientSecret: GivenSecret | undefined;
  /** The client secret before, tried when Shopify definitely refuses the current one. */
  readonly previousClientSecret: GivenSecret | undefined;
  /** How it gets tokens for its stores; undefined: with its client secret. */
  readonly credential?: Credential | undefined;
  /** The keys that sign, in the order in which they are tried: names of keys that the stack makes, or ARNs. */
  readonly signingKeys?: readonly (string | KeyArn)[];
  /** How it reaches stores; undefined: config does not say. */
  readonly distribution?: Distribution | undefined;
  /** How the functions stand on its IP allowlist; undefined: by the networks of AWS, where it needs one. */
  readonly allowlist?: AllowlistMode | undefined;
  /** Whether every merchant may install it, and how many of them in an hour; undefined: only declared stores. */
  readonly open?: { readonly newStoresAnHour: number } | undefined;
}

/** Which way a store moves between config and the list. */
export type Moving = "to-list" | "to-config";

/** A store of config, proved. */
export interface StoreSpec {
  readonly key: StoreKey;
  readonly declaration: Declaration;
  readonly secretName: string;
  /** Only where Secrets Manager renews: hours between two rotations. */
  readonly rotationHours: RotationHours | undefined;
  /** A static token from config; undefined: enrolment waits for one. */
  readonly accessToken: GivenSecret | undefined;
  /** ARNs of the IAM roles and users that may read this secret, and then nobody else may; empty: IAM alone decides. */
  readonly readers: readonly string[];
  /** Whether Pulumi refuses to delete the secret. */
  readonly protect: boolean;
  /** The store's key before it was renamed. */
  readonly formerly: StoreKey | undefined;
  /** An existing secret to take over. */
  readonly adopt: SecretArn | undefined;
  /** Whether its merchant granted it a token before its app's key did (`offlineTokens: signed`): a pair may still be renewed. */
  readonly isMoved?: boolean;
  /** Whither it is on its way between config and the list, where it stands in both; undefined: it stays. */
  readonly moving?: Moving | undefined;
}

/** Where the functions run when Shopify has to see a fixed address. */
export interface VpcPlacement {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  /** The addresses and ranges that their requests come from; empty: config does not say. */
  readonly addresses: readonly string[];
}

/** What config says of the stack as a whole. */
export interface Settings {
  /** The head of every secret name, such as `shopify/dev`. */
  readonly prefix: string;
  /** The former prefix, whose secrets this stack may delete; undefined: it may not move. */
  readonly abandonPrefix: string | undefined;
  /** Days in which a deleted secret can be restored; 0: deleted at once. */
  readonly recoveryWindowDays: number;
  /** The ARN of an own KMS key; undefined: the stack makes one. */
  readonly kmsKeyArn: string | undefined;
  /** ARNs of IAM roles and users for emergencies, who stay free to use the secrets that name their readers. */
  readonly breakGlass: readonly string[];
  /** ARNs of IAM roles and users who run `pulumi up`; none: whom IAM lets. */
  readonly deployers: readonly string[];
  /** The ARN of the policy that bounds the stack's roles, made by an administrator; undefined: they are unbounded. */
  readonly permissionsBoundary: string | undefined;
  /** ARNs of retained keys that still open the refresh tokens that they sealed. */
  readonly formerRefreshKeyArns: readonly string[];
  readonly vpc: VpcPlacement | undefined;
  /** Whether the functions may still take away the network interfaces of a VPC that they left. */
  readonly leavingVpc: boolean;
  readonly logRetentionDays: number;
  /** How many stores a sweep works on at a time; undefined: the function's own default, 10. */
  readonly storesAtOnce: number | undefined;
  /** Whether the sweep sends its work to workers over a queue. Undefined: when the fleet needs it. */
  readonly workQueue: boolean | undefined;
  /** Whether merchants can approve apps at an address of the stack. Undefined: when a store needs it. */
  readonly installEndpoint: boolean | undefined;
  /** The host name of that address; undefined: the one that API Gateway makes. */
  readonly installDomain: string | undefined;
  /** Whether the endpoint answers under that host name alone. */
  readonly installOnlyOwnDomain: boolean | undefined;
  /** How many requests the endpoint answers at once; undefined: what the account has left. */
  readonly installConcurrency: number | undefined;
  /** Whether API Gateway writes a line for each request, refused ones too. */
  readonly installAccessLog: boolean | undefined;
  /** Whether the output `stores` holds the policies of readers; undefined: as at the last deployment. */
  readonly readerPolicies: boolean | undefined;
  /** Alarms and notices: to this SNS topic, or to one of the stack's own; undefined: none. */
  readonly alarms: { readonly topicArn: string | undefined } | undefined;
  /** Whether CloudWatch has a dashboard of the stack. Undefined: when it has alarms. */
  readonly dashboard: boolean | undefined;
  /** The name of the `Fleet` that held this stack's resources before, in a program of one's own; undefined: none did. */
  readonly formerFleet: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Resources that are there and are to be taken over; none in a stack that is well. */
  readonly imports: Imports;
}

/** The stores of a list, which a state machine applies: Pulumi's state holds none of them. */
export interface ListedFleet {
  /** The list's file, as config names it. */
  readonly file: string;
  readonly stores: readonly StoreSpec[];
  /** The largest share of the stores there that one run may retire, in percent. */
  readonly retireAtMost: number;
  /** The share of stores that may fail before a run stops, in percent. */
  readonly toleratedFailures: number;
  /** How many stores a run works on at once. */
  readonly concurrency: number;
  /**
   * Whether what renews tokens of an hour stays although no store has one by config or by the list: those that left the
   * list stand until they are retired. Default: it goes with the last such store.
   */
  readonly keepsPairs?: boolean;
}

/** Everything that config declares. */
export interface FleetSpec {
  readonly apps: readonly AppSpec[];
  readonly stores: readonly StoreSpec[];
  /** The version of the Admin API of stores that name none. Default: the product's own. */
  readonly apiVersion?: ApiVersion;
  /** Undefined: every store stands in config. */
  readonly listed?: ListedFleet | undefined;
  /** Applications that call Shopify with the tokens, and what lets them pass an allowlist. Default: none. */
  readonly consumers?: readonly Consumer[];
  readonly settings: Settings;
}
