import { type Output, output } from "@pulumi/pulumi";
import { callbackUrlOf, webhooksUrlOf } from "../contract/install";
import type { Settings } from "./config/spec";
import type { ProvisionedFleet, StoreOutput } from "./fleet";
import type { LastOutputs } from "./last-outputs";
import { inTime } from "./store-list";

/** A stack output, or several under their stores' keys. */
export type StackOutput = Output<unknown> | Readonly<Record<string, Output<unknown>>>;

export interface OutputOptions {
  /** Whether `stores` holds each reader's policy. Default: no, since the engine prints 40 lines of each. */
  readonly readerPolicies?: boolean;
}

/**
 * The stack outputs of a fleet, nothing secret among them.
 *
 * What does not apply is left out: of an output without a value the engine warns at each `up`.
 */
export function outputsOf(
  fleet: ProvisionedFleet,
  { readerPolicies = false }: OutputOptions = {},
): Readonly<Record<string, StackOutput>> {
  const { installBaseUrl } = fleet;
  return withoutAbsent({
    // Per store: the ARN and the name of its secret, its kind and its shop.
    stores: readerPolicies ? fleet.stores : withoutPolicies(fleet.stores),
    // The head of every secret's name: what the next deployment compares config's with.
    prefix: output(fleet.prefix),
    kmsKeyArn: fleet.kmsKeyArn,
    // The key of the refresh tokens, which outlives the stack; absent when no store has one.
    refreshKeyArn: fleet.refreshKeyArn,
    enrolFunctionName: fleet.enrolFunctionName,
    rotationFunctionName: fleet.rotationFunctionName,
    sweepFunctionName: fleet.sweepFunctionName,
    // What install links begin with, and what an app's redirect URLs and webhook subscriptions must hold.
    installBaseUrl,
    callbackUrl: installBaseUrl?.apply(callbackUrlOf),
    webhooksUrl: installBaseUrl?.apply(webhooksUrlOf),
    // What is to be pasted into the apps' IP allowlists; absent when no app needs one.
    allowlist: fleet.allowlist,
    // Where alarms and notices go; absent when config asks for none.
    noticeTopicArn: fleet.noticeTopicArn,
    // What applies the list of stores; absent when config names none.
    listMachineArn: fleet.listMachineArn,
    // The pictures in CloudWatch; absent when config wants none.
    dashboardName: fleet.dashboardName,
  });
}

/**
 * Whether `stores` holds each reader's policy: as config says, else as at the last deployment, so that no other
 * stack that takes one from there finds it gone.
 */
export async function tellsReaderPolicies(
  { readerPolicies }: Pick<Settings, "readerPolicies">,
  lastOutputs: () => Promise<LastOutputs>,
): Promise<boolean> {
  if (readerPolicies !== undefined) return readerPolicies;
  const outputs = await inTime(lastOutputs);
  // Nobody could tell: then nothing is taken away.
  if (outputs === undefined) return true;
  return Object.values(outputs["stores"] ?? {}).some(
    (store: unknown) => typeof store === "object" && store !== null && "readerPolicy" in store,
  );
}

function withoutPolicies(stores: ProvisionedFleet["stores"]): Record<string, Output<unknown>> {
  return Object.fromEntries(
    Object.entries(stores).map(([key, store]) => [key, store.apply(withoutPolicy)]),
  );
}

function withoutPolicy({
  readerPolicy: _,
  ...rest
}: StoreOutput): Omit<StoreOutput, "readerPolicy"> {
  return rest;
}

function withoutAbsent(
  outputs: Readonly<Record<string, StackOutput | undefined>>,
): Record<string, StackOutput> {
  const present = Object.entries(outputs).filter(
    (entry): entry is [string, StackOutput] => entry[1] !== undefined,
  );
  return Object.fromEntries(present);
}
