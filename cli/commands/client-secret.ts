import type { AppKey } from "../../contract/brands";
import { adviceOf } from "../../contract/errors";
import { isSigned, isStatic, kindFactsOf } from "../../contract/kinds";
import { appSecretName, SECRET_TAGS } from "../../contract/names";
import { plural } from "../../contract/plural";
import { adviceFor } from "../../contract/store/advice";
import { holderOf } from "../../contract/store/secret-facts";
import { declarationIn } from "../../contract/store/view";
import type { Call } from "../command";
import { askCheck } from "../fleet/ask-functions";
import type { StoreRenewal } from "../fleet/renew";
import type { StoreSeen } from "../fleet/store-view";
import { whileTelling } from "../print/progress";

/** Which stores of an app would die with its old client secret. */
export interface ClientSecretUse {
  readonly app: AppKey;
  /** Whether the app's key gets the tokens of all these stores: then the newest version is one of the key's. */
  readonly isSigned: boolean;
  readonly newest: string | undefined;
  readonly onNewest: readonly string[];
  readonly left: readonly string[];
  /** Those of them that were renewed just now, so that Shopify refused the newest client secret. */
  readonly refused: readonly string[];
  readonly pinned: readonly StoreSeen[];
  /** Stores of other stacks, or of another app's key, that have the same client ID: this run did not renew them. */
  readonly elsewhere: readonly Elsewhere[];
  /** Whether somebody says that those were done. */
  readonly isElsewhereDone: boolean;
  /** Whether somebody says that the static ones were put anew: which client secret issued a pasted token Shopify alone knows. */
  readonly isStaticDone: boolean;
}

interface Elsewhere {
  readonly prefix: string;
  readonly app: AppKey;
  readonly stores: readonly string[];
}

/**
 * Looks, after the stores of an app were renewed, which client secret obtained their tokens: tokens are pinned to it,
 * and die with it.
 *
 * It stands in the record: the sweep function reads it, not the command.
 */
export async function lookAtClientSecrets(
  call: Call,
  app: AppKey,
  after: { readonly fleet: readonly StoreSeen[]; readonly renewals: readonly StoreRenewal[] },
): Promise<ClientSecretUse> {
  const { aws, prefix, host } = call;
  const stores = after.fleet.filter(({ declaration }) => declaration?.app === app);
  const renewable = stores.filter((seen) => !isPinned(seen) && seen.current !== undefined);
  const asked = renewable.map(({ store }) => store);
  const found = await whileTelling(
    host,
    () => "looking which client secret obtained each token",
    () => askCheck({ functions: aws.functions, prefix }, asked),
  );
  const newest = holderOf(await aws.secrets.describe(appSecretName(prefix, app)), "AWSCURRENT");
  const onNewest = new Set(
    found.filter(({ appSecretVersion }) => appSecretVersion === newest).map(({ store }) => store),
  );
  const left = asked.filter((store) => !onNewest.has(store));
  const isRenewed = (store: string) =>
    after.renewals.some((one) => one.store === store && one.outcome === "renewed");
  return {
    app,
    isSigned: stores.every(({ declaration }) => declaration !== undefined && isSigned(declaration)),
    newest,
    onNewest: asked.filter((store) => onNewest.has(store)),
    left,
    refused: left.filter(isRenewed),
    pinned: stores.filter((seen) => isPinned(seen) && seen.current !== undefined),
    elsewhere: await findElsewhere(call, app, stores),
    isElsewhereDone: call.flag("other-stacks-done"),
    isStaticDone: call.flag("static-done"),
  };
}

/**
 * Who else in this account and region lives by the same client ID: a revoked client secret is theirs too.
 *
 * Which client secret they use their own stack alone can say, so that nobody is called safe here.
 */
async function findElsewhere(
  { aws, prefix }: Call,
  app: AppKey,
  own: readonly StoreSeen[],
): Promise<Elsewhere[]> {
  const clientIds = new Set(own.flatMap(({ facts }) => facts.tags.get(SECRET_TAGS.clientId) ?? []));
  if (clientIds.size === 0) return [];
  const listed = await aws.secrets.list({ by: "tag-key", head: SECRET_TAGS.clientId });
  const found = new Map<string, { prefix: string; app: AppKey; stores: string[] }>();
  for (const secret of listed) {
    const clientId = secret.facts.tags.get(SECRET_TAGS.clientId);
    const [, head = "", key = ""] = STORE_NAME.exec(secret.facts.name) ?? [];
    const theirs = declarationIn(secret.facts)?.app;
    if (clientId === undefined || !clientIds.has(clientId) || theirs === undefined) continue;
    if (head === prefix && theirs === app) continue;
    const stack = found.get(`${head} ${theirs}`) ?? { prefix: head, app: theirs, stores: [] };
    stack.stores.push(key);
    found.set(`${head} ${theirs}`, stack);
  }
  return [...found.values()].sort((one, other) => (one.prefix < other.prefix ? -1 : 1));
}

