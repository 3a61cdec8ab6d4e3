import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import {
  type AwsReply,
  type AwsRequest,
  jsonRefusal,
  queueRefusal,
  type Refusal,
  readAwsRequest,
  restRefusal,
} from "./aws-request";
import { type CallRecord, isPolicyRefusal, operationOf } from "./call-record";
import { refusalOf } from "./models/errors";
import { type RequestOpinion, secondOpinionOf, type Violation } from "./models/second-opinion";
import type { ServiceModels } from "./models/service-model";
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
  /** AWS's own models, which every request and every answer is held against. Default: nothing is. */
  readonly models?: ServiceModels;
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
  /**
   * Takes what AWS's own models do not allow in the requests and answers so far, and forgets it.
   * Members that they do not know are told apart: the models may only be older than a client.
   */
  takeViolations(): {
    readonly violations: readonly Violation[];
    readonly unknown: readonly Violation[];
  };
  /** How long a new role, or a changed policy, is not yet believed, on the world's clock. Default 0. */
  setNewRoleDelayMs(newRoleDelayMs: number): Promise<void>;
  /** Every how manieth message of a queue reaches its function twice, as SQS reserves to itself; 0: none. Default 0. */
  setTwiceEvery(twiceEvery: number): Promise<void>;
  /** Throws a ModelViolations, once all is stopped, when there are violations that nobody took. */
  stop(): Promise<void>;
}

/** Requests or answers of a world that AWS's own models do not allow. */
export class ModelViolations extends Error {
  override readonly name = "ModelViolations";

  constructor(violations: readonly Violation[]) {
    const said = violations.map(
      ({ side, service, operation, path, constraint }) =>
        `  ${service} ${operation}, ${side}: ${path} ${constraint}`,
    );
    super(`AWS's own models do not allow:\n${[...new Set(said)].join("\n")}`);
  }
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
  const violations: Violation[] = [];
  const unknown: Violation[] = [];
  const server = createServer((incoming, outgoing) => {
    // SDKs set their clocks by this header: it has to tell the world's time, like everything else.
    outgoing.setHeader("date", new Date(options.now()).toUTCString());
    serve(behind, incoming)
      .then(({ request, gated, opinions }) => {
        for (const opinion of opinions) {
          violations.push(...opinion.violations);
          unknown.push(...opinion.unknown);
        }
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
    setTwiceEvery: (twiceEvery) => connected().policies.setTwiceEvery(twiceEvery),
    takeViolations: () => ({ violations: violations.splice(0), unknown: unknown.splice(0) }),
    stop: async () => {
      behind?.passage.close();
      await close(server);
      if (violations.length > 0) throw new ModelViolations(violations.splice(0));
    },
  };
}

interface Served {
  readonly request: AwsRequest;
  readonly gated: Gated;
  /** Of the request, and of the answer. */
  readonly opinions: readonly Pick<RequestOpinion, "violations" | "unknown">[];
}

async function serve(behind: Behind | undefined, incoming: IncomingMessage): Promise<Served> {
  const request = await readAwsRequest(incoming);
  // The policy questions are the world's own, not AWS's.
  const isOwn = request.target.startsWith("/_world/");
  if (behind === undefined || isOwn) {
    const reply = isOwn ? NOT_FOUND : UNAVAILABLE;
    return { request, gated: { ...NOBODY, reply }, opinions: [] };
  }
  if (behind.models === undefined) {
    return { request, gated: await answer(behind, request), opinions: [] };
  }
  const opinion = secondOpinionOf(behind.models, request);
  const refused = isSecretRequest(request) ? undefined : refusalOf(opinion);
  if (refused !== undefined) {
    return { request, gated: { ...NOBODY, reply: refused }, opinions: [opinion] };
  }
  const gated = await answer(behind, request);
  return { request, gated, opinions: [opinion, opinion.ofAnswer(gated.reply)] };
}

const NOBODY = { principal: undefined, refusal: undefined, resource: undefined };

async function answer(behind: Behind, request: AwsRequest): Promise<Gated> {
  if (isSecretRequest(request)) return answerSecretRequest(behind, request);
  const refusal = await judgeRoleRequest(behind, request);
  if (refusal !== undefined) return { ...NOBODY, refusal, reply: refusalReply(request, refusal) };
  return { ...NOBODY, reply: await behind.passage.send(request) };
}

function refusalReply(request: AwsRequest, refusal: Refusal): AwsReply {
  return request.service === "sqs" ? queueRefusal(refusal) : restRefusal(refusal);
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
