import * as pulumi from "@pulumi/pulumi";
import { callbackUrlOf, webhooksUrlOf } from "../../contract/install";
import type { AppAllowlist } from "../allowlists";
import { warnOfArrivedStores } from "../arrived-stores";
import { declareIn, type FleetDeclaration } from "../config/declare-fleet";
import { readStackConfig } from "../config/stack-config";
import { wordsOfProgram } from "../config/words";
import { deletedAmong, warnOfDeletedSecrets } from "../deleted-secrets";
import { type ProvisionedFleet, provisionAt, type StoreOutput } from "../fleet";
import { FLEET_TYPE } from "../fleet-names";
import { createStoreList } from "../store-list";
import { configOf, type FleetArgs } from "./fleet-args";

/**
 * A fleet of stores, all at once: per store one secret with a working Admin API access token, and what keeps it alive.
 *
 * A program may hold several, each under a prefix of its own. A stack of this project's own program, or of
 * `provisionFleet`, that becomes a `Fleet` with the same prefix replaces nothing.
 *
 * @throws {pulumi.RunError} all mistakes together, by their paths
 */
export class Fleet extends pulumi.ComponentResource {
  /** The head of every secret's name. */
  readonly prefix: pulumi.Output<string>;
  /** Per store the ARN and the name of its secret, its kind, its shop, and a policy for whoever reads its token; nothing secret. */
  readonly stores: pulumi.Output<Record<string, StoreOutput>>;
  /** The key of the secrets. */
  readonly kmsKeyArn: pulumi.Output<string>;
  /** The key of the refresh tokens, which outlives the fleet; undefined: no store has one. */
  readonly refreshKeyArn: pulumi.Output<string | undefined>;
  /** The function that gives stores their first token. */
  readonly enrolFunctionName: pulumi.Output<string>;
  /** The function that Secrets Manager calls. */
  readonly rotationFunctionName: pulumi.Output<string>;
  /** The function that passes over the fleet. */
  readonly sweepFunctionName: pulumi.Output<string>;
  /** What install links begin with; undefined: no store needs its merchant. */
  readonly installBaseUrl: pulumi.Output<string | undefined>;
  /** What an app's redirect URLs have to hold; undefined: no store needs its merchant. */
  readonly callbackUrl: pulumi.Output<string | undefined>;
  /** Where an app's webhooks go; undefined: no store needs its merchant. */
  readonly webhooksUrl: pulumi.Output<string | undefined>;
  /** What is to be pasted into the apps' IP allowlists; undefined: no app needs one. */
  readonly allowlist: pulumi.Output<Record<string, AppAllowlist> | undefined>;
  /** Where alarms and notices go; undefined: there are none. */
  readonly noticeTopicArn: pulumi.Output<string | undefined>;
  /** The name of the dashboard in CloudWatch; undefined: there is none. */
  readonly dashboardName: pulumi.Output<string | undefined>;

  constructor(name: string, args: FleetArgs, opts?: pulumi.ComponentResourceOptions) {
    // Before the component is registered: a mistake touches nothing.
    const words = wordsOfProgram(name);
    const spec = declareIn(words, declarationOf(name, args));
    super(FLEET_TYPE, name, {}, opts);
    const listed = createStoreList(spec.settings.prefix);
    const fleet = provisionAt(spec, {
      name,
      words,
      listed,
      ...(args.bundlesFolder === undefined ? {} : { bundlesFolder: args.bundlesFolder }),
      formerParent: opts?.parent,
      opts: { parent: this },
    });
    warnOfDeletedSecrets(spec, fleet.place, async (place) =>
      deletedAmong((await listed(place)) ?? []),
    );
    warnOfArrivedStores(spec, fleet.place, listed);
    const outputs = outputsOf(fleet);
    this.prefix = outputs.prefix;
    this.stores = outputs.stores;
    this.kmsKeyArn = outputs.kmsKeyArn;
    this.refreshKeyArn = outputs.refreshKeyArn;
    this.enrolFunctionName = outputs.enrolFunctionName;
    this.rotationFunctionName = outputs.rotationFunctionName;
    this.sweepFunctionName = outputs.sweepFunctionName;
    this.installBaseUrl = outputs.installBaseUrl;
    this.callbackUrl = outputs.callbackUrl;
    this.webhooksUrl = outputs.webhooksUrl;
    this.allowlist = outputs.allowlist;
    this.noticeTopicArn = outputs.noticeTopicArn;
    this.dashboardName = outputs.dashboardName;
    this.registerOutputs(outputs);
  }
}

/** What a fleet of that name declares, with the keys of config. */
export function declarationOf(name: string, args: FleetArgs): FleetDeclaration {
  return {
    config: configOf(args, readStackConfig()),
    defaultPrefix: `${name}/${pulumi.getStack()}`,
  };
}

function outputsOf(fleet: ProvisionedFleet) {
  const installBaseUrl = pulumi.output(fleet.installBaseUrl);
  return {
    prefix: pulumi.output(fleet.prefix),
    stores: pulumi.output(fleet.stores) as pulumi.Output<Record<string, StoreOutput>>,
    kmsKeyArn: fleet.kmsKeyArn,
    refreshKeyArn: pulumi.output(fleet.refreshKeyArn),
    enrolFunctionName: fleet.enrolFunctionName,
    rotationFunctionName: fleet.rotationFunctionName,
    sweepFunctionName: fleet.sweepFunctionName,
    installBaseUrl,
    callbackUrl: installBaseUrl.apply((base) => base && callbackUrlOf(base)),
    webhooksUrl: installBaseUrl.apply((base) => base && webhooksUrlOf(base)),
    allowlist: pulumi.output(fleet.allowlist) as pulumi.Output<
      Record<string, AppAllowlist> | undefined
    >,
    noticeTopicArn: pulumi.output(fleet.noticeTopicArn),
    dashboardName: pulumi.output(fleet.dashboardName),
  };
}
