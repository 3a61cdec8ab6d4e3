import type * as pulumi from "@pulumi/pulumi";
import { AS_DEPLOYED, type Lookups } from "../before-start";
import { lookUpPlace } from "../components/place";
import { type LastOutputs, readLastOutputs } from "../last-outputs";
import { plainRefusal } from "../plain-refusal";
import type { Place } from "../policies/statement";

/** What is asked before a fleet of another program is made: of the provider that the program chose for it. */
export function lookupsOf(opts: pulumi.ComponentResourceOptions): Lookups {
  return {
    ...AS_DEPLOYED,
    place: () => placeOfProvider(opts),
    lastOutputs: async () => ofOwnProgram(await readLastOutputs()),
  };
}

/**
 * Where the resources of the provider are that the program chose for a component.
 *
 * @throws {pulumi.RunError} AWS did not say: as a rule, because there are no credentials
 */
export async function placeOfProvider({
  providers,
}: pulumi.ComponentResourceOptions): Promise<Place> {
  const provider = (providers as Readonly<Record<string, pulumi.ProviderResource>>)?.["aws"];
  try {
    return await lookUpPlace(provider === undefined ? {} : { provider });
  } catch (error) {
    const { message } = error as Error;
    throw plainRefusal(
      `AWS does not say which account and region this is: ${message}. Next: aws sts get-caller-identity, which needs the same credentials`,
    );
  }
}

/** The stack's outputs where this project's own program left them; those of another program say nothing of its fleet. */
function ofOwnProgram(outputs: LastOutputs): LastOutputs {
  const isOurs = "enrolFunctionName" in outputs && "rotationFunctionName" in outputs;
  return isOurs ? outputs : {};
}
