import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as send } from "node:http";
import type { AwsReply, AwsRequest } from "./aws-request";

/** Headers about one connection, not about the request. */
const HOP_HEADERS = new Set(["connection", "keep-alive", "transfer-encoding", "expect", "te"]);

/** Shorter than the 75 s after which the emulator ends an idle connection, so that none is used as it ends. */
const IDLE_CONNECTION_MS = 30_000;

/** The way from the front to the emulator. */
export interface Passage {
  /** Sends a request on unchanged; the Host header stays, so the signature stays right. */
  send(request: AwsRequest): Promise<AwsReply>;
  /** Ends its connections. */
  close(): void;
}

export function createPassage(emulatorUrl: string): Passage {
  const agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS });
  const { hostname, port } = new URL(emulatorUrl);
  return {
    send: (request) => sendOn({ agent, hostname, port }, request),
    close: () => agent.destroy(),
  };
}

function sendOn(
  to: { agent: Agent; hostname: string; port: string },
  request: AwsRequest,
): Promise<AwsReply> {
  const { method, target: path, body } = request;
  const headers = headersToSend(request);
  return new Promise((resolve, reject) => {
    const outgoing = send({ ...to, method, path, headers, setHost: false }, (incoming) => {
      readReply(incoming).then(resolve, reject);
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

function headersToSend({ rawHeaders, body, method }: AwsRequest): string[] {
  const headers: string[] = [];
  let hasLength = false;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (HOP_HEADERS.has(name.toLowerCase())) continue;
    if (name.toLowerCase() === "content-length") hasLength = true;
    headers.push(name, rawHeaders[at + 1] ?? "");
  }
  const mayHaveBody = !["GET", "HEAD", "DELETE"].includes(method) || body.length > 0;
  if (!hasLength && mayHaveBody) headers.push("Content-Length", String(body.length));
  return headers;
}

async function readReply(incoming: IncomingMessage): Promise<AwsReply> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return {
    status: incoming.statusCode ?? 502,
    headers: headersToKeep(incoming.headers),
    body: Buffer.concat(chunks),
  };
}

function headersToKeep(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !HOP_HEADERS.has(name)) kept[name] = value;
  }
  return kept;
}
