import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createAuthority } from "../../local/shopify/serve/authority";
import {
  createTokenReader,
  type ReaderError,
  type ReaderEvent,
  type TokenReader,
  type TokenReaderOptions,
} from "../../reader";
import { recordText, START } from "./records";

// The reader with its own client, the SDK's real one, against a server on loopback.

interface Request {
  readonly operation: string;
  readonly region: string;
  readonly ids: readonly string[];
}

type Reply = { readonly status: number; readonly body: object } | "never";

/** What the server answers; by default every store's record. */
let reply: (request: Request, count: number) => Reply;
let requests: Request[];
let server: Server;
let reader: TokenReader;
let events: ReaderEvent[];
const environment = { ...process.env };

beforeEach(async () => {
  requests = [];
  events = [];
  reply = (request) => ({ status: 200, body: recordsFor(request) });
  server = createServer(answer);
  process.env["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = await listening(server, "http");
  process.env["AWS_ACCESS_KEY_ID"] = "test";
  process.env["AWS_SECRET_ACCESS_KEY"] = "test";
  process.env["AWS_REGION"] = "us-east-1";
});

afterEach(() => {
  reader?.close();
  server.closeAllConnections();
  server.close();
  process.env = { ...environment };
});

function open(options: TokenReaderOptions = {}): TokenReader {
  const onEvent = (event: ReaderEvent) => events.push(event);
  reader = createTokenReader({ prefix: "p", onEvent, ...options } as TokenReaderOptions);
  return reader;
}

async function listening(which: Server, scheme: string): Promise<string> {
  await new Promise<void>((resolve) => which.listen(0, "127.0.0.1", resolve));
  return `${scheme}://127.0.0.1:${(which.address() as AddressInfo).port}`;
}

function answer(incoming: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.on("end", () => {
    const text = Buffer.concat(chunks).toString();
    const { SecretId, SecretIdList } = JSON.parse(text) as {
      SecretId?: string;
      SecretIdList?: string[];
    };
    const request = {
      operation: String(incoming.headers["x-amz-target"]).split(".")[1] ?? "",
      region: /Credential=[^/]+\/\d+\/([a-z0-9-]+)\//.exec(
        String(incoming.headers.authorization),
      )?.[1] as string,
      ids: SecretIdList ?? [SecretId ?? ""],
    };
    requests.push(request);
    const said = reply(request, requests.length);
    if (said === "never") return;
    response.statusCode = said.status;
    response.setHeader("content-type", "application/x-amz-json-1.1");
    response.end(JSON.stringify(said.body));
  });
}

const shopKey = (id: string) => id.split("/").at(-2) ?? "";

function recordOfSecret(id: string): object {
  const text = recordText(shopKey(id), START, { expiresAt: undefined });
  const name = id.startsWith("arn:") ? id.split(":").slice(6).join(":").slice(0, -7) : id;
  const arn = id.startsWith("arn:")
    ? id
    : `arn:aws:secretsmanager:us-east-1:000000000000:secret:${id}-AbCdEf`;
  return { ARN: arn, Name: name, VersionId: "v".padEnd(32, "0"), SecretString: text };
}

function recordsFor({ operation, ids }: Request): object {
  const found = ids.map(recordOfSecret);
  return operation === "BatchGetSecretValue"
    ? { SecretValues: found, Errors: [] }
    : (found[0] ?? {});
}

const refused = (name: string): Reply => ({ status: 400, body: { __type: name, message: "no" } });
const failureOf = (promise: Promise<unknown>): Promise<ReaderError> =>
  promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: ReaderError) => error,
  );

describe("limits", () => {
  test("a request that is never answered costs one try, not the whole call", async () => {
    reply = (request, count) =>
      count === 1 ? "never" : { status: 200, body: recordsFor(request) };
    const token = await open({ requestTimeoutMs: 1_500 }).token("acme");
    expect(token.shop).toBe("acme.myshopify.com");
    expect(requests).toHaveLength(2);
  });

  test("a server that never answers ends in an outage after three tries at most", async () => {
    reply = () => "never";
    const error = await failureOf(open({ requestTimeoutMs: 900 }).token("acme"));
    expect(error.code).toBe("secrets_manager_unreachable");
    expect(requests.length).toBeGreaterThan(1);
  });
});

