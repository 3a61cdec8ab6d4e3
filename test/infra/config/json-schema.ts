/** A JSON schema, as far as ours goes. */
export type Schema = Readonly<Record<string, unknown>>;

type Rule = (value: unknown, argument: never, around: Around) => boolean;

interface Around {
  readonly schema: Schema;
  readonly root: Schema;
}

const ANNOTATIONS = new Set(["$schema", "title", "description", "definitions", "then"]);

/** What each keyword asks; a keyword that is not here is an error, so that nothing in a schema goes untested. */
const RULES: Readonly<Record<string, Rule>> = {
  type: (value, type: string) => isType(value, type),
  enum: (value, allowed: unknown[]) => allowed.includes(value),
  pattern: (value, pattern: string) =>
    typeof value !== "string" || new RegExp(pattern, "u").test(value),
  minLength: (value, least: number) => typeof value !== "string" || value.length >= least,
  maxLength: (value, most: number) => typeof value !== "string" || value.length <= most,
  minimum: (value, least: number) => typeof value !== "number" || value >= least,
  maximum: (value, most: number) => typeof value !== "number" || value <= most,
  maxProperties: (value, most: number) => !isMap(value) || Object.keys(value).length <= most,
  minItems: (value, least: number) => !Array.isArray(value) || value.length >= least,
  maxItems: (value, most: number) => !Array.isArray(value) || value.length <= most,
  items: (value, item: Schema, { root }) =>
    !Array.isArray(value) || value.every((one) => accepts(item, one, root)),
  required: (value, keys: string[]) =>
    !isMap(value) || keys.every((key) => Object.hasOwn(value, key)),
  properties: (value, properties: Record<string, Schema>, { root }) =>
    !isMap(value) ||
    Object.entries(properties).every(
      ([key, schema]) => !Object.hasOwn(value, key) || accepts(schema, value[key], root),
    ),
  propertyNames: (value, names: Schema, { root }) =>
    !isMap(value) || Object.keys(value).every((key) => accepts(names, key, root)),
  additionalProperties: (value, rest: Schema | false, { schema, root }) =>
    !isMap(value) ||
    Object.keys(value)
      .filter((key) => !Object.hasOwn((schema["properties"] ?? {}) as object, key))
      .every((key) => rest !== false && accepts(rest, value[key], root)),
  anyOf: (value, any: Schema[], { root }) => any.some((schema) => accepts(schema, value, root)),
  allOf: (value, all: Schema[], { root }) => all.every((schema) => accepts(schema, value, root)),
  not: (value, schema: Schema, { root }) => !accepts(schema, value, root),
  if: (value, condition: Schema, { schema, root }) =>
    !accepts(condition, value, root) || accepts(schema["then"] as Schema, value, root),
  $ref: (value, ref: string, { root }) => accepts(definitionOf(ref, root), value, root),
};

/** Whether a schema accepts a value; the root resolves references. */
export function accepts(schema: Schema, value: unknown, root: Schema = schema): boolean {
  return Object.entries(schema).every(([keyword, argument]) => {
    if (ANNOTATIONS.has(keyword)) return true;
    const rule = RULES[keyword];
    if (!rule) throw new Error(`the schema uses "${keyword}", which this test does not know`);
    return rule(value, argument as never, { schema, root });
  });
}

function definitionOf(ref: string, root: Schema): Schema {
  const definitions = root["definitions"] as Record<string, Schema>;
  const found = definitions[ref.replace("#/definitions/", "")];
  if (!found) throw new Error(`${ref} leads nowhere`);
  return found;
}

function isType(value: unknown, type: string): boolean {
  if (type === "object") return isMap(value);
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
