import { CloudWatchLogsClient, PutRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateKeyCommand, DisableKeyRotationCommand, KMSClient } from "@aws-sdk/client-kms";
import { LambdaClient, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import {
  GetScheduleCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import {
  DescribeSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { STATUS_TAG_PREFIX } from "../../../contract/store/status";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { World } from "../../../local/world/world";

const ROTATE = "shopify-dev-rotate";
const ROTATE_ROLE = `${ROTATE}-us-east-1`;

/** What `preview --refresh` must show of {@link changeBehindItsBack}, and nothing else. */
export const CHANGED_BEHIND_ITS_BACK = {
  "acme-rotation": ["rotationRules"],
  "acme-secret": ["kmsKeyId", "tags", "tagsAll"],
  "rotate-function": ["environment"],
  "rotate-log": ["retentionInDays"],
  "rotate-policy": ["policy"],
  "secrets-key": ["enableKeyRotation"],
  "sweep-schedule": ["scheduleExpression"],
};

/** Somebody with every right changes the stack `dev` in the console; a function writes a status. */
export async function changeBehindItsBack(
  world: World,
  arnOf: (store: "acme" | "heritage") => string,
): Promise<void> {
  const config = clientConfigOf(world);
  await changeSecrets(new SecretsManagerClient(config), new KMSClient(config), {
    changed: arnOf("acme"),
    told: arnOf("heritage"),
  });
  await changeRole(new IAMClient(config));
  await changeFunction(new LambdaClient(config), new CloudWatchLogsClient(config));
  await changeSchedule(new SchedulerClient(config));
}

async function changeSecrets(
  secrets: SecretsManagerClient,
  kms: KMSClient,
  { changed, told }: { readonly changed: string; readonly told: string },
): Promise<void> {
  const tag = (SecretId: string, Key: string, Value: string) =>
    secrets.send(new TagResourceCommand({ SecretId, Tags: [{ Key, Value }] }));
  await tag(changed, "team", "somebody-elses");
  await tag(told, `${STATUS_TAG_PREFIX}state`, "token_dead");
  const { KmsKeyId: KeyId } = await secrets.send(new DescribeSecretCommand({ SecretId: told }));
  await kms.send(new DisableKeyRotationCommand({ KeyId }));
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await secrets.send(new UpdateSecretCommand({ SecretId: changed, KmsKeyId: KeyMetadata?.Arn }));
  await secrets.send(
    new RotateSecretCommand({
      SecretId: changed,
      RotateImmediately: false,
      RotationRules: { ScheduleExpression: "rate(30 days)" },
    }),
  );
  secrets.destroy();
  kms.destroy();
}

async function changeRole(iam: IAMClient): Promise<void> {
  const RoleName = ROTATE_ROLE;
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const everything = { Effect: "Allow", Action: "*", Resource: "*" };
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [everything] });
  await iam.send(
    new PutRolePolicyCommand({ RoleName, PolicyName: PolicyNames[0], PolicyDocument }),
  );
  iam.destroy();
}

async function changeFunction(lambda: LambdaClient, logs: CloudWatchLogsClient): Promise<void> {
  const Variables = { SHOPIFY_SECRETS_PREFIX: "shopify/another" };
  await lambda.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: ROTATE, Environment: { Variables } }),
  );
  const logGroupName = `/aws/lambda/${ROTATE}`;
  await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 1 }));
  lambda.destroy();
  logs.destroy();
}

async function changeSchedule(scheduler: SchedulerClient): Promise<void> {
  const Name = "shopify-dev-sweep-schedule";
  const { FlexibleTimeWindow, Target, Description, State } = await scheduler.send(
    new GetScheduleCommand({ Name }),
  );
  const kept = { Name, FlexibleTimeWindow, Target, Description, State };
  await scheduler.send(new UpdateScheduleCommand({ ...kept, ScheduleExpression: "rate(1 day)" }));
  scheduler.destroy();
}
