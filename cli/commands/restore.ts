import { adviceOf } from "../../contract/errors";
import { INSTALLED, LISTED, originOf, type StoreOrigin } from "../../contract/names";
import { UP } from "../../contract/up";
import type { Command } from "../command";
import { EXIT } from "../exit-codes";
import { storeIn } from "../fleet/fleet";
import { namedStores } from "../fleet/store-names";
import type { StoreSeen } from "../fleet/store-view";
import { writeResult } from "../print/json";
import { Refusal } from "../refusal";

const IF_GONE =
  "shopify-secrets status, which lists the stores; for one that config declares and whose secret is gone for good: pulumi up --refresh --continue-on-error";

/** `restore`: takes a store's secret back from its recovery window, and says how it stays. */
export const restore: Command = {
  name: "restore",
  usage: "<store>",
  takes: "one store",
  summary:
    "take a deleted secret back, and say how it stays: in config, with the line that adopts it",
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

/** What the restored store needs so that it stays. */
interface Afterwards {
  /** In one line, for programs. */
  readonly next: string;
  readonly lines: readonly string[];
}

/** By where the store comes from: Pulumi knows only those of config. */
const AFTERWARDS: Readonly<Record<StoreOrigin | "config", (seen: StoreSeen) => Afterwards>> = {
  config: ({ store, secretArn }) => {
    const adopt = `pulumi config set --path 'shopify-secrets:stores.${store}.adopt' '${secretArn}'`;
    return {
      next: `${adopt}, then ${UP}`,
      lines: [
        "Next, when config declares the store again, let Pulumi adopt the secret. In config, under the store:",
        `  adopt: ${secretArn}`,
        "or, which writes the same:",
        `  ${adopt}`,
        "Then:",
        `  ${UP}`,
      ],
    };
  },
  [LISTED]: (seen) => {
    const { next } = adviceOf("secret_pending_deletion", { store: seen.store, origin: LISTED });
    return { next, lines: [`Next, or the next run retires it again: ${next}`, ...inConfig(seen)] };
  },
  [INSTALLED]: (seen) => {
    const next = `shopify-secrets check ${seen.store}`;
    const why =
      "It is renewed as before while its app is open, if its merchant has not uninstalled";
    return { next, lines: [`${why}. Next: ${next}`, ...inConfig(seen)] };
  },
};

function inConfig({ secretArn }: StoreSeen): readonly string[] {
  return ["To have it in config instead, there under the store:", `  adopt: ${secretArn}`];
}

function afterwardsOf(seen: StoreSeen): Afterwards {
  return AFTERWARDS[originOf(seen.facts) ?? "config"](seen);
}

function resultOf(seen: StoreSeen): object {
  const { store, secretArn } = seen;
  return { store, outcome: "restored", secret_arn: secretArn, next: afterwardsOf(seen).next };
}

function textOf(seen: StoreSeen): string {
  return [`${seen.store}: restored`, ...afterwardsOf(seen).lines, ""].join("\n");
}
