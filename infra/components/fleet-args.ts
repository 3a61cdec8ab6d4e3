import * as pulumi from "@pulumi/pulumi";
import type { AllowlistMode } from "../../contract/allowlist";
import type { Credential } from "../../contract/app";
import type { Distribution } from "../../contract/distribution";
import type { Kind } from "../../contract/kinds";
import { isMap } from "../config/node";
import type { OfflineTokens } from "../config/parse-distribution";
import type { Installs } from "../config/parse-installs";

/** An app at Shopify whose client credentials the functions use. */
export interface FleetApp {
  /** The app's client ID, from the Dev Dashboard. */
  readonly clientId: string;
  /** The app's client secret. Default: what stack config has as `shopify-secrets:clientSecrets.<app>`. */
  readonly clientSecret?: pulumi.Input<string>;
  /** The client secret before, tried when Shopify refuses the current one. Default: that of stack config, if any. */
  readonly previousClientSecret?: pulumi.Input<string>;
  /** How the app reaches stores. Default: unsaid, and asked for where merchants approve. */
  readonly distribution?: Distribution;
  /** What becomes of tokens that merchants granted: `expiring` lets a store that is declared as `offline` count as `offline-expiring`, so that its token may be migrated; `signed`, of a public app that signs, lets its key get every store's token. Default: `as-declared`. */
  readonly offlineTokens?: OfflineTokens;
  /** How the app gets tokens; experimental: `signing-key` signs with a key in KMS in place of the client secret. Default: `client-secret`. */
  readonly credential?: Credential;
  /** The keys of an app that signs, in the order in which they are tried: names of your own, or ARNs. Default: one of the fleet's own. */
  readonly signingKeys?: readonly string[];
  /** How the functions stand on the app's IP allowlist. Default: `networks`. */
  readonly allowlist?: AllowlistMode;
  /** Who may install it, of a public app: the declared stores' merchants, or every merchant, whose store is made then (`open`). Default: `declared`. */
  readonly installs?: Installs;
  /** How many new stores an hour an open app takes in, 0 to 2000. Default: 100. */
  readonly newStoresAnHour?: number;
}

/** A store: one secret of Secrets Manager with a working Admin API access token. */
export interface FleetStore {
  /** Where its access token comes from, and so who renews it. */
  readonly kind: Kind;
  /** The permanent domain of the store, such as `acme.myshopify.com`. */
  readonly shop: string;
  /** The key of its app, required for `client-credentials` and `offline-expiring`. Default: none. */
  readonly app?: string;
  /** The access scopes that its token has to have, such as `read_orders`. Default: none is asked for. */
  readonly scopes?: readonly string[];
  /** The static token of a `custom-app` or `offline` store. Default: `shopify-secrets:accessTokens.<store>` of stack config, else the store awaits it. */
  readonly accessToken?: pulumi.Input<string>;
  /** Hours between two rotations, of a `client-credentials` store. Default: the fleet's. */
  readonly rotationHours?: number;
  /** The version of the Admin API that its record names. Default: the fleet's. */
  readonly apiVersion?: string;
  /** ARNs of IAM roles and users: then nobody else reads the secret. Default: IAM alone decides. */
  readonly readers?: readonly string[];
  /** Whether Pulumi refuses to delete the secret. Default: no. */
  readonly protect?: boolean;
  /** The name of its secret, where it is another than its key's. Default: `<prefix>/stores/<key>/token`. */
  readonly secretName?: string;
  /** The store's key before it was renamed. Default: it was not. */
  readonly formerly?: string;
  /** The ARN of an existing secret to take over. Default: a new one is made. */
  readonly adopt?: string;
}

/** An application that uses the tokens, and what lets it pass an IP allowlist. */
export interface FleetConsumer {
  /** Addresses and ranges, such as `203.0.113.7/32`. Default: none. */
  readonly addresses?: readonly string[];
  /** Network numbers, such as `AS16509`. Default: none. */
  readonly networks?: readonly string[];
  /** ISO 3166 codes of the countries of those networks. Default: none. */
  readonly countries?: readonly string[];
}

/** Where the functions run when Shopify has to see a fixed address. */
export interface FleetVpc {
  /** The subnets, which need a way out, such as a NAT. */
  readonly subnetIds: readonly string[];
  /** The security groups. */
  readonly securityGroupIds: readonly string[];
  /** The addresses that the functions' requests come from. Default: unsaid. */
  readonly addresses?: readonly string[];
}

