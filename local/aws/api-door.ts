import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { createAuthority } from "../shopify/serve/authority";

const HOST = /^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?::443)?$/i;

/** The HTTP API that a host is, by the name that it has at AWS; undefined: it is another host. */
export function apiIdOf(host: string): string | undefined {
  return HOST.exec(host)?.[1];
}

/** Where an address is found behind the world's AWS endpoint, without another Host; addresses of elsewhere stay as they are. */
export function insideAddressOf(address: string, frontUrl: string): string {
  const { host, pathname, search } = new URL(address);
  const apiId = apiIdOf(host);
  if (apiId === undefined) return address;
  return `${frontUrl}/_aws/execute-api/${apiId}/$default${pathname}${search}`;
}

/** One HTTP API of the world as the internet sees it: by its own host name, over TLS. */
export interface ApiDoor {
  /** The API's host name, which `requestContext.domainName` tells too. */
  readonly host: string;
  /** The loopback port that speaks TLS as this host; a browser's resolver is pointed at it. */
  readonly tlsPort: number;
  /** The same API over plain HTTP, for callers whose resolver cannot be moved. */
  readonly plainUrl: string;
  close(): Promise<void>;
}

/** Opens a door to an HTTP API behind the world's AWS endpoint. */
export async function openApiDoor(frontUrl: string, apiId: string): Promise<ApiDoor> {
  const host = `${apiId}.execute-api.us-east-1.amazonaws.com`;
  const carry = (incoming: IncomingMessage, outgoing: ServerResponse) =>
    passTo({ frontUrl, apiId }, incoming, outgoing);
  const { keyPem, certificatePem } = await createAuthority([host]);
  const tls = createTlsServer({ key: keyPem, cert: certificatePem }, carry);
  const plain = createServer(carry);
  const tlsPort = await listen(tls);
  const plainPort = await listen(plain);
  return {
    host,
    tlsPort,
    plainUrl: `http://127.0.0.1:${plainPort}`,
    close: async () => {
      tls.closeAllConnections();
      plain.closeAllConnections();
      await Promise.all([close(tls), close(plain)]);
    },
  };
}

/** Passes a request on to an API, whatever host the caller named. */
export function passTo(
  to: { readonly frontUrl: string; readonly apiId: string },
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const { hostname, port } = new URL(to.frontUrl);
  // The name by which the emulator knows an API; what the function sees is the one that it has at AWS.
  const headers = { ...incoming.headers, host: `${to.apiId}.execute-api.localhost:${port}` };
  const { method, url: path } = incoming;
  const onward = request({ hostname, port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.once("error", () => outgoing.destroy());
  incoming.pipe(onward);
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
