import * as pulumi from "@pulumi/pulumi";
import type { AppKey } from "../contract/brands";
import type { Kind } from "../contract/kinds";
import { AppSecret } from "./components/app-secret";
import { EnrolFunction } from "./components/enrol-function";
import { type FleetFunctionArgs, roleArnOf } from "./components/fleet-function";
import { findPlace } from "./components/place";
import { RefreshKey } from "./components/refresh-key";
import { RotationFunction } from "./components/rotation-function";
import { StackKey } from "./components/stack-key";
import { StoreSecret } from "./components/store-secret";
import type { AppSpec, FleetSpec, StoreSpec } from "./config/spec";
import type { Place } from "./policies/statement";

/** What an application and its deployment need to know of a store; nothing in it is secret. */
export interface StoreOutput {
  readonly secretArn: string;
  readonly secretName: string;
  readonly kind: Kind;
  readonly shop: string;
  /** A policy that reads this store's token and nothing else, as JSON. */
  readonly readerPolicy: string;
}

/** A provisioned fleet. */
export interface ProvisionedFleet {
  readonly stores: Readonly<Record<string, pulumi.Output<StoreOutput>>>;
  readonly kmsKeyArn: pulumi.Output<string>;
  readonly enrolFunctionName: pulumi.Output<string>;
  readonly rotationFunctionName: pulumi.Output<string>;
}

/** How a fleet fits into a program. */
export interface FleetOptions {
  /** The folder of the built functions. Default: this package's own. */
  readonly bundlesFolder?: string;
  /** Options of every component, such as a parent or a provider. */
  readonly opts?: pulumi.ComponentResourceOptions;
}

/** What the components of a fleet have in common. */
interface Ground {
  readonly spec: FleetSpec;
  readonly place: pulumi.Output<Place>;
  readonly kmsKeyArn: pulumi.Output<string>;
  readonly opts: pulumi.ComponentResourceOptions;
}

/** Everything that a stack holds. */
export function provisionFleet(spec: FleetSpec, options: FleetOptions = {}): ProvisionedFleet {
  const opts = options.opts ?? {};
  const place = findPlace(opts);
  const ground = { spec, place, opts, kmsKeyArn: secretsKeyOf(spec, place, opts) };
  const functionArgs = { ...functionArgsOf(ground), bundlesFolder: options.bundlesFolder };
  const rotationFunction = new RotationFunction("rotate", functionArgs, opts);
  const enrolFunction = new EnrolFunction("enrol", functionArgs, opts);
  const appSecrets = new Map(spec.apps.map((app) => [app.app, createAppSecret(app, ground)]));
  const stores = spec.stores.map((store) => {
    const parts = { appSecrets, enrolFunction, rotationFunction };
    return [store.key, outputOf(store, createStoreSecret(store, ground, parts))] as const;
  });
  return {
    stores: Object.fromEntries(stores),
    kmsKeyArn: ground.kmsKeyArn,
    enrolFunctionName: enrolFunction.functionName,
    rotationFunctionName: rotationFunction.functionName,
  };
}

function secretsKeyOf(
  { settings, stores }: FleetSpec,
  place: pulumi.Output<Place>,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Output<string> {
  if (settings.kmsKeyArn !== undefined) return pulumi.output(settings.kmsKeyArn);
  const readers = [...new Set(stores.flatMap((store) => store.readers))];
  const { prefix, tags } = settings;
  return new StackKey("secrets", { prefix, place, readers, tags }, opts).keyArn;
}

function functionArgsOf({ spec, place, kmsKeyArn, opts }: Ground): FleetFunctionArgs {
  const { prefix, logRetentionDays, tags, vpc } = spec.settings;
  const hasPairs = spec.stores.some(({ declaration }) => declaration.kind === "offline-expiring");
  const refreshKeyArn = hasPairs ? refreshKeyOf(spec, place, opts) : undefined;
  return {
    prefix,
    place,
    kmsKeyArn,
    logRetentionDays,
    tags,
    ...(vpc === undefined ? {} : { vpc }),
    ...(refreshKeyArn === undefined ? {} : { refreshKeyArn }),
  };
}

function refreshKeyOf(
  { settings }: FleetSpec,
  place: pulumi.Output<Place>,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Output<string> {
  const { prefix, tags } = settings;
  const sealerRoleArns = place.apply((found) =>
    (["sweep", "install"] as const).map((role) => roleArnOf(found, prefix, role)),
  );
  return new RefreshKey("refresh-tokens", { prefix, place, sealerRoleArns, tags }, opts).keyArn;
}

function createAppSecret(app: AppSpec, { spec, kmsKeyArn, opts }: Ground): AppSecret {
  const { prefix, recoveryWindowDays, tags } = spec.settings;
  return new AppSecret(
    app.app,
    {
      app: app.app,
      clientId: app.clientId,
      clientSecret: pulumi.secret(app.clientSecret.unseal()),
      previousClientSecret:
        app.previousClientSecret && pulumi.secret(app.previousClientSecret.unseal()),
      prefix,
      kmsKeyArn,
      recoveryWindowDays,
      tags,
    },
    opts,
  );
}

function createStoreSecret(
  store: StoreSpec,
  { spec, place, kmsKeyArn, opts }: Ground,
  parts: {
    readonly appSecrets: ReadonlyMap<AppKey, AppSecret>;
    readonly enrolFunction: EnrolFunction;
    readonly rotationFunction: RotationFunction;
  },
): StoreSecret {
  const { app } = store.declaration;
  const { prefix, recoveryWindowDays, tags } = spec.settings;
  return new StoreSecret(
    store.key,
    {
      store,
      accessToken: store.accessToken && pulumi.secret(store.accessToken.unseal()),
      appSecret: app === undefined ? undefined : parts.appSecrets.get(app),
      enrolFunction: parts.enrolFunction,
      rotationFunction: parts.rotationFunction,
      prefix,
      place,
      kmsKeyArn,
      recoveryWindowDays,
      tags,
    },
    opts,
  );
}

function outputOf({ declaration }: StoreSpec, secret: StoreSecret): pulumi.Output<StoreOutput> {
  return pulumi.output({
    secretArn: secret.secretArn,
    secretName: secret.secretName,
    kind: declaration.kind,
    shop: declaration.shop,
    readerPolicy: secret.readerPolicy,
  });
}
