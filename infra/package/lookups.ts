import type * as pulumi from "@pulumi/pulumi";
import { AS_DEPLOYED, type Lookups } from "../before-start";
import { findPlace } from "../components/place";
import { type LastOutputs, readLastOutputs } from "../last-outputs";
import type { Place } from "../policies/statement";

/** What is asked before a fleet of another program is made: of the provider that the program chose for it. */
export function lookupsOf(opts: pulumi.ComponentResourceOptions): Lookups {
  return {
    ...AS_DEPLOYED,
    place: () => valueOfOutput(findPlace(providerIn(opts))),
    lastOutputs: async () => ofOwnProgram(await readLastOutputs()),
  };
}

/** The stack's outputs where this project's own program left them; those of another program say nothing of its fleet. */
function ofOwnProgram(outputs: LastOutputs): LastOutputs {
  const isOurs = "enrolFunctionName" in outputs && "rotationFunctionName" in outputs;
  return isOurs ? outputs : {};
}

function providerIn({ providers }: pulumi.ComponentResourceOptions): pulumi.InvokeOptions {
  const provider = (providers as Readonly<Record<string, pulumi.ProviderResource>>)?.["aws"];
  return provider === undefined ? {} : { provider };
}

// What the SDK has for it, and keeps to itself.
function valueOfOutput(output: pulumi.Output<Place>): Promise<Place> {
  return (output as unknown as { promise(): Promise<Place> }).promise();
}
