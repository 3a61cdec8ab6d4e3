import { CodedError } from "../../contract/errors";
import { LIST_KEY, workKey } from "../../contract/listed/list-bucket";
import { countsOf, planList, toleratedShare } from "../../contract/listed/list-plan";
import type { ListStep, Planned } from "../../contract/listed/list-steps";
import { encodeWork } from "../../contract/listed/list-work";
import { parseStoreList } from "../../contract/listed/listed-store";
import type { ApplyDeps } from "./deps";

/**
 * Compares the list with what is there, and writes down what a run has to do.
 *
 * @throws {CodedError} `retirement_refused`: it would retire more than it may; `list_replaced`: the run was begun for another
 * list; `list_malformed`
 */
export async function plan(
  { run, retireAtMost, listEtag, toleratedFailures }: Extract<ListStep, { action: "plan" }>,
  { bucket, secrets, prefix }: ApplyDeps,
): Promise<Planned> {
  const { text, etag } = await bucket.read(LIST_KEY);
  // What may be retired was said of another list.
  if (listEtag !== undefined && listEtag !== etag) throw new CodedError("list_replaced");
  const list = parseStoreList(text);
  // A list of another stack would retire all of this one's stores.
  if (list.head.prefix !== prefix) throw new CodedError("list_malformed", { field: "prefix" });
  const found = planList(list, await secrets.listStores(), retireAtMost);
  if (found.refusal !== undefined) throw new CodedError("retirement_refused");
  const { tasks, same, left } = found;
  const key = workKey(run);
  const of = { head: list.head, etag };
  await bucket.write(key, tasks.map((task) => `${encodeWork(task, of)}\n`).join(""));
  return {
    bucket: bucket.name,
    key,
    tasks: tasks.length,
    tolerated: toleratedShare(tasks.length, toleratedFailures),
    counts: countsOf(found),
    same,
    left: left.length,
  };
}
