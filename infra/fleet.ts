import * as pulumi from "@pulumi/pulumi";
import type { Kind } from "../contract/kinds";
import { AppSecret } from "./components/app-secret";
import { EnrolFunction } from "./components/enrol-function";
import { type FleetFunctionArgs, roleArnOf } from "./components/fleet-function";
import { findPlace } from "./components/place";
import { RefreshKey } from "./components/refresh-key";
import { RotationFunction } from "./components/rotation-function";
import { StackKey } from "./components/stack-key";
import { StoreSecret } from "./components/store-secret";
import type { FleetSpec, StoreSpec } from "./config/spec";
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

/** Everything that a stack holds; the built functions are this package's own by default. */
export function provisionFleet(spec: FleetSpec, bundlesFolder?: string): ProvisionedFleet {
  const place = findPlace();
  const kmsKeyArn = secretsKeyOf(spec, place);
  const functionArgs = { ...functionArgsOf(spec, place, kmsKeyArn), bundlesFolder };
  const rotationFunction = new RotationFunction("rotate", functionArgs);
  const enrolFunction = new EnrolFunction("enrol", functionArgs);
  const { prefix, recoveryWindowDays, tags } = spec.settings;
  const shared = { prefix, place, kmsKeyArn, recoveryWindowDays, tags };
  const appSecrets = new Map(
    spec.apps.map((app) => [app.app, new AppSecret(app.app, { app, ...shared })]),
  );
  const stores = spec.stores.map((store) => {
    const { app } = store.declaration;
    const appSecret = app === undefined ? undefined : appSecrets.get(app);
    const args = { store, enrolFunction, rotationFunction, appSecret, ...shared };
    return [store.key, outputOf(store, new StoreSecret(store.key, args))] as const;
  });
  return {
    stores: Object.fromEntries(stores),
    kmsKeyArn,
    enrolFunctionName: enrolFunction.functionName,
    rotationFunctionName: rotationFunction.functionName,
  };
}

function secretsKeyOf({ settings, stores }: FleetSpec, place: pulumi.Output<Place>) {
  if (settings.kmsKeyArn !== undefined) return pulumi.output(settings.kmsKeyArn);
  const readers = [...new Set(stores.flatMap((store) => store.readers))];
  const { prefix, tags } = settings;
  return new StackKey("secrets", { prefix, place, readers, tags }).keyArn;
}

function functionArgsOf(
  { settings, stores }: FleetSpec,
  place: pulumi.Output<Place>,
  kmsKeyArn: pulumi.Output<string>,
): FleetFunctionArgs {
  const { prefix, logRetentionDays, tags, vpc } = settings;
  const hasPairs = stores.some(({ declaration }) => declaration.kind === "offline-expiring");
  const sealerRoleArns = place.apply((found) =>
    (["sweep", "install"] as const).map((role) => roleArnOf(found, prefix, role)),
  );
  return {
    prefix,
    place,
    kmsKeyArn,
    logRetentionDays,
    tags,
    ...(vpc === undefined ? {} : { vpc }),
    ...(hasPairs
      ? {
          refreshKeyArn: new RefreshKey("refresh-tokens", { prefix, place, sealerRoleArns, tags })
            .keyArn,
        }
      : {}),
  };
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
