import { type ErrorCode, isErrorCode } from "../../contract/errors";
import { failureKey } from "../../contract/listed/list-bucket";
import type { ListFailure, ListStep } from "../../contract/listed/list-steps";
import type { ApplyDeps } from "./deps";

/** Writes down why a store failed in a run: a code, and nothing that an error may quote. */
export async function note(
  { run, work, error, cause }: Extract<ListStep, { action: "note" }>,
  { bucket, log }: ApplyDeps,
): Promise<void> {
  const { store, deed } = work;
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
