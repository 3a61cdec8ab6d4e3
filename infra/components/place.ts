import { getCallerIdentity, getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getRegion, getRegionOutput } from "@pulumi/aws/getRegion";
import * as pulumi from "@pulumi/pulumi";
import type { Place } from "../policies/statement";

/** Asks AWS, before there is any resource, where the provider's resources will be. Default: the default provider's. */
export async function lookUpPlace(opts?: pulumi.InvokeOptions): Promise<Place> {
  const [{ accountId, arn }, { region }] = await Promise.all([
    getCallerIdentity({}, opts),
    getRegion({}, opts),
  ]);
  return { partition: arn.split(":")[1] ?? "aws", region, accountId };
}

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
