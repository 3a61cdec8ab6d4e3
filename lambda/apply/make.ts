import type { SecretArn } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { LIST_KEY } from "../../contract/listed/list-bucket";
import { awaitedAtFirst, tagChanges, tagsOf, whyNotOfList } from "../../contract/listed/list-plan";
import type { StoreMade } from "../../contract/listed/list-steps";
import { type ListWork, listedStoreOf } from "../../contract/listed/list-work";
import { listedDeclarationOf } from "../../contract/listed/listed-store";
import { LISTED } from "../../contract/names";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { createStore } from "../stores/create-store";
import type { ApplyDeps } from "./deps";

const DONE: StoreMade = { next: "nothing", enrol: null };

/**
 * Brings a store's secret to what the list wants of it; it looks before it writes, and may be called again at any point.
 *
 * @throws {CodedError} `list_replaced`: another list is in force by now; `store_not_of_list`, `store_awaits_deletion`: the
 * secret is in other hands
 */
export async function make(work: ListWork, deps: ApplyDeps): Promise<StoreMade> {
  await refuseReplaced(work, deps);
  const found = await deps.find(work.secretName);
  const why = found && whyNotOfList(found.facts);
  if (why !== undefined) throw new CodedError(why, { store: work.store });
  if (work.deed === "retire") {
    if (found !== undefined && found.facts.deletedAt === undefined) {
      await deps.maker.remove(found.secretArn, work.recoveryWindowDays);
    }
    return DONE;
  }
  const secret = await bringBack(work, found, deps);
  await mend(work, secret, deps);
  return { next: "enrol", enrol: enrolmentOf(work, secret.secretArn) };
}

/**
 * A list is replaced where something was wrong with it: nothing more of it is carried out, whatever it is, and the next
 * run takes up what is left.
 */
async function refuseReplaced({ store, listEtag }: ListWork, { bucket }: ApplyDeps): Promise<void> {
  if (listEtag === undefined || (await bucket.etagOf(LIST_KEY)) === listEtag) return;
  throw new CodedError("list_replaced", { store });
}

/** The store's secret, made or restored where it is not there. */
async function bringBack(
  work: ListWork,
  found: ListedSecret | undefined,
  deps: ApplyDeps,
): Promise<ListedSecret> {
  if (found !== undefined) {
    if (found.facts.deletedAt !== undefined) await deps.maker.restore(found.secretArn);
    return found;
  }
  const wanted = listedStoreOf(work);
  const { secret } = await createStore(
    {
      key: work.store,
      declaration: listedDeclarationOf(wanted),
      origin: LISTED,
      clientId: wanted.clientId,
      awaits: awaitedAtFirst(wanted),
      secretName: work.secretName,
    },
    { ...deps, tags: work.tags },
  );
  return secret;
}

/** The description first: an enrolment holds its request against it. */
async function mend(work: ListWork, { secretArn, facts }: ListedSecret, deps: ApplyDeps) {
  if (facts.description !== work.declaration) {
    await deps.maker.redescribe(secretArn, work.declaration);
  }
  const { set, dropped } = tagChanges(tagsOf(listedStoreOf(work), work), facts.tags);
  if (Object.keys(set).length > 0) await deps.secrets.tag(secretArn, set);
  if (dropped.length > 0) await deps.maker.untag(secretArn, dropped);
}

function enrolmentOf(work: ListWork, secretArn: SecretArn): NonNullable<StoreMade["enrol"]> {
  const { kind, shop, app } = listedDeclarationOf(work);
  return {
    action: "enrol",
    store: work.store,
    secret_arn: secretArn,
    kind,
    shop,
    app: app ?? "",
    declaration: work.declaration,
    // Whatever the app's secret is now: the plan does not know it, and nothing waits for a new one.
    app_secret_version: "",
    access_token: "",
    token_source: "config",
    // Nothing in it is secret, and it is no resource of Pulumi's: its MD5 stands nowhere.
    salt: "applied-from-a-list",
  };
}
