import type { ServiceModel, Shape, ShapeRef } from "./service-model";

/** A value under the model's own member names, and what stood beside it that the model does not know. */
export interface Decoded {
  readonly value: unknown;
  /** The wire's names of members that the model does not have: an older model, or a typing error. */
  readonly unknown: readonly string[];
}

/** Reads a value of the JSON protocols. */
export function decodeJson(model: ServiceModel, ref: ShapeRef, wire: unknown): Decoded {
  const unknown: string[] = [];
  return { value: fromJson({ model, unknown, path: "" }, ref, wire), unknown };
}

/** Reads the members of a structure that stand in a body of their own. */
export function decodeMembers(model: ServiceModel, shape: Shape, wire: unknown): Decoded {
  const unknown: string[] = [];
  const here = { model, unknown, path: "" };
  return { value: isRecord(wire) ? structureFrom(here, shape, wire) : wire, unknown };
}

/** Reads the parameters of the query protocol. */
export function decodeQuery(model: ServiceModel, ref: ShapeRef, wire: URLSearchParams): Decoded {
  const left = new Map(wire);
  left.delete("Action");
  left.delete("Version");
  const value = fromQuery({ model, left }, ref, "") ?? {};
  return { value, unknown: [...left.keys()] };
}

/** Reads an element of the query protocol's answers, as the XML parser gives it. */
export function decodeXml(model: ServiceModel, ref: ShapeRef, wire: unknown): Decoded {
  const unknown: string[] = [];
  return { value: fromXml({ model, unknown, path: "" }, ref, wire), unknown };
}

/** Reads the members of a structure that stand in an XML body of their own. */
export function decodeXmlMembers(model: ServiceModel, shape: Shape, wire: unknown): Decoded {
  const unknown: string[] = [];
  return { value: structureInXml({ model, unknown, path: "" }, shape, wire), unknown };
}

/** Reads one text of a path, a query or a header. */
export function decodeText({ shapes }: ServiceModel, ref: ShapeRef, wire: string): unknown {
  return fromText(shapes[ref.shape], wire);
}

interface Here {
  readonly model: ServiceModel;
  readonly unknown: string[];
  readonly path: string;
}

function fromJson(here: Here, ref: ShapeRef, wire: unknown): unknown {
  const shape = here.model.shapes[ref.shape];
  if (shape === undefined) return wire;
  switch (shape.type) {
    case "structure":
      return isRecord(wire) ? structureFrom(here, shape, wire) : wire;
    case "list":
      return Array.isArray(wire) && shape.member !== undefined
        ? wire.map((item) => fromJson(here, shape.member as ShapeRef, item))
        : wire;
    case "map":
      return isRecord(wire) && shape.value !== undefined
        ? Object.fromEntries(
            Object.entries(wire).map(([key, item]) => [
              key,
              fromJson(here, shape.value as ShapeRef, item),
            ]),
          )
        : wire;
    case "blob":
      return typeof wire === "string" ? blobOf(wire) : wire;
    case "timestamp":
      return timeOf(wire, shape.timestampFormat ?? "unixTimestamp");
    default:
      return wire;
  }
}

/** `null` is as good as absent; a member in the path or a header is no matter of the body. */
function structureFrom(here: Here, shape: Shape, wire: Record<string, unknown>): unknown {
  const inBody = Object.entries(shape.members ?? {}).filter(
    ([, ref]) => ref.location === undefined,
  );
  const names = new Map(inBody.map(([name, ref]) => [ref.locationName ?? name, { name, ref }]));
  const value: Record<string, unknown> = {};
  for (const [wireName, member] of Object.entries(wire)) {
    const known = names.get(wireName);
    const path = here.path === "" ? wireName : `${here.path}.${wireName}`;
    if (known === undefined) here.unknown.push(path);
    else if (member !== null) value[known.name] = fromJson({ ...here, path }, known.ref, member);
  }
  return value;
}

interface Parameters {
  readonly model: ServiceModel;
  /** What nothing has read yet. */
  readonly left: Map<string, string>;
}

function fromQuery(here: Parameters, ref: ShapeRef, prefix: string): unknown {
  const shape = here.model.shapes[ref.shape];
  switch (shape?.type) {
    case "structure":
      return structureAt(here, shape, prefix);
    case "list":
      return listAt(here, { shape, ref }, prefix);
    case "map":
      return mapAt(here, { shape, ref }, prefix);
    default: {
      const text = here.left.get(prefix);
      here.left.delete(prefix);
      return text === undefined ? undefined : fromText(shape, text);
    }
  }
}

