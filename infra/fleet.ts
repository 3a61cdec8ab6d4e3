import * as pulumi from "@pulumi/pulumi";
import { type AppKey, DEFAULT_API_VERSION, isKeyArn } from "../contract/brands";
import type { Kind } from "../contract/kinds";
import { type FunctionRole, functionRolesOf, LIST_ROLE } from "../contract/names";
import { type AppAllowlist, allowlistsOf } from "./allowlists";
import { Alarms, NoticeTopic } from "./components/alarms";
import { AppSecret, inputOf } from "./components/app-secret";
import { Dashboard } from "./components/dashboard";
import { EnrolFunction } from "./components/enrol-function";
import type { FleetFunctionArgs } from "./components/fleet-function";
import { InstallEndpoint, type OpenInstallsArgs } from "./components/install-endpoint";
import { ListMachine } from "./components/list-machine";
import { findPlace } from "./components/place";
import { RefreshKey } from "./components/refresh-key";
import { RotationFunction } from "./components/rotation-function";
import { SigningKey } from "./components/signing-key";
import { StackKey } from "./components/stack-key";
import { StoreSecret, type StoreSecretArgs } from "./components/store-secret";
import { SweepFunction } from "./components/sweep-function";
import { WorkQueue, type WorkQueueArgs } from "./components/work-queue";
import { limitProblems } from "./config/limits";
import { refuse } from "./config/refuse";
import type { AppSpec, FleetSpec, StoreSpec } from "./config/spec";
import type { Words } from "./config/words";
import { type CallComponent, callComponents, type Naming } from "./fleet-names";
import { listAsset } from "./list-machine/list-file";
import { type Place, roleArnOf } from "./policies/statement";
import { hasRefreshTokens } from "./refresh-tokens";

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
  /** The head of every secret's name. */
  readonly prefix: string;
  readonly place: pulumi.Output<Place>;
  readonly stores: Readonly<Record<string, pulumi.Output<StoreOutput>>>;
  readonly kmsKeyArn: pulumi.Output<string>;
  /** The key of the refresh tokens; undefined: no store has one. */
  readonly refreshKeyArn: pulumi.Output<string> | undefined;
  readonly enrolFunctionName: pulumi.Output<string>;
  readonly rotationFunctionName: pulumi.Output<string>;
  readonly sweepFunctionName: pulumi.Output<string>;
  /** What install links begin with; undefined: no store needs its merchant. */
  readonly installBaseUrl: pulumi.Output<string> | undefined;
  /** What is to be pasted into the apps' IP allowlists; undefined: no app needs one. */
  readonly allowlist: pulumi.Output<Record<string, AppAllowlist>> | undefined;
  /** Where alarms and notices go; undefined: config asks for none. */
  readonly noticeTopicArn: pulumi.Output<string> | undefined;
  /** The state machine that applies the list of stores; undefined: config names no list. */
  readonly listMachineArn: pulumi.Output<string> | undefined;
  /** The name of the dashboard in CloudWatch; undefined: config wants none. */
  readonly dashboardName: pulumi.Output<string> | undefined;
}

/** How a fleet fits into a program. */
export interface FleetOptions {
  /**
   * What the components' names begin with, so that a program may hold several fleets; those without it are their
   * aliases. Default: nothing.
   */
  readonly name?: string;
  /** The `Fleet` of the same stack that held these resources before. Default: none did. */
  readonly formerFleet?: string;
  /** The folder of the built functions. Default: this package's own. */
  readonly bundlesFolder?: string;
  /** Options of every component, such as a parent or a provider. */
  readonly opts?: pulumi.ComponentResourceOptions;
  /** The store secrets before this run, from `createStoreList`. Default: what a store awaits is told by its enrolment alone. */
  readonly listed?: StoreSecretArgs["listed"];
}

/** What the components of a fleet have in common. */
interface FleetContext {
  readonly spec: FleetSpec;
  readonly place: pulumi.Output<Place>;
  readonly kmsKeyArn: pulumi.Output<string>;
  readonly called: CallComponent;
}

