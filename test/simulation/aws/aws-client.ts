import type { SimulatedProcess } from "../functions/process";
import type { Network, Service, Trouble } from "../network";

/** A refusal of AWS, by its own name. */
export interface AwsRefusal {
  readonly code: string;
  readonly message: string;
  readonly httpStatus: number;
}

/** What AWS answers; `garbled`: a 200 that nobody can read. */
export type AwsAnswer =
  | { readonly output: object; readonly refusal?: never; readonly isGarbled?: never }
  | { readonly refusal: AwsRefusal; readonly output?: never; readonly isGarbled?: never }
  | { readonly isGarbled: true; readonly output?: never; readonly refusal?: never };

/** Answers the operations of one service. */
export type AwsService = (
  request: { readonly operation: string; readonly input: object },
  trouble: Trouble,
) => Promise<AwsAnswer>;

/** What the product hands to a client of the SDK, as far as it bears on time and attempts. */
export interface ClientConfig {
  readonly maxAttempts?: number;
  readonly requestHandler?: HandlerOptions;
}

interface HandlerOptions {
  readonly connectionTimeout?: number;
  readonly requestTimeout?: number;
  readonly throwOnRequestTimeout?: boolean;
  readonly socketTimeout?: number;
}

export interface SendOptions {
  readonly abortSignal?: AbortSignal;
  readonly requestTimeout?: number;
}

type Next = (args: unknown) => Promise<{ readonly response: object; readonly output: object }>;
type Middleware = (next: Next) => Next;

/** The SDK's own default. */
const DEFAULT_ATTEMPTS = 3;

/**
 * A client of the SDK as `@smithy/core` (retries) and `@smithy/node-http-handler` (limits) make it, over the
 * simulated network.
 *
 * The traps are theirs: a breach of `requestTimeout` ends nothing unless `throwOnRequestTimeout` is set
 * (set-request-timeout.js), and only a signal ends a request that hangs without it.
 */
export class AwsClient {
  /** What the product adds sees each attempt, as the step `deserialize` does. */
  readonly middlewareStack = {
    add: (middleware: Middleware) => void this.#middlewares.push(middleware),
  };
  readonly #middlewares: Middleware[] = [];
  readonly #process: SimulatedProcess;
  readonly #network: Network;
  readonly #service: Service;
  readonly #serve: AwsService;
  readonly #config: ClientConfig;

  constructor(
    at: {
      readonly process: SimulatedProcess;
      readonly network: Network;
      readonly service: Service;
      readonly serve: AwsService;
    },
    config: ClientConfig = {},
  ) {
    this.#process = at.process;
    this.#network = at.network;
    this.#service = at.service;
    this.#serve = at.serve;
    this.#config = config;
  }

  destroy(): void {}

