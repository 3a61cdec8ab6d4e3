import * as pulumi from "@pulumi/pulumi";

/** What the SDK's own code does with an output whose value may be unknown; the published types leave it out. */
interface SeesUnknowns {
  apply(look: (value: unknown) => unknown, runWithUnknowns: true): pulumi.Output<string>;
}

/**
 * An output of another resource for an input that has to be given, with something harmless in its place where that
 * resource failed.
 *
 * In `up` no other output is unknown. The engine checks a resource before it looks whether what it depends on is
 * there, and a check that misses an input ends the whole run, for all other stores too (pulumi/pulumi#16133, "by
 * design"). With any value the check passes, and the engine then skips the resource.
 */
export function unlessFailed(
  output: pulumi.Output<string>,
  harmless: string,
): pulumi.Output<string> {
  if (pulumi.runtime.isDryRun()) return output;
  const seeing = output as unknown as SeesUnknowns;
  return seeing.apply((value) => (pulumi.containsUnknowns(value) ? harmless : value), true);
}
