import { isObject, type Properties, type Value } from "./wire";

/** The text of a property, or undefined where it is absent or empty (Terraform's zero value). */
export function text(properties: Properties, name: string): string | undefined {
  const value = properties[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The text of a property that check has made sure of. */
export function needText(properties: Properties, name: string): string {
  const value = text(properties, name);
  if (value === undefined) throw new Error(`the state holds no ${name}`);
  return value;
}

export function number(properties: Properties, name: string): number | undefined {
  const value = properties[name];
  return typeof value === "number" ? value : undefined;
}

export function flag(properties: Properties, name: string): boolean | undefined {
  const value = properties[name];
  return typeof value === "boolean" ? value : undefined;
}

export function object(properties: Properties, name: string): Properties | undefined {
  const value = properties[name];
  return isObject(value) ? value : undefined;
}

export function texts(properties: Properties, name: string): string[] | undefined {
  const value = properties[name];
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** The property's map of texts; empty where it is absent. */
export function textMap(properties: Properties, name: string): Record<string, string> {
  const entries = Object.entries(object(properties, name) ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));
}

type Loose = { readonly [key: string]: unknown };

/** Drops what is undefined, null, or an empty list or object, and turns dates into ISO 8601 texts. */
export function present(values: Loose): Properties {
  const kept = Object.entries(values).flatMap(([key, value]) => {
    const found = presentValue(value);
    return found === undefined ? [] : [[key, found] as const];
  });
  return Object.fromEntries(kept);
}

function presentValue(value: unknown): Value | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) {
    const items = value.map(presentValue).filter((item) => item !== undefined);
    return items.length > 0 ? items : undefined;
  }
  if (typeof value === "object") {
    const inner = present(value as Loose);
    return Object.keys(inner).length > 0 ? inner : undefined;
  }
  return value as string | number | boolean;
}

/** As Go's time.RFC3339 prints it, without fractions. */
export const rfc3339 = (date: Date | undefined): string | undefined =>
  date?.toISOString().replace(/\.\d{3}Z$/, "Z");
