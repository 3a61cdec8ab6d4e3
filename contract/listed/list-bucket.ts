/** Where things lie in the bucket of a list. */
export const LIST_KEY = "list.jsonl";

/** What a run has to do: one line a store. */
export function workKey(run: string): string {
  return `work/${run}.jsonl`;
}

/** Below it lie the failures of a run, one object a store. */
export function failureHead(run: string): string {
  return `failed/${run}/`;
}

export function failureKey(run: string, store: string): string {
  return `${failureHead(run)}${store}.json`;
}

/** Where Step Functions itself writes what became of each store. */
export const RESULTS_HEAD = "results";
