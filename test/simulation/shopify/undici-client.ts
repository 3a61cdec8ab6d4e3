import type { ImitationReply, ImitationRequest } from "../../../local/shopify/protocol";
import type { SimulatedProcess } from "../functions/process";
import type { Network, Trouble } from "../network";

/** Answers one request of a process as Shopify. */
export type ServeShopify = (
  request: ImitationRequest,
  trouble: Trouble,
  process: SimulatedProcess,
) => Promise<ImitationReply>;

interface ClientOptions {
  readonly connectTimeout?: number;
  readonly headersTimeout?: number;
  readonly maxResponseSize?: number;
}

interface DispatchOptions {
  readonly path: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | null;
}

interface DispatchHandler {
  onRequestStart(controller: unknown, context: unknown): void;
  onResponseStart(controller: unknown, status: number, headers: object): void;
  onResponseData(controller: unknown, chunk: Buffer): void;
  onResponseEnd(controller: unknown, trailers: object): void;
  onResponseError(controller: unknown, error: Error): void;
}

/** Makes undici's class `Client` for a process, as far as the product uses it, over the simulated network. */
export function undiciClientFor(at: {
  readonly process: SimulatedProcess;
  readonly network: Network;
  readonly serve: ServeShopify;
}): unknown {
  const { process, network, serve } = at;
  return class SimulatedClient {
    readonly #host: string;
    readonly #options: ClientOptions;
    #fail: (error: Error) => void = () => undefined;

    constructor(origin: string, options: ClientOptions = {}) {
      this.#host = new URL(origin).hostname;
      this.#options = options;
    }

    dispatch(options: DispatchOptions, handler: DispatchHandler): boolean {
      let isOver = false;
      const planned: { cancel(): void }[] = [];
      let hangUp: () => void = () => undefined;
      const end = (run: () => void) => {
        if (isOver) return;
        isOver = true;
        for (const one of planned) one.cancel();
        hangUp();
        run();
      };
      this.#fail = (error) => end(() => handler.onResponseError({}, error));
      const limit = (milliseconds: number | undefined, code: string) => {
        if (milliseconds) planned.push(process.after(milliseconds, () => this.#fail(coded(code))));
      };
      limit(this.#options.connectTimeout, "UND_ERR_CONNECT_TIMEOUT");
      handler.onRequestStart({}, {});
      const { path, method, headers = {}, body } = options;
      const request = { host: this.#host, path, method, headers, body: body ?? "" };
      const call = {
        process,
        service: "shopify",
        operation: path,
        send: network.nextSend(),
      } as const;
      hangUp = network.request<ImitationReply>(
        call,
        (trouble) => serve(request, trouble, process),
        {
          connected: () => {
            for (const one of planned.splice(0)) one.cancel();
            limit(this.#options.headersTimeout, "UND_ERR_HEADERS_TIMEOUT");
          },
          answered: (reply) => {
            if (reply.drop === true) return this.#fail(coded("UND_ERR_SOCKET"));
            end(() => hear(reply, handler));
          },
          failed: (code) => this.#fail(coded(code)),
        },
      );
      return true;
    }

    async destroy(error?: Error): Promise<void> {
      this.#fail(error ?? coded("UND_ERR_DESTROYED"));
    }

    async close(): Promise<void> {}
  };
}

function hear(
  { status, headers, body }: Exclude<ImitationReply, { drop: true }>,
  handler: DispatchHandler,
): void {
  handler.onResponseStart({}, status, headers);
  handler.onResponseData({}, Buffer.from(body));
  handler.onResponseEnd({}, {});
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}
