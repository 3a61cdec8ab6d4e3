import { ENVIRONMENT } from "../../contract/environment";
import { importKeyOf } from "../../contract/imports";
import { INSTALL_ROUTES } from "../../contract/install";
import {
  appKeyOf,
  type FunctionRole,
  functionName,
  functionRoleName,
  functionRolesOf,
  logGroupName,
  refreshKeyDescription,
  secretsKeyAlias,
  secretsKeyDescription,
  sweepCallerRoleName,
  sweepScheduleName,
  workQueueName,
} from "../../contract/names";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { holderOf, type ListedSecret } from "../../contract/store/secret-facts";
import type { FunctionsPort, StackPort } from "../aws/ports";
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
  const hasQueue = await hasWorkFunction(stack);
  const roles = functionRolesOf({ workQueue: hasQueue });
  const functions = await Promise.all(roles.map((role) => functionParts(stack, role)));
  const parts = [...functions, await scheduleParts(stack), await keyParts(stack)];
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

/** Whoever deploys a stack without workers may not even ask for them. */
async function hasWorkFunction({ aws: { functions }, prefix }: Stack): Promise<boolean> {
  try {
    return (await functions.describe(functionName(prefix, "work"))) !== undefined;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
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
  const [aliased, described, sweep] = await Promise.all([
    aws.stack.keyOfAlias(alias),
    aws.stack.keysDescribedAs([ofSecrets, ofRefresh]),
    aws.functions.describe(functionName(prefix, "sweep")),
  ]);
  const used = secrets.flatMap(({ facts }) => facts.kmsKeyId?.split("/").at(-1) ?? []);
  const sealing = sweep?.variables[ENVIRONMENT.refreshKeyArn]?.split("/").at(-1);
  const own = described.get(ofSecrets) ?? [];
  const refresh = described.get(ofRefresh) ?? [];
  const secretsKey = aliased ?? own.find((id) => used.includes(id)) ?? own[0];
  const refreshKey = sealing ?? refresh[0];
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
