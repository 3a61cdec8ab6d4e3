import { type Deployment, deployerPolicies } from "../../contract/deployer-policy";

/** The policies that `shopify-secrets deployer-policy` prints, for a stack in the account and the region of a world. */
export function deployerPolicy(
  stack = "dev",
  about: Partial<Pick<Deployment, "vpc" | "accessLog" | "list" | "workQueue">> = {},
): string[] {
  return deployerPolicies({
    place: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
    prefix: `shopify/${stack}`,
    vpc: false,
    ...about,
  });
}
