import type { WebhookPort } from "../webhooks";

/** Shopify waits five seconds; a function on a busy machine may take longer than one of AWS, and is no slower app. */
const DEFAULT_DEADLINE_MS = 60_000;

export interface WebhookRoad {
  readonly deadlineMs?: number;
  /** Where an address is found from here. Default: where it says. */
  readonly whereIs?: (address: string) => string;
}

/** Delivers webhooks over HTTP, with a deadline for each; redirects are not followed. */
export function httpWebhookPort(road: WebhookRoad = {}): WebhookPort {
  const { deadlineMs = DEFAULT_DEADLINE_MS, whereIs = (address) => address } = road;
  return async ({ address, headers, body }) => {
    try {
      const response = await fetch(whereIs(address), {
        method: "POST",
        headers,
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(deadlineMs),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return "unreachable"; // refused, reset or late: Shopify counts all of them as a failed delivery
    }
  };
}
