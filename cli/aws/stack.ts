import {
  ApiGatewayV2Client,
  GetApisCommand,
  type GetApisCommandOutput,
  GetIntegrationsCommand,
  GetRoutesCommand,
  GetStagesCommand,
} from "@aws-sdk/client-apigatewayv2";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetRoleCommand, IAMClient, ListRolePoliciesCommand } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, KMSClient, paginateListKeys } from "@aws-sdk/client-kms";
import {
  GetFunctionEventInvokeConfigCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from "@aws-sdk/client-lambda";
import { GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { atOnce } from "../fleet/at-once";
import { during, isThere, MISSING, unlessMissing } from "./aws-refusal";
import { createListParts } from "./list-parts";
import type { ApiFacts, StackPort } from "./ports";

/** What the clients are made with: an address, limits, a way through a proxy. */
type ClientOptions = ConstructorParameters<typeof LambdaClient>[0] & object;

/** The rest of a stack through the SDK's clients. */
export function createStackPort(options: ClientOptions): StackPort {
  const gateway = new ApiGatewayV2Client(options);
  const iam = new IAMClient(options);
  const kms = new KMSClient(options);
  const lambda = new LambdaClient(options);
  const logs = new CloudWatchLogsClient(options);
  const scheduler = new SchedulerClient(options);
  const sqs = new SQSClient(options);
  return {
    hasRole: (RoleName) =>
      isThere("looking at a role", () => iam.send(new GetRoleCommand({ RoleName }))),
    inlinePoliciesOf: (RoleName) =>
      during("looking at a role's policies", async () => {
        const command = new ListRolePoliciesCommand({ RoleName });
        return (await iam.send(command)).PolicyNames ?? [];
      }),
    hasLogGroup: (name) =>
      during("looking at log groups", async () => {
        const command = new DescribeLogGroupsCommand({ logGroupNamePrefix: name });
        const { logGroups = [] } = await logs.send(command);
        return logGroups.some(({ logGroupName }) => logGroupName === name);
      }),
    hasSchedule: (Name) =>
      isThere("looking at the schedule", () => scheduler.send(new GetScheduleCommand({ Name }))),
    hasRetries: (FunctionName) =>
      isThere("looking at a function's retries", () =>
        lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName })),
      ),
    mappingsOf: (FunctionName) =>
      during("looking at a function's queues", async () => {
        const command = new ListEventSourceMappingsCommand({ FunctionName });
        const { EventSourceMappings = [] } = await lambda.send(command);
        return EventSourceMappings.flatMap(({ UUID }) => UUID ?? []);
      }),
    queueUrlOf: (QueueName) =>
      unlessMissing(
        "looking for the queue",
        async () => (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl,
        MISSING,
      ),
    keyOfAlias: (KeyId) =>
      unlessMissing(
        "looking at the key",
        async () => {
          const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
          return KeyMetadata?.KeyId;
        },
        MISSING,
      ),
    keysDescribedAs: (texts) => during("listing keys", () => keysOf(kms, texts)),
    apiNamed: (name) => during("looking at the API", () => apiOf(gateway, name)),
    ...createListParts(options),
  };
}

async function keysOf(
  client: KMSClient,
  texts: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ids: string[] = [];
  for await (const page of paginateListKeys({ client }, {})) {
    ids.push(...(page.Keys ?? []).flatMap(({ KeyId }) => KeyId ?? []));
  }
  const described = await atOnce(ids, async (KeyId) => {
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }));
    return KeyMetadata?.KeyState === "PendingDeletion" ? undefined : KeyMetadata;
  });
  return new Map(
    texts.map((text) => [
      text,
      described.flatMap((key) => (key?.Description === text ? (key.KeyId ?? []) : [])),
    ]),
  );
}

async function apiOf(client: ApiGatewayV2Client, name: string): Promise<ApiFacts | undefined> {
  let NextToken: string | undefined;
  do {
    const page: GetApisCommandOutput = await client.send(new GetApisCommand({ NextToken }));
    const found = page.Items?.find((api) => api.Name === name);
    if (found?.ApiId !== undefined) return await partsOf(client, found.ApiId);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return undefined;
}

async function partsOf(client: ApiGatewayV2Client, ApiId: string): Promise<ApiFacts> {
  const [integrations, routes, stages] = await Promise.all([
    client.send(new GetIntegrationsCommand({ ApiId })),
    client.send(new GetRoutesCommand({ ApiId })),
    client.send(new GetStagesCommand({ ApiId })),
  ]);
  return {
    apiId: ApiId,
    integrationId: integrations.Items?.[0]?.IntegrationId,
    routes: new Map(
      (routes.Items ?? []).map(({ RouteKey = "", RouteId = "" }) => [RouteKey, RouteId]),
    ),
    stages: (stages.Items ?? []).flatMap(({ StageName }) => StageName ?? []),
  };
}