/** What a fleet is: its apps and stores, and the settings of the whole. All but the secrets is plain, because it decides which resources there are. */
export interface FleetArgs {
  /** The stores, by a key of your own. */
  readonly stores: Readonly<Record<string, FleetStore>>;
  /** The apps whose client credentials the functions use, by a key of your own. Default: none. */
  readonly apps?: Readonly<Record<string, FleetApp>>;
  /** Applications that use the tokens, by a name of your own, for the output `allowlist`. Default: none. */
  readonly consumers?: Readonly<Record<string, FleetConsumer>>;
  /** The head of every secret's name. Default: `<name of the component>/<stack>`. */
  readonly prefix?: string;
  /** The former prefix, when the fleet moves to another: the secrets under it are deleted. Default: it may not move. */
  readonly abandonPrefix?: string;
  /** Hours between two rotations of `client-credentials` stores: 4, 6, 8, or 12 with a warning. Default: 8. */
  readonly rotationHours?: number;
  /** The version of the Admin API that records name, such as `2026-10`, or `newest`. Default: the package's own. */
  readonly apiVersion?: string;
  /** Days in which a deleted secret can be restored: 7 to 30, or 0. Default: 30. */
  readonly recoveryWindowDays?: number;
  /** The ARN of a KMS key of your own for the secrets. Default: the fleet makes one. */
  readonly kmsKeyArn?: string;
  /** ARNs of roles and users for emergencies, whom a store that names its readers does not keep out. Default: none. */
  readonly breakGlass?: readonly string[];
  /** ARNs of those who run `pulumi up`: then nobody else updates a secret that names its readers. Default: whom IAM lets. */
  readonly deployers?: readonly string[];
  /** The ARN of the policy that bounds the fleet's roles. Default: they are unbounded. */
  readonly permissionsBoundary?: string;
  /** ARNs of retained keys that still open the refresh tokens that they sealed. Default: none. */
  readonly formerRefreshKeyArns?: readonly string[];
  /** Where the functions run. Default: Lambda's own network. */
  readonly vpc?: FleetVpc;
  /** Whether the functions just left a VPC, so that Lambda still has network interfaces of theirs to delete. Default: no. */
  readonly leavingVpc?: boolean;
  /** Days that the functions' logs stay. Default: 90. */
  readonly logRetentionDays?: number;
  /** How many stores a sweep works on at a time, 1 to 50. Default: 10. */
  readonly storesAtOnce?: number;
  /** Whether the sweep sends its work to workers over a queue, which renews more one-hour tokens than one function can. Default: no. */
  readonly workQueue?: boolean;
  /** Whether merchants can approve apps at an address of the fleet. Default: when a store is `offline-expiring`. */
  readonly installEndpoint?: boolean;
  /** The host name of that address. Default: the one that API Gateway makes. */
  readonly installDomain?: string;
  /** Whether it answers under `installDomain` alone. Default: no. */
  readonly installOnlyOwnDomain?: boolean;
  /** How many requests it answers at once, reserved for it. Default: what the account has left. */
  readonly installConcurrency?: number;
  /** Whether API Gateway writes a line for each request. Default: no. */
  readonly installAccessLog?: boolean;
  /** Whether there are alarms and notices, on a topic of the fleet's own. Default: no. */
  readonly alarms?: boolean;
  /** The ARN of an SNS topic of your own for alarms and notices. Default: see `alarms`. */
  readonly alarmsTopicArn?: string;
  /** Whether CloudWatch has a dashboard of the fleet. Default: when it has alarms. */
  readonly dashboard?: boolean;
  /** Tags of everything. Default: none. */
  readonly tags?: Readonly<Record<string, string>>;
  /** What Pulumi takes over that its state does not know, as `shopify-secrets adopt` prints it. Default: nothing. */
  readonly imports?: Readonly<Record<string, string>>;
  /** The folder of the built functions. Default: the package's own. */
  readonly bundlesFolder?: string;
}

/** Secrets that a stack's own config has, by the keys of config. */
export type SecretsOfConfig = Readonly<Record<string, unknown>>;

/** The same with the keys of stack config, where the secrets stand apart; what is not given is taken from there. */
export function configOf(args: FleetArgs, own: SecretsOfConfig): Record<string, unknown> {
  const { apps, stores, alarms, alarmsTopicArn, bundlesFolder: _, ...settings } = args;
  const plainApps = apart(apps, ["clientSecret", "previousClientSecret"]);
  const plainStores = apart(stores, ["accessToken"]);
  return {
    ...settings,
    apps: plainApps.rest,
    clientSecrets: withOwn(plainApps.taken["clientSecret"], own["clientSecrets"], apps),
    previousClientSecrets: withOwn(
      plainApps.taken["previousClientSecret"],
      own["previousClientSecrets"],
      apps,
    ),
    stores: plainStores.rest,
    accessTokens: withOwn(plainStores.taken["accessToken"], own["accessTokens"], stores),
    alarms: alarmsTopicArn === undefined ? alarms : { topicArn: alarmsTopicArn },
  };
}

/** Config may also hold secrets of other fleets of the program. */
function withOwn(given: SecretsOfConfig | undefined, own: unknown, holders: Holders): unknown {
  const declared = isMap(own)
    ? Object.entries(own).filter(([key]) => isDeclared(key, holders))
    : [];
  const present = Object.entries(given ?? {}).filter(([, secret]) => secret !== undefined);
  return declared.length + present.length === 0
    ? undefined
    : Object.fromEntries([...declared, ...present]);
}

function isDeclared(key: string, holders: Holders): boolean {
  return isHolder(holders) && Object.hasOwn(holders, key);
}

type Holders = Readonly<Record<string, object>> | undefined;

/** Takes properties out of each of many; what is no map stays, for the parser to report. */
function apart(holders: Holders, properties: readonly string[]) {
  const taken: Record<string, Record<string, unknown>> = {};
  if (!isHolder(holders)) return { rest: holders, taken };
  const rest = Object.entries(holders).map(([key, holder]) => {
    if (!isHolder(holder)) return [key, holder];
    const kept = Object.entries(holder).filter(([property, value]) => {
      if (!properties.includes(property)) return true;
      taken[property] = { ...taken[property], [key]: value };
      return false;
    });
    return [key, Object.fromEntries(kept)];
  });
  return { rest: Object.fromEntries(rest) as unknown, taken };
}

function isHolder(value: unknown): value is Readonly<Record<string, object>> {
  return isMap(value) && !pulumi.Output.isInstance(value);
}
