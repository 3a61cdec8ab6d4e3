/** Where things lie in the bucket of a list. */
export const LIST_KEY = "list.jsonl";

/** Below it lies what runs have to do. */
export const WORK_HEAD = "work/";
/** Below it lies what failed in runs. */
export const FAILED_HEAD = "failed/";

/** How many days what a run left is kept, and a list that is no longer the newest; a run can be gone on with for 14. */
export const KEPT_DAYS = 90;

/** What a run has to do: one line a store. */
export function workKey(run: string): string {
  return `${WORK_HEAD}${run}.jsonl`;
}

/** Below it lie the failures of a run, one object a store. */
export function failureHead(run: string): string {
  return `${FAILED_HEAD}${run}/`;
}

export function failureKey(run: string, store: string): string {
  return `${failureHead(run)}${store}.json`;
}

/** Where Step Functions itself writes what became of each store. */
export const RESULTS_HEAD = "results";
