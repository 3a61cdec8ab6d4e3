import { createServer, type IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { apiIdOf, passTo } from "../aws/api-door";

/** Where the hosts of the world are. */
export interface RoadMap {
  /** The port that speaks TLS as any shop. */
  readonly shopifyPort: number;
  /** The world's AWS, in front of every HTTP API. */
  readonly frontUrl: string;
  /** A certificate for shops and APIs alike. */
  readonly certificate: { readonly keyPem: string; readonly certificatePem: string };
}

/** A proxy of the world: whatever obeys `HTTPS_PROXY`, in any language, finds its hosts by their own names. */
export interface Road {
  readonly url: string;
  close(): Promise<void>;
}

/** The names under which the world's hosts are looked for, for a certificate. */
export const ROAD_HOSTS = ["*.myshopify.com", "*.execute-api.us-east-1.amazonaws.com"] as const;

const SHOP = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/i;

/** Opens the road on free loopback ports; hosts of elsewhere are reached as they are. */
export async function openRoad({ shopifyPort, frontUrl, certificate }: RoadMap): Promise<Road> {
  const { keyPem: key, certificatePem: cert } = certificate;
  const apis = createTlsServer({ key, cert }, (incoming, outgoing) => {
    passTo({ frontUrl, apiId: apiIdOf(incoming.headers.host ?? "") ?? "" }, incoming, outgoing);
  });
  const apiPort = await listen(apis);
  const sockets = new Set<Socket>();
  const proxy = createServer((_incoming, outgoing) => {
    outgoing.writeHead(400).end("this proxy takes CONNECT only\n");
  });
  proxy.on("connect", (incoming: IncomingMessage, near: Socket, head: Buffer) => {
    const [host = "", port = "443"] = (incoming.url ?? "").split(":");
    const ofApi = apiIdOf(host) === undefined ? undefined : apiPort;
    const ofWorld = SHOP.test(host) ? shopifyPort : ofApi;
    const far = ofWorld === undefined ? connect(Number(port), host) : connect(ofWorld, "127.0.0.1");
    for (const socket of [near, far]) sockets.add(socket);
    far.once("connect", () => {
      near.write("HTTP/1.1 200 Connection established\r\n\r\n");
      far.write(head);
      far.pipe(near).pipe(far);
    });
    far.once("error", () => near.destroy());
    near.once("error", () => far.destroy());
  });
  const url = `http://127.0.0.1:${await listen(proxy)}`;
  return {
    url,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      apis.closeAllConnections();
      await Promise.all([ended(proxy), ended(apis)]);
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

function ended(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
