import { KIND_FACTS } from "../../contract/kinds";
import { holderOf } from "../../contract/store/secret-facts";
import type { Command } from "../command";
import { EXIT } from "../exit-codes";
import { readStore, requireDeclaration } from "../fleet/fleet";
import { Refusal } from "../refusal";

/** `unstick`: takes AWSPENDING from a version that stands in the way; no value changes. */
export const unstick: Command = {
  name: "unstick",
  usage: "<store>",
  summary: "take the label of a stuck pending version away; the current one stays",
  async run({ surroundings, aws, prefix, words }) {
    const seen = await readStore(aws.secrets, prefix, words);
    const { kind } = requireDeclaration(seen);
    // The pending version of a pair may hold the only refresh token that still works.
    if (KIND_FACTS[kind].renewer === "sweep") {
      throw new Refusal(
        `the pending version of ${seen.store} may hold its only living refresh token, and only the sweep may drop it`,
        `shopify-secrets rotate ${seen.store}`,
      );
    }
    const { secretArn } = seen;
    const facts = await aws.secrets.describe(secretArn);
    const pending = holderOf(facts, "AWSPENDING");
    if (pending === undefined || pending === holderOf(facts, "AWSCURRENT")) {
      surroundings.out.write(`${seen.store}: nothing is stuck\n`);
      return EXIT.well;
    }
    await aws.secrets.dropPending(secretArn, pending);
    surroundings.out.write(
      `${seen.store}: version ${pending} is no longer pending. Next: shopify-secrets rotate ${seen.store}\n`,
    );
    return EXIT.well;
  },
};
