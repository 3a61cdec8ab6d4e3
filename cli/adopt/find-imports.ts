import { ENVIRONMENT } from "../../contract/environment";
import { importKeyOf } from "../../contract/imports";
import { INSTALL_ROUTES } from "../../contract/install";
import { kindFactsOf } from "../../contract/kinds";
import { LIST_KEY } from "../../contract/listed/list-bucket";
import {
  appKeyOf,
  type FunctionRole,
  functionName,
  functionRoleName,
  functionRolesOf,
  LIST_ROLE,
  listBucketName,
  listMachineName,
  listMachineRoleName,
  logGroupName,
  refreshKeyDescription,
  secretsKeyAlias,
  secretsKeyDescription,
  sweepCallerRoleName,
  sweepScheduleName,
  workQueueName,
} from "../../contract/names";
import { type Place, placeOfArn } from "../../contract/policy";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { holderOf, type ListedSecret } from "../../contract/store/secret-facts";
import type { BucketFacts, FunctionsPort, StackPort } from "../aws/ports";
import { storeIn } from "../fleet/fleet";
import { Refusal } from "../refusal";

/** A stack of which Pulumi's state may know nothing. */
export interface Stack {
  readonly aws: { readonly functions: FunctionsPort; readonly stack: StackPort };
  readonly prefix: string;
  readonly region: string;
  /** Every secret under the prefix, as it is now. */
  readonly secrets: readonly ListedSecret[];
}

/** What of a stack is there. */
export interface FoundImports {
  /** What the program imports, by the names of its resources. */
  readonly imports: Readonly<Record<string, string>>;
  /** What nothing of the program stands for any more, each with the command that removes it. */
  readonly orphans: readonly string[];
}

type Import = readonly [key: string, id: string];

/** The program's component of each function. */
const COMPONENTS: Readonly<Record<FunctionRole, string>> = {
  rotate: "RotationFunction",
  enrol: "EnrolFunction",
  sweep: "SweepFunction",
  install: "InstallEndpoint",
  work: "WorkQueue",
  apply: "ListMachine",
};

/** The statements by which other services may call the functions, as the program names them. */
const PERMISSIONS: Partial<Record<FunctionRole, string>> = {
  rotate: "SecretsManagerRotatesTheFleet",
  install: "ApiGatewayCallsTheEndpoint",
};

/** Looks which of a stack's resources are there, by their fixed names. */
export async function findImports(stack: Stack): Promise<FoundImports> {
  const [hasQueue, list] = await Promise.all([hasWorkFunction(stack), listParts(stack)]);
  const roles = functionRolesOf({ workQueue: hasQueue, list: list !== undefined });
  const functions = await Promise.all(roles.map((role) => functionParts(stack, role)));
  const parts = [
    ...functions,
    await scheduleParts(stack),
    await keyParts(stack),
    ...(list === undefined ? [] : [list]),
  ];
  return {
    imports: Object.fromEntries([
      ...parts.flatMap(({ imports }) => imports),
      ...(await apiImports(stack)),
      ...(hasQueue ? await queueImports(stack) : []),
      ...secretImports(stack),
    ]),
    orphans: parts.flatMap(({ orphans }) => orphans),
  };
}

/** Whoever deploys a stack without workers, or without a list, may not even ask for them. */
async function unlessRefused<T>(look: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof Refusal) return otherwise;
    throw error;
  }
}

async function hasWorkFunction({ aws: { functions }, prefix }: Stack): Promise<boolean> {
  const found = functions.describe(functionName(prefix, "work"));
  return (await unlessRefused(found, undefined)) !== undefined;
}