  async send(command: { readonly input: object }, options: SendOptions = {}): Promise<object> {
    const operation = command.constructor.name.replace(/Command$/, "");
    const attempts = this.#config.maxAttempts ?? DEFAULT_ATTEMPTS;
    const send = this.#network.nextSend();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#throughMiddlewares(() =>
          this.#attempt({ operation, input: command.input, send }, options),
        );
      } catch (error) {
        if (!isRetried(error) || attempt >= attempts) throw error;
        await this.#pause(error, attempt, options.abortSignal);
      }
    }
  }

  async #throughMiddlewares(attempt: () => Promise<object>): Promise<object> {
    const innermost: Next = async () => ({ response: { headers: {} }, output: await attempt() });
    const whole = this.#middlewares.reduceRight((next, middleware) => middleware(next), innermost);
    return (await whole({})).output;
  }

  /** The wait before another attempt, which the signal ends too (`race.js`). */
  async #pause(error: unknown, attempt: number, signal: AbortSignal | undefined): Promise<void> {
    const base = isThrottling(error) ? 500 : 100;
    const waitMs = Math.floor(Math.min(20_000, this.#process.random() * 2 ** attempt * base));
    await new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(abortError(signal));
      const abort = () => reject(abortError(signal));
      signal?.addEventListener("abort", abort, { once: true });
      this.#process.after(waitMs, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
    });
  }

  #attempt(
    request: { readonly operation: string; readonly input: object; readonly send: number },
    { abortSignal, requestTimeout }: SendOptions,
  ): Promise<object> {
    const handler = this.#config.requestHandler ?? {};
    return new Promise((resolve, reject) => {
      if (abortSignal?.aborted) return reject(abortError(abortSignal));
      const planned: { cancel(): void }[] = [];
      const end = (settle: () => void) => {
        for (const one of planned) one.cancel();
        abortSignal?.removeEventListener("abort", abort);
        hangUp();
        settle();
      };
      const abort = () => end(() => reject(abortError(abortSignal)));
      const limit = (milliseconds: number | undefined, isThrown: boolean) => {
        if (!milliseconds || !isThrown) return undefined;
        const one = this.#process.after(milliseconds, () => end(() => reject(timeoutError())));
        planned.push(one);
        return one;
      };
      abortSignal?.addEventListener("abort", abort, { once: true });
      const connecting = limit(handler.connectionTimeout, true);
      limit(requestTimeout ?? handler.requestTimeout, handler.throwOnRequestTimeout === true);
      const { operation, input, send } = request;
      const call = { process: this.#process, service: this.#service, operation, send };
      const hangUp = this.#network.request<AwsAnswer>(
        call,
        (trouble) => this.#serve({ operation, input }, trouble),
        {
          connected: () => {
            connecting?.cancel();
            limit(handler.socketTimeout, true);
          },
          answered: (answer) => end(() => settle(answer, { resolve, reject })),
          failed: (code) => end(() => reject(socketError(code))),
        },
      );
    });
  }
}

function settle(
  answer: AwsAnswer,
  to: { readonly resolve: (output: object) => void; readonly reject: (error: Error) => void },
): void {
  if (answer.isGarbled) {
    // What the JSON protocol's parser throws; the SDK adds what it knows of the response.
    const $metadata = { httpStatusCode: 200 };
    to.reject(Object.assign(new SyntaxError("Unexpected token in JSON"), { $metadata }));
  } else if (answer.refusal !== undefined) to.reject(serviceError(answer.refusal));
  else to.resolve({ ...answer.output, $metadata: { httpStatusCode: 200 } });
}

function serviceError({ code, message, httpStatus }: AwsRefusal): Error {
  const error = new Error(message);
  error.name = code;
  return Object.assign(error, {
    $fault: httpStatus < 500 ? "client" : "server",
    $metadata: { httpStatusCode: httpStatus },
  });
}

function abortError(signal: AbortSignal | undefined): Error {
  const error = new Error("Request aborted");
  error.name = "AbortError";
  return signal?.reason instanceof Error ? Object.assign(error, { cause: signal.reason }) : error;
}

function timeoutError(): Error {
  const error = new Error("a request has exceeded its time");
  error.name = "TimeoutError";
  return Object.assign(error, { code: "ETIMEDOUT" });
}

function socketError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** As service-error-classification.js has it, for the errors that occur here. */
function isRetried(error: unknown): boolean {
  const { name, code, $metadata, $retryable } = error as ErrorShape;
  if (name === "AbortError") return false;
  return (
    $retryable !== undefined ||
    isThrottling(error) ||
    name === "TimeoutError" ||
    /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT)$/.test(code ?? "") ||
    ($metadata?.httpStatusCode ?? 0) >= 500
  );
}

function isThrottling(error: unknown): boolean {
  const { name, $metadata } = error as ErrorShape;
  return (
    $metadata?.httpStatusCode === 429 || /^(Throttl|TooManyRequests|LimitExceeded)/.test(name ?? "")
  );
}

interface ErrorShape {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $retryable?: object;
}
