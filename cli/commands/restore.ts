import type { Command } from "../command";
import { EXIT } from "../exit-codes";
import { storeIn } from "../fleet/fleet";
import { namedStores } from "../fleet/store-names";
import type { StoreSeen } from "../fleet/store-view";
import { writeResult } from "../print/json";
import { Refusal } from "../refusal";

const IF_GONE =
  "shopify-secrets status, which lists the stores; for one that config declares and whose secret is gone for good: pulumi up --refresh --continue-on-error";

/** `restore`: takes a store's secret back from its recovery window, and says how Pulumi takes it over. */
export const restore: Command = {
  name: "restore",
  usage: "<store>",
  takes: "one store",
  summary: "take a deleted secret back, and print the line that config adopts it with",
  async run(call) {
    const { aws, prefix, words } = call;
    const listed = await aws.secrets.list({ by: "name", head: `${prefix}/`, includeDeleted: true });
    const stores = listed.flatMap((secret) => storeIn(secret, prefix) ?? []);
    const found = await Promise.all(
      namedStores(stores, words, IF_GONE).map(async (seen) => {
        // It may have been deleted, or taken back, since it was listed.
        const secret = await aws.secrets.find(seen.secretArn);
        return (secret && storeIn(secret, prefix)) ?? seen;
      }),
    );
    // A store that was declared anew under another secret's name has both.
    const deleted = found.find(({ facts }) => facts.deletedAt !== undefined);
    if (deleted === undefined) {
      const [name = ""] = found.map(({ store }) => store);
      throw new Refusal(`the secret of ${name} is not deleted`, `shopify-secrets status ${name}`);
    }
    await aws.secrets.restore(deleted.secretArn);
    writeResult(call, resultOf(deleted), () => textOf(deleted));
    return EXIT.well;
  },
};

function adoptionOf({ store, secretArn }: StoreSeen): string {
  return `pulumi config set --path 'shopify-secrets:stores.${store}.adopt' '${secretArn}'`;
}

function resultOf(seen: StoreSeen): object {
  const { store, secretArn } = seen;
  const next = `${adoptionOf(seen)}, then pulumi up --continue-on-error`;
  return { store, outcome: "restored", secret_arn: secretArn, next };
}

function textOf(seen: StoreSeen): string {
  return [
    `${seen.store}: restored`,
    "Next, when config declares the store again, let Pulumi adopt the secret. In config, under the store:",
    `  adopt: ${seen.secretArn}`,
    "or, which writes the same:",
    `  ${adoptionOf(seen)}`,
    "Then:",
    "  pulumi up --continue-on-error",
    "",
  ].join("\n");
}
