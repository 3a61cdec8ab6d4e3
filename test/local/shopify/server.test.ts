import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { createAuthority } from "../../../local/shopify/serve/authority";
import { connectControl } from "../../../local/shopify/serve/control-port";
import { type ServedShopify, serveShopify } from "../../../local/shopify/serve/server";
import { httpWebhookPort } from "../../../local/shopify/serve/webhook-carrier";
import { CLIENT_ID, FIRST_SECRET, SHOP, START } from "./arrange";

const run = promisify(execFile);
const PROJECT = join(__dirname, "..", "..", "..");

// Each test starts a process or two, which a busy machine may take seconds for.
let directory: string;
let served: ServedShopify;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "shopify imitation "));
  served = await serveShopify({ now: () => START, directory });
  const { control } = served.imitation;
  control.addApp({ clientId: CLIENT_ID, clientSecret: FIRST_SECRET, scopes: ["read_products"] });
  control.addShop({ shop: SHOP });
  control.install({ clientId: CLIENT_ID, shop: SHOP });
});

afterAll(async () => {
  await served.close();
  await rm(directory, { recursive: true });
});

afterEach(() => {
  served.imitation.control.mend();
  served.imitation.control.clearCalls();
});

/** Runs a program in a process of its own and returns what it printed; extra environment joins the clients'. */
async function inClientProcess(file: string, extra: Record<string, string> = {}): Promise<string> {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: directory,
    ...served.clientEnvironment,
    ...extra,
  };
  const { stdout } = await run(process.execPath, [file], { env });
  return stdout.trim();
}

async function writeProgram(name: string, source: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, source);
  return path;
}

const listen = async (server: Server) => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

const FIELDS = JSON.stringify(
  `client_id=${CLIENT_ID}&client_secret=${FIRST_SECRET}&grant_type=client_credentials`,
);
const ADDRESS = `https://${SHOP}/admin/oauth/access_token`;
const UNDICI = JSON.stringify(join(PROJECT, "node_modules", "undici"));
const USE_UNDICI = `
  request("${ADDRESS}", { method: "POST", headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" }, body: ${FIELDS} })
    .then(async ({ statusCode, body }) => console.log(statusCode, Object.keys(await body.json()).join()));`;

const CLIENTS = [
  {
    name: "undici",
    file: "undici.cjs",
    source: `const { request } = require(${UNDICI});${USE_UNDICI}`,
  },
  {
    name: "undici, bundled",
    file: "bundled.mjs",
    bundle: true,
    source: `import { request } from ${UNDICI};${USE_UNDICI}`,
  },
  {
    name: "the built-in fetch",
    file: "fetch.mjs",
    source: `const reply = await fetch("${ADDRESS}", { method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams(${FIELDS}) });
      console.log(reply.status, Object.keys(await reply.json()).join());`,
  },
  {
    name: "node:tls, imported by name in a module",
    file: "tls.mjs",
    source: `import { connect } from "node:tls";
      const body = ${FIELDS};
      const socket = connect(443, "${SHOP}", { servername: "${SHOP}" }, () => socket.write(
        "POST /admin/oauth/access_token HTTP/1.1\\r\\nHost: ${SHOP}\\r\\nConnection: close\\r\\nAccept: application/json\\r\\nContent-Length: " + body.length + "\\r\\n\\r\\n" + body));
      let text = "";
      socket.on("data", (chunk) => { text += chunk; });
      socket.on("end", () => console.log(text.slice(9, 12), [...text.matchAll(/"(\\w+)":/g)].map((match) => match[1]).join()));`,
  },
];

