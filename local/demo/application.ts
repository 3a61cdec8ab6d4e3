import { createInterface } from "node:readline";
import { createTokenReader, ReaderError, type TokenReader } from "shopify-secrets/reader";

// An application as its developer would write it: it reads tokens, calls the Admin API, and knows nothing of
// rotation. What is local (where AWS and Shopify are, what time it is) comes from outside.

const QUERY = JSON.stringify({ query: "{ shop { myshopifyDomain } }" });
const PAUSE_MS = 50;

interface Settings {
  readonly name: string;
  readonly stores: Readonly<Record<string, { readonly shop: string; readonly secretArn: string }>>;
}

interface Tally {
  served: number;
  refused: number;
  /** Calls that were not made, because the reader had no live token to give. */
  withheld: number;
  /** The refused calls of each store that has any. */
  readonly refusedOf: Record<string, number>;
}

async function main(settings: Settings): Promise<void> {
  const tally: Tally = { served: 0, refused: 0, withheld: 0, refusedOf: {} };
  const reader = createTokenReader({ stores: settings.stores });
  const world = listenToTheWorld();
  while (await world.mayGoOn()) {
    for (const store of Object.keys(settings.stores)) {
      const outcome = await callShop(store, { reader, caller: settings.name });
      tally[outcome] += 1;
      if (outcome === "refused") tally.refusedOf[store] = (tally.refusedOf[store] ?? 0) + 1;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  reader.close();
  process.stdout.write(`${JSON.stringify(tally)}\n`);
}

/**
 * What the world says on standard input, a pipe that it holds: "hold" lets no further call begin until "go on", and
 * its end means that the application is to stop.
 */
function listenToTheWorld(): { mayGoOn(): Promise<boolean> } {
  let isHeld = false;
  let isOver = false;
  let wake = (): void => undefined;
  const heard = createInterface({ input: process.stdin });
  heard.on("line", (line) => {
    isHeld = line === "hold";
    wake();
  });
  heard.on("close", () => {
    isOver = true;
    wake();
  });
  const mayGoOn = async () => {
    while (isHeld && !isOver) {
      process.stdout.write("held\n");
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return !isOver;
  };
  return { mayGoOn };
}

interface Calling {
  readonly reader: TokenReader;
  readonly caller: string;
}

async function callShop(
  store: string,
  { reader, caller }: Calling,
): Promise<"served" | "refused" | "withheld"> {
  try {
    const { ok } = await reader.withToken(store, async (token) => {
      const reply = await fetch(token.graphqlUrl, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-shopify-access-token": token.accessToken.unseal(),
          "x-caller": caller,
        },
        body: QUERY,
      });
      await reply.arrayBuffer();
      return reply;
    });
    return ok ? "served" : "refused";
  } catch (error) {
    // A token that has ended is never sent: there is nothing to call with until another one is there.
    if (error instanceof ReaderError && error.code === "token_expired") return "withheld";
    throw error;
  }
}

main(JSON.parse(process.env["APPLICATION"] ?? "{}") as Settings).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