function structureAt(here: Parameters, shape: Shape, prefix: string): unknown {
  const read = Object.entries(shape.members ?? {}).map(([name, ref]) => {
    const wireName = ref.locationName ?? name;
    return [
      name,
      fromQuery(here, ref, prefix === "" ? wireName : `${prefix}.${wireName}`),
    ] as const;
  });
  const given = read.filter(([, value]) => value !== undefined);
  return given.length === 0 && prefix !== "" ? undefined : Object.fromEntries(given);
}

function listAt(
  here: Parameters,
  { shape, ref }: { readonly shape: Shape; readonly ref: ShapeRef },
  prefix: string,
): unknown {
  // An empty list is sent as the bare name.
  if (here.left.get(prefix) === "") {
    here.left.delete(prefix);
    return [];
  }
  const member = shape.member as ShapeRef;
  const isFlat = shape.flattened === true || ref.flattened === true;
  const head = isFlat ? prefix : `${prefix}.${member.locationName ?? "member"}`;
  const items: unknown[] = [];
  while (startsAny(here, `${head}.${items.length + 1}`)) {
    items.push(fromQuery(here, member, `${head}.${items.length + 1}`));
  }
  return items.length === 0 ? undefined : items;
}

function mapAt(
  here: Parameters,
  { shape, ref }: { readonly shape: Shape; readonly ref: ShapeRef },
  prefix: string,
): unknown {
  const isFlat = shape.flattened === true || ref.flattened === true;
  const head = isFlat ? prefix : `${prefix}.entry`;
  const [key, value] = [shape.key as ShapeRef, shape.value as ShapeRef];
  const entries: [string, unknown][] = [];
  for (let at = 1; startsAny(here, `${head}.${at}`); at += 1) {
    const name = fromQuery(here, key, `${head}.${at}.${key.locationName ?? "key"}`);
    const item = fromQuery(here, value, `${head}.${at}.${value.locationName ?? "value"}`);
    entries.push([String(name), item]);
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function startsAny({ left }: Parameters, name: string): boolean {
  return [...left.keys()].some((key) => key === name || key.startsWith(`${name}.`));
}

function fromXml(here: Here, ref: ShapeRef, wire: unknown): unknown {
  const shape = here.model.shapes[ref.shape];
  switch (shape?.type) {
    case "structure":
      return structureInXml(here, shape, wire === "" ? {} : wire);
    case "list": {
      const member = shape.member as ShapeRef;
      const isFlat = shape.flattened === true || ref.flattened === true;
      const inside = isFlat ? wire : isRecord(wire) ? wire[member.locationName ?? "member"] : [];
      return [inside ?? []].flat().map((item) => fromXml(here, member, item));
    }
    case "map":
      return mapInXml(here, shape, wire);
    default:
      return fromText(shape, String(wire ?? ""));
  }
}

function structureInXml(here: Here, shape: Shape, wire: unknown): unknown {
  if (!isRecord(wire)) return wire;
  const names = new Map(
    Object.entries(shape.members ?? {}).map(([name, ref]) => [
      ref.locationName ?? name,
      { name, ref },
    ]),
  );
  const value: Record<string, unknown> = {};
  for (const [wireName, member] of Object.entries(wire)) {
    const known = names.get(wireName);
    const path = here.path === "" ? wireName : `${here.path}.${wireName}`;
    if (known !== undefined) value[known.name] = fromXml({ ...here, path }, known.ref, member);
    else if (wireName !== "xmlns") here.unknown.push(path);
  }
  return value;
}

function mapInXml(here: Here, shape: Shape, wire: unknown): unknown {
  const [key, value] = [shape.key as ShapeRef, shape.value as ShapeRef];
  const entries = isRecord(wire) ? [wire["entry"] ?? []].flat() : [];
  return Object.fromEntries(
    entries
      .filter(isRecord)
      .map((entry) => [
        String(entry[key.locationName ?? "key"]),
        fromXml(here, value, entry[value.locationName ?? "value"]),
      ]),
  );
}

function fromText(shape: Shape | undefined, text: string): unknown {
  switch (shape?.type) {
    case "integer":
    case "long":
    case "float":
    case "double":
      return text.trim() === "" ? text : Number(text);
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "blob":
      return blobOf(text);
    case "timestamp":
      return timeOf(text, shape.timestampFormat ?? "iso8601");
    default:
      return text;
  }
}

function timeOf(wire: unknown, format: string): unknown {
  if (format === "unixTimestamp") return typeof wire === "number" ? new Date(wire * 1000) : wire;
  return typeof wire === "string" ? new Date(wire) : wire;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function blobOf(text: string): unknown {
  return BASE64.test(text) ? Buffer.from(text, "base64") : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
