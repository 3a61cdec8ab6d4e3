import { ShopifyImitation } from "../../../local/shopify/core";
import type { ImitationReply, ImitationRequest } from "../../../local/shopify/protocol";
import { seededRandomness } from "../../../local/shopify/randomness";
import type { Switches } from "../../../local/shopify/switches";
import type { WebhookPort } from "../../../local/shopify/webhooks";
import type { SimulatedProcess } from "../functions/process";
import type { Trouble } from "../network";
import type { Planned, Timeline } from "../time/timeline";
import { strayAnswer } from "./stray-answers";
import type { ServeShopify } from "./undici-client";

export interface ShopifyOptions {
  readonly timeline: Timeline;
  /** Shopify's own clock, in milliseconds since the epoch. */
  readonly clock: () => number;
  readonly switches: Partial<Switches>;
  readonly seed: number;
  /** Carries webhooks to the install endpoint. */
  readonly deliver: WebhookPort;
}

/** One exchange with Shopify, for those who watch. */
export interface Exchanged {
  readonly request: ImitationRequest;
  readonly reply: ImitationReply;
  readonly trouble: Trouble;
  /** Who asked. */
  readonly process: SimulatedProcess;
}

/** Shopify over its imitation: it delivers webhooks by itself, and may answer what is not true. */
export class ShopifyService {
  readonly imitation: ShopifyImitation;
  /** Told of every request before it is carried out, and of what it came to. */
  onRequest: (request: ImitationRequest) => void = () => undefined;
  onReply: (exchanged: Exchanged) => void = () => undefined;
  readonly #options: ShopifyOptions;
  #due: Planned | undefined;

  constructor(options: ShopifyOptions) {
    this.#options = options;
    this.imitation = new ShopifyImitation({
      now: () => Math.floor(options.clock()),
      switches: options.switches,
      randomness: seededRandomness(`simulation ${options.seed}`),
      deliver: options.deliver,
    });
  }

  get control(): ShopifyImitation["control"] {
    return this.imitation.control;
  }

  readonly serve: ServeShopify = async (request, trouble, process) => {
    const { lie, effect } = trouble;
    if (effect === "none") return lie === undefined ? { drop: true } : strayAnswer(lie);
    this.onRequest(request);
    const reply = await this.imitation.handle(request);
    this.planWebhooks();
    this.onReply({ request, reply, trouble, process });
    return lie === undefined ? reply : strayAnswer(lie);
  };

  /** Plans the next delivery; to be called after something happened at Shopify. */
  planWebhooks(): void {
    const { timeline, clock } = this.#options;
    this.#due?.cancel();
    const dueAt = this.imitation.nextDueAt();
    if (dueAt === undefined) return;
    const wait = Math.max(0, dueAt - Math.floor(clock()));
    this.#due = timeline.after(wait, () => void this.#runDue());
  }

  async #runDue(): Promise<void> {
    await this.imitation.runDue();
    this.planWebhooks();
  }
}
