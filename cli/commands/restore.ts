import type { Command } from "../command";
import { EXIT } from "../exit-codes";
import { storeIn } from "../fleet/fleet";
import { Refusal, usageError } from "../refusal";

/** `restore`: takes a store's secret back from its recovery window, and says how Pulumi takes it over. */
export const restore: Command = {
  name: "restore",
  usage: "<store>",
  summary: "take a deleted secret back, and print the line that config adopts it with",
  async run({ surroundings, aws, prefix, words }) {
    const [name] = words;
    if (name === undefined || words.length > 1) throw usageError("name one store");
    const listed = await aws.secrets.list({ by: "name", head: `${prefix}/`, includeDeleted: true });
    const found = listed.find((secret) => storeIn(secret, prefix)?.store === name);
    if (found === undefined) {
      throw new Refusal(
        `there is no secret of a store ${name}, deleted or not`,
        "declare the store, then pulumi up --continue-on-error",
      );
    }
    if (found.facts.deletedAt === undefined) {
      throw new Refusal(`the secret of ${name} is not deleted`, `shopify-secrets status ${name}`);
    }
    await aws.secrets.restore(found.secretArn);
    surroundings.out.write(
      [
        `${name}: restored`,
        "Next, when config declares the store again, let Pulumi adopt the secret. In config, under the store:",
        `  adopt: ${found.secretArn}`,
        "or, which writes the same:",
        `  pulumi config set --path 'shopify-secrets:stores.${name}.adopt' '${found.secretArn}'`,
        "Then:",
        "  pulumi up --continue-on-error",
        "",
      ].join("\n"),
    );
    return EXIT.well;
  },
};
