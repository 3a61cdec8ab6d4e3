import { isAppKey } from "../../contract/brands";
import { isStatic } from "../../contract/kinds";
import { appSecretName } from "../../contract/names";
import { holderOf } from "../../contract/store/secret-facts";
import type { Call } from "../command";
import { askCheck } from "../fleet/ask-functions";
import type { StoreSeen } from "../fleet/store-view";
import { whileTelling } from "../print/progress";
import { shownWord } from "../print/shown-word";
import { usageError } from "../refusal";

/**
 * After the stores of an app were renewed: says which are left on the old client secret, and whether it
 * is safe to revoke it. Tokens are pinned to the client secret that minted them, and die with it.
 *
 * Which client secret minted a token stands in the record: the sweep function reads it, not the command.
 */
export async function tellWhatIsLeft(
  call: Call,
  app: string,
  fleet: readonly StoreSeen[],
): Promise<boolean> {
  if (!isAppKey(app)) throw usageError(`${shownWord(app)} is no app`);
  const { aws, prefix, surroundings } = call;
  const stores = fleet.filter(({ declaration }) => declaration?.app === app);
  const renewed = stores.filter((seen) => !isPinned(seen)).map(({ store }) => store);
  const pinned = stores.filter(isPinned).map(({ store }) => store);
  const found = await whileTelling(
    surroundings,
    () => "looking which client secret minted each token",
    () => askCheck({ functions: aws.functions, prefix }, renewed),
  );
  const appSecret = await aws.secrets.describe(appSecretName(prefix, app));
  const newest = holderOf(appSecret, "AWSCURRENT");
  const onNewest = new Set(
    found.filter(({ appSecretVersion }) => appSecretVersion === newest).map(({ store }) => store),
  );
  const left = renewed.filter((store) => !onNewest.has(store));
  if (!call.json)
    surroundings.out.write(`\n${reportOf({ app, left, pinned, good: onNewest.size })}`);
  return left.length === 0 && pinned.length === 0;
}

/** A static token keeps the client secret under which it was issued. */
function isPinned({ declaration }: StoreSeen): boolean {
  return declaration !== undefined && isStatic(declaration);
}

interface Report {
  readonly app: string;
  readonly good: number;
  readonly left: readonly string[];
  readonly pinned: readonly string[];
}

function reportOf({ app, good, left, pinned }: Report): string {
  const lines = [
    `App ${app}: ${good} of ${good + left.length} renewable stores use the newest client secret.`,
  ];
  if (left.length > 0) {
    lines.push(
      `Left on an older one: ${left.join(", ")}.`,
      `Next: mend what is shown above, then shopify-secrets rotate --app ${app}`,
    );
  }
  if (pinned.length > 0) {
    lines.push(
      `Static, and dead with the client secret that they were issued under: ${pinned.join(", ")}.`,
      `Next: shopify-secrets migrate <store>, or issue a new token and shopify-secrets put <store>`,
    );
  }
  lines.push(
    left.length + pinned.length > 0
      ? "Do NOT revoke the old client secret yet."
      : "It is safe to revoke the old client secret in the Dev Dashboard, once no application holds an older token in its memory.",
  );
  return `${lines.join("\n")}\n`;
}
