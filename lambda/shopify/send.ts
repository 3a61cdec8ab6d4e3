import type { Dispatcher } from "undici";
import Client from "undici/lib/dispatcher/client.js";
import { isShopDomain } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { Sealed } from "../../contract/sealed";
import {
  LARGEST_REPLY_BYTES,
  openRequest,
  type Send,
  type ShopifyReply,
  type ShopifyRequest,
} from "./exchange";

/**
 * Sends a request over a fresh TLS connection with a time-out for the whole exchange.
 *
 * Fresh, because a frozen function wakes up with sockets that the other side closed long ago, and a
 * token request must not fail for that. Redirects are not followed: they come back as replies.
 *
 * @throws {CodedError} `shop_not_found` before any request to what is not a shop domain,
 *   `shopify_unreachable`, `token_reply_malformed` for a reply that is too large
 */
export const sendToShopify: Send = async (request, timeoutMs) => {
  if (!isShopDomain(request.shop)) throw new CodedError("shop_not_found");
  const client = new Client(`https://${request.shop}`, {
    connectTimeout: timeoutMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: LARGEST_REPLY_BYTES,
    pipelining: 0,
  });
  const timer = setTimeout(() => void client.destroy(new Error("timed out")), timeoutMs);
  try {
    return await exchange(client, request);
  } finally {
    clearTimeout(timer);
    await client.destroy();
  }
};

function exchange(client: Client, request: ShopifyRequest): Promise<ShopifyReply> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const head = { status: 0, headers: {} as Record<string, string> };
    client.dispatch(dispatchOptionsOf(request), {
      onRequestStart() {},
      onResponseStart(_controller, status, headers) {
        head.status = status;
        head.headers = singleHeaders(headers);
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        resolve({ ...head, body: Sealed.of(Buffer.concat(chunks).toString("utf8")) });
      },
      onResponseError(_controller, error) {
        reject(codedErrorOf(error));
      },
    });
  });
}

function dispatchOptionsOf(request: ShopifyRequest): Dispatcher.DispatchOptions {
  const { headers, body } = openRequest(request);
  return {
    path: request.path,
    method: request.method,
    headers: { "user-agent": "shopify-secrets", ...headers },
    body,
  };
}

function singleHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) single[name.toLowerCase()] = first;
  }
  return single;
}

// The error itself is dropped: undici's may hold dependencies of what was sent or read.
function codedErrorOf(error: unknown): CodedError {
  const code = (error as { readonly code?: unknown } | null)?.code;
  const tooLarge = code === "UND_ERR_RES_EXCEEDED_MAX_SIZE";
  return new CodedError(tooLarge ? "token_reply_malformed" : "shopify_unreachable");
}
