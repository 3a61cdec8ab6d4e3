import { isErrorCode } from "../../contract/errors";
import { plural } from "../../contract/plural";
import type { Host } from "../host";
import { formatComplaints } from "../print/complaints";
import { codedRefusal } from "../refusal";
import { causeText } from "./failed-cause";
import { failureComplaint } from "./failure-complaint";
import type { RunCounts, RunEnd } from "./follow";

const APPLY = "shopify-secrets apply";
const RESUME = "shopify-secrets apply --resume";

/** How a run ended, for a person, with what comes next. */
export function tellEnd(host: Host, end: RunEnd): void {
  const { out } = host;
  tellStores(host, end);
  out.write(unexplainedText(end, nextAfter(end)));
  if (end.run.status === "SUCCEEDED") return;
  const { says, next } = whyEnded(end);
  out.write(`\n${says}. Next: ${next}\n`);
}

/** What a run did, and which stores failed in it. */
export function tellStores(host: Host, end: RunEnd): void {
  const { out } = host;
  out.write(`${countsText(end)}\n`);
  const replaced = end.failures.filter(({ code }) => code === "list_replaced").length;
  const others = end.failures.filter(({ code }) => code !== "list_replaced");
  if (others.length > 0) out.write(`\n${formatComplaints(others.map(failureComplaint), host)}`);
  if (replaced === 0) return;
  const left = plural(replaced, "store");
  out.write(`\nThe list was replaced meanwhile: ${left} left to the next run\n`);
}

/** What is said of stores that failed without a reason; nothing where there is none. */
export function unexplainedText({ unexplained }: RunEnd, next: string): string {
  if (unexplained === 0) return "";
  return `\n${plural(unexplained, "store")} failed without a reason being noted. Next: ${next}\n`;
}

/** What a run did, in a line. */
function countsText({ run, counts }: RunEnd): string {
  const { total, succeeded, failed } = counts;
  if (total === 0) {
    return run.status === "SUCCEEDED" ? "no store had anything to be done" : "no store was begun";
  }
  return `${succeeded} of ${plural(total, "store")} done, ${failed} failed${restText(counts)}`;
}

/** What a run did not come to the end of; nothing where it came to the end of all. */
export function restText({ total, succeeded, failed, unfinished }: RunCounts): string {
  const left = Math.max(0, total - succeeded - failed);
  const begun = Math.min(unfinished, left);
  const waiting = left - begun;
  return [
    begun > 0 ? `, ${begun} begun and unfinished` : "",
    waiting > 0 ? `, ${waiting} not begun` : "",
  ].join("");
}

/** A plan anew knows the newest list; waves are laid out once, and go on as they were. */
function nextAfter({ run }: RunEnd): string {
  return run.waves === undefined ? APPLY : RESUME;
}

/** Why a run did not come to its end, with what comes next. */
export function whyEnded(end: RunEnd): { readonly says: string; readonly next: string } {
  const { run } = end;
  const again = `mend what failed, then ${nextAfter(end)}`;
  if (run.status === "ABORTED") return { says: "The run was stopped", next: RESUME };
  if (run.error === "States.ExceedToleratedFailureThreshold") {
    return { says: "The run stopped: too many stores failed", next: again };
  }
  if (isErrorCode(run.error)) {
    const { says, next } = codedRefusal(run.error).json as { says: string; next: string };
    return { says, next };
  }
  const cause = causeText(run.cause);
  const why = cause === "" ? "" : `: ${cause}`;
  return { says: `The run failed (${run.error ?? run.status})${why}`, next: again };
}

/** How a run ended, for programs. */
export function endJson(prefix: string, end: RunEnd, plan: object | null): object {
  const { run, counts, failures, unexplained } = end;
  return {
    prefix,
    run: run.name,
    status: run.status.toLowerCase(),
    error: run.error ?? null,
    cause: causeText(run.cause) || null,
    plan,
    stores: counts,
    unexplained,
    failures: failures.map((failure) => {
      const { code, says, next, owner } = failureComplaint(failure);
      return { store: failure.store, deed: failure.deed, code, owner, says, next };
    }),
  };
}
