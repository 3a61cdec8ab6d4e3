import type { RolePolicy } from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { functionName as nameOf } from "../../contract/names";
import {
  mayReadAppCredentials,
  mayRenewFleet,
  maySignAssertions,
  mayUseSecretsKey,
  mayWriteStatus,
} from "../policies/functions";
import { createFleetFunction, type FleetFunctionArgs, type FunctionShape } from "./fleet-function";
import { unlessFailed } from "./unless-failed";
import { nameOnceAwake } from "./until-awake";

const SHAPE: FunctionShape = {
  role: "enrol",
  description: "Gives Shopify stores their first access token, called by pulumi up",
  // New permissions take seconds to spread, and Shopify may throttle: enrolment waits for both.
  timeoutSeconds: 120,
  memoryMegabytes: 256,
  buildStatements: ({ fleet, kmsKeyArn, signingKeyArns }) => [
    mayRenewFleet(fleet),
    mayWriteStatus(fleet),
    mayReadAppCredentials(fleet),
    mayUseSecretsKey(fleet, kmsKeyArn),
    ...maySignAssertions(signingKeyArns),
  ],
};

/** The function that each store's enrolment calls. */
export class EnrolFunction extends pulumi.ComponentResource {
  readonly functionArn: pulumi.Output<string>;
  readonly functionName: pulumi.Output<string>;
  /** The same, for whoever calls the function in this `up`: it may have slept. */
  readonly nameOnceAwake: pulumi.Output<string>;
  /** What an enrolment has to wait for, and all that this stands on with it; one resource keeps the state of a store small. */
  readonly policy: RolePolicy;

  constructor(name: string, args: FleetFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:EnrolFunction", name, {}, opts);
    const { functionArn, functionName, policy } = createFleetFunction(this, SHAPE, { name, args });
    this.policy = policy;
    this.functionArn = functionArn;
    this.functionName = functionName;
    const awake = nameOnceAwake(functionName, this);
    this.nameOnceAwake = unlessFailed(awake, nameOf(args.prefix, SHAPE.role));
    this.registerOutputs({ functionArn, functionName });
  }
}
