import { Role, RolePolicy } from "@pulumi/aws/iam";
import { Bucket } from "@pulumi/aws/s3/bucket";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration";
import { BucketObjectv2 } from "@pulumi/aws/s3/bucketObjectv2";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning";
import { StateMachine } from "@pulumi/aws/sfn";
import * as pulumi from "@pulumi/pulumi";
import { ENVIRONMENT } from "../../contract/environment";
import { LIST_KEY } from "../../contract/listed/list-bucket";
import {
  LIST_ROLE,
  listBucketName,
  listMachineName,
  listMachineRoleName,
} from "../../contract/names";
import type { ListedFleet } from "../config/spec";
import { encodeMachine } from "../list-machine/definition";
import { LIFECYCLE_RULES } from "../list-machine/lifecycle";
import { mayApplyStores, mayRunMachine } from "../policies/list";
import { encodePolicy, functionArnOf, type Place } from "../policies/statement";
import { encodeStatesTrust } from "../policies/trust";
import type { EnrolFunction } from "./enrol-function";
import {
  boundaryOf,
  createFleetFunction,
  type FleetFunction,
  type FleetFunctionArgs,
  type FunctionShape,
} from "./fleet-function";
import type { RotationFunction } from "./rotation-function";

const SHAPE: FunctionShape = {
  role: LIST_ROLE,
  description: "Makes, changes and retires the secrets of listed stores, called by Step Functions",
  // A plan of 100,000 stores lists a thousand pages of secrets.
  timeoutSeconds: 900,
  memoryMegabytes: 1_024,
  buildStatements: ({ fleet, kmsKeyArn }) => mayApplyStores(fleet, kmsKeyArn),
};

export interface ListMachineArgs extends FleetFunctionArgs {
  readonly listed: ListedFleet;
  /** The list as it is uploaded. */
  readonly asset: pulumi.asset.Asset;
  readonly enrolFunction: EnrolFunction;
  readonly rotationFunction: RotationFunction;
}

/** The stores of a list: its bucket, the function that makes their secrets, and the state machine that has it done. */
export class ListMachine extends pulumi.ComponentResource {
  readonly machineArn: pulumi.Output<string>;
  readonly bucketName: pulumi.Output<string>;
  /** The list, uploaded. */
  readonly list: pulumi.Resource;

  constructor(name: string, args: ListMachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:ListMachine", name, {}, opts);
    const place = pulumi.output(args.place);
    const { bucket, list } = createBucket(this, name, args);
    this.list = list;
    const shape = { ...SHAPE, variables: variablesOf(args, bucket) };
    const apply = createFleetFunction(this, shape, { name, args });
    this.bucketName = bucket.bucket;
    this.machineArn = createMachine(this, name, { args, place, bucket, apply });
    this.registerOutputs({ machineArn: this.machineArn, bucketName: this.bucketName });
  }
}

function variablesOf(
  { rotationFunction, kmsKeyArn }: ListMachineArgs,
  bucket: Bucket,
): Record<string, pulumi.Input<string>> {
  return {
    [ENVIRONMENT.listBucket]: bucket.bucket,
    [ENVIRONMENT.rotationFunctionArn]: rotationFunction.functionArn,
    [ENVIRONMENT.secretsKeyArn]: kmsKeyArn,
  };
}

/** Versioned, so that each list that was applied can be looked at; S3 encrypts every object by itself (since January 2023). */
function createBucket(
  parent: ListMachine,
  name: string,
  args: ListMachineArgs,
): { readonly bucket: Bucket; readonly list: BucketObjectv2 } {
  const bucket = new Bucket(
    `${name}-bucket`,
    {
      bucket: pulumi.output(args.place).apply((found) => listBucketName(args.prefix, found)),
      // What lies in it is made from config and from the secrets, and tells nothing else.
      forceDestroy: true,
      ...(args.tags === undefined ? {} : { tags: args.tags }),
    },
    { parent, deleteBeforeReplace: true },
  );
  const versioning = new BucketVersioning(
    `${name}-versions`,
    { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
    { parent },
  );
  const privacy = new BucketPublicAccessBlock(
    `${name}-privacy`,
    {
      bucket: bucket.bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    { parent },
  );
  new BucketLifecycleConfiguration(
    `${name}-lifecycle`,
    { bucket: bucket.bucket, rules: LIFECYCLE_RULES },
    { parent, dependsOn: [versioning] },
  );
  const list = new BucketObjectv2(
    `${name}-list`,
    { bucket: bucket.bucket, key: LIST_KEY, source: args.asset, contentType: "application/jsonl" },
    { parent, dependsOn: [versioning, privacy] },
  );
  return { bucket, list };
}

interface Machinery {
  readonly args: ListMachineArgs;
  readonly place: pulumi.Output<Place>;
  readonly bucket: Bucket;
  readonly apply: FleetFunction;
}

function createMachine(
  parent: ListMachine,
  name: string,
  { args, place, bucket, apply }: Machinery,
): pulumi.Output<string> {
  const { listed, enrolFunction, prefix } = args;
  const role = new Role(
    `${name}-steps-role`,
    {
      name: place.region.apply((region) => listMachineRoleName(prefix, region)),
      description: "Lets Step Functions apply the list of stores",
      assumeRolePolicy: place.apply((found) => encodeStatesTrust(found)),
      ...boundaryOf(args),
      ...(args.tags === undefined ? {} : { tags: args.tags }),
    },
    { parent, deleteBeforeReplace: true },
  );
  // By its name: the sweep itself is made after this.
  const sweepArn = place.apply((found) => functionArnOf(found, prefix, "sweep"));
  const functionArns = pulumi.all([apply.functionArn, enrolFunction.functionArn, sweepArn]);
  const policy = new RolePolicy(
    `${name}-steps-policy`,
    {
      role: role.name,
      policy: pulumi
        .all([place, functionArns])
        .apply(([found, arns]) => encodePolicy(mayRunMachine({ place: found, prefix }, arns))),
    },
    { parent },
  );
  const definition = pulumi
    .all([place, bucket.bucket, functionArns])
    .apply(([{ partition }, bucketName, [applyArn, enrolArn, sweepArn]]) => {
      const { concurrency, toleratedFailures } = listed;
      const parts = { partition, bucket: bucketName, applyArn, enrolArn, sweepArn };
      return encodeMachine({ ...parts, concurrency, toleratedFailures });
    });
  return new StateMachine(
    `${name}-machine`,
    {
      name: listMachineName(prefix),
      roleArn: role.arn,
      definition,
      ...(args.tags === undefined ? {} : { tags: args.tags }),
    },
    { parent, deleteBeforeReplace: true, dependsOn: [policy, apply.policy] },
  ).arn;
}
