import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../config/node";

/** A property of the package's schema, as far as it says how its value is read. */
export interface PropertySpec {
  readonly $ref?: string;
  readonly items?: PropertySpec;
  readonly additionalProperties?: PropertySpec;
  readonly plain?: boolean;
  readonly secret?: boolean;
}

/** The part of the package's schema that reading needs. */
export interface PackageSpec {
  readonly version: string;
  readonly resources: Readonly<
    Record<
      string,
      {
        readonly inputProperties: Readonly<Record<string, PropertySpec>>;
        readonly properties: Readonly<Record<string, PropertySpec>>;
      }
    >
  >;
  readonly types: Readonly<
    Record<string, { readonly properties?: Readonly<Record<string, PropertySpec>> }>
  >;
}

type Given = Readonly<Record<string, unknown>>;

/** What a program gave to a component, and what is wrong with how it was given. */
export interface Reading {
  readonly args: Given;
  readonly problems: readonly Problem[];
}

/**
 * Reads what came over the wire as the schema says: what is plain as plain values, the rest as it is. Every language
 * may send an output for either, and for a map with one output in it one for the whole.
 */
export async function readGiven(
  spec: PackageSpec,
  component: { readonly type: string; readonly name: string },
  given: Given,
): Promise<Reading> {
  const reader = new Reader(spec);
  const properties = spec.resources[component.type]?.inputProperties ?? {};
  const path = `shopify-secrets:`;
  const args = await reader.properties({ value: given, path, isSecret: false }, properties);
  return { args, problems: reader.problems };
}

const PLAIN_TEXT =
  "stands in plain text: it is no secret any more, so replace it at Shopify, then give it as a secret";

/** A value on its way, with the path to it and whether a secret was around it. */
interface Passing {
  readonly value: unknown;
  readonly path: string;
  readonly isSecret: boolean;
}

class Reader {
  readonly problems: Problem[] = [];
  readonly #spec: PackageSpec;

  constructor(spec: PackageSpec) {
    this.#spec = spec;
  }

  async properties(
    { value, path, isSecret }: Passing,
    specs: Readonly<Record<string, PropertySpec>>,
  ): Promise<Given> {
    const joint = path.endsWith(":") ? "" : ".";
    const read = Object.entries(value as Given).map(async ([key, inner]) => {
      const passing = { value: inner, path: `${path}${joint}${key}`, isSecret };
      const spec = Object.hasOwn(specs, key) ? specs[key] : undefined;
      return [key, await this.#read(passing, spec ?? { plain: true })] as const;
    });
    return Object.fromEntries(await Promise.all(read));
  }

  async #read(passing: Passing, spec: PropertySpec): Promise<unknown> {
    if (spec.secret === true) return await this.#secret(passing);
    return spec.plain === true ? await this.#plain(passing, spec) : passing.value;
  }

  async #plain(passing: Passing, spec: PropertySpec): Promise<unknown> {
    const { value, isSecret } = await opened(passing);
    const inner = { ...passing, value, isSecret };
    if (Array.isArray(value)) return await Promise.all(value.map((one) => this.#item(inner, one)));
    if (!isMapping(value)) return value;
    const named = this.#spec.types[spec.$ref?.replace(/^#\/types\//, "") ?? ""]?.properties;
    if (named !== undefined) return await this.properties(inner, named);
    const each = { plain: true, ...spec.additionalProperties };
    const all = Object.keys(value).map((key) => [key, each]);
    return await this.properties(inner, Object.fromEntries(all));
  }

  async #item(passing: Passing, value: unknown): Promise<unknown> {
    return await this.#plain({ ...passing, value }, {});
  }

  /** A secret goes on as an output; one that is known and no secret is told of. */
  async #secret({ value, path, isSecret }: Passing): Promise<unknown> {
    if (value === undefined || value === null) return undefined;
    const output = pulumi.output(value as pulumi.Input<unknown>);
    const isKept = isSecret || (await isSecretOutput(output));
    if (!isKept && (await isKnown(output))) this.problems.push({ path, says: PLAIN_TEXT });
    return pulumi.secret(output);
  }
}

/** What is in an output that is known; an unknown one as it is. */
async function opened({ value, isSecret }: Passing): Promise<Omit<Passing, "path">> {
  if (!pulumi.Output.isInstance(value) || !(await isKnown(value))) return { value, isSecret };
  const inner = await (value as unknown as Inner).promise();
  return { value: inner, isSecret: isSecret || (await isSecretOutput(value)) };
}

/** What every output has, and the SDK's types keep to itself. */
interface Inner {
  readonly isKnown: Promise<boolean>;
  readonly isSecret: Promise<boolean>;
  promise(): Promise<unknown>;
}

function isKnown(output: unknown): Promise<boolean> {
  return (output as Inner).isKnown;
}

function isSecretOutput(output: unknown): Promise<boolean> {
  return (output as Inner).isSecret;
}

function isMapping(value: unknown): value is Given {
  return typeof value === "object" && value !== null && !pulumi.Output.isInstance(value);
}
