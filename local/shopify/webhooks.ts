import { createHmac } from "node:crypto";
import { shopResource } from "./admin-api";
import { stableVersions } from "./rules/api-versions";
import {
  type App,
  type ClientSecret,
  installationOf,
  type RuleContext,
  type ShopifyEvent,
} from "./state";

/** Minutes after the first attempt: eight retries over four hours. */
export const RETRY_AFTER_MINUTES = [1, 3, 8, 20, 45, 90, 150, 240] as const;
const SECRET_LAG_MS = 3_600_000;
/** "48 hours after a store owner uninstalls your app" (Shopify's "Privacy law compliance"). */
const REDACT_AFTER_MS = 48 * 3_600_000;

export interface WebhookRequest {
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The raw body that was signed. */
  readonly body: string;
}

/** Carries a webhook to the app; a status outside 200–299 or "unreachable" is a failure. */
export type WebhookPort = (request: WebhookRequest) => Promise<number | "unreachable">;

export interface Webhook {
  /** Stays the same over retries and duplicates: the idempotency key. */
  readonly id: string;
  readonly eventId: string;
  readonly event: ShopifyEvent;
  readonly body: string;
  readonly triggeredAt: number;
  state: "waiting" | "delivered" | "given-up";
  attempts: { readonly at: number; readonly result: number | "unreachable" }[];
  /** First attempt, from which the retries are counted. */
  firstDueAt: number;
  dueAt: number;
  /** Retries that this round has used. */
  retries: number;
}

/** Webhooks that were triggered, and what became of them. */
export class WebhookOutbox {
  readonly #context: () => RuleContext;
  readonly #deliver: WebhookPort;
  readonly #webhooks: Webhook[] = [];
  readonly #dropped = new Set<string>();
  #lateness: { seconds: number; count: number } = { seconds: 0, count: 0 };

  constructor(options: { readonly context: () => RuleContext; readonly deliver: WebhookPort }) {
    this.#context = options.context;
    this.#deliver = options.deliver;
  }

  /** Makes the next webhooks so many seconds late. */
  delayNext(lateness: { seconds: number; count: number }): void {
    this.#lateness = lateness;
  }

  announce(event: ShopifyEvent): void {
    const context = this.#context();
    const app = context.state.apps.get(event.clientId);
    if (app?.webhookAddress === undefined) return;
    const isOfCompliance = event.topic === "shop/redact";
    if (isOfCompliance && app.complianceTopics !== true) return;
    if (this.#dropped.has(subscriptionOf(event))) return;
    const firstDueAt = context.now + (isOfCompliance ? REDACT_AFTER_MS : this.#takeLatenessMs());
    this.#webhooks.push({
      id: context.randomness.uuid(),
      eventId: context.randomness.uuid(),
      event,
      body: JSON.stringify(bodyOf(context, event)),
      triggeredAt: isOfCompliance ? firstDueAt : context.now,
      state: "waiting",
      attempts: [],
      firstDueAt,
      dueAt: firstDueAt,
      retries: 0,
    });
  }

  list(): readonly Webhook[] {
    return this.#webhooks;
  }

  /** Sends a webhook again with the same id, so many seconds from now. */
  redeliver(id: string, afterSeconds: number): void {
    const webhook = this.#webhooks.find((candidate) => candidate.id === id);
    if (webhook === undefined) throw new Error("no webhook has this id");
    webhook.firstDueAt = this.#context().now + afterSeconds * 1_000;
    webhook.dueAt = webhook.firstDueAt;
    webhook.state = "waiting";
    webhook.retries = 0;
  }

  /** Subscribes again after Shopify dropped a subscription. */
  resubscribe(): void {
    this.#dropped.clear();
  }

