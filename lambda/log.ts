import { CodedError } from "../contract/errors";
import { encodeMetrics, type MetricSource, type MetricValues } from "../contract/metrics";

/** What a log line may carry: flat facts, never a request, a reply, a raw event or a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes one JSON line per event; the event's name is `area.what`, such as `rotation.promoted`. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A line that CloudWatch turns into metrics; the fields are no dimensions. */
  metrics(values: MetricValues, source: MetricSource): void;
  /** The same log with these fields in every line. */
  with(fields: LogFields): Log;
}

/** Takes one finished line. */
export type WriteLine = (line: string) => void;

const toStandardOutput: WriteLine = (line) => {
  process.stdout.write(`${line}\n`);
};

/** Creates a log; `write` defaults to standard output, where Lambda collects lines. */
export function createLog(write: WriteLine = toStandardOutput, always: LogFields = {}): Log {
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}) =>
      write(JSON.stringify({ level, event, ...always, ...fields }));
  return {
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    metrics: (values, { fields, ...source }) =>
      write(encodeMetrics(values, { ...source, fields: { ...always, ...fields } })),
    with: (fields) => createLog(write, { ...always, ...fields }),
  };
}

/** A place in a function's bundle: but for its numbers nothing of it can come from outside. */
const PLACE = /[/( ]index\.mjs:(\d+):(\d+)\)?$/;
const MOST_PLACES = 8;

/**
 * Where an error was thrown, innermost first; `npm run frames` tells the sources' own lines of them.
 *
 * Its message may quote anything and have lines like a frame, so only what can be a place of ours is kept.
 */
function placesOf({ stack }: Error): string | undefined {
  const places = (stack ?? "").split("\n").flatMap((line) => {
    const [, row, column] = (/^\s+at /.test(line) && PLACE.exec(line)) || [];
    return row === undefined ? [] : [`index.mjs:${row}:${column}`];
  });
  return places.length === 0 ? undefined : places.slice(0, MOST_PLACES).join(" < ");
}

/** An error's class; a name that is none may have come from outside. */
function shownName({ name }: Error): string {
  return /^[A-Z][A-Za-z]{1,60}$/.test(name) ? name : "Error";
}

/** The loggable facts of a failure; an unforeseen one shows its class, where it was thrown, and nothing else. */
export function fieldsOfError(error: unknown): LogFields {
  if (!(error instanceof CodedError)) {
    const isError = error instanceof Error;
    const thrown = isError ? shownName(error) : typeof error;
    return { code: "unexpected", thrown, at: isError ? placesOf(error) : undefined };
  }
  const { facts } = error;
  return {
    code: error.code,
    retryable: error.retryable,
    http_status: facts.httpStatus,
    oauth_error: facts.oauthError,
    shopify_request_id: facts.shopifyRequestId,
    aws_error: facts.awsError,
    field: facts.field,
    missing_scopes: facts.scopes?.join(","),
  };
}
