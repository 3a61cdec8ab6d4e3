import { createHmac, timingSafeEqual } from "node:crypto";
import { isShopDomain, type ShopDomain } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { type EpochMs, parseIso } from "../../contract/time";
import type { KnownApp } from "./known-apps";
import type { GatewayRequest } from "./request";

/** One delivery of a webhook. Only the body is signed: the headers are hints until Shopify confirms them. */
export interface Delivery {
  readonly topic: string;
  readonly shop: ShopDomain;
  /** The same for every retry; empty when there is none. */
  readonly webhookId: string;
  /** When it was sent for the first time; undefined: it does not say so. */
  readonly triggeredAt: EpochMs | undefined;
  readonly signature: Buffer;
  readonly body: Buffer;
}

const LARGEST_BODY_BYTES = 262_144;
/** `app/uninstalled`, `customer.tags_added`, and the names of the newer Events, such as `Product`. */
const TOPIC = /^[A-Za-z][A-Za-z_]{0,39}(?:[./][A-Za-z_]{1,40})?$/;
const SIGNATURE = /^[A-Za-z0-9+/]{43}=$/;
const WEBHOOK_ID = /^[\w-]{1,80}$/;

/**
 * Reads a delivery's headers; the body is not looked into.
 *
 * @throws {CodedError} `webhook_malformed`, naming the header and never its content
 */
export function parseDelivery({
  headers,
  body,
}: Pick<GatewayRequest, "headers" | "body">): Delivery {
  const topic = headerOf(headers, "topic");
  const shop = headerOf(headers, "shop-domain");
  const signature = headerOf(headers, "hmac-sha256");
  const webhookId = headerOf(headers, "webhook-id");
  if (body.length === 0 || body.length > LARGEST_BODY_BYTES) throw malformed("body");
  if (!TOPIC.test(topic)) throw malformed("topic");
  if (!isShopDomain(shop)) throw malformed("shop-domain");
  if (!SIGNATURE.test(signature)) throw malformed("hmac-sha256");
  return {
    topic,
    shop,
    webhookId: WEBHOOK_ID.test(webhookId) ? webhookId : "",
    triggeredAt: parseIso(headerOf(headers, "triggered-at")),
    signature: Buffer.from(signature, "base64"),
    body,
  };
}

function malformed(field: string): CodedError {
  return new CodedError("webhook_malformed", { field });
}

/** A header in either of Shopify's spellings; when both are there they have to agree. */
function headerOf(headers: Readonly<Record<string, string>>, name: string): string {
  const [older, newer] = [headers[`x-shopify-${name}`], headers[`shopify-${name}`]];
  if (older !== undefined && newer !== undefined && older !== newer) throw malformed(name);
  return older ?? newer ?? "";
}

/**
 * The app whose client secret signed the raw body.
 *
 * @throws {CodedError} `webhook_signature_invalid`
 */
export function signerOf(delivery: Delivery, apps: readonly KnownApp[]): KnownApp {
  const signers = apps.filter(({ clientSecrets }) =>
    clientSecrets.some(({ secret }) => {
      const wanted = createHmac("sha256", secret.unseal()).update(delivery.body).digest();
      return timingSafeEqual(wanted, delivery.signature);
    }),
  );
  const [signer] = signers;
  if (signer === undefined) throw new CodedError("webhook_signature_invalid");
  return signer;
}

/** How the topics about a shop and the compliance topics name it. */
const SHOP_FIELDS = ["myshopify_domain", "shop_domain"];

/**
 * Refuses a body that speaks of another shop than the header: a true body under a false header.
 *
 * @throws {CodedError} `webhook_malformed`
 */
export function requireOwnBody({ body, shop }: Delivery): void {
  const parsed = parseJsonQuietly(body.toString("utf8"));
  if (typeof parsed !== "object" || parsed === null) throw malformed("body");
  for (const field of SHOP_FIELDS) {
    const named = (parsed as Readonly<Record<string, unknown>>)[field];
    if (named !== undefined && named !== shop) throw malformed(field);
  }
}
