interface WireProperty {
  readonly type?: string;
  readonly $ref?: string;
  readonly description?: string;
  readonly plain?: boolean;
  readonly secret?: boolean;
}

type WireProperties = Record<string, WireProperty>;

interface WireResource {
  readonly description?: string;
  readonly inputProperties: WireProperties;
  readonly requiredInputs?: string[];
  readonly properties: WireProperties;
  readonly required?: string[];
}

interface WireType {
  readonly description?: string;
  readonly properties?: WireProperties;
  readonly required?: string[];
  readonly enum?: { readonly value: string }[];
}

/** The schema of the package, as far as programs depend on it. */
export interface WireSchema {
  readonly resources: Record<string, WireResource>;
  readonly types: Record<string, WireType>;
}

/** Why a program that was written for one schema would not do with another one. */
export function incompatibilitiesOf(before: WireSchema, now: WireSchema): string[] {
  const resources = Object.entries(before.resources).flatMap(([token, was]) => {
    const is = now.resources[token];
    if (is === undefined) return [`${token} is gone`];
    return [
      ...changesIn(token, was.inputProperties, is.inputProperties),
      ...changesIn(token, was.properties, is.properties),
      ...newIn(was.requiredInputs, is.requiredInputs).map(
        (name) => `${token}.${name} is required now`,
      ),
      ...newIn(is.required, was.required).map((name) => `${token}.${name} may be missing now`),
    ];
  });
  return [
    ...resources,
    ...Object.entries(before.types).flatMap((entry) => typeChanges(entry, now)),
  ];
}

function typeChanges([token, was]: readonly [string, WireType], now: WireSchema): string[] {
  const is = now.types[token];
  if (is === undefined) return [`${token} is gone`];
  const values = (type: WireType) => type.enum?.map(({ value }) => value);
  return [
    ...changesIn(token, was.properties ?? {}, is.properties ?? {}),
    ...newIn(was.required, is.required).map((name) => `${token}.${name} is required now`),
    ...newIn(values(is), values(was)).map((value) => `${token} ${value} is gone`),
  ];
}

function changesIn(token: string, was: WireProperties, is: WireProperties): string[] {
  return Object.entries(was).flatMap(([name, before]) => {
    const now = is[name];
    if (now === undefined) return [`${token}.${name} is gone`];
    return shapeOf(before) === shapeOf(now) ? [] : [`${token}.${name} has another type`];
  });
}

function shapeOf({ description: _, ...shape }: WireProperty): string {
  return JSON.stringify(Object.entries(shape).sort());
}

function newIn(before: readonly string[] = [], now: readonly string[] = []): string[] {
  return now.filter((name) => !before.includes(name));
}