/** What applies a list, but for its function; undefined: nothing of it is there. */
async function listParts({ aws: { stack, ...aws }, prefix, region, secrets }: Stack) {
  const own = (part: string): string => importKeyOf(COMPONENTS.apply, `${LIST_ROLE}-${part}`);
  const role = listMachineRoleName(prefix, region);
  const hasRole = await unlessRefused(stack.hasRole(role), false);
  const hasFunctionRole = await unlessRefused(
    stack.hasRole(functionRoleName(prefix, LIST_ROLE, region)),
    false,
  );
  const inline = sortPolicies(hasRole ? await stack.inlinePoliciesOf(role) : [], {
    role,
    names: [`${LIST_ROLE}-steps-policy`],
    component: COMPONENTS.apply,
  });
  const known = await placeOfStack({ aws, prefix, secrets });
  const named = known === undefined ? [] : await namedParts({ stack, prefix, own }, known);
  const imports = [
    ...(hasRole ? [[own("steps-role"), role] as const] : []),
    ...inline.imports,
    ...named,
  ];
  const isThere = imports.length > 0 || hasFunctionRole;
  return isThere ? { imports, orphans: inline.orphans } : undefined;
}

/** Secrets and functions say the account, which the names of the rest are made of; undefined: neither is there. */
async function placeOfStack({
  aws,
  prefix,
  secrets,
}: Pick<Stack, "prefix" | "secrets"> & { readonly aws: Pick<Stack["aws"], "functions"> }) {
  const [first] = secrets;
  const arn =
    first?.secretArn ?? (await aws.functions.describe(functionName(prefix, "enrol")))?.functionArn;
  return arn === undefined ? undefined : placeOfArn(arn);
}

interface ListStack extends Pick<Stack, "prefix"> {
  readonly stack: StackPort;
  readonly own: (part: string) => string;
}

/** The bucket with what was set on it, and the state machine. */
async function namedParts({ stack, prefix, own }: ListStack, place: Place): Promise<Import[]> {
  const { partition, region, accountId } = place;
  const machine = `arn:${partition}:states:${region}:${accountId}:stateMachine:${listMachineName(prefix)}`;
  const bucket = listBucketName(prefix, place);
  const [hasMachine, found] = await Promise.all([
    unlessRefused(stack.hasStateMachine(machine), false),
    unlessRefused(stack.bucketNamed(bucket), undefined),
  ]);
  const set = found === undefined ? [] : bucketImports(found, bucket);
  return [
    ...(hasMachine ? [[own("machine"), machine] as const] : []),
    ...set.map(([part, id]) => [own(part), id] as const),
  ];
}

function bucketImports(found: BucketFacts, bucket: string): readonly (readonly [string, string])[] {
  return [
    ["bucket", bucket],
    ...(found.isVersioned ? [["versions", bucket] as const] : []),
    ...(found.isPrivate ? [["privacy", bucket] as const] : []),
    ...(found.hasLifecycle ? [["lifecycle", bucket] as const] : []),
    ...(found.hasList ? [["list", `${bucket}/${LIST_KEY}`] as const] : []),
  ];
}

interface Part {
  readonly imports: readonly Import[];
  readonly orphans: readonly string[];
}

async function functionParts({ aws, prefix, region }: Stack, role: FunctionRole): Promise<Part> {
  const [name, roleName] = [functionName(prefix, role), functionRoleName(prefix, role, region)];
  const logGroup = logGroupName(prefix, role);
  const own = (part: string): string => importKeyOf(COMPONENTS[role], `${role}-${part}`);
  const [found, policies, hasLog, hasRetries, statements] = await Promise.all([
    aws.functions.describe(name),
    policiesOf(aws, roleName),
    aws.stack.hasLogGroup(logGroup),
    role === "sweep" && aws.stack.hasRetries(name),
    statementsOf(aws, name),
  ]);
  const permission = PERMISSIONS[role];
  const inline = sortPolicies(policies ?? [], {
    role: roleName,
    names: ["policy", "network-policy", "notice-policy", "queue-policy"].map(
      (part) => `${role}-${part}`,
    ),
    component: COMPONENTS[role],
  });
  return {
    imports: [
      ...(policies === undefined ? [] : [[own("role"), roleName] as const]),
      ...inline.imports,
      ...(hasLog ? [[own("log"), logGroup] as const] : []),
      ...(found === undefined ? [] : [[own("function"), name] as const]),
      ...(hasRetries ? [[own("retries"), name] as const] : []),
      ...(permission !== undefined && statements.includes(permission)
        ? [[own("permission"), `${name}/${permission}`] as const]
        : []),
    ],
    orphans: inline.orphans,
  };
}

