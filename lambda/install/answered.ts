import type { Clock } from "../../contract/time";
import type { Log } from "../log";
import type { Reply } from "./reply";

/** Says how a request ended, in one line; of a refused one CloudWatch makes a metric, which an alarm watches. */
export function tellAnswer(
  { statusCode: status }: Pick<Reply, "statusCode">,
  about: {
    readonly log: Log;
    readonly prefix: string;
    readonly clock: Clock;
    readonly durationMs: number;
  },
): void {
  const { log, prefix, clock, durationMs } = about;
  const fields = { status, duration_ms: durationMs };
  const isRefused = status >= 400 && status < 500;
  if (!isRefused) log.info("install.answered", fields);
  else {
    const line = { level: "info", event: "install.answered", ...fields };
    log.metrics({ installRefusals: 1 }, { prefix, at: clock.now(), fields: line });
  }
}
