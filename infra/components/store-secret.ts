import { Invocation } from "@pulumi/aws/lambda";
import { Secret, SecretRotation } from "@pulumi/aws/secretsmanager";
import * as pulumi from "@pulumi/pulumi";
import { encodeDeclaration } from "../../contract/declaration";
import {
  functionName as defaultNameOf,
  FUNCTION_ROLES,
  type FunctionRole,
  LISTED,
} from "../../contract/names";
import { PING } from "../../contract/ping";
import { encodeReaderPolicy } from "../../contract/reader-policy";
import { rotationScheduleOf } from "../../contract/schedule";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { storeTagsOf } from "../../contract/store/tags";
import { storeViewOf } from "../../contract/store/view";
import type { StoreSpec } from "../config/spec";
import { encodeAudiencePolicy } from "../policies/secret";
import type { Place } from "../policies/statement";
import type { AppSecret } from "./app-secret";
import {
  buildEnrolPayload,
  buildTriggers,
  leftAfterEnrolment,
  leftNow,
  type StoreBefore,
  scopesLeft,
} from "./enrolment";
import { warnUnlessStatusTagsAreIgnored } from "./ignored-tags";
import { unlessFailed } from "./unless-failed";
import { nameOnceAwake } from "./until-awake";

/** What an enrolment calls: an `EnrolFunction`, or what is known of one that another program made. */
export interface Enroller {
  readonly functionName: pulumi.Output<string>;
  /** Default: it is asked whether it is awake. */
  readonly nameOnceAwake?: pulumi.Output<string>;
  /** What an enrolment has to wait for. Default: nothing. */
  readonly policy?: pulumi.Resource;
}

/** What rotates: a `RotationFunction`, or what is known of one that another program made. */
export interface Rotator {
  readonly functionArn: pulumi.Output<string>;
  /** What a rotation has to wait for. Default: nothing. */
  readonly permission?: pulumi.Resource;
}

export interface StoreSecretArgs {
  /** Plain on purpose: the kind decides which children exist. */
  readonly store: StoreSpec;
  readonly prefix: string;
  readonly place: pulumi.Input<Place>;
  readonly kmsKeyArn: pulumi.Input<string>;
  readonly enrolFunction: Enroller;
  readonly rotationFunction: Rotator;
  /** The uploaded list. Default: the stack has none. */
  readonly list?: pulumi.Resource | undefined;
  /** The secret of the store's app; undefined: the store names no app. */
  readonly appSecret?: Pick<AppSecret, "versionId"> | undefined;
  /** The client ID of that app; undefined: it is not said which app it is at Shopify. */
  readonly clientId?: string | undefined;
  /** A static token; undefined: enrolment waits for one. Marked as a secret on its way. */
  readonly accessToken?: pulumi.Input<string> | undefined;
  /** ARNs of IAM roles and users whom a store that names its readers does not keep out. Default: none. */
  readonly breakGlass?: readonly string[];
  /** ARNs of those who run `pulumi up`: then nobody else updates a secret that names its readers. Default: whom IAM lets. */
  readonly deployers?: readonly string[];
  /** The functions that the stack has. Default: all. */
  readonly functions?: readonly FunctionRole[];
  /** Days in which the deleted secret can be restored; 0: deleted at once. Default: 30. */
  readonly recoveryWindowDays?: number;
  readonly tags?: Readonly<Record<string, string>>;
  /** The store secrets before this run; undefined: nobody looked. So what the store awaits is told as it is now. */
  readonly listed?: ((place: Place) => Promise<readonly ListedSecret[] | undefined>) | undefined;
}

/**
 * The secret of one store, enrolled, and rotated where Secrets Manager renews its kind.
 *
 * It has no `SecretVersion`: the functions write every value, and Pulumi none.
 */
export class StoreSecret extends pulumi.ComponentResource {
  readonly secretArn: pulumi.Output<string>;
  readonly secretName: pulumi.Output<string>;
  /** A policy for whoever reads this store's token, as JSON. */
  readonly readerPolicy: pulumi.Output<string>;

  constructor(name: string, args: StoreSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:StoreSecret", name, {}, withFormerName(name, args.store, opts));
    warnUnlessStatusTagsAreIgnored(this);
    const secret = createSecret(this, name, args);
    const enrolment = createEnrolment(this, name, { args, secret });
    createRotation(this, name, { args, secret, enrolment });
    this.secretArn = secret.arn;
    this.secretName = secret.name;
    this.readerPolicy = pulumi
      .all([args.place, secret.arn, args.kmsKeyArn])
      .apply(([place, secretArn, kmsKeyArn]) =>
        encodeReaderPolicy({ place, secretArn, kmsKeyArn }),
      );
    this.registerOutputs({ secretArn: this.secretArn, secretName: this.secretName });
  }
}

function createSecret(parent: StoreSecret, name: string, args: StoreSecretArgs): Secret {
  const { store } = args;
  return new Secret(
    `${name}-secret`,
    {
      name: store.secretName,
      description: encodeDeclaration(store.declaration),
      kmsKeyId: args.kmsKeyArn,
      recoveryWindowInDays: args.recoveryWindowDays ?? 30,
      tags: storeTagsOf({
        tags: args.tags,
        key: store.key,
        declaration: store.declaration,
        clientId: args.clientId,
        origin: store.moving === "to-list" ? LISTED : undefined,
      }),
      // To leave `policy` out would keep the one that is there; an empty document takes it away.
      policy: store.readers.length === 0 ? "{}" : audiencePolicyOf(args),
    },
    {
      parent,
      ...kept(store),
      // A mark before the list names the store would have it retired.
      dependsOn: present(store.moving === "to-list" ? args.list : undefined),
      protect: store.protect,
      ...(store.adopt === undefined ? {} : { import: store.adopt }),
    },
  );
}