describe("batches", () => {
  const stores = Array.from({ length: 20 }, (_, index) => `store-${index}`);

  test("a throttled batch is read one by one, and batches are left alone for a while", async () => {
    reply = (request) =>
      request.operation === "BatchGetSecretValue"
        ? refused("ThrottlingException")
        : { status: 200, body: recordsFor(request) };
    open();
    const tokens = await Promise.all(stores.map((store) => reader.token(store)));
    expect(tokens.map(({ shop }) => shop)).toEqual(stores.map((store) => `${store}.myshopify.com`));
    const batches = () => requests.filter(({ ids }) => ids.length > 1).length;
    const before = batches();
    await Promise.all(["a", "b"].map((store) => reader.token(store)));
    expect(batches()).toBe(before);
    expect(events.filter(({ event }) => event === "batch.throttled")).toHaveLength(1);
  });

  test("a secret of another account that a batch does not find is read alone", async () => {
    const arns = ["acme", "globex"].map(
      (key) => `arn:aws:secretsmanager:us-east-1:111122223333:secret:p/stores/${key}/token-AbCdEf`,
    );
    reply = (request) =>
      request.operation === "GetSecretValue"
        ? { status: 200, body: recordsFor(request) }
        : {
            status: 200,
            body: {
              SecretValues: [],
              Errors: arns.map((SecretId) => ({
                SecretId,
                ErrorCode: "ResourceNotFoundException",
                Message: "no",
              })),
            },
          };
    open();
    const tokens = await Promise.all(arns.map((arn) => reader.token(arn)));
    expect(tokens.map(({ shop }) => shop)).toEqual(["acme.myshopify.com", "globex.myshopify.com"]);
  });
});

describe("regions", () => {
  const arnIn = (region: string, key: string) =>
    `arn:aws:secretsmanager:${region}:111122223333:secret:p/stores/${key}/token-AbCdEf`;

  test("an ARN is read in its own region, whatever the application's", async () => {
    const stores = {
      acme: { shop: "acme.myshopify.com", secretArn: arnIn("eu-west-1", "acme") },
      globex: { shop: "globex.myshopify.com", secretArn: arnIn("ap-southeast-2", "globex") },
    };
    open({ stores });
    await Promise.all(["acme", "globex", "initech"].map((store) => reader.token(store)));
    expect(
      requests.map(({ region, ids }) => `${region} ${ids.map(shopKey).join()}`).sort(),
    ).toEqual(["ap-southeast-2 globex", "eu-west-1 acme", "us-east-1 initech"]);
  });

  test("with the stores output no region need be set; by name the error says what is missing", async () => {
    delete process.env["AWS_REGION"];
    process.env["AWS_CONFIG_FILE"] = "/nowhere/config";
    process.env["AWS_SHARED_CREDENTIALS_FILE"] = "/nowhere/credentials";
    open({
      stores: { acme: { shop: "acme.myshopify.com", secretArn: arnIn("eu-west-1", "acme") } },
    });
    expect((await reader.token("acme")).shop).toBe("acme.myshopify.com");
    const [one, two] = await Promise.all(
      ["globex", "initech"].map((store) => failureOf(reader.token(store))),
    );
    expect([one?.code, two?.code]).toEqual(["region_missing", "region_missing"]);
    expect(one?.message).toMatch(/set AWS_REGION/);
    expect(one?.retryable).toBe(false);
  });

  test("a region that is none is said to be that", async () => {
    expect((await failureOf(open({ region: "us_east_1" }).token("acme"))).code).toBe(
      "region_missing",
    );
  });
});

describe("connections", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "an-authority-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  // In a process of its own: Jest's realms hide from the SDK that the system's errors are errors.
  async function askedElsewhere(endpoint: string, bundle = ""): Promise<string[]> {
    const script = `
      const { createTokenReader } = require("./reader/index.ts");
      createTokenReader({ prefix: "p" }).token("acme").then(
        ({ shop }) => console.log(shop),
        ({ code, message, facts }) => console.log([code, facts.awsError, message].join("\\n")),
      );
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "-e", script],
      {
        cwd: join(__dirname, "../.."),
        env: {
          ...process.env,
          AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
          ...(bundle === "" ? {} : { AWS_CA_BUNDLE: bundle }),
        },
      },
    );
    return stdout.trim().split("\n");
  }

  test("a certificate of an unknown authority is named, and AWS_CA_BUNDLE makes it known", async () => {
    const authority = await createAuthority(["localhost"]);
    const secure = createTlsServer(
      { key: authority.keyPem, cert: authority.certificatePem },
      answer,
    );
    const bundle = join(folder, "bundle.pem");
    writeFileSync(bundle, authority.authorityPem);
    try {
      const url = (await listening(secure, "https")).replace("127.0.0.1", "localhost");
      const [code, awsError, message] = await askedElsewhere(url);
      expect([code, awsError]).toEqual(["connection_untrusted", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"]);
      expect(message).toMatch(/NODE_EXTRA_CA_CERTS or AWS_CA_BUNDLE/);
      expect(await askedElsewhere(url, bundle)).toEqual(["acme.myshopify.com"]);
    } finally {
      secure.closeAllConnections();
      secure.close();
    }
  });

  test("a bundle that cannot be read is said when the reader is made", () => {
    process.env["AWS_CA_BUNDLE"] = join(folder, "nowhere.pem");
    expect(() => open()).toThrow(/options_malformed.*AWS_CA_BUNDLE/);
  });

  test("a host that does not answer is named by the system's own word, and the process ends by itself", async () => {
    const [code, awsError] = await askedElsewhere("http://127.0.0.1:1");
    expect([code, awsError]).toEqual(["secrets_manager_unreachable", "ECONNREFUSED"]);
  });
});
