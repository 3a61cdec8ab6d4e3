import * as pulumi from "@pulumi/pulumi";
import type { ConstructResult } from "@pulumi/pulumi/provider";
import { refuseBeforeStart } from "../before-start";
import { declarationOf } from "../components/fleet";
import type { FleetArgs } from "../components/fleet-args";
import { proveIn } from "../config/declare-fleet";
import { ConfigNode, type Problem } from "../config/node";
import { refuse } from "../config/refuse";
import { spellLike, wordsOfProgram } from "../config/words";
import { plainRefusal } from "../plain-refusal";
import type { Place } from "../policies/statement";
import { MAKE } from "./components";
import { type PackageSpec, readGiven } from "./given";
import { lookupsOf, placeOfProvider } from "./lookups";
import { spellingOf } from "./spelling";

/** A component that a program asks for. */
export interface ConstructRequest {
  readonly name: string;
  readonly type: string;
  readonly given: Readonly<Record<string, unknown>>;
  readonly opts: pulumi.ComponentResourceOptions;
}

/**
 * Makes a component for a program in whatever language, with the words of that program in what it refuses.
 *
 * @throws {pulumi.RunError} what is wrong with what was given, before anything is registered
 */
export async function construct(
  spec: PackageSpec,
  asked: ConstructRequest,
): Promise<ConstructResult> {
  const { name, type, given, opts } = asked;
  const kind = type.split(":")[2] ?? "";
  if (!isMade(kind)) throw plainRefusal(`${type} is unknown here: ${otherVersion(spec)}`);
  spellLike(spellingOf(process.cwd()));
  const words = wordsOfProgram(name);
  const { args, problems } = await readGiven(spec, { type, name }, given);
  // A fleet's own parser tells of its unknown keys.
  const unknown = kind === "Fleet" ? [] : unknownKeysOf(asked, spec);
  tellingVersion(spec, () => refuse([...problems, ...unknown], words));
  if (kind === "Fleet") await refuseFleet(asked, args as unknown as FleetArgs, spec);
  const component = MAKE[kind](name, { ...(await placeFor(asked, spec)), ...args } as never, opts);
  const made = component as unknown as Readonly<Record<string, unknown>>;
  const outputs = Object.keys(spec.resources[type]?.properties ?? {});
  const state = Object.fromEntries(outputs.map((property) => [property, made[property]]));
  return { urn: component.urn, state: state as pulumi.Inputs };
}

/** Where the resources are, for a component that has to know: where its provider's are, unless the program says. */
async function placeFor(
  { type, given, opts }: ConstructRequest,
  spec: PackageSpec,
): Promise<{ readonly place?: Place }> {
  const isAsked = spec.resources[type]?.inputProperties["place"] !== undefined;
  return !isAsked || "place" in given ? {} : { place: await placeOfProvider(opts) };
}

function isMade(kind: string): kind is keyof typeof MAKE {
  return Object.hasOwn(MAKE, kind);
}

/** What this project's own program refuses before its start, for a fleet of another one. */
async function refuseFleet(
  { name, opts }: ConstructRequest,
  args: FleetArgs,
  spec: PackageSpec,
): Promise<void> {
  const words = wordsOfProgram(name);
  const { fleet } = tellingVersion(spec, () => proveIn(words, declarationOf(name, args)));
  await refuseBeforeStart(fleet, lookupsOf(opts), words);
}

/** The keys that no component of that type has: a generated SDK sends them only where it is another version's. */
function unknownKeysOf({ type, given }: ConstructRequest, spec: PackageSpec): readonly Problem[] {
  const problems: Problem[] = [];
  const known = Object.keys(spec.resources[type]?.inputProperties ?? {});
  new ConfigNode("shopify-secrets:", given, problems).allowKeys(known);
  return problems;
}

/** Adds to a refusal of unknown keys which version knows them not. */
function tellingVersion<T>(spec: PackageSpec, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (!pulumi.RunError.isInstance(error) || !/unknown key/.test(error.message)) throw error;
    throw plainRefusal(`${error.message}\n${otherVersion(spec)}`);
  }
}

function otherVersion({ version }: PackageSpec): string {
  return `this is version ${version} of the package; a program that was written for another one takes this one's SDK (pulumi package add), or that version`;
}
