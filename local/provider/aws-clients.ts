import { ApiGatewayV2Client } from "@aws-sdk/client-apigatewayv2";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import type { ProviderConfig } from "./provider-config";

/** The AWS clients of one region, each made when it is first used. */
export interface AwsClients {
  readonly apiGateway: ApiGatewayV2Client;
  readonly cloudWatch: CloudWatchClient;
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly s3: S3Client;
  readonly scheduler: SchedulerClient;
  readonly secretsManager: SecretsManagerClient;
  readonly sfn: SFNClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly sts: STSClient;
}

/** Where AWS is comes from the environment alone (`AWS_ENDPOINT_URL`). */
export function createAwsClients(config: ProviderConfig): (region: string) => AwsClients {
  const regions = new Map<string, AwsClients>();
  return (region) => {
    const known = regions.get(region) ?? clientsOf(config, region);
    regions.set(region, known);
    return known;
  };
}

function clientsOf(config: ProviderConfig, region: string): AwsClients {
  const options = {
    region,
    ...(config.profile ? { profile: config.profile } : {}),
    ...(config.credentials ? { credentials: config.credentials } : {}),
  };
  const made = new Map<string, unknown>();
  const once = <T>(name: string, make: () => T): T => {
    if (!made.has(name)) made.set(name, make());
    return made.get(name) as T;
  };
  return {
    get apiGateway() {
      return once("apiGateway", () => new ApiGatewayV2Client(options));
    },
    get cloudWatch() {
      return once("cloudWatch", () => new CloudWatchClient(options));
    },
    get iam() {
      return once("iam", () => new IAMClient(options));
    },
    get kms() {
      return once("kms", () => new KMSClient(options));
    },
    get lambda() {
      return once("lambda", () => new LambdaClient(options));
    },
    get logs() {
      return once("logs", () => new CloudWatchLogsClient(options));
    },
    get s3() {
      return once("s3", () => new S3Client(options));
    },
    get scheduler() {
      return once("scheduler", () => new SchedulerClient(options));
    },
    get secretsManager() {
      return once("secretsManager", () => new SecretsManagerClient(options));
    },
    get sfn() {
      return once("sfn", () => new SFNClient(options));
    },
    get sns() {
      return once("sns", () => new SNSClient(options));
    },
    get sqs() {
      return once("sqs", () => new SQSClient(options));
    },
    get sts() {
      return once("sts", () => new STSClient(options));
    },
  };
}
