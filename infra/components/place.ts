import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import * as pulumi from "@pulumi/pulumi";
import type { Place } from "../policies/statement";

/** Asks AWS where the provider's resources are. */
export function findPlace(opts?: pulumi.InvokeOptions): pulumi.Output<Place> {
  const caller = getCallerIdentityOutput({}, opts ?? {});
  const here = getRegionOutput({}, opts ?? {});
  return pulumi.all([caller, here]).apply(([{ accountId, arn }, { region }]) => ({
    partition: arn.split(":")[1] ?? "aws",
    region,
    accountId,
  }));
}
