import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority } from "../../local/shopify/serve/authority";

/** A company's network on loopback: a proxy leads out of it, and an authority of its own signs what AWS answers. */
export class GuardedNetwork {
  /** The file with the certificate of the network's authority. */
  readonly authorityFile: string;
  /** Where the proxy was asked to go, `host:port`. */
  readonly tunnels: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "guarded-network-"));
  readonly #sockets = new Set<Socket>();
  readonly #proxy: Server;
  readonly #service: Server;

  static async start(hosts: readonly string[], answer: string): Promise<GuardedNetwork> {
    const { certificatePem, keyPem, authorityPem } = await createAuthority([...hosts]);
    const service = createTlsServer({ cert: certificatePem, key: keyPem }, (_request, response) => {
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(answer);
    });
    const network = new GuardedNetwork(authorityPem, service);
    for (const server of [service, network.#proxy]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
    return network;
  }

  private constructor(authorityPem: string, service: Server) {
    this.authorityFile = join(this.#folder, "authority.pem");
    writeFileSync(this.authorityFile, authorityPem);
    // A client that does not trust it hangs up.
    this.#service = service.on("tlsClientError", () => undefined);
    this.#proxy = createServer().on("connect", ({ url = "" }, client: Socket) =>
      this.#lead(url, client),
    );
  }

  /** As HTTPS_PROXY names it. */
  get proxyUrl(): string {
    return `http://127.0.0.1:${portOf(this.#proxy)}`;
  }

  /** The port of the service itself, past the proxy. */
  get servicePort(): number {
    return portOf(this.#service);
  }

  #lead(target: string, client: Socket): void {
    this.tunnels.push(target);
    const service = connect(this.servicePort, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.pipe(service).pipe(client);
    });
    for (const [one, other] of [
      [client, service],
      [service, client],
    ] as const) {
      this.#sockets.add(one);
      one.on("error", () => other.destroy());
    }
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const servers = [this.#proxy, this.#service];
    for (const server of servers) server.closeAllConnections();
    await Promise.all(servers.map((one) => new Promise((resolve) => one.close(resolve))));
    rmSync(this.#folder, { recursive: true });
  }
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
