import type { Table } from "./table";
import { present } from "./values";
import type { Properties, Value } from "./wire";

/** Where AWS's name of a field is not the property's with a capital letter. */
export type Renamed = Readonly<Record<string, string>>;

const apiName = (name: string, renamed: Renamed): string =>
  renamed[name] ?? name.charAt(0).toUpperCase() + name.slice(1);

/** The request fields of these properties; absent ones are left out. */
export function toApi<Request>(
  news: Properties,
  names: readonly string[],
  renamed: Renamed = {},
): Request {
  const given = names.filter((name) => news[name] !== undefined);
  return Object.fromEntries(given.map((name) => [apiName(name, renamed), news[name]])) as Request;
}

/** The properties that AWS's answer has values for. */
export function fromApi(
  answer: object,
  names: readonly string[],
  renamed: Renamed = {},
): Properties {
  const fields = answer as { readonly [name: string]: unknown };
  return present(Object.fromEntries(names.map((name) => [name, fields[apiName(name, renamed)]])));
}

/** The changed ones among these properties; those that were taken away with their zero value. */
export function changedValues(
  table: Table,
  change: { readonly news: Properties; readonly changed: ReadonlySet<string> },
  names: readonly string[],
): Properties {
  const asked = names.filter((name) => change.changed.has(name));
  return Object.fromEntries(asked.map((name) => [name, change.news[name] ?? zeroOf(table, name)]));
}

function zeroOf(table: Table, name: string): Value {
  switch (table[name]?.kind) {
    case "boolean":
      return false;
    case "number":
      return 0;
    case "list":
    case "set":
      return [];
    case "map":
    case "object":
      return {};
    default:
      return "";
  }
}
