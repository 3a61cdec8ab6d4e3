import { blocksOf } from "../docs/code-blocks";

/** The deployer's policy as docs/deploy.md has it, for a stack in the account and the region of a world. */
export function deployerPolicy(stack = "dev"): string {
  const block = blocksOf("docs/deploy.md").find(({ mark }) => mark === "deployer");
  return (block?.code ?? "")
    .replaceAll("REGION", "us-east-1")
    .replaceAll("ACCOUNT", "000000000000")
    .replaceAll("STACK", stack);
}
