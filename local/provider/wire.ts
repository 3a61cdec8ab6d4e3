/** A property value as the engine sends it: JSON, with sentinels for unknowns and marked objects for assets. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };
export type Properties = { [key: string]: Value };

// Source: @pulumi/pulumi runtime/rpc (specialSigKey and its values) and pulumi/sdk go/common/resource/plugin/rpc.go.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** What a preview knows only after the update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWNS = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

export const isUnknown = (value: Value | undefined): boolean =>
  typeof value === "string" && UNKNOWNS.has(value);

export const isObject = (value: Value | undefined): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isMarked = (value: Value | undefined, mark: string): value is Properties =>
  isObject(value) && value[SIGNATURE] === mark;

export const isAsset = (value: Value | undefined): value is Properties => isMarked(value, ASSET);
export const isArchive = (value: Value | undefined): value is Properties =>
  isMarked(value, ARCHIVE);

/** True when any part of the value is known only after the update. */
export function holdsUnknown(value: Value | undefined): boolean {
  if (Array.isArray(value)) return value.some(holdsUnknown);
  if (isObject(value)) return Object.values(value).some(holdsUnknown);
  return isUnknown(value);
}

export const asSecret = (value: Value): Value => ({ [SIGNATURE]: SECRET, value });

/** Takes the secret marks off, at any depth, and drops nulls from objects. */
export function plain(value: Value): Value {
  if (Array.isArray(value)) return value.map(plain);
  if (isMarked(value, SECRET)) return plain(value["value"] ?? null);
  if (isObject(value)) return plainProperties(value);
  return value;
}

export function plainProperties(properties: Properties): Properties {
  const known = Object.entries(properties).filter(([, value]) => value !== null);
  return Object.fromEntries(known.map(([key, value]) => [key, plain(value)]));
}

/** The type token inside a URN: `urn:pulumi:stack::project::parent$type::name`. */
export function typeOf(urn: string): string {
  const qualified = urn.split("::")[2] ?? "";
  return qualified.split("$").at(-1) ?? "";
}

export const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");
