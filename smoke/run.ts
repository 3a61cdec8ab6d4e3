import { randomBytes } from "node:crypto";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { STSClient } from "@aws-sdk/client-sts";
import { CleanUp } from "./clean-up";
import { Findings, type Say } from "./findings";

/** What a run works with. */
export interface Run {
  /** Eight characters of its own: everything that the run makes has them in its name. */
  readonly id: string;
  readonly region: string;
  readonly secrets: SecretsManagerClient;
  readonly lambda: LambdaClient;
  readonly iam: IAMClient;
  readonly logs: CloudWatchLogsClient;
  readonly sts: STSClient;
  readonly findings: Findings;
  readonly cleanUp: CleanUp;
  readonly say: Say;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Creates a run; its AWS clients take credentials and addresses from the environment. */
export function createRun(region: string, say: Say, signal: AbortSignal): Run {
  const config = { region };
  return {
    id: randomBytes(4).toString("hex"),
    region,
    secrets: new SecretsManagerClient(config),
    lambda: new LambdaClient(config),
    iam: new IAMClient(config),
    logs: new CloudWatchLogsClient(config),
    sts: new STSClient(config),
    findings: new Findings(say, signal),
    cleanUp: new CleanUp(),
    say,
    signal,
  };
}

/** The stack of a run, which names its secrets and functions too. */
export const stackOf = ({ id }: Pick<Run, "id">): string => `smoke-${id}`;
