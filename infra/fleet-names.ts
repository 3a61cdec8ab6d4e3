import * as pulumi from "@pulumi/pulumi";
import type { Imports } from "../contract/imports";
import { importing } from "./imports";

/** What a component of a fleet is registered with. */
export interface Called {
  readonly name: string;
  readonly opts: pulumi.ComponentResourceOptions;
}

/** Names a component of a fleet by what it is called where it is alone, and by what it was called before. */
export type CallComponent = (plainName: string, formerly?: string) => Called;

/** How a fleet's components are named and where they stand. */
export interface Naming {
  readonly name?: string;
  /** The parent of components that had no fleet's name; undefined: the stack. Default: the same parent. */
  readonly formerParent?: pulumi.Resource | undefined;
  readonly formerFleet?: string;
  readonly opts?: pulumi.ComponentResourceOptions;
}

/** The type of the component that holds a whole fleet. */
export const FLEET_TYPE = "shopify-secrets:index:Fleet";

/**
 * How the components of a fleet are called: by their plain names, as in a stack that is a fleet, or by names that begin
 * with the fleet's. Either is the other's alias, so that a stack that goes from one to the other replaces nothing;
 * aliases of children follow, because their names begin with their component's.
 */
export function callComponents(naming: Naming, imports: Imports): CallComponent {
  const { name: fleet, formerFleet, opts = {} } = naming;
  const head = headOf(fleet);
  const shared = importing(imports, opts, head);
  return (plainName, formerly) => {
    const before = [plainName, ...(formerly === undefined ? [] : [formerly])];
    const aliases = before.flatMap((one) => [
      ...(fleet === undefined ? [] : [plainAlias(one, naming)]),
      ...(formerFleet === undefined ? [] : [aliasIn(formerFleet, one)]),
    ]);
    const name = `${head}${plainName}`;
    return { name, opts: aliases.length === 0 ? shared : pulumi.mergeOptions(shared, { aliases }) };
  };
}

function headOf(fleet: string | undefined): string {
  return fleet === undefined ? "" : `${fleet}-`;
}

function plainAlias(name: string, naming: Naming): pulumi.Alias {
  if (!("formerParent" in naming)) return { name };
  return { name, parent: naming.formerParent ?? pulumi.rootStackResource };
}

/** Below a fleet of this stack that is there no more. */
function aliasIn(fleet: string, name: string): pulumi.Alias {
  return { name: `${headOf(fleet)}${name}`, parent: pulumi.createUrn(fleet, FLEET_TYPE) };
}