/** A large fleet's queue, and what hands its orders to the workers. */
async function queueImports({ aws: { stack }, prefix }: Stack): Promise<Import[]> {
  const own = (part: string): string => importKeyOf(COMPONENTS.work, `work-${part}`);
  const url = await stack.queueUrlOf(workQueueName(prefix));
  if (url === undefined) return [];
  const [mapping] = await stack.mappingsOf(functionName(prefix, "work"));
  return [
    [own("queue"), url],
    ...(mapping === undefined ? [] : [[own("orders"), mapping] as const]),
  ];
}

/** The names of a role's inline policies; undefined: there is no such role. */
async function policiesOf(
  { stack }: Stack["aws"],
  role: string,
): Promise<readonly string[] | undefined> {
  return (await stack.hasRole(role)) ? await stack.inlinePoliciesOf(role) : undefined;
}

async function statementsOf({ functions }: Stack["aws"], name: string): Promise<string[]> {
  const policy = parseJsonQuietly((await functions.policyOf(name)) ?? "");
  const { Statement = [] } = (policy ?? {}) as { readonly Statement?: { readonly Sid?: string }[] };
  return Statement.flatMap(({ Sid }) => Sid ?? []);
}

/** Pulumi makes a policy's name of the logical one and seven digits; an `up` that was cut off may have left two. */
function sortPolicies(
  policies: readonly string[],
  of: { readonly role: string; readonly names: readonly string[]; readonly component: string },
): Part {
  const imports: Import[] = [];
  const orphans: string[] = [];
  for (const name of of.names) {
    const [first, ...others] = policies.filter((policy) => isNamedAfter(policy, name));
    if (first !== undefined) imports.push([importKeyOf(of.component, name), `${of.role}:${first}`]);
    for (const other of others) {
      orphans.push(`aws iam delete-role-policy --role-name ${of.role} --policy-name ${other}`);
    }
  }
  return { imports, orphans };
}

function isNamedAfter(policy: string, logicalName: string): boolean {
  return policy.startsWith(`${logicalName}-`) && /^[0-9a-f]{7}$/.test(policy.slice(-7))
    ? policy.length === logicalName.length + 8
    : false;
}

/** The schedule of the sweep, and the role by which it is called. */
async function scheduleParts({ aws, prefix, region }: Stack): Promise<Part> {
  const role = sweepCallerRoleName(prefix, region);
  const name = sweepScheduleName(prefix);
  const component = COMPONENTS.sweep;
  const policies = await policiesOf(aws, role);
  const inline = sortPolicies(policies ?? [], {
    role,
    names: ["sweep-schedule-policy"],
    component,
  });
  const hasSchedule = await aws.stack.hasSchedule(name);
  return {
    imports: [
      ...(policies === undefined
        ? []
        : [[importKeyOf(component, "sweep-schedule-role"), role] as const]),
      ...inline.imports,
      ...(hasSchedule
        ? [[importKeyOf(component, "sweep-schedule"), `default/${name}`] as const]
        : []),
    ],
    orphans: inline.orphans,
  };
}

