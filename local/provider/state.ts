import { DEFAULTS } from "./check";
import { isSame } from "./diff";
import type { ProviderConfig } from "./provider-config";
import type { ResourceType } from "./resource-type";
import type { Row, Table } from "./table";
import { readTags } from "./tags";
import { asSecret, isObject, type Properties, UNKNOWN, type Value } from "./wire";

/** The outputs that a preview shows for a new resource. */
export function plannedCreate(type: ResourceType, news: Properties, region: string): Properties {
  const planned = fillUnknown(type.table, withoutDefaults(news));
  if ("region" in type.table && news["region"] === undefined) planned["region"] = region;
  return marked(type.table, planned);
}

/** The outputs that a preview shows for an update in place. */
export function plannedUpdate(
  type: ResourceType,
  change: {
    readonly olds: Properties;
    readonly news: Properties;
    readonly changed: ReadonlySet<string>;
  },
): Properties {
  const planned: Properties = {};
  for (const [name, row] of Object.entries(type.table)) {
    const value = change.news[name] ?? (row.computed ? change.olds[name] : undefined);
    if (value !== undefined) planned[name] = value;
  }
  for (const name of type.unsettledBy?.(change) ?? []) planned[name] = UNKNOWN;
  return marked(type.table, planned);
}

function fillUnknown(table: Table, news: Properties): Properties {
  const planned: Properties = {};
  for (const [name, row] of Object.entries(table)) {
    const value = news[name];
    if (value === undefined) {
      if (row.computed) planned[name] = UNKNOWN;
    } else planned[name] = row.of && isObject(value) ? fillUnknown(row.of, value) : value;
  }
  return planned;
}

/**
 * The outputs of a real resource: what AWS said, and for rows that cannot be read what was passed.
 * Where both mean the same, the wording that was passed stays.
 */
export function settledState(
  type: ResourceType,
  seen: { readonly passed: Properties; readonly found: Properties },
  config: ProviderConfig,
): Properties {
  const tags = "tagsAll" in type.table ? readTags(seen.found, seen.passed, config) : {};
  const found: Properties = { ...seen.found, ...tags };
  const state: Properties = {};
  for (const [name, row] of Object.entries(type.table)) {
    const value = settledValue(row, seen.passed[name], found[name]);
    if (value !== undefined) state[name] = value;
  }
  return marked(type.table, state);
}

function settledValue(
  row: Row,
  passed: Value | undefined,
  found: Value | undefined,
): Value | undefined {
  if (row.read === "kept") return passed;
  const mayDiffer = row.same !== undefined || row.kind === "set";
  if (mayDiffer && passed !== undefined && isSame(row, found, passed)) return passed;
  return found;
}

/**
 * The inputs after a refresh: the same properties as before, with what AWS has now
 * (pulumi-terraform-bridge, extractInputs). Of a resource that is imported, every input.
 */
export function refreshedInputs(
  type: ResourceType,
  before: Properties,
  state: Properties,
): Properties {
  const isImport = Object.keys(before).length === 0;
  const inputs: Properties = {};
  for (const [name, row] of Object.entries(type.table)) {
    const wanted = isImport ? row.input && name !== "region" : before[name] !== undefined;
    const value = projected(row, before[name], state[name]);
    if (wanted && value !== undefined) inputs[name] = value;
  }
  const defaults = before[DEFAULTS];
  return defaults === undefined ? inputs : { ...inputs, [DEFAULTS]: defaults };
}

function projected(
  row: Row,
  before: Value | undefined,
  state: Value | undefined,
): Value | undefined {
  if (before === undefined) return state;
  if (state === undefined) return isSame(row, before, undefined) ? before : undefined;
  if (!row.of || !isObject(before) || !isObject(state)) return state;
  const nested = Object.entries(row.of).flatMap(([name, inner]) => {
    const isDrift = before[name] === undefined && (!inner.input || inner.computed);
    const value = isDrift ? undefined : projected(inner, before[name], state[name]);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(nested);
}

/** The part of the state that `read` may see: what locates the resource. */
export function locators(table: Table, state: Properties): Properties {
  const shown = Object.entries(state).filter(([name]) => table[name]?.locates);
  return Object.fromEntries(shown);
}

export function withoutDefaults(inputs: Properties): Properties {
  const { [DEFAULTS]: _, ...rest } = inputs;
  return rest;
}

function marked(table: Table, state: Properties): Properties {
  const entries = Object.entries(state).map(([name, value]) => [
    name,
    table[name]?.secret ? asSecret(value) : value,
  ]);
  return Object.fromEntries(entries);
}