describe("a client process, moved from outside alone", () => {
  test.each(CLIENTS)(
    "$name reaches the imitation, with TLS and host checks on",
    async ({ file, source, bundle }) => {
      const path = await writeProgram(file, source);
      if (bundle === true) await bundleInPlace(path);
      expect(await inClientProcess(path)).toBe("200 access_token,scope,expires_in");
    },
  );

  test("without the authority the connection is refused", async () => {
    const path = await writeProgram(
      "untrusting.mjs",
      `await fetch("${ADDRESS}").catch((error) => console.log(error.cause.code));`,
    );
    expect(await inClientProcess(path, { NODE_EXTRA_CA_CERTS: "" })).toMatch(
      /UNABLE_TO|SELF_SIGNED/,
    );
  });

  test.each(["localhost", "localhost.myshopify.com.localhost"])(
    "another host, %s, is left alone",
    async (host) => {
      const other = await createAuthority([host]);
      const server = createServer({ key: other.keyPem, cert: other.certificatePem }, (_, reply) =>
        reply.end("elsewhere"),
      );
      const port = await listen(server);
      const path = await writeProgram(
        "other.mjs",
        `import { get } from "node:https";
      const options = { port: ${port}, host: "127.0.0.1", servername: ${JSON.stringify(host)}, ca: ${JSON.stringify(other.authorityPem)} };
      get(options, (reply) => reply.on("data", (chunk) => console.log(String(chunk))).on("end", () => process.exit()));`,
      );
      expect(await inClientProcess(path)).toBe("elsewhere");
      server.closeAllConnections();
      server.close();
    },
  );

  test("a lost reply closes the connection after the change was made", async () => {
    served.imitation.control.break({
      on: "token-endpoint",
      answer: "drop",
      when: "after-effect",
      times: 1,
    });
    const before = served.imitation.control.liveTokens({ clientId: CLIENT_ID, shop: SHOP }).count;
    const path = await writeProgram(
      "lost.mjs",
      `await fetch("${ADDRESS}", { method: "POST", body: new URLSearchParams(${FIELDS}) }).catch((error) => console.log(error.cause.code));`,
    );
    expect(await inClientProcess(path)).toMatch(/UND_ERR_SOCKET|ECONNRESET/);
    expect(served.imitation.control.liveTokens({ clientId: CLIENT_ID, shop: SHOP }).count).toBe(
      before + 1,
    );
  });

  async function bundleInPlace(path: string): Promise<void> {
    const banner = {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    };
    await build({
      entryPoints: [path],
      outfile: path,
      allowOverwrite: true,
      bundle: true,
      minify: true,
      platform: "node",
      format: "esm",
      banner,
      logLevel: "error",
    });
  }
});

test("the authority's certificate is written for clients, without its key", async () => {
  const pem = await readFile(served.authorityPath, "utf8");
  expect(pem).toMatch(/^-----BEGIN CERTIFICATE-----/);
  expect(pem).not.toContain("PRIVATE KEY");
});

describe("the control port", () => {
  test("has the same levers as the process itself", async () => {
    const remote = connectControl(served.controlUrl);
    await remote.addShop({ shop: "remote.myshopify.com", organization: "elsewhere" });
    const { accessToken } = await remote.issueToken({
      clientId: CLIENT_ID,
      shop: "remote.myshopify.com",
      kind: "offline",
    });
    expect(await remote.tokenLife({ accessToken })).toMatchObject({
      secondsLeft: "never",
      death: null,
    });
    expect(await remote.countCalls()).toEqual(served.imitation.control.countCalls());
    expect(await remote.runDue()).toBe(0);
    expect(await remote.mend()).toBeNull();
  });

  test("answers a mistake with its sentence", async () => {
    const remote = connectControl(served.controlUrl);
    await expect(remote.install({ clientId: "nobody", shop: SHOP })).rejects.toThrow(
      "no app has this client ID",
    );
    await expect(remote.setSwitch({ name: "scopeText", position: "up" })).rejects.toThrow(
      "no position",
    );
  });

  test.each([
    [
      "an unknown verb",
      "/control/toString",
      { method: "POST", headers: { "content-type": "application/json" } },
    ],
    ["a GET", "/control/countCalls", { method: "GET" }],
    [
      "a form, which a page in a browser could send",
      "/control/mend",
      { method: "POST", body: new URLSearchParams() },
    ],
    [
      "broken JSON",
      "/control/mend",
      { method: "POST", headers: { "content-type": "application/json" }, body: "{" },
    ],
  ])("refuses %s", async (_name, path, init) => {
    const reply = await fetch(new URL(path, served.controlUrl), init);
    expect([reply.status, await reply.json()]).toEqual([400, { error: expect.any(String) }]);
  });
});

describe("webhooks over HTTP", () => {
  test("carry headers and the raw body, and report the status", async () => {
    const seen: string[] = [];
    const server = createHttpServer((incoming, outgoing) => {
      incoming.on("data", (chunk) => seen.push(`${incoming.headers["x-shopify-topic"]} ${chunk}`));
      incoming.on("end", () =>
        outgoing.writeHead(incoming.url === "/moved" ? 302 : 204, { location: "/" }).end(),
      );
    });
    const origin = `http://127.0.0.1:${await listen(server)}`;
    const request = { headers: { "X-Shopify-Topic": "app/uninstalled" }, body: '{"id": 1}' };
    expect(await httpWebhookPort()({ address: `${origin}/webhooks`, ...request })).toBe(204);
    expect(await httpWebhookPort()({ address: `${origin}/moved`, ...request })).toBe(302);
    expect(seen).toEqual(['app/uninstalled {"id": 1}', 'app/uninstalled {"id": 1}']);
    server.closeAllConnections();
    server.close();
    expect(await httpWebhookPort()({ address: `${origin}/gone`, ...request })).toBe("unreachable");
  });
});
