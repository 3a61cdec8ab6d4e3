import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { ProviderConfig } from "./provider-config";
import type { Problem, ResourceType } from "./resource-type";
import type { Row, Table } from "./table";
import { tagsAllOf } from "./tags";
import { isArchive, isAsset, isObject, isUnknown, type Properties, type Value } from "./wire";

export interface CheckRequest {
  /** Logical name, which automatic names start with. */
  readonly logicalName: string;
  readonly olds: Properties;
  readonly news: Properties;
  /** The engine's own proposal for an automatic name, where it has one. */
  readonly proposedName?: string;
}

export interface Checked {
  readonly inputs: Properties;
  readonly failures: readonly Problem[];
}

/** Names of the inputs that check filled in; the engine does not show keys that start with `__`. */
export const DEFAULTS = "__defaults";

/** Fills in defaults and names, and collects every mistake of the inputs. */
export function check(type: ResourceType, request: CheckRequest, config: ProviderConfig): Checked {
  const failures: Problem[] = [];
  const { [DEFAULTS]: _, ...given } = request.news;
  const inputs = checkRows({ table: type.table, say: mistakeIn(type, failures) }, given, "");
  const named = automaticName(type, request);
  if (named !== undefined && type.autoName) inputs[type.autoName.property] = named;
  if (failures.length === 0) failures.push(...(type.validate?.(inputs) ?? []));
  const filled = Object.keys(inputs).filter((name) => !(name in given));
  inputs[DEFAULTS] = filled;
  if ("tagsAll" in type.table) inputs["tagsAll"] = tagsAllOf(inputs["tags"], config);
  return { inputs, failures };
}

type Say = (property: string, reason: string) => void;
interface Ground {
  readonly table: Table;
  readonly say: Say;
}

const mistakeIn =
  (type: ResourceType, failures: Problem[]): Say =>
  (property, reason) =>
    failures.push({ property, reason: `${type.token}: ${reason}` });

function checkRows(ground: Ground, given: Properties, at: string): Properties {
  for (const name of Object.keys(given)) {
    if (!ground.table[name]?.input) {
      ground.say(at + name, `the stand-in provider knows no input property "${at}${name}"`);
    }
  }
  const checked: Properties = {};
  for (const [name, row] of Object.entries(ground.table)) {
    if (!row.input) continue;
    const value = given[name] ?? row.initial;
    if (value !== undefined) checked[name] = checkValue({ row, say: ground.say }, value, at + name);
    else if (row.required) ground.say(at + name, `Missing required property '${at}${name}'`);
  }
  return checked;
}

interface Spot {
  readonly row: Row;
  readonly say: Say;
}

function checkValue(spot: Spot, value: Value, at: string): Value {
  if (isUnknown(value)) return value;
  const { row, say } = spot;
  const typed = coerce(row, value);
  if (typed === undefined) {
    say(at, `"${at}" must be of type ${row.kind}`);
    return value;
  }
  if (row.among && !row.among.includes(typed)) {
    say(at, `expected ${at} to be one of ${JSON.stringify(row.among)}, got ${String(typed)}`);
  }
  if (row.longest !== undefined && typeof typed === "string" && typed.length > row.longest) {
    say(
      at,
      `expected length of ${at} to be in the range (1 - ${row.longest}), got ${typed.length}`,
    );
  }
  if (row.shape && typeof typed === "string" && !row.shape.test(typed)) {
    say(at, `invalid value for ${at}: it must match ${row.shape.source}`);
  }
  if (row.between && typeof typed === "number" && !isBetween(typed, row.between)) {
    say(at, `expected ${at} to be in the range (${row.between.join(" - ")}), got ${typed}`);
  }
  return row.of ? checkNested({ table: row.of, say }, typed, at) : typed;
}

function checkNested(ground: Ground, value: Value, at: string): Value {
  if (isObject(value)) return checkRows(ground, value, `${at}.`);
  if (!Array.isArray(value)) return value;
  return value.map((item, index) =>
    isObject(item) ? checkRows(ground, item, `${at}[${index}].`) : item,
  );
}

const isBetween = (value: number, [least, most]: readonly [number, number]): boolean =>
  value >= least && value <= most;

/** The value in the row's type, converted where Terraform converts; undefined where it refuses. */
function coerce(row: Row, value: Value): Value | undefined {
  switch (row.kind) {
    case "string":
      return typeof value === "object" ? undefined : String(value);
    case "json":
      return isObject(value) ? JSON.stringify(value) : jsonText(value);
    case "number":
      return numberFrom(value);
    case "boolean":
      return value === "true" ? true : value === "false" ? false : sameType(value, "boolean");
    case "list":
    case "set":
      return Array.isArray(value) ? value : undefined;
    case "asset":
      return isAsset(value) ? value : undefined;
    case "archive":
      return isArchive(value) || isAsset(value) ? value : undefined;
    case "map":
      return isObject(value) ? textValues(value) : undefined;
    case "object":
      return isObject(value) ? value : undefined;
  }
}

const sameType = (value: Value, type: "boolean" | "number"): Value | undefined =>
  typeof value === type ? value : undefined;

const numberFrom = (value: Value): Value | undefined =>
  typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))
    ? Number(value)
    : sameType(value, "number");

const textValues = (value: Properties): Properties | undefined => {
  const entries = Object.entries(value);
  if (entries.some(([, item]) => typeof item === "object")) return undefined;
  return Object.fromEntries(entries.map(([key, item]) => [key, String(item)]));
};

function jsonText(value: Value): Value | undefined {
  if (typeof value !== "string") return undefined;
  try {
    JSON.parse(value);
    return value;
  } catch {
    return value === "" ? value : undefined;
  }
}

function automaticName(type: ResourceType, request: CheckRequest): Value | undefined {
  const rule = type.autoName;
  if (!rule || request.news[rule.property] !== undefined) return undefined;
  const before = request.olds[rule.property];
  if (before !== undefined) return before;
  if (request.news[`${rule.property}Prefix`] !== undefined) return undefined;
  const suffix = randomBytes(4).toString("hex").slice(0, 7);
  const proposed = request.proposedName ?? `${request.logicalName}-${suffix}`;
  return `${rule.prefix ?? ""}${proposed}`.slice(0, rule.max);
}

/** True when the property's present value was made by check and not by the program. */
export function isDefaulted(inputs: Properties, property: string): boolean {
  const filled = inputs[DEFAULTS];
  return Array.isArray(filled) && filled.some((name) => isDeepStrictEqual(name, property));
}
