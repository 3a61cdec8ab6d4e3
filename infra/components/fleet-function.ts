import { LogGroup } from "@pulumi/aws/cloudwatch";
import { Role, RolePolicy } from "@pulumi/aws/iam";
import { Function as LambdaFunction } from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { ENVIRONMENT } from "../../contract/environment";
import {
  type FunctionRole,
  functionName,
  functionRoleName,
  logGroupName,
  PREFIX_TAG,
} from "../../contract/names";
import type { VpcPlacement } from "../config/spec";
import { mayJoinVpc, mayWriteLog, type PolicyScope, type RefreshKeys } from "../policies/functions";
import { encodePolicy, type Place, type Statement } from "../policies/statement";
import { encodeLambdaTrust } from "../policies/trust";
import { bundleOf } from "./bundle";

/** What every function of a fleet is told. */
export interface FleetFunctionArgs {
  readonly prefix: string;
  readonly place: pulumi.Input<Place>;
  /** The key of the fleet's secrets. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** The key of the refresh tokens; undefined: the fleet has none. */
  readonly refreshKeyArn?: pulumi.Input<string> | undefined;
  /** Keys that sealed refresh tokens before, and still open them. Default: none. */
  readonly formerRefreshKeyArns?: readonly string[];
  /** ARNs of the keys that sign for the fleet's apps, for functions that obtain tokens by them. Default: none. */
  readonly signingKeyArns?: pulumi.Input<readonly string[]> | undefined;
  /** The ARN of the policy that bounds the function's role. Default: none. */
  readonly permissionsBoundary?: string | undefined;
  /** The folder of the built functions. Default: this package's own. */
  readonly bundlesFolder?: string | undefined;
  /** Default: 90. */
  readonly logRetentionDays?: number;
  /** Default: Lambda's own network. */
  readonly vpc?: VpcPlacement;
  /** Whether it just left a VPC, and its network interfaces are still to be deleted there. Default: no. */
  readonly leavingVpc?: boolean;
  readonly tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** How one function differs from the others. */
export interface FunctionShape {
  readonly role: FunctionRole;
  /** The bundle of its code. Default: its own, named after its role. */
  readonly bundle?: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** How many requests it answers at once, reserved for it. Default: what the account has left. */
  readonly concurrency?: number | undefined;
  /** Environment variables beside those of every function. */
  readonly variables?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly buildStatements: (grant: {
    readonly fleet: PolicyScope;
    readonly functionArn: string;
    readonly kmsKeyArn: string;
    /** Undefined: the fleet has no refresh tokens, or the function no business with them. */
    readonly refreshKeys: RefreshKeys | undefined;
    /** None: no app of the fleet signs. */
    readonly signingKeyArns: readonly string[];
  }) => readonly Statement[];
}

/** A component's name, which its children's names begin with, and its arguments. */
interface NamedArgs {
  readonly name: string;
  readonly args: FleetFunctionArgs;
}

/** The parts of a function. */
export interface FleetFunction {
  readonly functionArn: pulumi.Output<string>;
  readonly functionName: pulumi.Output<string>;
  readonly roleName: pulumi.Output<string>;
  readonly lambda: LambdaFunction;
  /** What its role may do, the last of the parts: whatever calls it at once has to wait for this. */
  readonly policy: RolePolicy;
}

/** A function with its role, its policy and its log group, as children of a component. */
export function createFleetFunction(
  parent: pulumi.ComponentResource,
  shape: FunctionShape,
  { name, args }: NamedArgs,
): FleetFunction {
  const blueprint = { parent, shape, name, args };
  const logGroup = createLogGroup(blueprint);
  const role = createRole(blueprint);
  const network = createNetworkPolicy({ ...blueprint, role });
  const lambda = new LambdaFunction(
    `${name}-function`,
    {
      name: functionName(args.prefix, shape.role),
      description: shape.description,
      role: role.arn,
      code: bundleOf(shape.bundle ?? shape.role, args.bundlesFolder),
      handler: "index.handler",
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      timeout: shape.timeoutSeconds,
      memorySize: shape.memoryMegabytes,
      environment: { variables: { ...variablesOf(args), ...shape.variables } },
      loggingConfig: { logFormat: "Text", logGroup: logGroup.name },
      ...(shape.concurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: shape.concurrency }),
      ...placementOf(args),
      ...tagsOf(args),
    },
    { ...named(parent), dependsOn: network },
  );
  const policy = createPolicy({ ...blueprint, role, lambda, logGroup });
  return {
    functionArn: lambda.arn,
    functionName: lambda.name,
    roleName: role.name,
    lambda,
    policy,
  };
}

