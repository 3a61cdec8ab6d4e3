import { SECOND_MS } from "../contract/time";

/** How long a client of AWS waits for a try, and how often it tries. */
export interface AwsLimits {
  /** For a connection. */
  readonly connectMs: number;
  /** For the head of the answer, and for each piece of its body. */
  readonly tryMs: number;
  /** Tries in all, the first included. */
  readonly tries: number;
}

/**
 * The limits of the functions' clients. AWS answers within a second; what is silent for longer is a
 * connection that was forgotten, which the next try does not meet again.
 */
export const AWS_LIMITS: AwsLimits = { connectMs: 1_500, tryMs: 4 * SECOND_MS, tries: 4 };

/**
 * Connections that were idle for longer are closed: a frozen function wakes up with some that the other
 * side forgot, and each would cost a try.
 */
const IDLE_MS = 20 * SECOND_MS;

/** What a client of AWS is made with: limits, and an address of a test. */
export interface AwsClientChoice {
  /** Default: {@link AWS_LIMITS}. */
  readonly limits?: AwsLimits;
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The SDK's settings for a client whose every try ends. */
export function awsClientOptions({ limits = AWS_LIMITS, ...address }: AwsClientChoice = {}) {
  const { connectMs, tryMs, tries } = limits;
  return {
    ...address,
    maxAttempts: tries,
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: tryMs,
      // By default the SDK only warns of an answer that does not come, and goes on waiting.
      throwOnRequestTimeout: true,
      // The one above ends with the answer's head; a body may stop too.
      socketTimeout: tryMs,
      httpsAgent: { keepAlive: true, maxSockets: 50, timeout: IDLE_MS },
    },
  };
}

/** The part of a client's stack of middleware that is used. */
interface Stacked {
  readonly middlewareStack: {
    add(middleware: never, options: { step: "deserialize"; name: string; priority: "high" }): void;
  };
}

type Answer = (args: unknown) => Promise<unknown>;

/** Has an answer that cannot be read asked for again, as one that did not come. */
export function askingAgain<C extends Stacked>(client: C): C {
  const markUnreadable = (next: Answer) => async (args: unknown) => {
    try {
      return await next(args);
    } catch (error) {
      if (isUnreadable(error)) Object.assign(error, { $retryable: { throttling: false } });
      throw error;
    }
  };
  const at = { step: "deserialize", name: "markUnreadable", priority: "high" } as const;
  client.middlewareStack.add(markUnreadable as never, at);
  return client;
}

/** Whether there is an answer, and its body is no JSON: what was asked for may have been done. */
export function isUnreadable(error: unknown): error is Error {
  if (!(error instanceof SyntaxError)) return false;
  const { $metadata } = error as { $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode !== undefined;
}