  /** The subscriptions that were dropped, each as "client ID, shop, topic". */
  dropped(): string[] {
    return [...this.#dropped];
  }

  nextDueAt(): number | undefined {
    const waiting = this.#webhooks
      .filter(({ state }) => state === "waiting")
      .map(({ dueAt }) => dueAt);
    return waiting.length === 0 ? undefined : Math.min(...waiting);
  }

  /** Delivers everything that is due now, oldest first, and returns how many attempts were made. */
  async runDue(): Promise<number> {
    const { now } = this.#context();
    const due = this.#webhooks
      .filter(({ state, dueAt }) => state === "waiting" && dueAt <= now)
      .sort((left, right) => left.dueAt - right.dueAt);
    for (const webhook of due) await this.#attempt(webhook);
    return due.length;
  }

  async #attempt(webhook: Webhook): Promise<void> {
    const context = this.#context();
    const app = context.state.apps.get(webhook.event.clientId);
    if (app?.webhookAddress === undefined || isWithheld(context, webhook.event)) {
      webhook.state = "given-up";
      return;
    }
    const result = await this.#deliver({
      address: app.webhookAddress,
      headers: headersOf(context, webhook, webhookHmac(webhook.body, signingSecret(context, app))),
      body: webhook.body,
    });
    webhook.attempts.push({ at: context.now, result });
    if (result !== "unreachable" && result >= 200 && result < 300) webhook.state = "delivered";
    else this.#scheduleRetry(webhook);
  }

  #scheduleRetry(webhook: Webhook): void {
    const minutes = RETRY_AFTER_MINUTES[webhook.retries++];
    if (minutes === undefined) {
      webhook.state = "given-up";
      this.#dropped.add(subscriptionOf(webhook.event));
    } else {
      webhook.dueAt = webhook.firstDueAt + minutes * 60_000;
    }
  }

  #takeLatenessMs(): number {
    if (this.#lateness.count === 0) return 0;
    this.#lateness = { ...this.#lateness, count: this.#lateness.count - 1 };
    return this.#lateness.seconds * 1_000;
  }
}

/** Whether a merchant who came back keeps Shopify from asking that he be forgotten. */
function isWithheld({ state, switches }: RuleContext, event: ShopifyEvent): boolean {
  if (event.topic !== "shop/redact" || switches.redactAfterReturn === "sent") return false;
  return installationOf(state, event) !== undefined;
}

/** The signature of a webhook: base64 HMAC-SHA256 of the raw body. */
export function webhookHmac(body: string, clientSecret: string): string {
  return createHmac("sha256", clientSecret).update(body).digest("base64");
}

/** The oldest unrevoked client secret; a revoked one may go on signing for an hour. */
function signingSecret(context: RuleContext, app: App): string {
  const lagMs = context.switches.webhookSecretLag === "one-hour" ? SECRET_LAG_MS : 0;
  const stillSigns = ({ revokedAt }: ClientSecret) =>
    revokedAt === undefined || context.now < revokedAt + lagMs;
  return app.secrets.find(stillSigns)?.value ?? "";
}

function headersOf(context: RuleContext, webhook: Webhook, hmac: string): Record<string, string> {
  const fields = {
    Topic: webhook.event.topic,
    "Hmac-Sha256": hmac,
    "Shop-Domain": webhook.event.shop,
    "API-Version": stableVersions(context.now)[0] ?? "",
    "Webhook-Id": webhook.id,
    "Event-Id": webhook.eventId,
    "Triggered-At": new Date(webhook.triggeredAt).toISOString(),
  };
  const named = (prefix: string, change: (name: string) => string) =>
    Object.entries(fields).map(([name, value]) => [change(`${prefix}${name}`), value]);
  return {
    "Content-Type": "application/json",
    ...Object.fromEntries(named("X-Shopify-", (name) => name)),
    ...(context.switches.webhookHeaders === "both-spellings"
      ? Object.fromEntries(named("shopify-", (name) => name.toLowerCase()))
      : {}),
  };
}

function bodyOf(context: RuleContext, event: ShopifyEvent): unknown {
  const shop = context.state.shops.get(event.shop);
  if (event.topic === "app/uninstalled") return shop === undefined ? {} : shopResource(shop);
  if (event.topic === "shop/redact") return { shop_id: shop?.id, shop_domain: event.shop };
  return {
    id: shop?.id,
    previous: event.previous,
    current: event.current,
    updated_at: new Date(context.now).toISOString(),
  };
}

function subscriptionOf(event: ShopifyEvent): string {
  return `${event.clientId}, ${event.shop}, ${event.topic}`;
}
