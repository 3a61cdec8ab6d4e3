import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { ShopifyImitation } from "../core";
import type { ImitationReply, ImitationRequest } from "../protocol";

const BODY_LIMIT_BYTES = 1_000_000;

/** Carries one HTTP exchange to the imitation and back. */
export async function carry(
  imitation: ShopifyImitation,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const reply = await imitation.handle(await requestOf(incoming));
  if (reply.delayMs !== undefined) await wait(reply.delayMs, undefined, { ref: false });
  send(outgoing, reply);
}

/** Reads a whole body as text; more than a megabyte is refused. */
export async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT_BYTES) throw new Error("the request body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function requestOf(incoming: IncomingMessage): Promise<ImitationRequest> {
  return {
    method: incoming.method ?? "GET",
    host: (incoming.headers.host ?? "").replace(/:\d+$/, ""),
    path: incoming.url ?? "/",
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(", ") : (value ?? ""),
      ]),
    ),
    body: await readBody(incoming),
    remoteAddress: incoming.socket.remoteAddress ?? "127.0.0.1",
  };
}

function send(outgoing: ServerResponse, reply: ImitationReply): void {
  if (reply.drop === true) {
    outgoing.socket?.destroy();
    return;
  }
  outgoing.writeHead(reply.status, reply.headers);
  outgoing.end(reply.body);
}
