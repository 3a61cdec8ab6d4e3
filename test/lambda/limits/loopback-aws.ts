import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DecryptCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { type SecretsManagerModel, serveSecretsManager } from "../../../local/secrets-manager";
import { answerKms } from "../stand/stand";

/** How a call goes wrong at the socket. */
export const MANNERS = ["answers nothing", "stops after the head", "answers garbage"] as const;

export type Manner = (typeof MANNERS)[number];

/** A call as it arrived: `SecretsManager.PutSecretValue`. */
interface Arrived {
  readonly name: string;
  readonly body: string;
}

/**
 * Secrets Manager, KMS and SNS at a real socket of loopback, for the real clients of the SDK: a call can be left
 * without its answer, as a connection that a firewall or a frozen function forgot leaves it.
 */
export class LoopbackAws {
  /** Every call that arrived, tries included, in order. */
  readonly calls: string[] = [];
  /** The messages that were published. */
  readonly published: string[] = [];
  /** What is done to a call, by its place in `calls`; undefined: it is answered. */
  disturb: (index: number, name: string) => Manner | undefined = () => undefined;
  readonly #server: Server;
  readonly #answerSecretsManager: ReturnType<typeof serveSecretsManager>;

  private constructor(model: SecretsManagerModel) {
    this.#answerSecretsManager = serveSecretsManager(model);
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async over(model: SecretsManagerModel): Promise<LoopbackAws> {
    const aws = new LoopbackAws(model);
    await new Promise<void>((resolve) => aws.#server.listen(0, "127.0.0.1", resolve));
    return aws;
  }

  /** What a client of the SDK is told, so that it comes here. */
  get address() {
    const { port } = this.#server.address() as AddressInfo;
    return {
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrived = await arrivedIn(request);
    const index = this.calls.push(arrived.name) - 1;
    const manner = this.disturb(index, arrived.name);
    if (manner === "answers nothing") return;
    if (manner === "stops after the head") {
      response.writeHead(200, { "content-length": 1_000 }).flushHeaders();
      return;
    }
    const { status, headers, body } = await this.#answer(arrived);
    response.writeHead(status, headers);
    response.end(manner === "answers garbage" ? "<html>Oops</html>" : body);
  }

  async #answer({ name, body }: Arrived) {
    if (name === "SNS.Publish") return this.#publish(body);
    if (name.startsWith("KMS.")) return json(await answerKmsOverHttp(name, body));
    const target = name.replace("SecretsManager.", "secretsmanager.");
    return await this.#answerSecretsManager({ target, body });
  }

  #publish(body: string) {
    this.published.push(new URLSearchParams(body).get("Message") ?? "");
    const result = "<PublishResult><MessageId>1</MessageId></PublishResult>";
    const text = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}</PublishResponse>`;
    return { status: 200, headers: { "content-type": "text/xml" }, body: text };
  }
}

async function arrivedIn(request: IncomingMessage): Promise<Arrived> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString("utf8");
  const target = request.headers["x-amz-target"];
  if (typeof target !== "string") return { name: "SNS.Publish", body };
  const name = target
    .replace(/^secretsmanager\./, "SecretsManager.")
    .replace(/^TrentService\./, "KMS.");
  return { name, body };
}

function json(answer: object) {
  const headers = { "content-type": "application/x-amz-json-1.1" };
  return { status: 200, headers, body: JSON.stringify(answer) };
}

async function answerKmsOverHttp(name: string, body: string): Promise<object> {
  const given = JSON.parse(body) as Record<string, string>;
  const bytes = (field: string) => Buffer.from(given[field] ?? "", "base64");
  const command =
    name === "KMS.Encrypt"
      ? new EncryptCommand({ ...given, KeyId: given["KeyId"], Plaintext: bytes("Plaintext") })
      : new DecryptCommand({ ...given, CiphertextBlob: bytes("CiphertextBlob") });
  const answer = Object.entries(await answerKms(command)).map(([field, value]) => [
    field,
    Buffer.isBuffer(value) ? value.toString("base64") : value,
  ]);
  return Object.fromEntries(answer) as object;
}