// Two of the same name cannot exist at once.
function named(parent: pulumi.ComponentResource): pulumi.CustomResourceOptions {
  return { parent, deleteBeforeReplace: true };
}

interface Blueprint extends NamedArgs {
  readonly parent: pulumi.ComponentResource;
  readonly shape: FunctionShape;
}

function createLogGroup({ parent, shape, name, args }: Blueprint): LogGroup {
  return new LogGroup(
    `${name}-log`,
    {
      name: logGroupName(args.prefix, shape.role),
      retentionInDays: args.logRetentionDays ?? 90,
      ...tagsOf(args),
    },
    named(parent),
  );
}

function createRole({ parent, shape, name, args }: Blueprint): Role {
  return new Role(
    `${name}-role`,
    {
      name: pulumi
        .output(args.place)
        .apply((place) => functionRoleName(args.prefix, shape.role, place.region)),
      description: shape.description,
      assumeRolePolicy: encodeLambdaTrust(),
      ...boundaryOf(args),
      ...tagsOf(args),
    },
    named(parent),
  );
}

/**
 * Apart from the function's other rights: Lambda takes no function into a VPC whose role may not join it yet, and
 * "relies on permissions in the function execution role to delete the Hyperplane ENI" up to twenty minutes after the
 * function left (Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC").
 */
function createNetworkPolicy({ parent, name, args, role }: WithRole): RolePolicy[] {
  if (args.vpc === undefined && args.leavingVpc !== true) return [];
  const policy = encodePolicy([mayJoinVpc()]);
  return [new RolePolicy(`${name}-network-policy`, { role: role.name, policy }, { parent })];
}

interface WithRole extends Blueprint {
  readonly role: Role;
}

interface Grant extends WithRole {
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;
}

function createPolicy({ parent, shape, name, args, role, lambda, logGroup }: Grant): RolePolicy {
  const formerKeyArns = args.formerRefreshKeyArns ?? [];
  const { kmsKeyArn, refreshKeyArn, signingKeyArns = [] } = args;
  const arns = pulumi.all([lambda.arn, kmsKeyArn, logGroup.arn, refreshKeyArn]);
  const policy = pulumi
    .all([args.place, arns, signingKeyArns])
    .apply(([place, [functionArn, kmsKeyArn, logGroupArn, refreshKeyArn], signingKeyArns]) =>
      encodePolicy([
        ...shape.buildStatements({
          fleet: { place, prefix: args.prefix },
          functionArn,
          kmsKeyArn,
          signingKeyArns,
          refreshKeys:
            refreshKeyArn === undefined ? undefined : { keyArn: refreshKeyArn, formerKeyArns },
        }),
        mayWriteLog(logGroupArn),
      ]),
    );
  return new RolePolicy(`${name}-policy`, { role: role.name, policy }, { parent });
}

function variablesOf(args: FleetFunctionArgs): Record<string, pulumi.Input<string>> {
  return {
    [ENVIRONMENT.prefix]: args.prefix,
    ...(args.refreshKeyArn === undefined
      ? {}
      : { [ENVIRONMENT.refreshKeyArn]: args.refreshKeyArn }),
  };
}

function placementOf({ vpc }: FleetFunctionArgs) {
  if (vpc === undefined) return {};
  return {
    vpcConfig: { subnetIds: [...vpc.subnetIds], securityGroupIds: [...vpc.securityGroupIds] },
  };
}

function tagsOf({ tags }: FleetFunctionArgs) {
  return tags === undefined ? {} : { tags };
}

/** What bounds a role of the stack. */
export function boundaryOf({
  permissionsBoundary,
}: Pick<FleetFunctionArgs, "permissionsBoundary">): { readonly permissionsBoundary?: string } {
  return permissionsBoundary === undefined ? {} : { permissionsBoundary };
}

/** The tags of what AWS makes up an ARN for: by the prefix in them a bounded deployer knows its own, and another's. */
export function ownTagsOf({ tags, prefix }: Pick<FleetFunctionArgs, "tags" | "prefix">): {
  readonly tags: pulumi.Output<Record<string, string>>;
} {
  const own = { [PREFIX_TAG]: prefix };
  return {
    tags: pulumi
      .output(tags ?? {})
      .apply((given): Record<string, string> => ({ ...given, ...own })),
  };
}