/** Where a fleet stands in a program, and how it is spoken of there. */
export interface FleetStanding extends FleetOptions, Naming {
  /** Default: those of config. */
  readonly words?: Words;
}

/** Everything that a stack holds. */
export function provisionFleet(spec: FleetSpec, options: FleetOptions = {}): ProvisionedFleet {
  return provisionAt(spec, options);
}

/** The same, wherever it stands. */
export function provisionAt(spec: FleetSpec, options: FleetStanding): ProvisionedFleet {
  const called = callComponents(options, spec.settings.imports);
  // Also where nothing was asked before the start: a program of one's own that only provisions.
  const place = findPlace(options.opts).apply((found) => {
    refuse(limitProblems(spec, found), options.words);
    return found;
  });
  const ground = { spec, place, called, kmsKeyArn: secretsKeyOf(spec, place, called) };
  const signingKeys = signingKeysOf(ground);
  const functionArgs = {
    ...functionArgsOf(ground),
    bundlesFolder: options.bundlesFolder,
    signingKeyArns: pulumi.all([...signingKeys.values()].flat()),
  };
  const refreshKeyArn = refreshKeyOf(ground);
  const { formerRefreshKeyArns } = spec.settings;
  const sealerArgs = { ...functionArgs, refreshKeyArn, formerRefreshKeyArns };
  const rotate = called("rotate");
  const rotationFunction = new RotationFunction(rotate.name, functionArgs, rotate.opts);
  const enrol = called("enrol");
  const enrolFunction = new EnrolFunction(enrol.name, functionArgs, enrol.opts);
  const appSecrets = new Map(
    spec.apps.map((app) => {
      const signingKeyArns = signingKeys.get(app.app) ?? [];
      return [app.app, createAppSecret(app, { ...ground, signingKeyArns })];
    }),
  );
  const listMachine = listMachineOf(ground, { ...functionArgs, enrolFunction, rotationFunction });
  const { listed } = options;
  const parts = { appSecrets, enrolFunction, rotationFunction, listed, list: listMachine?.list };
  const stores = spec.stores.map((store) => {
    return [store.key, outputOf(store, createStoreSecret(store, ground, parts))] as const;
  });
  const noticeTopicArn = noticeTopicOf(ground);
  const { storesAtOnce } = spec.settings;
  const functions = functionsOf(spec);
  const workQueue = workQueueOf(ground, { ...sealerArgs, noticeTopicArn });
  const sweepArgs = { ...sealerArgs, noticeTopicArn, storesAtOnce, workQueue };
  const sweep = called("sweep");
  const sweepFunction = new SweepFunction(sweep.name, sweepArgs, sweep.opts);
  const installBaseUrl = installBaseUrlOf(ground, sealerArgs);
  createAlarms(ground, noticeTopicArn, functions);
  return {
    prefix: spec.settings.prefix,
    place,
    stores: Object.fromEntries(stores),
    kmsKeyArn: ground.kmsKeyArn,
    refreshKeyArn,
    enrolFunctionName: enrolFunction.functionName,
    rotationFunctionName: rotationFunction.functionName,
    sweepFunctionName: sweepFunction.functionName,
    installBaseUrl,
    allowlist: allowlistOf(ground),
    noticeTopicArn,
    listMachineArn: listMachine?.machineArn,
    dashboardName: dashboardNameOf(ground, functions),
  };
}

function allowlistOf({ spec, place }: FleetContext): ProvisionedFleet["allowlist"] {
  // The region is known to AWS alone, and whether there is an output must not wait for it.
  const isEmpty = Object.keys(allowlistsOf(spec, "")).length === 0;
  return isEmpty ? undefined : place.apply(({ region }) => allowlistsOf(spec, region));
}

function secretsKeyOf(
  { settings, stores }: FleetSpec,
  place: pulumi.Output<Place>,
  called: CallComponent,
): pulumi.Output<string> {
  if (settings.kmsKeyArn !== undefined) return pulumi.output(settings.kmsKeyArn);
  const readers = [...new Set(stores.flatMap((store) => store.readers))];
  const { prefix, tags } = settings;
  const args = { prefix, place, readers, tags };
  const { name, opts } = called("secrets");
  return new StackKey(name, args, opts).keyArn;
}

