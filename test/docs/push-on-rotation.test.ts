import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { recordText, START } from "../reader/records";
import { blocksOf, PROJECT } from "./code-blocks";

// The recipe for a token held as a setting: its function runs here as it stands, against a service on loopback.

const EXAMPLE = join(PROJECT, "examples/push-on-rotation");
const read = (file: string) => readFileSync(join(EXAMPLE, file), "utf8");
const ARN =
  "arn:aws:secretsmanager:us-east-1:111122223333:secret:shopify/prod/stores/acme/token-AbCdEf";

interface Pushed {
  readonly authorization: string | undefined;
  readonly body: unknown;
}

let service: Server;
let pushed: Pushed[];
let status: number;
let asked: unknown[];

beforeEach(async () => {
  pushed = [];
  asked = [];
  status = 204;
  service = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      pushed.push({ authorization: request.headers.authorization, body });
      response.writeHead(status, { location: "http://127.0.0.1:1/elsewhere" }).end();
    });
  });
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  process.env["TARGET_URL"] = `http://127.0.0.1:${(service.address() as AddressInfo).port}/setting`;
  process.env["TARGET_KEY"] = "key-of-the-service";
});

afterEach(() => {
  service.closeAllConnections();
  service.close();
});

type Handler = (event: object) => Promise<string>;

/** The function as it stands, with a client that knows one store. */
function handlerOf(accessToken: string): Handler {
  const text = recordText("acme", START).replace(/shpat_[^"]*/, accessToken);
  class SecretsManagerClient {
    async send({ input }: { input: object }) {
      asked.push(input);
      return { SecretString: text };
    }
  }
  class GetSecretValueCommand {
    readonly input: object;
    constructor(input: object) {
      this.input = input;
    }
  }
  const { code } = transformSync(read("index.mjs"), { loader: "js", format: "cjs" });
  const module = { exports: {} as { handler: Handler } };
  const load = new Function("require", "module", "exports", code);
  load(() => ({ SecretsManagerClient, GetSecretValueCommand }), module, module.exports);
  return module.exports.handler;
}

const eventOf = (labelUpdated: string) => ({
  "detail-type": "Secret Label Updated",
  source: "aws.secretsmanager",
  resources: [ARN],
  detail: { name: "shopify/prod/stores/acme/token", labelUpdated, versionId: "an-older-one" },
});

test("a new token is handed to the service", async () => {
  expect(await handlerOf("shpat_new")(eventOf("AWSCURRENT"))).toBe("pushed");
  expect(asked).toEqual([{ SecretId: ARN }]);
  expect(pushed).toEqual([
    {
      authorization: "Bearer key-of-the-service",
      body: { shop: "acme.myshopify.com", access_token: "shpat_new" },
    },
  ]);
});

test("any other label, such as the one of an install under way, is left alone", async () => {
  expect(await handlerOf("shpat_new")(eventOf("SHOPIFY_SECRETS_INSTALLING"))).not.toBe("pushed");
  expect([asked, pushed]).toEqual([[], []]);
});

test.each([
  ["refuses", 500, "HTTP 500"],
  ["redirects", 307, "fetch failed"],
])(
  "a service that %s fails the call, so that it comes again, and shows no token",
  async (_what, answered, said) => {
    status = answered;
    const error = await handlerOf("shpat_canary")(eventOf("AWSCURRENT")).catch((e: Error) => e);
    expect(String(error)).toContain(said);
    expect(String((error as Error).stack)).not.toContain("canary");
    expect(pushed).toHaveLength(1);
  },
);

test("the page shows the rule and the function as they stand", () => {
  const blocks = blocksOf("docs/consuming.md").map(({ code }) => code);
  expect(blocks).toContain(read("index.mjs").trimEnd());
  expect(blocks).toContain(read("rule.json").trimEnd());
});
