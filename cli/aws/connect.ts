import { LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { systemClock } from "../../contract/time";
import { createFunctionsPort } from "./functions";
import type { AwsAddress, AwsPorts } from "./ports";
import { createSecretsPort } from "./secrets";

/** A sweep of a large fleet takes minutes; Lambda's own limit is 15. */
const LONGEST_INVOCATION_MS = 900_000;

/** Connects to AWS with the credentials and the region that the AWS SDK finds. */
export function connectToAws({ region, endpointUrl }: AwsAddress): AwsPorts {
  const address = {
    ...(region === undefined ? {} : { region }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
  };
  const secretsManager = new SecretsManagerClient({ ...address, maxAttempts: 5 });
  const lambda = new LambdaClient({
    ...address,
    // A second try would run the function twice while the first one may still work.
    maxAttempts: 1,
    requestHandler: { requestTimeout: LONGEST_INVOCATION_MS },
  });
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
    secrets: createSecretsPort(secretsManager),
    functions: createFunctionsPort(lambda),
    clockLeadMs: () => leadMs,
  };
}

function dateHeaderOf(response: unknown): number | undefined {
  const headers = (response as { headers?: Readonly<Record<string, string>> } | undefined)?.headers;
  const milliseconds = Date.parse(headers?.["date"] ?? "");
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
