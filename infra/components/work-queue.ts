import { RolePolicy } from "@pulumi/aws/iam";
import { EventSourceMapping } from "@pulumi/aws/lambda";
import { Queue } from "@pulumi/aws/sqs";
import * as pulumi from "@pulumi/pulumi";
import {
  ORDER_COMES_AGAIN_SECONDS,
  STORES_A_WORKER,
  WORKER_SECONDS,
  WORKERS,
} from "../../contract/capacity";
import { ENVIRONMENT } from "../../contract/environment";
import { workQueueName } from "../../contract/names";
import { SWEEP_EVERY_MS } from "../../contract/sweep";
import { SECOND_MS } from "../../contract/time";
import { mayLookAfterStores, mayTakeWork } from "../policies/functions";
import { encodePolicy } from "../policies/statement";
import {
  createFleetFunction,
  type FleetFunction,
  type FleetFunctionArgs,
  type FunctionShape,
} from "./fleet-function";
import { createNoticePolicies } from "./notice-policy";

/** Works on the stores that it is handed as a pass of the sweep does; it lists nothing. */
const SHAPE: FunctionShape = {
  role: "work",
  bundle: "sweep-queue",
  description: "Renews, checks and heals the stores that the sweep of a large fleet sends",
  timeoutSeconds: WORKER_SECONDS,
  memoryMegabytes: 512,
  buildStatements: mayLookAfterStores,
};

export interface WorkQueueArgs extends FleetFunctionArgs {
  /** The SNS topic of the notices. Default: they stand in the log only. */
  readonly noticeTopicArn?: pulumi.Input<string> | undefined;
}

/** The queue that carries a large fleet's work from the sweep to a bounded number of workers, and the workers. */
export class WorkQueue extends pulumi.ComponentResource {
  readonly queueArn: pulumi.Output<string>;
  readonly queueUrl: pulumi.Output<string>;

  constructor(name: string, args: WorkQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:WorkQueue", name, {}, opts);
    const queue = createQueue(this, name, args);
    const worker = createFleetFunction(this, shapeFor(args), { name, args });
    connect(this, name, { queue, worker, args });
    this.queueArn = queue.arn;
    this.queueUrl = queue.url;
    this.registerOutputs({ queueArn: this.queueArn, queueUrl: this.queueUrl });
  }
}

/**
 * What is in it names secrets and nothing else. It has no queue for what failed: an order that did not come to its
 * end is sent anew by the next pass, as long as the store is due.
 */
function createQueue(parent: WorkQueue, name: string, { prefix, tags }: WorkQueueArgs): Queue {
  return new Queue(
    `${name}-queue`,
    {
      name: workQueueName(prefix),
      visibilityTimeoutSeconds: ORDER_COMES_AGAIN_SECONDS,
      // A pass sends for the time until the next one; what is older is over.
      messageRetentionSeconds: (2 * SWEEP_EVERY_MS) / SECOND_MS,
      sqsManagedSseEnabled: true,
      ...(tags === undefined ? {} : { tags }),
    },
    // For sixty seconds no other queue may have the name of a deleted one (API reference of DeleteQueue).
    { parent },
  );
}

function shapeFor({ noticeTopicArn }: WorkQueueArgs): FunctionShape {
  if (noticeTopicArn === undefined) return SHAPE;
  return { ...SHAPE, variables: { [ENVIRONMENT.noticeTopicArn]: noticeTopicArn } };
}

interface Connected {
  readonly queue: Queue;
  readonly worker: FleetFunction;
  readonly args: WorkQueueArgs;
}

/** Lambda takes no queue for a function whose role may not read it. */
function connect(parent: WorkQueue, name: string, { queue, worker, args }: Connected): void {
  const { roleName } = worker;
  const policy = queue.arn.apply((queueArn) => encodePolicy([mayTakeWork(queueArn)]));
  const mayTake = new RolePolicy(`${name}-queue-policy`, { role: roleName, policy }, { parent });
  const notices = createNoticePolicies(parent, name, {
    roleName,
    noticeTopicArn: args.noticeTopicArn,
  });
  new EventSourceMapping(
    `${name}-orders`,
    {
      eventSourceArn: queue.arn,
      functionName: worker.functionArn,
      batchSize: STORES_A_WORKER,
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: { maximumConcurrency: WORKERS },
    },
    { parent, dependsOn: [mayTake, worker.policy, ...notices] },
  );
}
