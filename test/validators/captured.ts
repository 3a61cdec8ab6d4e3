import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type AwsReply, type AwsRequest, readAwsRequest } from "../../local/aws/aws-request";

/** An endpoint that keeps what AWS's SDK sends; every request is answered with 500 and no more. */
export interface Capture {
  /** What a call of the SDK sends, whatever becomes of the call. */
  requestOf(call: (endpoint: string) => Promise<unknown>): Promise<AwsRequest>;
  close(): Promise<void>;
}

export async function startCapture(): Promise<Capture> {
  let last: AwsRequest | undefined;
  const server = createServer((incoming, outgoing) => {
    void readAwsRequest(incoming).then((request) => {
      last = request;
      outgoing.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    requestOf: async (call) => {
      last = undefined;
      await call(endpoint).catch(() => undefined);
      if (last === undefined) throw new Error("nothing was sent");
      return last;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const jsonReply = (body: unknown, status = 200): AwsReply => ({
  status,
  headers: { "content-type": "application/json" },
  body: Buffer.from(JSON.stringify(body)),
});

export const xmlReply = (body: string, status = 200): AwsReply => ({
  status,
  headers: { "content-type": "text/xml" },
  body: Buffer.from(body),
});
