import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/** The way from an application to an address, which can be cut and mended: an outage as the application sees it. */
export interface SeverablePath {
  readonly url: string;
  /** Breaks what is under way, and refuses everything from here on. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Passes bytes on untouched, so that signed requests stay as they were signed. */
export async function createPathTo(address: string): Promise<SeverablePath> {
  const { hostname, port } = new URL(address);
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const sever = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      sever();
    },
    mend() {
      isCut = false;
    },
    async close() {
      sever();
      server.close();
      await once(server, "close");
    },
  };
}
