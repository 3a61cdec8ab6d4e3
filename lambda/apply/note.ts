import { type ErrorCode, isErrorCode } from "../../contract/errors";
import { failureKey } from "../../contract/listed/list-bucket";
import type { ListFailure, ListStep } from "../../contract/listed/list-steps";
import type { ApplyDeps } from "./deps";

/** Writes down why a store failed in a run: a code, and nothing that an error may quote. */
export async function note(
  step: Extract<ListStep, { action: "note" | "note_change" }>,
  { bucket, log }: ApplyDeps,
): Promise<void> {
  const { run, error, cause } = step;
  const { store, deed } = subjectOf(step);
  const code = codeOf(error, cause);
  log.warn("list.store_failed", { store, deed, code });
  const failure: ListFailure = { store, deed, code };
  await bucket.write(failureKey(run, store), JSON.stringify(failure));
}

/** Step Functions calls a function's failure by its type, which is our code, and tells it again in the cause. */
function codeOf(error: string, cause: string): ErrorCode {
  if (isErrorCode(error)) return error;
  const [, told] = /"errorType"\s*:\s*"([a-z_]{1,64})"/.exec(cause) ?? [];
  return isErrorCode(told) ? told : "unexpected";
}

function subjectOf(
  step: Extract<ListStep, { action: "note" | "note_change" }>,
): Pick<ListFailure, "store" | "deed"> {
  return step.action === "note" ? step.work : { store: step.item.store, deed: step.item.verb };
}
