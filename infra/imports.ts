import * as pulumi from "@pulumi/pulumi";
import { type Imports, importKeyOf } from "../contract/imports";

const COMPONENT = /^shopify-secrets:index:(\w+)$/;

/**
 * Options under which Pulumi takes over resources that are there and that its state does not know: after a lost
 * state, or an `up` that was cut off. What the state knows by the same ID is left as it is.
 *
 * @param head what the names begin with, and the keys of imports do not
 */
export function importing(
  imports: Imports,
  opts: pulumi.ComponentResourceOptions,
  head: string,
): pulumi.ComponentResourceOptions {
  if (Object.keys(imports).length === 0) return opts;
  void pulumi.log.warn(
    "shopify-secrets:imports is set: take it out of config once this up has succeeded (pulumi config rm shopify-secrets:imports)",
  );
  const takeOver: pulumi.ResourceTransformation = ({ name, props, opts: own }) => {
    const component = componentOf(own.parent);
    const plainName = name.startsWith(head) ? name.slice(head.length) : name;
    const id = component === undefined ? undefined : imports[importKeyOf(component, plainName)];
    return id === undefined ? undefined : { props, opts: pulumi.mergeOptions(own, { import: id }) };
  };
  return pulumi.mergeOptions(opts, { transformations: [takeOver] });
}

function componentOf(parent: pulumi.Resource | undefined): string | undefined {
  // The SDK keeps it on every resource, and does not type it.
  const { __pulumiType: type = "" } = (parent ?? {}) as { readonly __pulumiType?: string };
  return COMPONENT.exec(type)?.[1];
}