function functionArgsOf({ spec, place, kmsKeyArn }: FleetContext): FleetFunctionArgs {
  const { prefix, logRetentionDays, tags, vpc, leavingVpc, permissionsBoundary } = spec.settings;
  return {
    prefix,
    permissionsBoundary,
    place,
    kmsKeyArn,
    logRetentionDays,
    tags,
    leavingVpc,
    ...(vpc === undefined ? {} : { vpc }),
  };
}

/** The functions that get a new refresh token, and keep it. */
const SEALERS: ReadonlySet<FunctionRole> = new Set(["sweep", "install", "work"]);

/** The key of the refresh tokens, once a store has one. */
function refreshKeyOf({ spec, place, called }: FleetContext): pulumi.Output<string> | undefined {
  if (!hasRefreshTokens(spec)) return undefined;
  const { prefix, tags } = spec.settings;
  const sealers = functionsOf(spec).filter((role) => SEALERS.has(role));
  const args = { prefix, place, sealerRoleArns: roleArnsOf(sealers, { spec, place }), tags };
  const { name, opts } = called("refresh-tokens");
  return new RefreshKey(name, args, opts).keyArn;
}

/** The install endpoint is public, so it is there only for stores that need their merchant. */
function installBaseUrlOf(
  { spec, called }: FleetContext,
  args: FleetFunctionArgs,
): pulumi.Output<string> | undefined {
  if (!functionsOf(spec).includes("install")) return undefined;
  const { settings } = spec;
  const { name, opts } = called("install");
  return new InstallEndpoint(
    name,
    {
      ...args,
      domain: settings.installDomain,
      onlyOwnDomain: settings.installOnlyOwnDomain,
      concurrency: settings.installConcurrency,
      accessLog: settings.installAccessLog,
      openInstalls: openInstallsOf(spec),
      hasList: spec.listed !== undefined,
    },
    opts,
  ).baseUrl;
}

/** Nothing of it is there without a list. */
function listMachineOf(
  { spec, called }: FleetContext,
  args: FleetFunctionArgs & {
    readonly enrolFunction: EnrolFunction;
    readonly rotationFunction: RotationFunction;
  },
): ListMachine | undefined {
  const { listed } = spec;
  if (listed === undefined) return undefined;
  const { name, opts } = called(LIST_ROLE);
  return new ListMachine(name, { ...args, listed, asset: listAsset(spec, listed) }, opts);
}

function roleArnsOf(
  roles: readonly FunctionRole[],
  { spec, place }: Pick<FleetContext, "spec" | "place">,
): pulumi.Output<string[]> {
  return place.apply((found) => roles.map((role) => roleArnOf(found, spec.settings.prefix, role)));
}

/** What carries the work of a fleet that is too large for one function. */
function workQueueOf({ spec, called }: FleetContext, args: WorkQueueArgs): WorkQueue | undefined {
  if (!functionsOf(spec).includes("work")) return undefined;
  const { name, opts } = called("work");
  return new WorkQueue(name, args, opts);
}

/** The functions that a stack has. */
function functionsOf(spec: FleetSpec): FunctionRole[] {
  const hasEndpoint = spec.settings.installEndpoint ?? hasRefreshTokens(spec);
  const { workQueue } = spec.settings;
  return functionRolesOf({ workQueue, list: spec.listed !== undefined }).filter(
    (role) => role !== "install" || hasEndpoint,
  );
}

function noticeTopicOf({ spec, place, called }: FleetContext): pulumi.Output<string> | undefined {
  const { alarms, prefix, tags } = spec.settings;
  if (alarms === undefined) return undefined;
  if (alarms.topicArn !== undefined) return pulumi.output(alarms.topicArn);
  const { name, opts } = called("notices");
  return new NoticeTopic(name, { prefix, place, tags }, opts).topicArn;
}

