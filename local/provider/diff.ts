import { isDeepStrictEqual } from "node:util";
import { DEFAULTS, isDefaulted } from "./check";
import type { ResourceType } from "./resource-type";
import type { Row, Table } from "./table";
import { isArchive, isAsset, isObject, isUnknown, type Properties, type Value } from "./wire";

export interface PropertyChange {
  /** Property path in the engine's spelling, such as `environment.variables.LOG_LEVEL`. */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  readonly replace: boolean;
}

export interface Diff {
  readonly changes: readonly PropertyChange[];
  /** Top-level properties that differ, and those that force a new resource. */
  readonly changed: readonly string[];
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** ForceNew properties that stay as they are: dependents may rely on them. */
  readonly stables: readonly string[];
}

/** Compares the state with new inputs, row by row. */
export function diff(
  type: ResourceType,
  versions: { readonly olds: Properties; readonly news: Properties },
  ignoreChanges: readonly string[] = [],
): Diff {
  const { olds, news } = versions;
  const changes = compareRows({ table: type.table, news }, { olds, news, at: "" }).filter(
    ({ path }) => !ignoreChanges.some((ignored) => covers(ignored, path)),
  );
  const replaces = unique(changes.filter((change) => change.replace).map(topOf));
  const stable = ([name, row]: [string, Row]) => row.forceNew && !replaces.includes(name);
  return {
    changes,
    changed: unique(changes.map(topOf)),
    replaces,
    deleteBeforeReplace: replaces.length > 0 && holdsOwnName(type, news),
    stables: Object.entries(type.table)
      .filter(stable)
      .map(([name]) => name),
  };
}

// A resource whose name the program chose cannot exist twice
// (pulumi-terraform-bridge, nameRequiresDeleteBeforeReplace).
function holdsOwnName(type: ResourceType, news: Properties): boolean {
  if (!type.autoName || !Array.isArray(news[DEFAULTS])) return false;
  return !isDefaulted(news, type.autoName.property);
}

const topOf = (change: PropertyChange): string => change.path.split(/[.[]/, 1)[0] ?? change.path;
const unique = (names: readonly string[]): string[] => [...new Set(names)].sort();
const covers = (ignored: string, path: string): boolean =>
  path === ignored || path.startsWith(`${ignored}.`) || path.startsWith(`${ignored}[`);

interface Ground {
  readonly table: Table;
  /** All new inputs: what ForceNew may depend on. */
  readonly news: Properties;
}
interface Pair {
  readonly olds: Properties;
  readonly news: Properties;
  readonly at: string;
  readonly replace?: boolean;
}

function compareRows(ground: Ground, pair: Pair): PropertyChange[] {
  return Object.entries(ground.table).flatMap(([name, row]) => {
    const next = pair.news[name];
    if (!row.input && next === undefined) return [];
    const replace = pair.replace || isForceNew(row, ground.news);
    return compareValue(ground, { row, old: pair.olds[name], next, at: pair.at + name, replace });
  });
}

const isForceNew = (row: Row, news: Properties): boolean =>
  typeof row.forceNew === "function" ? row.forceNew(news) : (row.forceNew ?? false);

interface Spot {
  readonly row: Row;
  readonly old: Value | undefined;
  readonly next: Value | undefined;
  readonly at: string;
  readonly replace: boolean;
}

function compareValue(ground: Ground, spot: Spot): PropertyChange[] {
  const { row, old, next, at, replace } = spot;
  if (next === undefined && row.computed) return [];
  if (isUnknown(next)) return [changeOf(spot)];
  if (isSame(row, old, next)) return [];
  if (row.kind === "map" && isObject(next)) return compareMap(spot, next);
  if (row.of && isObject(old) && isObject(next)) {
    return compareRows(
      { ...ground, table: row.of },
      { olds: old, news: next, at: `${at}.`, replace },
    );
  }
  if (row.of && Array.isArray(old) && Array.isArray(next) && old.length === next.length) {
    return compareItems({ ...ground, table: row.of }, { ...spot, old, next });
  }
  return [changeOf(spot)];
}

function compareItems(
  ground: Ground,
  spot: Spot & { readonly old: readonly Value[]; readonly next: readonly Value[] },
): PropertyChange[] {
  return spot.next.flatMap((item, index) => {
    const old = spot.old[index];
    const at = `${spot.at}[${index}]`;
    if (!isObject(item) || !isObject(old)) {
      return isDeepStrictEqual(item, old) ? [] : [changeOf({ ...spot, old, next: item, at })];
    }
    return compareRows(ground, { olds: old, news: item, at: `${at}.`, replace: spot.replace });
  });
}

function compareMap(spot: Spot, next: Properties): PropertyChange[] {
  const old = isObject(spot.old) ? spot.old : {};
  const keys = unique([...Object.keys(old), ...Object.keys(next)]);
  return keys.flatMap((key) => {
    const entry = { ...spot, old: old[key], next: next[key], at: spot.at + keyPath(key) };
    return isDeepStrictEqual(entry.old, entry.next) ? [] : [changeOf(entry)];
  });
}

const keyPath = (key: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;

const changeOf = ({ old, next, at, replace }: Spot): PropertyChange => ({
  path: at,
  kind: old === undefined ? "add" : next === undefined ? "delete" : "update",
  replace,
});

/** True where AWS would see no difference: suppressed, zero against absent, default against absent. */
export function isSame(row: Row, old: Value | undefined, next: Value | undefined): boolean {
  if (row.same?.(old, next)) return true;
  const initial = row.input ? row.initial : undefined;
  const [a, b] = [settled(row, old, initial), settled(row, next, initial)];
  return isDeepStrictEqual(a, b);
}

function settled(row: Row, value: Value | undefined, initial: Value | undefined): unknown {
  if (value === undefined || isZero(value))
    return initial === undefined ? undefined : (value ?? initial);
  if (row.kind === "set" && Array.isArray(value)) return [...value].map(String).sort();
  if (isArchive(value) || isAsset(value)) return value["hash"] ?? value;
  return value;
}

// Terraform's plugin SDK cannot tell an absent value from a zero one.
const isZero = (value: Value): boolean =>
  value === "" ||
  value === false ||
  value === 0 ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);
