import { type ChildProcess, spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import type { SecretArn } from "../../../contract/brands";
import { createKms } from "../../../lambda/cipher/cipher-over-kms";
import { createKmsCipher } from "../../../lambda/cipher/refresh-token-cipher";
import { deadlineOf } from "../../../lambda/deadline";
import { createSecretsManager } from "../../../lambda/runtime";
import { createSecretsPort } from "../../../lambda/secrets/secrets-manager";
import { createPublish, createSns } from "../../../lambda/sweep/publish";

const LISTEN = `
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));
`;
const ARN =
  "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/test/stores/a/token-AbCdEf" as SecretArn;
/** Nothing but the limit of a connection can end these. */
const LIMITS = { connectMs: 300, tryMs: 60_000, tries: 2 };
const deadline = deadlineOf({ getRemainingTimeInMillis: () => 60_000 });

let listener: ChildProcess;
const waiting: Socket[] = [];
let address: { endpoint: string; region: string; credentials: never };

/** A listener that was stopped while its queue is full: what connects to it gets no answer, not even a refusal. */
beforeAll(async () => {
  listener = spawn(process.execPath, ["-e", LISTEN], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<number>((resolve) =>
    listener.stdout?.once("data", (line: Buffer) => resolve(Number(line.toString()))),
  );
  listener.kill("SIGSTOP");
  for (let index = 0; index < 8; index += 1) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    waiting.push(socket);
  }
  const credentials = { accessKeyId: "test", secretAccessKey: "test" } as never;
  address = { endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", credentials };
});

afterAll(() => {
  for (const socket of waiting) socket.destroy();
  listener.kill("SIGKILL");
});

const CALLS = {
  "Secrets Manager": async () => {
    const client = createSecretsManager({ limits: LIMITS, ...address });
    await createSecretsPort(client, deadline).describe(ARN);
  },
  KMS: async () => {
    const cipher = createKmsCipher(createKms({ limits: LIMITS, ...address }), "key", deadline);
    await cipher.decrypt("AAAA", { secretArn: ARN, shop: "acme.myshopify.com" as never });
  },
  SNS: async () => {
    const publish = createPublish("topic", () => createSns({ limits: LIMITS, ...address }));
    await publish({ subject: "s", message: "m" } as never, deadline);
  },
};

test.each(Object.entries(CALLS))(
  "a connection to %s that is never made is given up",
  async (_name, call) => {
    await expect(call()).rejects.toMatchObject({
      code: "secrets_manager_unreachable",
      facts: { awsError: "TimeoutError" },
    });
  },
);
