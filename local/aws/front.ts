import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import {
  type AwsReply,
  type AwsRequest,
  jsonRefusal,
  readAwsRequest,
  restRefusal,
} from "./aws-request";
import { type CallRecord, isPolicyRefusal, operationOf } from "./call-record";
import { createPassage, type Passage } from "./pass-on";
import { createPolicies, type Policies } from "./policy";
import { judgeRoleRequest } from "./role-gate";
import {
  answerSecretRequest,
  type Gated,
  isSecretRequest,
  type SecretsManagerMouth,
} from "./secret-gate";
import type { Place } from "./secret-request";

export interface FrontOptions {
  /** The world's clock, for the record of calls. */
  readonly now: () => number;
  /** Told of every request, before its answer leaves. */
  readonly onCall?: (call: CallRecord) => void;
  /** Defaults to us-east-1 and account 000000000000. */
  readonly place?: Place;
}

/** What stands behind the front. */
export interface Backends {
  readonly emulatorUrl: string;
  readonly policyUrl: string;
  readonly secretsManager: SecretsManagerMouth;
}

/** The one AWS endpoint of the world: `AWS_ENDPOINT_URL` of every process. */
export interface Front {
  readonly url: string;
  readonly place: Place;
  /** Before it every request is answered with 503. */
  connect(backends: Backends): void;
  /** Throws before `connect`. */
  emulatorUrl(): string;
  /** Throws before `connect`. */
  policies(): Policies;
  /** Every request so far, oldest first. */
  calls(): readonly CallRecord[];
  forgetCalls(): void;
  /** How long a new role, or a changed policy, is not yet believed, on the world's clock. Default 0. */
  setNewRoleDelayMs(newRoleDelayMs: number): Promise<void>;
  stop(): Promise<void>;
}

const LOCAL_PLACE: Place = { region: "us-east-1", accountId: "000000000000" };

interface Behind extends Backends {
  readonly policies: Policies;
  readonly passage: Passage;
  readonly place: Place;
}

/** Listens on a free loopback port; connect it to what stands behind it. */
export async function startFront(options: FrontOptions): Promise<Front> {
  const place = options.place ?? LOCAL_PLACE;
  let behind: Behind | undefined;
  const calls: CallRecord[] = [];
  const server = createServer((incoming, outgoing) => {
    // SDKs set their clocks by this header: it has to tell the world's time, like everything else.
    outgoing.setHeader("date", new Date(options.now()).toUTCString());
    serve(behind, incoming)
      .then(({ request, gated }) => {
        const call = recordOf(request, gated, options.now());
        calls.push(call);
        options.onCall?.(call);
        write(outgoing, request, gated.reply);
      })
      .catch((error: unknown) => writeFailure(outgoing, error));
  });
  const url = await listen(server);
  const connected = (): Behind => {
    if (behind === undefined) throw new Error("the front is not connected yet");
    return behind;
  };
  return {
    url,
    place,
    connect: (backends) => {
      behind = {
        ...backends,
        policies: createPolicies(backends.policyUrl),
        passage: createPassage(backends.emulatorUrl),
        place,
      };
    },
    emulatorUrl: () => connected().emulatorUrl,
    policies: () => connected().policies,
    calls: () => calls,
    forgetCalls: () => void calls.splice(0),
    setNewRoleDelayMs: (newRoleDelayMs) => connected().policies.setNewRoleDelayMs(newRoleDelayMs),
    stop: async () => {
      behind?.passage.close();
      await close(server);
    },
  };
}

async function serve(
  behind: Behind | undefined,
  incoming: IncomingMessage,
): Promise<{ request: AwsRequest; gated: Gated }> {
  const request = await readAwsRequest(incoming);
  return { request, gated: await answer(behind, request) };
}

async function answer(behind: Behind | undefined, request: AwsRequest): Promise<Gated> {
  const nothingElse = { principal: undefined, refusal: undefined, resource: undefined };
  if (behind === undefined) return { ...nothingElse, reply: UNAVAILABLE };
  // The policy questions are the world's own, not AWS's.
  if (request.target.startsWith("/_world/")) return { ...nothingElse, reply: NOT_FOUND };
  if (isSecretRequest(request)) return answerSecretRequest(behind, request);
  const refusal = await judgeRoleRequest(behind, request);
  if (refusal !== undefined) return { ...nothingElse, refusal, reply: restRefusal(refusal) };
  return { ...nothingElse, reply: await behind.passage.send(request) };
}

const UNAVAILABLE: AwsReply = {
  ...jsonRefusal({ code: "ServiceUnavailableException", message: "AWS is not up yet" }),
  status: 503,
};
const NOT_FOUND: AwsReply = {
  ...jsonRefusal({ code: "UnknownOperationException", message: "" }),
  status: 404,
};

function recordOf(request: AwsRequest, gated: Gated, atMs: number): CallRecord {
  return {
    atMs,
    service: request.service,
    operation: operationOf(request),
    accessKeyId: request.accessKeyId,
    principal: gated.principal,
    resource: gated.resource,
    status: gated.reply.status,
    allowed: gated.refusal === undefined && !isPolicyRefusal(gated.reply),
  };
}

function write(outgoing: ServerResponse, request: AwsRequest, reply: AwsReply): void {
  for (const [name, value] of Object.entries(reply.headers)) outgoing.setHeader(name, value);
  if (request.method !== "HEAD") outgoing.setHeader("content-length", reply.body.length);
  outgoing.writeHead(reply.status);
  outgoing.end(reply.body);
}

function writeFailure(outgoing: ServerResponse, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const reply = jsonRefusal({ code: "InternalFailure", message: `local world: ${message}` });
  outgoing.writeHead(500, { "content-type": "application/x-amz-json-1.1" });
  outgoing.end(reply.body);
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  server.keepAliveTimeout = 65_000;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no free port");
  return `http://127.0.0.1:${address.port}`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
