import { setTimeout as pause } from "node:timers/promises";
import { createTokenFetch, ReaderError, type TokenReader } from "shopify-secrets/reader";

/** A call that did not succeed: when it began, for which shop, and what came of it. */
export interface Failure {
  readonly startedAt: number;
  readonly shop: string;
  /** An HTTP status, a code of the reader, or the name of an error. */
  readonly outcome: string;
}

export interface Tally {
  served: number;
  readonly failures: Failure[];
}

export interface Work {
  readonly reader: TokenReader;
  readonly shops: readonly string[];
  /** Where in the list of shops this worker begins. */
  readonly first: number;
  /** How long it waits before its first call, in milliseconds, so that not all workers call at one moment. */
  readonly startAfterMs: number;
  readonly pauseMs: number;
  readonly stop: AbortSignal;
  readonly tally: Tally;
}

const QUERY = JSON.stringify({ query: "{ shop { myshopifyDomain } }" });

/** Calls one shop after the other until it is told to stop. */
export async function work(one: Work): Promise<void> {
  const { reader, shops, first, startAfterMs, pauseMs, stop, tally } = one;
  const shopifyFetch = createTokenFetch(reader);
  await restFor(startAfterMs, stop);
  for (let turn = first; !stop.aborted; turn += 1) {
    const shop = shops[turn % shops.length] ?? "";
    const startedAt = Date.now();
    const outcome = await callShop(shopifyFetch, shop);
    if (outcome === "200") tally.served += 1;
    else tally.failures.push({ startedAt, shop, outcome });
    await restFor(pauseMs, stop);
  }
}

async function restFor(milliseconds: number, stop: AbortSignal): Promise<void> {
  await pause(milliseconds, undefined, { signal: stop }).catch(() => undefined); // woken up to stop
}

async function callShop(shopifyFetch: typeof fetch, shop: string): Promise<string> {
  const ask = () =>
    shopifyFetch(`https://${shop}/admin/api/2026-10/graphql.json`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "User-Agent": "reader-app" },
      body: QUERY,
    });
  try {
    const answer = await ask().catch(once(ask));
    const { data } = (await answer.json()) as { data?: { shop: { myshopifyDomain: string } } };
    if (answer.ok && data?.shop.myshopifyDomain !== shop) return "another shop";
    return String(answer.status);
  } catch (error) {
    return error instanceof ReaderError ? error.code : ((error as Error).name ?? "unknown");
  }
}

/** A connection that Shopify closed just as it was used is no answer; a query can be sent again. */
function once(ask: () => Promise<Response>): (error: unknown) => Promise<Response> {
  return (error) => {
    if (error instanceof TypeError) return ask();
    throw error;
  };
}
