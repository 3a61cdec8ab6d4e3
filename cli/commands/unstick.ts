import { kindFactsOf } from "../../contract/kinds";
import { holderOf } from "../../contract/store/secret-facts";
import type { Command } from "../command";
import { EXIT } from "../exit-codes";
import { readStore, requireDeclaration } from "../fleet/fleet";
import { writeResult } from "../print/json";
import { Refusal } from "../refusal";

/** `unstick`: takes AWSPENDING from a version that stands in the way; no value changes. */
export const unstick: Command = {
  name: "unstick",
  usage: "<store>",
  takes: "one store",
  summary: "take the label of a stuck pending version away; the current one stays",
  async run(call) {
    const { aws, words } = call;
    const seen = await readStore(call, words);
    // The pending version of a pair may hold the only refresh token that still works.
    if (kindFactsOf(requireDeclaration(seen)).renewer === "sweep") {
      throw new Refusal(
        `the pending version of ${seen.store} may hold its only living refresh token, and only the sweep may drop it`,
        `shopify-secrets rotate ${seen.store}`,
      );
    }
    const { secretArn } = seen;
    const facts = await aws.secrets.describe(secretArn);
    const pending = holderOf(facts, "AWSPENDING");
    if (pending === undefined || pending === holderOf(facts, "AWSCURRENT")) {
      const result = { store: seen.store, outcome: "nothing_stuck", version_id: null };
      writeResult(call, result, () => `${seen.store}: nothing is stuck\n`);
      return EXIT.well;
    }
    await aws.secrets.dropPending(secretArn, pending);
    const next = `shopify-secrets rotate ${seen.store}`;
    const result = { store: seen.store, outcome: "unstuck", version_id: pending, next };
    writeResult(call, result, () => {
      return `${seen.store}: version ${pending} is no longer pending. Next: ${next}\n`;
    });
    return EXIT.well;
  },
};