async function keyParts({ aws, prefix, secrets }: Stack): Promise<Part> {
  const [ofSecrets, ofRefresh] = [secretsKeyDescription(prefix), refreshKeyDescription(prefix)];
  const alias = secretsKeyAlias(prefix);
  const [aliased, described, sweep, install] = await Promise.all([
    aws.stack.keyOfAlias(alias),
    aws.stack.keysDescribedAs([ofSecrets, ofRefresh]),
    aws.functions.describe(functionName(prefix, "sweep")),
    aws.functions.describe(functionName(prefix, "install")),
  ]);
  const used = secrets.flatMap(({ facts }) => facts.kmsKeyId?.split("/").at(-1) ?? []);
  const sealing = sweep?.variables[ENVIRONMENT.refreshKeyArn]?.split("/").at(-1);
  const own = described.get(ofSecrets) ?? [];
  const refresh = described.get(ofRefresh) ?? [];
  const secretsKey = aliased ?? own.find((id) => used.includes(id)) ?? own[0];
  // One that was retained is no part of a stack whose functions seal nothing, and in which nobody could come.
  const mayWantKey = sweep === undefined || install !== undefined || holdPairs(secrets, prefix);
  const refreshKey = sealing ?? (mayWantKey ? refresh[0] : undefined);
  const kept = [secretsKey, refreshKey, ...used];
  return {
    imports: [
      ...(secretsKey === undefined
        ? []
        : [[importKeyOf("StackKey", "secrets-key"), secretsKey] as const]),
      ...(aliased === undefined
        ? []
        : [[importKeyOf("StackKey", "secrets-alias"), alias] as const]),
      ...(refreshKey === undefined
        ? []
        : [[importKeyOf("RefreshKey", "refresh-tokens-key"), refreshKey] as const]),
    ],
    // A second key of refresh tokens may have sealed some: whoever moved a stack kept it on purpose.
    orphans: own
      .filter((id) => !kept.includes(id))
      .map((id) => `aws kms schedule-key-deletion --key-id ${id}`),
  };
}

/** Whether a store has a refresh token, or waits for one. */
function holdPairs(secrets: readonly ListedSecret[], prefix: string): boolean {
  return secrets.some((secret) => {
    const declaration = storeIn(secret, prefix)?.declaration;
    return declaration !== undefined && kindFactsOf(declaration).hasRefreshToken;
  });
}

async function apiImports({ aws, prefix }: Stack): Promise<Import[]> {
  const api = await aws.stack.apiNamed(functionName(prefix, "install"));
  if (api === undefined) return [];
  const { apiId, integrationId, routes, stages } = api;
  const own = (part: string): string => importKeyOf(COMPONENTS.install, `install-${part}`);
  return [
    [own("api"), apiId],
    ...(integrationId === undefined
      ? []
      : [[own("integration"), `${apiId}/${integrationId}`] as const]),
    ...Object.entries(INSTALL_ROUTES).flatMap(([route, key]): Import[] => {
      const id = routes.get(key);
      return id === undefined ? [] : [[own(`route-${route}`), `${apiId}/${id}`]];
    }),
    ...(stages.includes("$default") ? [[own("stage"), `${apiId}/$default`] as const] : []),
  ];
}

/** Store secrets with their rotation, app secrets with their current version. */
function secretImports({ secrets, prefix }: Stack): Import[] {
  return secrets.flatMap((secret): Import[] => {
    const { secretArn, facts } = secret;
    if (facts.deletedAt !== undefined) return [];
    const app = appKeyOf(prefix, facts.name);
    if (app !== undefined) {
      const version = holderOf(facts, "AWSCURRENT");
      const own: Import = [importKeyOf("AppSecret", `${app}-secret`), secretArn];
      if (version === undefined) return [own];
      return [own, [importKeyOf("AppSecret", `${app}-version`), `${secretArn}|${version}`]];
    }
    const store = storeIn(secret, prefix)?.store;
    if (store === undefined) return [];
    const own: Import = [importKeyOf("StoreSecret", `${store}-secret`), secretArn];
    if (!facts.rotationEnabled) return [own];
    return [own, [importKeyOf("StoreSecret", `${store}-rotation`), secretArn]];
  });
}
