import type { ServiceModel, Shape } from "./service-model";

/** What a value does that AWS's model of it does not allow; never the value itself, which may be secret. */
export interface Finding {
  /** The members that lead there, such as `tags.2.key`, in AWS's spelling. */
  readonly path: string;
  /** AWS's words for the constraint, such as `Member must not be null`. */
  readonly constraint: string;
}

/** Holds a decoded value against its shape; all findings, in the order of the model's members. */
export function checkShape(model: ServiceModel, shapeName: string, value: unknown): Finding[] {
  return findingsIn({ model, path: "" }, shapeName, value);
}

interface Here {
  readonly model: ServiceModel;
  readonly path: string;
}

function findingsIn(here: Here, shapeName: string, value: unknown): Finding[] {
  const shape = here.model.shapes[shapeName];
  if (shape === undefined) return [];
  switch (shape.type) {
    case "structure":
      return inStructure(here, shape, value);
    case "list":
      return inList(here, shape, value);
    case "map":
      return inMap(here, shape, value);
    case "string":
      return typeof value === "string" ? inText(here, shape, value) : wrongType(here, "a string");
    case "blob":
      return inBlob(here, shape, value);
    case "boolean":
      return typeof value === "boolean" ? [] : wrongType(here, "a boolean");
    case "timestamp":
      return inTimestamp(here, value);
    default:
      return inNumber(here, shape, value);
  }
}

function inStructure(here: Here, shape: Shape, value: unknown): Finding[] {
  if (!isRecord(value)) return wrongType(here, "an object");
  const required = new Set(shape.required ?? []);
  return Object.entries(shape.members ?? {}).flatMap(([name, ref]) => {
    const inside = below(here, name);
    const member = value[name];
    if (member !== undefined) return findingsIn(inside, ref.shape, member);
    return required.has(name) ? found(inside, "must not be null") : [];
  });
}

function inList(here: Here, shape: Shape, value: unknown): Finding[] {
  if (!Array.isArray(value)) return wrongType(here, "a list");
  const ref = shape.member;
  return [
    ...length(here, shape, value.length),
    ...value.flatMap((item, at) =>
      ref === undefined ? [] : findingsIn(below(here, `${at + 1}.member`), ref.shape, item),
    ),
  ];
}

function inMap(here: Here, shape: Shape, value: unknown): Finding[] {
  if (!isRecord(value)) return wrongType(here, "a map");
  const entries = Object.entries(value);
  const { key, value: item } = shape;
  return [
    ...length(here, shape, entries.length),
    ...entries.flatMap(([name, member], at) => [
      ...(key ? findingsIn(below(here, `${at + 1}.key`), key.shape, name) : []),
      ...(item ? findingsIn(below(here, `${at + 1}.value`), item.shape, member) : []),
    ]),
  ];
}

function inText(here: Here, shape: Shape, value: string): Finding[] {
  const isInEnum = shape.enum === undefined || shape.enum.includes(value);
  const isInPattern = shape.pattern === undefined || patternOf(shape.pattern).test(value);
  return [
    ...length(here, shape, value.length),
    ...(isInEnum ? [] : found(here, `must satisfy enum value set: [${shape.enum?.join(", ")}]`)),
    ...(isInPattern
      ? []
      : found(here, `must satisfy regular expression pattern: ${shape.pattern}`)),
  ];
}

function inBlob(here: Here, shape: Shape, value: unknown): Finding[] {
  if (!Buffer.isBuffer(value)) return wrongType(here, "base64 text");
  return length(here, shape, value.length);
}

function inTimestamp(here: Here, value: unknown): Finding[] {
  return value instanceof Date && !Number.isNaN(value.getTime()) ? [] : wrongType(here, "a time");
}

function inNumber(here: Here, shape: Shape, value: unknown): Finding[] {
  const isWhole = shape.type === "integer" || shape.type === "long";
  if (typeof value !== "number" || Number.isNaN(value) || (isWhole && !Number.isInteger(value))) {
    return wrongType(here, "a number");
  }
  const { min, max } = shape;
  if (min !== undefined && value < min) {
    return found(here, `must have value greater than or equal to ${min}`);
  }
  return max !== undefined && value > max
    ? found(here, `must have value less than or equal to ${max}`)
    : [];
}

function length(here: Here, { min, max }: Shape, size: number): Finding[] {
  if (min !== undefined && size < min) {
    return found(here, `must have length greater than or equal to ${min}`);
  }
  return max !== undefined && size > max
    ? found(here, `must have length less than or equal to ${max}`)
    : [];
}

const patterns = new Map<string, RegExp>();

/**
 * The model's patterns are Java's and hold for the whole value. JavaScript reads all of them that the
 * world's services use; some escape more than its Unicode mode takes, so those go without it.
 */
export function patternOf(source: string): RegExp {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  const whole = `^(?:${source})$`;
  const pattern = readsUnicode(whole) ? new RegExp(whole, "u") : new RegExp(whole);
  patterns.set(source, pattern);
  return pattern;
}

function readsUnicode(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}

/** AWS writes the path with a small letter first, whatever the member's name is. */
function below({ model, path }: Here, name: string): Here {
  const said = name.charAt(0).toLowerCase() + name.slice(1);
  return { model, path: path === "" ? said : `${path}.${said}` };
}

function found({ path }: Here, rule: string): Finding[] {
  return [{ path, constraint: `Member ${rule}` }];
}

function wrongType(here: Here, what: string): Finding[] {
  return found(here, `must be ${what}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
