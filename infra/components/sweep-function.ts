import { Role, RolePolicy } from "@pulumi/aws/iam";
import { FunctionEventInvokeConfig } from "@pulumi/aws/lambda";
import { Schedule } from "@pulumi/aws/scheduler";
import * as pulumi from "@pulumi/pulumi";
import { SWEEP_SECONDS } from "../../contract/capacity";
import { ENVIRONMENT } from "../../contract/environment";
import { sweepCallerRoleName, sweepScheduleName } from "../../contract/names";
import { SWEEP_EVERY_MS } from "../../contract/sweep";
import { MINUTE_MS } from "../../contract/time";
import {
  mayCallFunction,
  mayKeepAwake,
  mayListSecrets,
  mayLookAfterStores,
  maySendWork,
} from "../policies/functions";
import { encodePolicy } from "../policies/statement";
import { encodeSchedulerTrust } from "../policies/trust";
import {
  boundaryOf,
  createFleetFunction,
  type FleetFunction,
  type FleetFunctionArgs,
  type FunctionShape,
} from "./fleet-function";
import { createNoticePolicies } from "./notice-policy";

/** How often the sweep passes over the fleet: an hour's token is renewed past half its life, with room for misses. */
export const SWEEP_RATE = `rate(${SWEEP_EVERY_MS / MINUTE_MS} minutes)`;

const SHAPE: FunctionShape = {
  role: "sweep",
  description:
    "Passes over the fleet: renews what is due, checks what is static, heals what is stuck",
  timeoutSeconds: SWEEP_SECONDS,
  memoryMegabytes: 512,
  buildStatements: (grant) => [
    mayListSecrets(),
    ...mayLookAfterStores(grant),
    mayKeepAwake(grant.fleet),
  ],
};

/** A list of 100,000 stores is some 300 MB, and with the memory comes the processor that reads it. */
const SENDS_ITS_WORK: Pick<FunctionShape, "bundle" | "memoryMegabytes"> = {
  bundle: "sweep-queue",
  memoryMegabytes: 3_008,
};

export interface SweepFunctionArgs extends FleetFunctionArgs {
  /** The SNS topic of the notices. Default: they stand in the log only. */
  readonly noticeTopicArn?: pulumi.Input<string> | undefined;
  /** How many stores it works on at a time. Default: 10. */
  readonly storesAtOnce?: number | undefined;
  /** What carries its work to workers. Default: it does all itself. */
  readonly workQueue?: SweepWorkQueue | undefined;
}

/** The queue that a large fleet's sweep sends its work to. */
export interface SweepWorkQueue {
  /** The queue's ARN. */
  readonly queueArn: pulumi.Input<string>;
  /** The queue's URL. */
  readonly queueUrl: pulumi.Input<string>;
}

/** The function that passes over the whole fleet, and the schedule that calls it. */
export class SweepFunction extends pulumi.ComponentResource {
  readonly functionArn: pulumi.Output<string>;
  readonly functionName: pulumi.Output<string>;

  constructor(name: string, args: SweepFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:SweepFunction", name, {}, opts);
    const { noticeTopicArn, workQueue } = args;
    const size = workQueue === undefined ? {} : SENDS_ITS_WORK;
    const shape = { ...SHAPE, ...size, variables: variablesOf(args) };
    const sweep = createFleetFunction(this, shape, { name, args });
    const { roleName } = sweep;
    const policies = [
      ...createNoticePolicies(this, name, { roleName, noticeTopicArn }),
      ...createQueuePolicies(this, name, { roleName, workQueue }),
    ];
    createSchedule(this, name, { sweep, args, policies });
    this.functionArn = sweep.functionArn;
    this.functionName = sweep.functionName;
    this.registerOutputs({ functionArn: this.functionArn, functionName: this.functionName });
  }
}

/** Only what config says: what is left out is the function's own default, and no diff in stacks that are there. */
function variablesOf({
  noticeTopicArn,
  storesAtOnce,
  workQueue,
}: SweepFunctionArgs): Record<string, pulumi.Input<string>> {
  return {
    ...(noticeTopicArn === undefined ? {} : { [ENVIRONMENT.noticeTopicArn]: noticeTopicArn }),
    ...(storesAtOnce === undefined ? {} : { [ENVIRONMENT.storesAtOnce]: String(storesAtOnce) }),
    ...(workQueue === undefined ? {} : { [ENVIRONMENT.workQueueUrl]: workQueue.queueUrl }),
  };
}

/** Lets the pass send what it finds. */
function createQueuePolicies(
  parent: SweepFunction,
  name: string,
  {
    roleName: role,
    workQueue,
  }: Pick<FleetFunction, "roleName"> & Pick<SweepFunctionArgs, "workQueue">,
): RolePolicy[] {
  if (workQueue === undefined) return [];
  const policy = pulumi
    .output(workQueue.queueArn)
    .apply((queueArn) => encodePolicy([maySendWork(queueArn)]));
  return [new RolePolicy(`${name}-queue-policy`, { role, policy }, { parent })];
}

/** The next pass comes in ten minutes anyway. */
const NO_RETRIES = { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 300 } as const;

/**
 * EventBridge Scheduler's own retries end with the delivery: it calls asynchronously, and by default Lambda keeps
 * what it throttles for six hours and runs what failed twice more (Lambda developer guide, "How Lambda handles
 * errors and retries with asynchronous invocation").
 */
function createRetries(parent: SweepFunction, name: string, { sweep }: Swept) {
  return new FunctionEventInvokeConfig(
    `${name}-retries`,
    { functionName: sweep.functionName, ...NO_RETRIES },
    { parent },
  );
}

interface Swept {
  readonly sweep: FleetFunction;
  readonly args: FleetFunctionArgs;
}

function createSchedule(
  parent: SweepFunction,
  name: string,
  { sweep, args, policies }: Swept & { readonly policies: readonly RolePolicy[] },
): void {
  const { role, callerPolicy } = createCallerRole(parent, name, { sweep, args });
  const retries = createRetries(parent, name, { sweep, args });
  new Schedule(
    `${name}-schedule`,
    {
      name: sweepScheduleName(args.prefix),
      description: "Calls the sweep",
      scheduleExpression: SWEEP_RATE,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: sweep.functionArn,
        roleArn: role.arn,
        input: JSON.stringify({ action: "sweep" }),
        retryPolicy: NO_RETRIES,
      },
    },
    // A rate without a start calls at once: then everything that the call needs has to be there.
    {
      parent,
      deleteBeforeReplace: true,
      dependsOn: [callerPolicy, retries, sweep.policy, ...policies],
    },
  );
}

function createCallerRole(
  parent: SweepFunction,
  name: string,
  { sweep, args }: Swept,
): { readonly role: Role; readonly callerPolicy: RolePolicy } {
  const place = pulumi.output(args.place);
  const role = new Role(
    `${name}-schedule-role`,
    {
      name: place.region.apply((region) => sweepCallerRoleName(args.prefix, region)),
      description: "Lets EventBridge Scheduler call the sweep",
      assumeRolePolicy: place.apply(encodeSchedulerTrust),
      ...boundaryOf(args),
      ...(args.tags === undefined ? {} : { tags: args.tags }),
    },
    { parent, deleteBeforeReplace: true },
  );
  const callerPolicy = new RolePolicy(
    `${name}-schedule-policy`,
    {
      role: role.name,
      policy: sweep.functionArn.apply((arn) => encodePolicy([mayCallFunction(arn)])),
    },
    { parent },
  );
  return { role, callerPolicy };
}
