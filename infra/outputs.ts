import { type Output, output } from "@pulumi/pulumi";
import { callbackUrlOf, webhooksUrlOf } from "../contract/install";
import type { ProvisionedFleet } from "./fleet";

/** A stack output, or several under their stores' keys. */
export type StackOutput = Output<unknown> | Readonly<Record<string, Output<unknown>>>;

/**
 * The stack outputs of a fleet, nothing secret among them.
 *
 * What does not apply is left out: of an output without a value the engine warns at each `up`.
 */
export function outputsOf(fleet: ProvisionedFleet): Readonly<Record<string, StackOutput>> {
  const { installBaseUrl } = fleet;
  return withoutAbsent({
    // Per store: the ARN and the name of its secret, its kind, its shop, and a policy for its readers.
    stores: fleet.stores,
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
    // Where alarms and notices go; absent when config asks for none.
    noticeTopicArn: fleet.noticeTopicArn,
  });
}

function withoutAbsent(
  outputs: Readonly<Record<string, StackOutput | undefined>>,
): Record<string, StackOutput> {
  const present = Object.entries(outputs).filter(
    (entry): entry is [string, StackOutput] => entry[1] !== undefined,
  );
  return Object.fromEntries(present);
}
