import { MANAGED_POLICY_MAX } from "../../contract/policy";
import type { Option, Typed } from "../command";
import type { Output } from "../host";
import { usageError } from "../refusal";
import { shownWord } from "./shown-word";

export const PART_OPTION: Option = {
  type: "string",
  value: "number",
  help: "print this policy alone, as it is",
};

/** Writes policies as IAM takes them: one as it is; several each under a heading, or as JSON with `--json`. */
export function writePolicies(typed: Typed, policies: readonly string[], out: Output): void {
  out.write(`${printed(typed, policies)}\n`);
}

function printed(typed: Typed, policies: readonly string[]): string {
  const part = typed.text("part");
  if (part !== undefined) return pretty(partOf(policies, part));
  if (typed.json) return JSON.stringify(policies.map(parsed));
  return policies.length === 1 ? policies.map(pretty).join("") : all(policies);
}

function partOf(policies: readonly string[], part: string): string {
  const policy = /^\d+$/.test(part) ? policies[Number(part) - 1] : undefined;
  if (policy !== undefined) return policy;
  throw usageError(
    `there is no part ${shownWord(part)}`,
    `repeat the command with --part 1 to --part ${policies.length}`,
  );
}

function all(policies: readonly string[]): string {
  return policies
    .map((policy, at) => {
      const heading = `# part ${at + 1} of ${policies.length}, ${policy.length} of ${MANAGED_POLICY_MAX} characters: attach every part`;
      return `${heading}\n${pretty(policy)}`;
    })
    .join("\n\n");
}

const parsed = (policy: string): unknown => JSON.parse(policy);
const pretty = (policy: string): string => JSON.stringify(parsed(policy), null, 2);