const STORE_NAME = /^(.+)\/stores\/([^/]+)\/token$/;

/** Whether nothing dies with the old client secret. */
export function isSafeToRevoke({
  left,
  pinned,
  elsewhere,
  isElsewhereDone,
  isStaticDone,
}: ClientSecretUse): boolean {
  const isStaticSafe = pinned.length === 0 || isStaticDone;
  return left.length === 0 && isStaticSafe && (elsewhere.length === 0 || isElsewhereDone);
}

/** A static token keeps the client secret under which it was issued. */
function isPinned({ declaration }: StoreSeen): boolean {
  return declaration !== undefined && isStatic(declaration);
}

/** The same for programs. */
export function clientSecretJson(use: ClientSecretUse): object {
  return {
    app: use.app,
    newest_version_id: use.newest,
    on_newest: use.onNewest,
    on_older: use.left,
    refused_newest: use.refused,
    elsewhere: use.elsewhere,
    static: use.pinned.map(({ store }) => store),
    is_safe_to_revoke: isSafeToRevoke(use),
  };
}

/** What a person is told of it. */
export function clientSecretText(use: ClientSecretUse): string {
  const { app, onNewest, left, refused } = use;
  const pinned = use.isStaticDone ? [] : use.pinned;
  const lines = [
    `App ${app}: ${onNewest.length} of ${onNewest.length + left.length} renewable stores use ${use.isSigned ? "the key that signs now" : "the newest client secret"}.`,
  ];
  if (left.length > 0) lines.push(`Left on an older one: ${left.join(", ")}.`);
  if (refused.length > 0) {
    const code = use.isSigned ? "signing_key_unknown" : "client_secret_rejected";
    const { says, next } = adviceOf(code, { app });
    lines.push(
      `${code}: ${says}, and the one before was used for ${refused.join(", ")}.`,
      `Next: ${next}, then shopify-secrets rotate --app ${app}`,
    );
  } else if (left.length > 0) {
    lines.push(`Next: mend what is shown above, then shopify-secrets rotate --app ${app}`);
  }
  if (pinned.length > 0) {
    const names = pinned.map(({ store }) => store);
    lines.push(
      `Static, and dead with the client secret that they were issued under: ${names.join(", ")}.`,
      ...pinned.map((seen) => `Next: ${wayOff(seen)}`),
      `Once each of them was put anew: shopify-secrets rotate --app ${app} --static-done`,
    );
  }
  for (const { prefix, app: theirs, stores } of use.isElsewhereDone ? [] : use.elsewhere) {
    lines.push(
      `The same client ID serves ${plural(stores.length, "store")} of ${prefix}: ${stores.join(", ")}.`,
      `Next: shopify-secrets rotate --app ${theirs} --prefix ${prefix}, and once every stack says that it is safe: shopify-secrets rotate --app ${app} --other-stacks-done`,
    );
  }
  if (use.isSigned) {
    lines.push(
      `The key of an app that signs is changed by shopify-secrets rotate --signing-key ${app}`,
    );
  }
  lines.push(
    isSafeToRevoke(use)
      ? "It is safe to revoke the old client secret in the Dev Dashboard, once no application holds an older token in its memory."
      : "Do NOT revoke the old client secret yet.",
  );
  return `${lines.join("\n")}\n`;
}

/** How a static token comes off an old client secret. */
function wayOff(seen: StoreSeen): string {
  const { store, declaration } = seen;
  const put = `issue a new token, then shopify-secrets put ${store}`;
  // Only an app's own tokens can be asked for anew as Shopify documents, and they are those that can be migrated.
  return declaration !== undefined && kindFactsOf(declaration).migratable
    ? `${permitOf(seen)}; or ask Shopify for the token anew (docs/operators.md, "A static token onto the new client secret"), then shopify-secrets put ${store}`
    : put;
}

/** What permits the migration of a store's token, which is what takes it off the old client secret. */
function permitOf(seen: StoreSeen): string {
  return adviceFor(seen, { state: "ok", code: "migration_not_declared" }).next;
}
