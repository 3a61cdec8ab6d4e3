import type { WebhookPort } from "../webhooks";

const DEFAULT_DEADLINE_MS = 5_000;

/** Delivers webhooks over HTTP with Shopify's deadline of five seconds; redirects are not followed. */
export function httpWebhookPort(deadlineMs = DEFAULT_DEADLINE_MS): WebhookPort {
  return async ({ address, headers, body }) => {
    try {
      const response = await fetch(address, {
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
