import { readFileSync } from "node:fs";
import { Agent, type AgentOptions } from "node:https";
import { rootCertificates } from "node:tls";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { isSecretArn } from "../contract/brands";
import { ReaderError } from "./errors";
import type { SecretsClient } from "./secrets-client";

/** A client of your own, or a region for one of ours (default: the region of the secret's ARN, else the SDK's own choice). */
export type ClientChoice =
  | { readonly client: SecretsClient; readonly region?: never }
  | { readonly client?: never; readonly region?: string };

/** Whom to ask for a secret. */
export interface Clients {
  clientFor(secretId: string): SecretsClient;
  /** Lets go of our own clients; one that the application gave stays the application's. */
  release(): void;
}

/**
 * The client that was given, or one of ours for each region: an ARN says where its secret is.
 *
 * @throws {ReaderError} `options_malformed` when AWS_CA_BUNDLE names no readable file
 */
export function createClients(choice: ClientChoice, requestTimeoutMs: number): Clients {
  const { client: given, region } = choice;
  if (given !== undefined) return { clientFor: () => given, release: () => undefined };
  const own = new Map<string | undefined, SecretsManagerClient>();
  const handler = { ...limitsOf(requestTimeoutMs), ...agentOf(process.env) };
  return {
    clientFor(secretId) {
      const where = isSecretArn(secretId) ? secretId.split(":")[3] : region;
      const known = own.get(where);
      if (known !== undefined) return known;
      const client = new SecretsManagerClient({
        ...(where === undefined ? {} : { region: where }),
        maxAttempts: TRIES,
        requestHandler: handler,
      });
      own.set(where, client);
      return client;
    },
    release() {
      for (const client of own.values()) client.destroy();
      own.clear();
    },
  };
}

/** Three tries fit into the time for one request: a connection that died while the process slept costs a third of it. */
const TRIES = 3;

function limitsOf(requestTimeoutMs: number) {
  const aTryMs = Math.ceil(requestTimeoutMs / TRIES);
  return {
    connectionTimeout: aTryMs,
    requestTimeout: aTryMs,
    // Without it the SDK logs a warning and waits on (@smithy/node-http-handler, set-request-timeout.js).
    throwOnRequestTimeout: true,
  };
}

/**
 * What other AWS tools take from the environment and the SDK for JavaScript does not: the proxy (Node 22.21, 24.5
 * and later know how) and AWS_CA_BUNDLE.
 */
function agentOf(environment: NodeJS.ProcessEnv): { httpsAgent?: Agent } {
  const proxy = environment["HTTPS_PROXY"] ?? environment["https_proxy"];
  const bundle = environment["AWS_CA_BUNDLE"];
  if (!proxy && !bundle) return {};
  // The SDK's own numbers; `proxyEnv` is younger than the oldest Node that we run on, which ignores it.
  const options: AgentOptions & { proxyEnv?: NodeJS.ProcessEnv } = {
    keepAlive: true,
    maxSockets: 50,
    ...(proxy ? { proxyEnv: environment } : {}),
    ...(bundle ? { ca: [...rootCertificates, readBundle(bundle)] } : {}),
  };
  return { httpsAgent: new Agent(options) };
}

function readBundle(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new ReaderError("options_malformed", { field: "AWS_CA_BUNDLE" });
  }
}
