import { createServer, type Server, type Socket } from "node:net";
import tls from "node:tls";
import type { ShopDomain } from "../../../contract/brands";
import { Sealed } from "../../../contract/sealed";
import { LARGEST_REPLY_BYTES, type ShopifyRequest } from "../../../lambda/shopify/exchange";
import { sendToShopify } from "../../../lambda/shopify/send";
import { createAuthority, type ThrowAwayAuthority } from "../../../local/shopify/serve/authority";

const SHOP = "acme.myshopify.com" as ShopDomain;
const OTHER = "other.myshopify.com" as ShopDomain;
/** The limit of a call that is not to meet it. */
const AMPLE_MS = 600_000;
const connectAnywhere = tls.connect;

let authority: ThrowAwayAuthority;
let server: Server | undefined;
let port = 0;
const sockets = new Set<Socket>();

beforeAll(async () => {
  authority = await createAuthority([SHOP]);
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise<void>((resolve) =>
    server === undefined ? resolve() : server.close(() => resolve()),
  );
  server = undefined;
});

/** A TLS server on loopback that does as it is told once a request arrived; clients trust its authority only. */
async function serve(answer: (socket: Socket, request: string) => void): Promise<void> {
  const { certificatePem: cert, keyPem: key } = authority;
  const listening = tls.createServer({ cert, key }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined); // the client is free to hang up
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      const head = text.indexOf("\r\n\r\n");
      if (head >= 0 && text.length >= head + 4 + length) answer(socket, text);
    });
  });
  listening.on("tlsClientError", () => undefined); // the client refused our certificate, as it should
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  port = (listening.address() as { port: number }).port;
  redirectTo(port);
}

/** Every TLS connection goes to loopback, its server name kept. */
function redirectTo(wanted: number, trusted: string = authority.authorityPem): void {
  jest.spyOn(tls, "connect").mockImplementation(((options: tls.ConnectionOptions) =>
    connectAnywhere({
      ...options,
      host: "127.0.0.1",
      port: wanted,
      ca: trusted,
    })) as typeof tls.connect);
}

const request = (shop: ShopDomain = SHOP): ShopifyRequest => ({
  shop,
  method: "POST",
  path: "/admin/oauth/access_token",
  headers: { "content-type": Sealed.of("application/json"), accept: Sealed.of("application/json") },
  body: { client_secret: Sealed.of("shpss_secret") },
});

const http = (status: string, headers: string, body: string) =>
  `HTTP/1.1 ${status}\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

test("sends the request and reads the reply", async () => {
  let seen = "";
  await serve((socket, text) => {
    seen = text;
    socket.end(http("200 OK", "X-Request-Id: abc\r\n", '{"access_token":"t"}'));
  });
  const reply = await sendToShopify(request(), AMPLE_MS);
  expect(reply.status).toBe(200);
  expect(reply.headers["x-request-id"]).toBe("abc");
  expect(reply.body.unseal()).toBe('{"access_token":"t"}');
  expect(seen).toMatch(/^POST \/admin\/oauth\/access_token HTTP\/1\.1\r\n/);
  expect(seen).toMatch(/host: acme\.myshopify\.com\r\n/i);
  expect(seen.endsWith('{"client_secret":"shpss_secret"}')).toBe(true);
});

test("does not follow a redirect", async () => {
  let requests = 0;
  await serve((socket) => {
    requests += 1;
    socket.end(http("302 Found", "Location: https://other.myshopify.com/\r\n", ""));
  });
  const reply = await sendToShopify(request(), AMPLE_MS);
  expect(reply.status).toBe(302);
  expect(requests).toBe(1);
});

test.each([
  ["never answers", (_socket: Socket) => undefined],
  ["stops in the head", (socket: Socket) => void socket.write("HTTP/1.1 200 OK\r\nx-a: 1\r\n")],
  [
    "stops in the body",
    (socket: Socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"),
  ],
])("gives up on a server that %s", async (_what, answer) => {
  await serve(answer);
  await expect(sendToShopify(request(), 250)).rejects.toMatchObject({
    code: "shopify_unreachable",
  });
});

test("gives up on a server that drips for ever", async () => {
  let dripping: NodeJS.Timeout | undefined;
  await serve((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
    dripping = setInterval(() => socket.write("x"), 20);
  });
  await expect(sendToShopify(request(), 300)).rejects.toMatchObject({
    code: "shopify_unreachable",
  });
  clearInterval(dripping);
});

test.each([
  ["before the head", ""],
  [
    "in the middle of the body",
    'HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{"access_token":"shpat_',
  ],
])("a connection closed %s is an outage", async (_when, text) => {
  await serve((socket) => socket.end(text));
  await expect(sendToShopify(request(), AMPLE_MS)).rejects.toMatchObject({
    code: "shopify_unreachable",
  });
});

test("a reply that is too large is malformed, announced or not", async () => {
  const large = "x".repeat(LARGEST_REPLY_BYTES + 1);
  await serve((socket) => socket.end(http("200 OK", "", large)));
  await expect(sendToShopify(request(), AMPLE_MS)).rejects.toMatchObject({
    code: "token_reply_malformed",
  });
});

test("a server with another host's certificate gets nothing", async () => {
  let requests = 0;
  await serve((socket) => {
    requests += 1;
    socket.end(http("200 OK", "", "{}"));
  });
  await expect(sendToShopify(request(OTHER), AMPLE_MS)).rejects.toMatchObject({
    code: "shopify_unreachable",
  });
  expect(requests).toBe(0);
});

test("a server of an unknown authority gets nothing", async () => {
  let requests = 0;
  await serve((socket) => {
    requests += 1;
    socket.end(http("200 OK", "", "{}"));
  });
  const stranger = await createAuthority([SHOP]);
  redirectTo(port, stranger.authorityPem);
  await expect(sendToShopify(request(), AMPLE_MS)).rejects.toMatchObject({
    code: "shopify_unreachable",
  });
  expect(requests).toBe(0);
});

test("nobody there is an outage", async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port: nobodys } = closed.address() as { port: number };
  await new Promise<void>((resolve) => closed.close(() => resolve()));
  redirectTo(nobodys);
  await expect(sendToShopify(request(), AMPLE_MS)).rejects.toMatchObject({
    code: "shopify_unreachable",
  });
});

test.each([
  "evil.example",
  "acme.myshopify.com.evil.example",
  "acme.myshopify.com/x",
  "ACME.myshopify.com",
])("%s is asked nothing", async (host) => {
  const spy = jest.spyOn(tls, "connect");
  await expect(sendToShopify(request(host as ShopDomain), AMPLE_MS)).rejects.toMatchObject({
    code: "shop_not_found",
  });
  expect(spy).not.toHaveBeenCalled();
});
