import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type Server as PlainServer,
  type ServerResponse,
} from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { createAuthority } from "../../../local/shopify/serve/authority";

/** A repository that the engine can clone, at the address that it has on GitHub: the engine knows https alone, and no ports. */
export interface GitServer {
  /** `https://github.com/acme/shopify-secrets`. */
  readonly url: string;
  /** What brings a client there: a proxy, and what it has to trust. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const HOST = "github.com";

/** Serves the files of a checkout, as they stand there, as a repository with one commit and one tag. */
export async function serveRepository(
  folder: string,
  { project, tag }: { readonly project: string; readonly tag: string },
): Promise<GitServer> {
  const root = join(folder, "repositories");
  makeRepository(join(root, "acme/shopify-secrets.git"), { project, tag });
  const { authorityPem, certificatePem, keyPem } = await createAuthority([HOST]);
  const authorityFile = join(folder, "git-authority.pem");
  writeFileSync(authorityFile, authorityPem);
  const server = createServer({ cert: certificatePem, key: keyPem }, (request, response) =>
    answer(root, request, response),
  );
  const port = await listening(server);
  const ends = new Set<Socket>();
  const proxy = createProxy(port, ends);
  const proxyPort = await listening(proxy);
  return {
    url: `https://${HOST}/acme/shopify-secrets`,
    environment: { HTTPS_PROXY: `http://127.0.0.1:${proxyPort}`, SSL_CERT_FILE: authorityFile },
    stop: async () => {
      // What was led on is no connection of the proxy's any more, and one that a client left half-closed stays for ever.
      for (const end of ends) end.destroy();
      for (const one of [proxy, server]) {
        one.closeAllConnections();
        await new Promise<void>((resolve) => one.close(() => resolve()));
      }
    },
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A proxy that leads to the repository, and nowhere else. */
function createProxy(port: number, ends: Set<Socket>): PlainServer {
  return createPlainServer().on("connect", (request: IncomingMessage, socket: Socket) => {
    if (request.url !== `${HOST}:443`) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const way = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      way.pipe(socket).pipe(way);
    });
    for (const end of [way, socket]) {
      ends.add(end);
      end.on("error", () => end.destroy());
      end.once("close", () => [way, socket].map((one) => one.destroy()));
    }
  });
}

function makeRepository(
  bare: string,
  { project, tag }: { readonly project: string; readonly tag: string },
): void {
  const work = `${bare}-work`;
  mkdirSync(work, { recursive: true });
  const git = (cwd: string, ...args: string[]) =>
    execFileSync("git", args, { cwd, encoding: "utf8", maxBuffer: 64 * 1_024 ** 2 });
  const files = git(project, "ls-files", "--cached", "--others", "--exclude-standard", "-z");
  for (const file of files.split("\0").filter(Boolean)) {
    mkdirSync(dirname(join(work, file)), { recursive: true });
    cpSync(join(project, file), join(work, file));
  }
  const author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
  git(work, "init", "--quiet", "--initial-branch=main");
  git(work, "add", "--all", "--force");
  git(work, ...author, "commit", "--quiet", "--message=a release");
  git(work, "tag", tag);
  git(work, "clone", "--quiet", "--bare", work, bare);
}

/** Lets git itself answer, by its program for web servers. */
function answer(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? "/", "https://localhost");
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"] ?? "",
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      // The repository belongs to whoever runs the tests.
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      REQUEST_METHOD: request.method ?? "GET",
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.once("close", () => {
    const whole = Buffer.concat(chunks);
    const end = whole.indexOf("\r\n\r\n");
    const headers = whole.subarray(0, end).toString("latin1").split("\r\n");
    const pairs = headers.map((line) => line.split(/: (.*)/s).slice(0, 2));
    const { Status: status = "200", ...rest } = Object.fromEntries(pairs) as Record<string, string>;
    response.writeHead(Number.parseInt(status, 10), rest);
    response.end(whole.subarray(end + 4));
  });
}
