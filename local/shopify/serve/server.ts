import { mkdir, writeFile } from "node:fs/promises";
import type { Server as HttpServer } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type ImitationOptions, ShopifyImitation } from "../core";
import { createAuthority, type ThrowAwayAuthority } from "./authority";
import { createControlServer } from "./control-port";
import { carry } from "./http-carrier";
import { httpWebhookPort } from "./webhook-carrier";

const LOOPBACK = "127.0.0.1";

/** What a client process needs, to send `*.myshopify.com` here instead. */
export const PRELOAD_PATH = join(__dirname, "..", "preload.cjs");
export const PORT_VARIABLE = "LOCAL_SHOPIFY_PORT";

export interface ServeOptions extends ImitationOptions {
  /** Where the authority's certificate is written; made when it is missing. */
  readonly directory: string;
  /** Other hosts that the certificate is to name, such as those of the world's APIs. */
  readonly otherHosts?: readonly string[];
}

export interface ServedShopify {
  readonly imitation: ShopifyImitation;
  /** Loopback port that speaks TLS as any `*.myshopify.com`. */
  readonly port: number;
  /** Address of the control port. */
  readonly controlUrl: string;
  /** The authority that clients trust through NODE_EXTRA_CA_CERTS. */
  readonly authorityPath: string;
  /** The certificate that the port shows, and its key. */
  readonly certificate: Pick<ThrowAwayAuthority, "certificatePem" | "keyPem">;
  /** The environment of client processes; `NODE_OPTIONS` is to be joined with what is there. */
  readonly clientEnvironment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Serves an imitation over TLS on a free loopback port, with its control port beside it. */
export async function serveShopify(options: ServeOptions): Promise<ServedShopify> {
  const authority = await createAuthority(["*.myshopify.com", ...(options.otherHosts ?? [])]);
  const authorityPath = await writeAuthority(options.directory, authority);
  const imitation = new ShopifyImitation({ deliver: httpWebhookPort(), ...options });
  const shopify = createShopifyServer(imitation, authority);
  const controlServer = createControlServer(imitation.control);
  const port = await listen(shopify);
  const controlPort = await listen(controlServer);
  return {
    imitation,
    port,
    controlUrl: `http://${LOOPBACK}:${controlPort}`,
    authorityPath,
    certificate: authority,
    clientEnvironment: {
      NODE_OPTIONS: `--require ${JSON.stringify(PRELOAD_PATH)}`,
      NODE_EXTRA_CA_CERTS: authorityPath,
      [PORT_VARIABLE]: String(port),
    },
    close: async () => {
      await Promise.all([close(shopify), close(controlServer)]);
    },
  };
}

function createShopifyServer(imitation: ShopifyImitation, authority: ThrowAwayAuthority): Server {
  return createServer(
    { key: authority.keyPem, cert: authority.certificatePem },
    (incoming, outgoing) => {
      carry(imitation, incoming, outgoing).catch(() => outgoing.destroy());
    },
  );
}

async function writeAuthority(directory: string, authority: ThrowAwayAuthority): Promise<string> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, "shopify-authority.pem");
  await writeFile(path, authority.authorityPem);
  return path;
}

async function listen(server: Server | HttpServer): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, LOOPBACK, resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function close(server: Server | HttpServer): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
