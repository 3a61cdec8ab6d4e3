import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { type Front, startFront } from "../../../local/aws/front";
import type { PolicyAnswer, PolicyQuestion } from "../../../local/aws/policy";
import type { SecretsManagerMouth } from "../../../local/aws/secret-gate";

const SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:one-AbCdEf";

interface Seen {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Stands for ministack: keeps what it sees, and answers policy questions as told. */
class EmulatorOnPaper {
  readonly seen: Seen[] = [];
  readonly questions: PolicyQuestion[] = [];
  refuses = new Set<string>();
  mayAssume = true;
  reply = {
    status: 200,
    headers: { "x-amzn-requestid": "r1" } as Record<string, string>,
    body: "{}",
  };
  readonly #server: Server = createServer((incoming, outgoing) => {
    void this.#answer(incoming).then(({ status, headers, body }) => {
      outgoing.writeHead(status, headers);
      outgoing.end(body);
    });
  });

  async #answer(incoming: IncomingMessage) {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const target = incoming.url ?? "";
    if (target === "/_world/policy") return json(this.#judge(JSON.parse(body)));
    if (target === "/_world/role") return json({ assumable: this.mayAssume });
    this.seen.push({ method: incoming.method ?? "", target, headers: incoming.headers, body });
    return this.reply;
  }

  #judge(questions: PolicyQuestion[]): PolicyAnswer[] {
    this.questions.push(...questions);
    return questions.map(({ action }) =>
      this.refuses.has(action)
        ? {
            allowed: false,
            code: "AccessDeniedException",
            message: `no ${action}`,
            principal: "arn:me",
          }
        : { allowed: true, principal: "arn:me" },
    );
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as { port: number };
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const json = (answer: unknown) => ({ status: 200, headers: {}, body: JSON.stringify(answer) });

const asked: string[] = [];
const secretsManager: SecretsManagerMouth = {
  factsFor: (secretId) =>
    secretId === "one" || secretId === SECRET ? { arn: SECRET, name: "one", tags: {} } : undefined,
  versionRead: async () => "v1",
  answer: async (amzTarget, body) => {
    asked.push(amzTarget);
    const { SecretIdList } = JSON.parse(body.toString()) as { SecretIdList?: string[] };
    const values = SecretIdList?.map((ARN) => ({ ARN, VersionId: "v1", SecretString: "s" }));
    return {
      status: 200,
      headers: {},
      body: Buffer.from(JSON.stringify({ SecretValues: values })),
    };
  },
};

let emulator: EmulatorOnPaper;
let front: Front;

beforeEach(async () => {
  asked.length = 0;
  emulator = new EmulatorOnPaper();
  const emulatorUrl = await emulator.start();
  front = await startFront({ now: () => 1234 });
  front.connect({ emulatorUrl, policyUrl: `${emulatorUrl}/_world`, secretsManager });
});

afterEach(async () => {
  await front.stop();
  await emulator.stop();
});

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

function send(
  sent: Sent,
): Promise<{ status: number; headers: IncomingMessage["headers"]; body: string }> {
  const { hostname, port } = new URL(front.url);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        hostname,
        port,
        method: sent.method ?? "POST",
        path: sent.path ?? "/",
        headers: { ...SIGNED, ...sent.headers },
      },
      (incoming) => {
        let body = "";
        incoming.on("data", (chunk) => {
          body += chunk;
        });
        incoming.on("end", () =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }),
        );
      },
    );
    outgoing.once("error", reject);
    outgoing.end(sent.body);
  });
}

const SIGNED = {
  authorization:
    "AWS4-HMAC-SHA256 Credential=ASIA1/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=s",
};

const toSecrets = (operation: string, input: unknown) =>
  send({ headers: { "x-amz-target": `secretsmanager.${operation}` }, body: JSON.stringify(input) });

describe("requests to other services", () => {
  test("pass with Host, signature, path, query and body untouched, and so does the reply", async () => {
    emulator.reply = { status: 201, headers: { "x-amz-log-result": "bG9n" }, body: "made" };
    const reply = await send({
      path: "/2015-03-31/functions/f/invocations?Qualifier=%241",
      headers: { host: "api1.execute-api.localhost:4566", "X-Amz-Date": "20260101T000000Z" },
      body: "payload",
    });
    expect(reply).toMatchObject({
      status: 201,
      headers: { "x-amz-log-result": "bG9n" },
      body: "made",
    });
    expect(emulator.seen).toMatchObject([
      {
        method: "POST",
        target: "/2015-03-31/functions/f/invocations?Qualifier=%241",
        headers: {
          ...SIGNED,
          host: "api1.execute-api.localhost:4566",
          "x-amz-date": "20260101T000000Z",
          "content-length": "7",
        },
        body: "payload",
      },
    ]);
    expect(emulator.questions).toEqual([]);
  });

  test("a refusal by the emulator is recorded as one", async () => {
    emulator.reply = { status: 403, headers: {}, body: "<Code>AccessDenied</Code>" };
    await send({ body: "Action=GetRole&RoleName=r" });
    emulator.reply = { status: 404, headers: {}, body: "<Code>NoSuchEntity</Code>" };
    await send({ body: "Action=GetRole&RoleName=r" });
    expect(front.calls()).toMatchObject([
      { operation: "GetRole", accessKeyId: "ASIA1", allowed: false, status: 403, atMs: 1234 },
      { operation: "GetRole", allowed: true, status: 404 },
    ]);
  });

  test("the world's own questions are not for its inhabitants", async () => {
    expect((await send({ path: "/_world/settings", body: "{}" })).status).toBe(404);
    expect(emulator.seen).toEqual([]);
  });
});

