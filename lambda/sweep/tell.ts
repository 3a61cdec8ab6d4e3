import { CodedError } from "../../contract/errors";
import { isStatic } from "../../contract/kinds";
import { decideNotice, type Notice } from "../../contract/notice";
import { SECOND_MS } from "../../contract/time";
import { within } from "../deadline";
import { under } from "../engine/deps";
import { writeStatus } from "../engine/status";
import { fieldsOfError } from "../log";
import type { SweepDeps } from "./deps";
import { inParallel } from "./in-parallel";
import type { Swept } from "./summary";

/** The most time that telling may take. */
const TELLING_MS = 15 * SECOND_MS;
const NOTICES_AT_ONCE = 5;

/** What is to be told of a store. */
interface Message {
  readonly swept: Swept;
  readonly notice: Notice;
}

/**
 * Tells people of the stores whose standing changed, once everything is renewed and written down: a service
 * that does not answer must not stop that. What could not be told is told by the next pass.
 */
export async function tellPeople(swept: readonly Swept[], given: SweepDeps): Promise<void> {
  const deps = under(given, within(given.deadline, TELLING_MS));
  const messages = swept.flatMap((one): Message[] => {
    // Of the others, only the list has told.
    if (one.came !== "through") return [];
    const notice = noticeOf(one, deps.prefix);
    return notice === undefined ? [] : [{ swept: one, notice }];
  });
  const untold = await inParallel(messages, {
    width: NOTICES_AT_ONCE,
    mayStart: () => deps.deadline.remainingMs() > 0,
    run: (message) => tell(message, deps),
  });
  for (const { notice } of untold) sayUntold(notice, new CodedError("out_of_time"), deps);
}

/** Tells first and remembers afterwards: a crash in between tells twice, and never not at all. */
async function tell({ swept, notice }: Message, deps: SweepDeps): Promise<void> {
  try {
    await deps.publish(notice, deps.deadline);
  } catch (error) {
    return sayUntold(notice, error, deps);
  }
  const { state, code, within } = swept.condition;
  await writeStatus(swept.store.secretArn, { noticed: { state, code, within } }, deps);
}

function sayUntold({ store, state }: Notice, error: unknown, { log }: SweepDeps): void {
  log.warn("sweep.notice_not_published", { store, state, ...fieldsOfError(error) });
}

/** What was last told is what counts: a renewal in between may have written another state. */
export function noticeOf({ store, outcome, condition }: Swept, prefix: string): Notice | undefined {
  const { key, declaration, status } = store;
  if (key === undefined || declaration === undefined || outcome.action === "gone") return undefined;
  const { state, code } = condition;
  // The next sweep renews it, and people hear of it only when it cannot.
  if (code === "token_dead" && state === "dead" && !isStatic(declaration)) return undefined;
  const subject = { prefix, store: key, shop: declaration.shop };
  return decideNotice(subject, { before: status.noticed, after: condition });
}
