import { LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { systemClock } from "../../contract/time";
import { agentOf } from "./environment-agent";
import { createFunctionsPort } from "./functions";
import type { AwsAddress, AwsPorts } from "./ports";
import { createOperatorSecrets } from "./secrets";

/** How long the command waits for AWS. */
export interface Limits {
  readonly connectMs: number;
  /** For the answer to a question. */
  readonly tryMs: number;
  /** For a function that was called: the sweep of a large fleet takes minutes, and ends after nine. */
  readonly invocationMs: number;
}

const LIMITS: Limits = { connectMs: 3_000, tryMs: 8_000, invocationMs: 600_000 };
/** More than the SDK's three, because the whole fleet shares AWS's quotas with the command. */
const TRIES = 4;

/** Connects to AWS with the credentials and the region that the AWS SDK finds, on the way that the environment asks for. */
export function connectToAws(
  { region, endpointUrl, profile }: AwsAddress,
  limits: Limits = LIMITS,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): AwsPorts {
  const address = {
    ...(region === undefined ? {} : { region }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
    ...(profile === undefined ? {} : { profile }),
  };
  const httpsAgent = agentOf(environment, limits.connectMs);
  const waiting = (tryMs: number) => ({
    connectionTimeout: limits.connectMs,
    requestTimeout: tryMs,
    socketTimeout: tryMs,
    // Without it the SDK warns of an answer that does not come, and goes on waiting.
    throwOnRequestTimeout: true,
    httpsAgent,
  });
  const asking = { ...address, maxAttempts: TRIES, requestHandler: waiting(limits.tryMs) };
  const secretsManager = new SecretsManagerClient(asking);
  const lambda = {
    ask: new LambdaClient(asking),
    // A second try would run the function twice while the first one may still work.
    run: new LambdaClient({
      ...address,
      maxAttempts: 1,
      requestHandler: waiting(limits.invocationMs),
    }),
  };
  let leadMs: number | undefined;
  secretsManager.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const date = dateHeaderOf(result.response);
      if (date !== undefined) leadMs = systemClock.now() - date;
      return result;
    },
    { step: "deserialize", name: "readServerClock", priority: "low" },
  );
  return {
    secrets: createOperatorSecrets(secretsManager),
    functions: createFunctionsPort(lambda),
    logs: async () => (require("./logs") as typeof import("./logs")).createLogsPort(asking),
    stack: async () => (require("./stack") as typeof import("./stack")).createStackPort(asking),
    keys: async () => (require("./keys") as typeof import("./keys")).createKeysPort(asking),
    listRuns: async () =>
      (require("./list-runs") as typeof import("./list-runs")).createListRunsPort(asking),
    clockLeadMs: () => leadMs,
  };
}

function dateHeaderOf(response: unknown): number | undefined {
  const headers = (response as { headers?: Readonly<Record<string, string>> } | undefined)?.headers;
  const milliseconds = Date.parse(headers?.["date"] ?? "");
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
