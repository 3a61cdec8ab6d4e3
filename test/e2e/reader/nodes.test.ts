import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createAuthority } from "../../../local/shopify/serve/authority";
import { Application, PROJECT, packWhole } from "../../reader/installed-package";
import { recordText, START } from "../../reader/records";
import { NODE_VERSIONS, nodeOf } from "./other-nodes";

// The packed package on every line of Node that is alive: installed outside of the checkout, with the SDK's real client,
// against a Secrets Manager of a few lines on loopback.

const AWS_HOST = "secretsmanager.us-east-1.amazonaws.com";
const CREDENTIALS = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };

let folder: string;
let app: Application;
let plain: Server;
let secure: Server;
let proxy: Server;
let tunnels: string[];
let authority: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "on-other-nodes-"));
  app = Application.with((await packWhole(folder)).whole);
  const own = await createAuthority([AWS_HOST]);
  authority = join(folder, "authority.pem");
  writeFileSync(authority, own.authorityPem);
  plain = await listening(createServer(answer));
  secure = await listening(createTlsServer({ key: own.keyPem, cert: own.certificatePem }, answer));
  proxy = await listening(createServer());
  proxy.on("connect", (request: IncomingMessage, socket) => {
    tunnels.push(request.url ?? "");
    const onward = connect(portOf(secure), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket);
      socket.pipe(onward);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
  });
});

afterAll(() => {
  for (const server of [plain, secure, proxy]) {
    server?.closeAllConnections();
    server?.close();
  }
  app?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function listening<S extends Server>(server: S): Promise<S> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** Every secret is there; its second version comes with the second read. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { SecretId } = JSON.parse(Buffer.concat(chunks).toString()) as { SecretId: string };
    const store = SecretId.split("/").at(-2) ?? "";
    const count = (reads.get(store) ?? 0) + 1;
    reads.set(store, count);
    response.setHeader("content-type", "application/x-amz-json-1.1");
    const value = {
      ARN: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${SecretId}-AbCdEf`,
      Name: SecretId,
      VersionId: `${count}`.padStart(32, "0"),
      SecretString: recordText(store, START, { expiresAt: undefined }),
    };
    response.end(JSON.stringify(value));
  });
}
const reads = new Map<string, number>();

const USE = `
  const reader = createTokenReader({ prefix: "p" });
  const versions = [];
  const store = process.argv[2];
  reader.withToken(store, async ({ versionId, accessToken }) => {
    versions.push(Number(versionId));
    return { status: versions.length === 1 && accessToken.unseal() !== "" ? 401 : 200 };
  }).then(({ status }) => { console.log(status, versions.join()); reader.close(); });
`;

describe.each(NODE_VERSIONS)("Node %s", (version) => {
  let node: string;
  const store = `on-${version.replaceAll(".", "-")}`;

  beforeAll(async () => {
    tunnels = [];
    node = await nodeOf(version);
  });

  async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
    const plainEnvironment = { PATH: process.env["PATH"], ...CREDENTIALS, AWS_REGION: "us-east-1" };
    const { stdout } = await promisify(execFile)(node, [...args], {
      cwd: app.folder,
      env: { ...plainEnvironment, NODE_NO_WARNINGS: "1", ...env },
    });
    return stdout.trim();
  }

  test("is that version", () => {
    expect(execFileSync(node, ["--version"], { encoding: "utf8" }).trim()).toBe(`v${version}`);
  });

  test.each([
    ["required", "use.cjs", `const { createTokenReader } = require("shopify-secrets/reader");`],
    ["imported", "use.mjs", `import { createTokenReader } from "shopify-secrets/reader";`],
  ])("the reader is %s, reads, and reads again after a 401", async (_how, file, line) => {
    const endpoint = `http://127.0.0.1:${portOf(plain)}`;
    const path = app.write(file, `${line}${USE}`);
    const own = `${store}-${file.slice(-3)}`;
    expect(await run([path, own], { AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint })).toBe("200 1,2");
  });

  test("the tests' reader and the session storage are imported", async () => {
    const path = app.write(
      "testing.mjs",
      `import { createSessionStorage } from "shopify-secrets/session-storage";
       import { createTestTokens } from "shopify-secrets/testing";
       const { reader } = createTestTokens({ acme: { accessToken: "of-a-test" } });
       class Session { constructor(params) { Object.assign(this, params); } }
       const session = await createSessionStorage({ reader, Session }).loadSession("offline_acme.myshopify.com");
       console.log(session.accessToken);`,
    );
    expect(await run([path], {})).toBe("of-a-test");
  });

  test("HTTPS_PROXY is taken where Node can", async () => {
    const path = app.write(
      "proxied.cjs",
      `const { createTokenReader } = require("shopify-secrets/reader");
       const reader = createTokenReader({ prefix: "p", requestTimeoutMs: 20_000 });
       reader.token("acme").then(({ shop }) => console.log(shop), ({ code }) => console.log(code)).then(() => reader.close());`,
    );
    const [major = 0, minor = 0] = version.split(".").map(Number);
    // proxyEnv of http.Agent: 22.21, 24.5 and later.
    const can = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
    if (!can) return expect(version).toMatch(/^20\./);
    const said = await run([path], {
      HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`,
      AWS_CA_BUNDLE: authority,
    });
    expect(said).toBe("acme.myshopify.com");
    expect(tunnels).toEqual([`${AWS_HOST}:443`]);
  });

  test("the command says its version", async () => {
    expect(await run([join(PROJECT, "dist/cli/main.js"), "--version"], {})).toMatch(
      /\d+\.\d+\.\d+/,
    );
  });
});