/** A store on its way leaves the state, at its end or where the way is broken off, and nothing of it is touched then. */
function kept({ moving }: StoreSpec): { readonly retainOnDelete?: boolean } {
  return moving === undefined ? {} : { retainOnDelete: true };
}

function audiencePolicyOf(args: StoreSecretArgs): pulumi.Output<string> {
  const { place, prefix, store, breakGlass = [], deployers = [] } = args;
  const audience = { prefix, breakGlass, deployers, functions: args.functions ?? FUNCTION_ROLES };
  return pulumi
    .output(place)
    .apply((found) => encodeAudiencePolicy(found, audience, store.readers));
}

interface StoreSecretContext {
  readonly args: StoreSecretArgs;
  readonly secret: Secret;
}

function createEnrolment(
  parent: StoreSecret,
  name: string,
  { args, secret }: StoreSecretContext,
): Invocation {
  const appSecretVersion = args.appSecret?.versionId ?? "";
  // Without a token nothing in it is secret, and encrypted inputs are what makes a fleet's state slow to write.
  const isTokenInConfig = args.accessToken !== undefined;
  const payload = pulumi
    .all([secret.arn, args.kmsKeyArn, appSecretVersion, args.accessToken])
    .apply(([secretArn, kmsKeyArn, version, accessToken]) =>
      JSON.stringify(
        buildEnrolPayload(args.store, {
          secretArn,
          kmsKeyArn,
          appSecretVersion: version,
          accessToken: accessToken ?? "",
        }),
      ),
    );
  const enrolment = new Invocation(
    `${name}-enrolment`,
    {
      functionName: nameOf(args, parent),
      input: unlessFailed(isTokenInConfig ? pulumi.secret(payload) : payload, JSON.stringify(PING)),
      triggers: buildTriggers(args.store, appSecretVersion),
    },
    { parent, ...kept(args.store), dependsOn: present(args.enrolFunction.policy) },
  );
  pulumi.all([enrolment.result, secret.arn, args.place]).apply(async ([result, arn, place]) => {
    const { key } = args.store;
    const mayTell = leftAfterEnrolment(args.store, result) ?? scopesLeft(key, result, "unknown");
    if (pulumi.runtime.isDryRun() || mayTell === undefined) return;
    const before = beforeThisRun(arn, args, await args.listed?.(place));
    const notice = leftNow(args.store, result, before);
    if (notice !== undefined) void pulumi.log.info(notice, parent);
    const lacking = scopesLeft(key, result, before);
    if (lacking !== undefined) void pulumi.log.warn(lacking, parent);
  });
  return enrolment;
}

function nameOf(
  { enrolFunction, prefix }: StoreSecretArgs,
  parent: StoreSecret,
): pulumi.Output<string> {
  const { nameOnceAwake: known, functionName } = enrolFunction;
  return known ?? unlessFailed(nameOnceAwake(functionName, parent), defaultNameOf(prefix, "enrol"));
}

function present(resource: pulumi.Resource | undefined): pulumi.Resource[] {
  return resource === undefined ? [] : [resource];
}

/** The store before this run; `new` also where it was declared otherwise: then it is enrolled in this run. */
function beforeThisRun(
  secretArn: string,
  { store, prefix }: StoreSecretArgs,
  listed: readonly ListedSecret[] | undefined,
): StoreBefore {
  if (listed === undefined) return "unknown";
  const secret = listed.find((one) => one.secretArn === secretArn);
  if (secret === undefined) return "new";
  const isSame = secret.facts.description === encodeDeclaration(store.declaration);
  return isSame ? storeViewOf(secret, prefix) : "new";
}

function createRotation(
  parent: StoreSecret,
  name: string,
  { args, secret, enrolment }: StoreSecretContext & { readonly enrolment: Invocation },
): void {
  const { store, rotationFunction } = args;
  if (store.rotationHours === undefined) return;
  const { expression, duration } = rotationScheduleOf(store.key, store.rotationHours);
  new SecretRotation(
    `${name}-rotation`,
    {
      secretId: unlessFailed(secret.arn, store.secretName),
      rotationLambdaArn: rotationFunction.functionArn,
      rotationRules: { scheduleExpression: expression, duration },
      // The provider's default would rotate every store at each edit of the schedule.
      rotateImmediately: false,
    },
    {
      parent,
      ...kept(store),
      dependsOn: [enrolment, ...present(rotationFunction.permission)],
    },
  );
}

/** The name before ended in the key before, as today's ends in today's. */
function withFormerName(
  name: string,
  { key, formerly }: StoreSpec,
  opts: pulumi.ComponentResourceOptions = {},
): pulumi.ComponentResourceOptions {
  if (formerly === undefined) return opts;
  const head = name.endsWith(key) ? name.slice(0, -key.length) : "";
  return pulumi.mergeOptions(opts, { aliases: [{ name: `${head}${formerly}` }] });
}
