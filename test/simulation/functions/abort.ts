type Listener = (() => void) | { handleEvent(): void };

/** Node's `AbortSignal` as far as clients and the product use it; Node's own costs more than a whole request here. */
export class Signal {
  aborted = false;
  reason: unknown;
  onabort: (() => void) | null = null;
  #listeners: Listener[] = [];

  addEventListener(_type: "abort", listener: Listener): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: Listener): void {
    this.#listeners = this.#listeners.filter((one) => one !== listener);
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  /** For the controller alone. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.onabort?.();
    for (const listener of this.#listeners.splice(0)) {
      if (typeof listener === "function") listener();
      else listener.handleEvent();
    }
  }

  static abort(reason: unknown = abortedBy("AbortError")): Signal {
    const signal = new Signal();
    signal.abort(reason);
    return signal;
  }

  static any(signals: readonly Signal[]): Signal {
    const any = new Signal();
    for (const signal of signals) {
      if (signal.aborted) any.abort(signal.reason);
      else signal.addEventListener("abort", () => any.abort(signal.reason));
    }
    return any;
  }
}

/** Node's `AbortController`. */
export class Controller {
  readonly signal = new Signal();

  abort(reason: unknown = abortedBy("AbortError")): void {
    this.signal.abort(reason);
  }
}

/** What Node gives as the reason where none is given. */
export function abortedBy(name: "AbortError" | "TimeoutError"): DOMException {
  return new DOMException("The operation was aborted", name);
}
