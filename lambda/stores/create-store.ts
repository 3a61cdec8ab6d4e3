import { createHash } from "node:crypto";
import type { SecretArn, StoreKey } from "../../contract/brands";
import { type Declaration, encodeDeclaration } from "../../contract/declaration";
import { CodedError } from "../../contract/errors";
import { originOf, type StoreOrigin, storeSecretName } from "../../contract/names";
import { type ListedSecret, secretFactsOf } from "../../contract/store/secret-facts";
import { encodeStatus } from "../../contract/store/status";
import { storeTagsOf } from "../../contract/store/tags";
import { declarationIn } from "../../contract/store/view";
import type { Clock } from "../../contract/time";
import type { Deadline } from "../deadline";
import { statusAfter } from "../engine/status";
import { rereadUntil } from "../retry";
import type { FindSecret } from "../secrets/find-secret";
import type { MakerPort, NewSecret } from "../secrets/maker-port";

/** A store that is not in config, as it is to be. */
export interface NewStore {
  readonly key: StoreKey;
  readonly declaration: Declaration;
  readonly origin: StoreOrigin;
  /** The client ID of its app; undefined: it is not said which app it is at Shopify. */
  readonly clientId?: string | undefined;
  /** What it waits for until it has a value. Default: the merchant. */
  readonly awaits?: "awaiting_token" | "awaiting_merchant" | undefined;
  /** The name of its secret. Default: `<prefix>/stores/<key>/token`. */
  readonly secretName?: string | undefined;
}

/** What making a store takes. */
export interface CreateStoreDeps {
  readonly prefix: string;
  readonly maker: MakerPort;
  readonly find: FindSecret;
  readonly clock: Clock;
  readonly deadline: Deadline;
  /** The ARN of the key of the stack's secrets. */
  readonly kmsKeyArn: string;
  /** The operator's own tags of everything. */
  readonly tags: Readonly<Record<string, string>>;
}

/** A store's secret; `found`: an earlier try had made it; `restored`: its deletion was taken back, with its values. */
export interface CreatedStore {
  readonly outcome: "created" | "found" | "restored";
  readonly secret: ListedSecret;
}

/**
 * Makes the secret of a store without Pulumi: with the very description and tags that a declared store's has, a mark
 * of where it comes from, and no value. It may be tried any number of times, by several at once, and be killed at any
 * point: of one name there is one secret, and whoever comes second finds it.
 *
 * Only what bears the same mark, shop and app is taken for the same store. What is found keeps its description.
 *
 * @throws {CodedError} `store_name_taken`: the name is another's, or not free again yet; `secrets_quota_spent`
 */
export async function createStore(order: NewStore, deps: CreateStoreDeps): Promise<CreatedStore> {
  const wanted = newSecretOf(order, deps);
  const made = await deps.maker.make(wanted);
  // What was made this moment need not be read, and a read might miss it.
  if (made.outcome === "made")
    return { outcome: "created", secret: asMade(made.secretArn, wanted) };
  const isThere = (seen: ListedSecret | undefined) => seen !== undefined;
  const found = await rereadUntil(() => deps.find(wanted.name), isThere, deps);
  // AWS keeps a name for a while after its secret is gone.
  if (found === undefined) throw new CodedError("store_name_taken", { store: order.key });
  if (!isSameStore(found, order)) throw new CodedError("store_name_taken", { store: order.key });
  return found.facts.deletedAt === undefined
    ? { outcome: "found", secret: found }
    : { outcome: "restored", secret: await restored(found, deps) };
}

function asMade(secretArn: SecretArn, { name, description, tags, kmsKeyArn }: NewSecret) {
  const facts = secretFactsOf({
    Name: name,
    Description: description,
    KmsKeyId: kmsKeyArn,
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  });
  return { secretArn, facts };
}

function newSecretOf(order: NewStore, deps: CreateStoreDeps): NewSecret {
  const { key, declaration, origin, clientId, awaits = "awaiting_merchant" } = order;
  const name = order.secretName ?? storeSecretName(deps.prefix, key);
  const status = statusAfter({ state: awaits, code: "" }, deps.clock.now());
  return {
    name,
    description: encodeDeclaration(declaration),
    kmsKeyArn: deps.kmsKeyArn,
    tags: {
      ...storeTagsOf({ key, declaration, clientId, origin, tags: deps.tags }),
      ...encodeStatus(status),
    },
    requestToken: createHash("sha256").update(`shopify-secrets/create/${name}`).digest("hex"),
  };
}

/** Whether a secret is the store that was ordered, and nobody else's of the same name. */
export function isSameStore({ facts }: ListedSecret, order: NewStore): boolean {
  const declaration = declarationIn(facts);
  return (
    originOf(facts) === order.origin &&
    declaration?.shop === order.declaration.shop &&
    declaration.app === order.declaration.app
  );
}

async function restored(found: ListedSecret, deps: CreateStoreDeps): Promise<ListedSecret> {
  await deps.maker.restore(found.secretArn);
  const isBack = (seen: ListedSecret | undefined) =>
    seen !== undefined && seen.facts.deletedAt === undefined;
  const back = await rereadUntil(() => deps.find(found.facts.name), isBack, deps);
  // The answer to the restoration is newer than what a late read still shows.
  return back !== undefined && isBack(back)
    ? back
    : { ...found, facts: { ...found.facts, deletedAt: undefined } };
}
