import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { type ApiDoor, insideAddressOf, openApiDoor } from "../../../local/aws/api-door";

let behind: Server;
let door: ApiDoor;
const seen: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  behind = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const { method = "", url = "", headers } = incoming;
    seen.push({ method, url, headers, body });
    outgoing.writeHead(302, { location: "/next", "set-cookie": ["a=1", "b=2"] });
    outgoing.end("moved");
  });
  await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
  door = await openApiDoor(`http://127.0.0.1:${(behind.address() as AddressInfo).port}`, "abc123");
});

afterAll(async () => {
  await door.close();
  behind.closeAllConnections();
  await new Promise((resolve) => behind.close(resolve));
});

beforeEach(() => void seen.splice(0));

test("a browser's request arrives as it was sent, under the API's own host", async () => {
  const reply = await new Promise<{ status: number; cookies: string[] }>((resolve, reject) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port: door.tlsPort,
        path: "/callback?a=%2B+b",
        rejectUnauthorized: false,
        headers: { host: "evil.example", cookie: "x=1; y=2" },
      },
      (incoming) => {
        incoming.resume();
        const { statusCode = 0, headers } = incoming;
        resolve({ status: statusCode, cookies: headers["set-cookie"] ?? [] });
      },
    );
    outgoing.once("error", reject);
    outgoing.end();
  });
  expect(reply).toEqual({ status: 302, cookies: ["a=1", "b=2"] });
  expect(seen[0]).toMatchObject({ method: "GET", url: "/callback?a=%2B+b" });
  expect(seen[0]?.headers.host).toMatch(/^abc123\.execute-api\.localhost:\d+$/);
  expect(seen[0]?.headers.cookie).toBe("x=1; y=2");
});

test("a webhook's body arrives over plain HTTP", async () => {
  const reply = await fetch(`${door.plainUrl}/webhooks`, {
    method: "POST",
    body: "signed bytes",
    redirect: "manual",
  });
  expect(reply.status).toBe(302);
  expect(await reply.text()).toBe("moved");
  expect(seen[0]).toMatchObject({ method: "POST", url: "/webhooks", body: "signed bytes" });
});

test("an API's address is found behind the front, and no other is touched", () => {
  const front = "http://127.0.0.1:4566";
  const host = "abc123.execute-api.us-east-1.amazonaws.com";
  expect(insideAddressOf(`https://${host}/webhooks?a=b`, front)).toBe(
    `${front}/_aws/execute-api/abc123/$default/webhooks?a=b`,
  );
  for (const other of ["https://example.com/webhooks", `https://${host}.example.com/webhooks`]) {
    expect(insideAddressOf(other, front)).toBe(other);
  }
});
