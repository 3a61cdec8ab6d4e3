import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Server as NetServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectToAws } from "../../cli/aws/connect";
import { isDirect } from "../../cli/aws/environment-agent";
import { createAuthority } from "../../local/shopify/serve/authority";

const HOST = "secretsmanager.eu-west-1.amazonaws.com";
/** Short for a test; an answer of loopback that is late all the same is asked for again. */
const SHORT = { connectMs: 400, tryMs: 400, invocationMs: 800 };
/** Where everything is answered, however busy the machine is. */
const PATIENT = { connectMs: 60_000, tryMs: 60_000, invocationMs: 60_000 };
const folder = mkdtempSync(join(tmpdir(), "network-"));
const servers: NetServer[] = [];
const sockets = new Set<Socket>();

beforeAll(() => {
  process.env["AWS_ACCESS_KEY_ID"] = "test";
  process.env["AWS_SECRET_ACCESS_KEY"] = "test";
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  const closing = servers.splice(0).map((one) => new Promise((resolve) => one.close(resolve)));
  await Promise.all(closing);
});

afterAll(() => rmSync(folder, { recursive: true }));

async function listen(server: NetServer): Promise<number> {
  servers.push(server);
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** An answer to ListSecrets, and to whatever else is asked. */
function answerEmpty(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("content-type", "application/x-amz-json-1.1");
  response.end('{"SecretList":[]}');
}

/** Lists secrets; `patience`: the limits of the command. */
const list = (
  endpointUrl: string | undefined,
  environment: Record<string, string> = {},
  patience = PATIENT,
) =>
  connectToAws({ region: "eu-west-1", endpointUrl }, patience, environment).secrets.list({
    by: "name",
    head: "shopify/dev/",
  });

describe("a network that swallows what is sent", () => {
  test("costs one try when it does it once", async () => {
    let requests = 0;
    const port = await listen(
      createServer((request, response) => {
        requests += 1;
        if (requests > 1) answerEmpty(request, response);
      }),
    );
    expect(await list(`http://127.0.0.1:${port}`, {}, SHORT)).toEqual([]);
    expect(requests).toBeGreaterThan(1);
  });

  test("ends the command with what to look at", async () => {
    const port = await listen(createServer(() => undefined));
    await expect(list(`http://127.0.0.1:${port}`, {}, SHORT)).rejects.toMatchObject({
      line: "AWS cannot be reached while listing secrets (ETIMEDOUT). Next: check the network, --region, --endpoint-url and HTTPS_PROXY, then shopify-secrets doctor",
    });
  });

  test("ends a function's call that is never answered, which is made once", async () => {
    let requests = 0;
    const server = createServer(() => {
      requests += 1;
    });
    const endpointUrl = `http://127.0.0.1:${await listen(server)}`;
    const { functions } = connectToAws({ region: "eu-west-1", endpointUrl }, SHORT, {});
    await expect(functions.invoke("f", {})).rejects.toMatchObject({
      line: expect.stringContaining("AWS cannot be reached while running f"),
    });
    expect(requests).toBe(1);
  });
});

/** A server of TLS with a certificate for AWS's own name, and the file of its authority. */
async function awsBehindTls(host: string): Promise<{ port: number; authority: string }> {
  const { certificatePem, keyPem, authorityPem } = await createAuthority([host]);
  const authority = join(folder, `${host}.pem`);
  writeFileSync(authority, authorityPem);
  const server = createTlsServer({ cert: certificatePem, key: keyPem }, answerEmpty);
  server.on("tlsClientError", () => undefined);
  return { port: await listen(server), authority };
}

/** A proxy that reaches one port, whatever it is asked for; the hosts that it was asked for. */
async function proxyTo(port: number): Promise<{ address: string; asked: string[] }> {
  const asked: string[] = [];
  const proxy: Server = createServer();
  proxy.on("connect", (request: IncomingMessage, socket: Socket) => {
    asked.push(`${request.url} ${request.headers["proxy-authorization"] ?? ""}`.trim());
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    for (const one of [onward, socket]) one.on("error", () => undefined);
    sockets.add(onward);
  });
  return { address: `127.0.0.1:${await listen(proxy)}`, asked };
}

describe("a network with a proxy and an authority of its own", () => {
  test.each([
    ["http://", `${HOST}:443`],
    ["", `${HOST}:443`],
    ["http://me:secret@", `${HOST}:443 Basic ${Buffer.from("me:secret").toString("base64")}`],
  ])("is gone through: HTTPS_PROXY=%s…", async (head, seen) => {
    const { port, authority } = await awsBehindTls(HOST);
    const { address, asked } = await proxyTo(port);
    const environment = { HTTPS_PROXY: `${head}${address}`, AWS_CA_BUNDLE: authority };
    expect(await list(undefined, environment)).toEqual([]);
    expect(asked).toEqual([seen]);
  });

  test("is not gone through for a host that NO_PROXY names", async () => {
    const { port, authority } = await awsBehindTls("localhost");
    const { address, asked } = await proxyTo(port);
    const environment = {
      HTTPS_PROXY: `http://${address}`,
      NO_PROXY: "example.com, localhost",
      AWS_CA_BUNDLE: authority,
    };
    expect(await list(`https://localhost:${port}`, environment)).toEqual([]);
    expect(asked).toEqual([]);
  });

  test("is trusted only when somebody named it", async () => {
    const { port } = await awsBehindTls("localhost");
    await expect(list(`https://localhost:${port}`)).rejects.toMatchObject({
      line: expect.stringContaining("unable to verify the first certificate"),
    });
  });

  test("and with a proxy that never answers is given up, its connections too", async () => {
    let open = 0;
    const proxy = createServer().on("connect", (_request, socket: Socket) => {
      open += 1;
      socket.resume().on("error", () => undefined);
      socket.on("end", () => socket.end());
      socket.on("close", () => {
        open -= 1;
      });
    });
    const asked = list(
      undefined,
      { HTTPS_PROXY: `http://127.0.0.1:${await listen(proxy)}` },
      SHORT,
    );
    await expect(asked).rejects.toMatchObject({
      line: expect.stringContaining("AWS cannot be reached while listing secrets"),
    });
    // Its own connections are what keeps a process alive.
    while (open > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test("and with a proxy that refuses is not taken for AWS", async () => {
    const server = createServer();
    server.on("connect", (_request, socket: Socket) => {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 4\r\n\r\nno\r\n");
    });
    const asked = list(undefined, { HTTPS_PROXY: `http://127.0.0.1:${await listen(server)}` });
    await expect(asked).rejects.toMatchObject({
      line: expect.stringContaining("HTTPS_PROXY"),
    });
  });

  test.each(["ftp://me:secret@proxy", "http://"])(
    "HTTPS_PROXY=%s is refused, and not repeated",
    (text) => {
      const connecting = () => list(undefined, { HTTPS_PROXY: text });
      expect(connecting).toThrow(
        expect.objectContaining({
          line: expect.stringContaining("HTTPS_PROXY is not the address"),
        }),
      );
    },
  );

  test("an AWS_CA_BUNDLE that is not there is refused", () => {
    expect(() => list(undefined, { AWS_CA_BUNDLE: "/nowhere.pem" })).toThrow(
      expect.objectContaining({ line: expect.stringContaining("AWS_CA_BUNDLE") }),
    );
  });
});

test.each([
  [HOST, HOST, true],
  [HOST, "amazonaws.com", true],
  [HOST, ".amazonaws.com", true],
  [HOST, "*.amazonaws.com", true],
  [HOST, "AmazonAWS.com:443", true],
  [HOST, "other.com,amazonaws.com", true],
  [HOST, "other.com amazonaws.com", true],
  [HOST, "*", true],
  [HOST, "", false],
  [HOST, ",", false],
  [HOST, "onaws.com", false],
  [HOST, `x.${HOST}`, false],
])("NO_PROXY: %s is reached directly under %p: %p", (host, noProxy, direct) => {
  expect(isDirect(host, noProxy)).toBe(direct);
});