function createAlarms(
  { spec, called }: FleetContext,
  topicArn: pulumi.Output<string> | undefined,
  functions: readonly FunctionRole[],
): void {
  if (topicArn === undefined) return;
  const { prefix, tags } = spec.settings;
  const { name, opts } = called("alarms");
  const openInstalls = openInstallsOf(spec) !== undefined;
  new Alarms(name, { prefix, topicArn, functions, openInstalls, tags }, opts);
}

function dashboardNameOf(
  { spec, place, called }: FleetContext,
  functions: readonly FunctionRole[],
): pulumi.Output<string> | undefined {
  const { dashboard, alarms, prefix } = spec.settings;
  if (!(dashboard ?? alarms !== undefined)) return undefined;
  const openInstalls = openInstallsOf(spec) !== undefined;
  const { name, opts } = called("dashboard");
  return new Dashboard(name, { prefix, place, functions, openInstalls }, opts).dashboardName;
}

/** What the install function is told of open apps; undefined: none is open, and nothing of it exists. */
function openInstallsOf({
  apps,
  apiVersion = DEFAULT_API_VERSION,
  settings,
}: FleetSpec): OpenInstallsArgs | undefined {
  const open = apps.flatMap((app) =>
    app.open === undefined ? [] : [{ app: app.app, newStoresAnHour: app.open.newStoresAnHour }],
  );
  const { recoveryWindowDays, tags } = settings;
  return open.length === 0 ? undefined : { apps: open, apiVersion, recoveryWindowDays, tags };
}

/** The functions that obtain tokens by an app's own credential. */
const SIGNERS: ReadonlySet<FunctionRole> = new Set(["enrol", "rotate", "sweep", "work"]);

/** The ARNs of the keys that sign, by app: the stack makes those that config only names. */
function signingKeysOf({
  spec,
  place,
  called,
}: FleetContext): Map<AppKey, pulumi.Output<string>[]> {
  const { prefix, tags } = spec.settings;
  const signerRoleArns = roleArnsOf(
    functionsOf(spec).filter((role) => SIGNERS.has(role)),
    { spec, place },
  );
  const keyOf = (app: AppKey, key: string): pulumi.Output<string> => {
    if (isKeyArn(key)) return pulumi.output(key);
    const args = { app, keyName: key, prefix, place, signerRoleArns, tags };
    const { name, opts } = called(`${app}-signing-${key}`);
    return new SigningKey(name, args, opts).keyArn;
  };
  return new Map(
    spec.apps.map(({ app, signingKeys = [] }) => [app, signingKeys.map((key) => keyOf(app, key))]),
  );
}

function createAppSecret(
  app: AppSpec,
  {
    spec,
    kmsKeyArn,
    called,
    signingKeyArns,
  }: FleetContext & { readonly signingKeyArns: readonly pulumi.Output<string>[] },
): AppSecret {
  const { prefix, recoveryWindowDays, tags } = spec.settings;
  const { name, opts } = called(app.app);
  return new AppSecret(
    name,
    {
      app: app.app,
      clientId: app.clientId,
      clientSecret: app.clientSecret,
      previousClientSecret: app.previousClientSecret,
      signingKeyArns,
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
  { spec, place, kmsKeyArn, called }: FleetContext,
  parts: {
    readonly appSecrets: ReadonlyMap<AppKey, AppSecret>;
    readonly enrolFunction: EnrolFunction;
    readonly rotationFunction: RotationFunction;
    readonly listed: StoreSecretArgs["listed"];
    readonly list: pulumi.Resource | undefined;
  },
): StoreSecret {
  const { app } = store.declaration;
  const { prefix, breakGlass, deployers, recoveryWindowDays, tags } = spec.settings;
  const { name, opts } = called(store.key, store.formerly);
  return new StoreSecret(
    name,
    {
      store,
      accessToken: store.accessToken && inputOf(store.accessToken),
      appSecret: app === undefined ? undefined : parts.appSecrets.get(app),
      clientId: spec.apps.find((declared) => declared.app === app)?.clientId,
      enrolFunction: parts.enrolFunction,
      rotationFunction: parts.rotationFunction,
      listed: parts.listed,
      list: parts.list,
      prefix,
      place,
      kmsKeyArn,
      breakGlass,
      deployers,
      functions: functionsOf(spec),
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