describe("requests that hand over a role", () => {
  const create = () =>
    send({ path: "/schedules/sweep", body: JSON.stringify({ Target: { RoleArn: "r" } }) });

  test("pass when the caller may pass it", async () => {
    expect((await create()).status).toBe(200);
    expect(emulator.questions.map(({ action }) => action)).toEqual([
      "sts:GetCallerIdentity",
      "iam:PassRole",
    ]);
    expect(emulator.questions[0]?.request).toMatchObject({
      method: "POST",
      target: "/schedules/sweep",
    });
    expect(emulator.seen).toHaveLength(1);
  });

  test("are refused before they reach the emulator", async () => {
    emulator.refuses = new Set(["iam:PassRole"]);
    expect(await create()).toMatchObject({
      status: 403,
      headers: { "x-amzn-errortype": "AccessDeniedException" },
      body: '{"Message":"no iam:PassRole"}',
    });
    emulator.refuses = new Set();
    emulator.mayAssume = false;
    expect(await create()).toMatchObject({
      status: 400,
      headers: { "x-amzn-errortype": "ValidationException" },
    });
    expect(emulator.seen).toEqual([]);
  });
});

describe("requests to Secrets Manager", () => {
  test("are answered by the model once the policies allow them", async () => {
    expect((await toSecrets("GetSecretValue", { SecretId: "one" })).status).toBe(200);
    expect(emulator.questions).toMatchObject([
      { who: { accessKeyId: "ASIA1" }, action: "secretsmanager:GetSecretValue", resource: SECRET },
    ]);
    expect(asked).toEqual(["secretsmanager.GetSecretValue"]);
    expect(emulator.seen).toEqual([]);
    expect(front.calls()).toMatchObject([{ principal: "arn:me", resource: "one", allowed: true }]);
  });

  test("never reach the model when they are refused", async () => {
    emulator.refuses = new Set(["secretsmanager:GetSecretValue"]);
    const reply = await toSecrets("GetSecretValue", { SecretId: "one" });
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.body)).toEqual({
      __type: "AccessDeniedException",
      Message: "no secretsmanager:GetSecretValue",
    });
    expect(asked).toEqual([]);
    expect(front.calls()).toMatchObject([{ resource: "one", allowed: false, status: 400 }]);
  });

  test("in a batch, a secret that may not be read loses its value", async () => {
    emulator.refuses = new Set(["secretsmanager:GetSecretValue"]);
    const reply = await toSecrets("BatchGetSecretValue", { SecretIdList: [SECRET] });
    expect(JSON.parse(reply.body)).toEqual({
      SecretValues: [],
      Errors: [
        {
          SecretId: SECRET,
          ErrorCode: "AccessDeniedException",
          Message: "no secretsmanager:GetSecretValue",
        },
      ],
    });
  });

  test("leave no value in the record", async () => {
    await toSecrets("PutSecretValue", { SecretId: "one", SecretString: "shpat_secret" });
    expect(JSON.stringify(front.calls())).not.toContain("shpat_secret");
    front.forgetCalls();
    expect(front.calls()).toEqual([]);
  });

  test("survive a body that is not JSON", async () => {
    const reply = await send({
      headers: { "x-amz-target": "secretsmanager.GetSecretValue" },
      body: "{",
    });
    expect(reply.status).toBe(500);
    expect((await toSecrets("GetSecretValue", { SecretId: "one" })).status).toBe(200);
  });
});

test("nothing is answered before the front is connected", async () => {
  await front.stop();
  front = await startFront({ now: () => 0 });
  expect((await send({ body: "Action=GetRole" })).status).toBe(503);
  expect(() => front.emulatorUrl()).toThrow("not connected");
});

test("an emulator that is gone is an error of that request only", async () => {
  await emulator.stop();
  const reply = await send({ body: "Action=GetRole" });
  expect(reply.status).toBe(500);
  expect(reply.body).toMatch(/local world: .*ECONNREFUSED/);
});
