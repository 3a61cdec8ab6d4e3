import { AwsError, invalidInput } from "./aws-error";
import type { Constraint, Members } from "./constraints";

/** A request whose members have been held against AWS's API model. */
export type CheckedInput = Readonly<Record<string, unknown>>;

/**
 * Holds a request against AWS's API model; unknown members are dropped, as the service does.
 *
 * @throws {AwsError} `ValidationException`, `SerializationException`
 */
export function checkInput(input: unknown, members: Members): CheckedInput {
  const given = asRecord(input ?? {});
  const checked: Record<string, unknown> = {};
  for (const [name, constraint] of Object.entries(members)) {
    const value = given[name] ?? undefined;
    if (value === undefined) {
      if (constraint.required) violation(memberPath(name), " null", "must not be null");
      continue;
    }
    checkValue(value, constraint, memberPath(name));
    checked[name] = value;
  }
  return checked;
}

function checkValue(value: unknown, constraint: Constraint, path: string): void {
  switch (constraint.type) {
    case "string":
      checkString(value, constraint, path);
      break;
    case "blob":
      if (!(value instanceof Uint8Array)) throw wrongType();
      checkLength(value.length, constraint, { path, shown: "" });
      break;
    case "number":
      checkNumber(value, constraint, path);
      break;
    case "boolean":
      if (typeof value !== "boolean") throw wrongType();
      break;
    case "list":
      checkList(value, constraint, path);
      break;
    case "object":
      checkMembers(asRecord(value), constraint.members, path);
      break;
    default:
      constraint satisfies never;
  }
}

function checkString(
  value: unknown,
  constraint: Constraint & { type: "string" },
  path: string,
): void {
  if (typeof value !== "string") throw wrongType();
  const shown = constraint.sensitive ? "" : ` '${value}'`;
  const length = constraint.inBytes ? Buffer.byteLength(value) : value.length;
  checkLength(length, constraint, { path, shown });
  if (constraint.oneOf && !constraint.oneOf.includes(value)) {
    violation(path, shown, `must satisfy enum value set: [${constraint.oneOf.join(", ")}]`);
  }
  if (constraint.pattern && !constraint.pattern.test(value)) {
    violation(path, shown, `must satisfy regular expression pattern: ${constraint.pattern.source}`);
  }
}

function checkNumber(
  value: unknown,
  { min, max }: Constraint & { type: "number" },
  path: string,
): void {
  if (typeof value !== "number" || !Number.isInteger(value)) throw wrongType();
  if (min !== undefined && value < min) {
    violation(path, ` '${value}'`, `must have value greater than or equal to ${min}`);
  }
  if (max !== undefined && value > max) {
    violation(path, ` '${value}'`, `must have value less than or equal to ${max}`);
  }
}

function checkList(value: unknown, constraint: Constraint & { type: "list" }, path: string): void {
  if (!Array.isArray(value)) throw wrongType();
  checkLength(value.length, constraint, { path, shown: ` '${JSON.stringify(value)}'` });
  for (const [index, item] of value.entries()) {
    checkValue(item, constraint.of, `${path}.${index + 1}.member`);
  }
}

function checkMembers(given: Record<string, unknown>, members: Members, path: string): void {
  for (const [name, constraint] of Object.entries(members)) {
    const value = given[name];
    if (value !== undefined && value !== null) {
      checkValue(value, constraint, `${path}.${memberPath(name)}`);
    }
  }
}

function checkLength(
  length: number,
  { min, max }: { readonly min?: number; readonly max?: number },
  { path, shown }: { readonly path: string; readonly shown: string },
): void {
  if (min !== undefined && length < min) {
    violation(path, shown, `must have length greater than or equal to ${min}`);
  }
  if (max !== undefined && length > max) {
    violation(path, shown, `must have length less than or equal to ${max}`);
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrongType();
  return value as Record<string, unknown>;
}

const memberPath = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

function wrongType(): AwsError {
  return new AwsError("SerializationException", "The request has a member of the wrong type.");
}

function violation(path: string, shown: string, rule: string): never {
  throw invalidInput(
    `1 validation error detected: Value${shown} at '${path}' failed to satisfy constraint: Member ${rule}`,
  );
}
