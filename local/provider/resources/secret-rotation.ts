import { randomUUID } from "node:crypto";
import {
  CancelRotateSecretCommand,
  DescribeSecretCommand,
  RotateSecretCommand,
  type RotationRulesType,
} from "@aws-sdk/client-secrets-manager";
import { during, isAwsError, unlessMissing } from "../aws-error";
import type { Problem, ResourceType, Session } from "../resource-type";
import { either, optional, regional, required, table } from "../table";
import { flag, needText, number, object, present, text } from "../values";
import { isUnknown, type Properties } from "../wire";

export const secretRotationTable = table("internal/service/secretsmanager/secret_rotation.go", {
  ...regional,
  rotateImmediately: optional("boolean", { initial: true, read: "kept" }),
  rotationEnabled: either("boolean"),
  rotationLambdaArn: optional("string"),
  rotationRules: optional("object", {
    of: {
      automaticallyAfterDays: optional("number", { between: [1, 1000] }),
      duration: optional("string"),
      scheduleExpression: optional("string"),
    },
  }),
  secretId: required("string", { forceNew: true }),
});

const SCHEDULES = ["automaticallyAfterDays", "scheduleExpression"];

function validate(news: Properties): Problem[] {
  const isOff = news["rotationEnabled"] === false;
  const property = "rotationRules";
  if (isUnknown(news[property])) return [];
  const rules = object(news, property);
  if (!rules) {
    const reason = "`rotation_rules` is required unless `rotation_enabled` is `false`";
    return isOff ? [] : [{ property, reason }];
  }
  if (isOff) {
    return [
      { property, reason: "`rotation_rules` cannot be set when `rotation_enabled` is `false`" },
    ];
  }
  const given = SCHEDULES.filter((name) => rules[name] !== undefined);
  const reason = `"${property}": one of \`${SCHEDULES.join(",")}\` must be specified, and no more than one`;
  return given.length === 1 ? [] : [{ property, reason }];
}

async function rotate({ aws, patience }: Session, deed: string, news: Properties): Promise<string> {
  const secretId = needText(news, "secretId");
  const doing = `${deed} Secrets Manager Secret Rotation (${secretId})`;
  if (flag(news, "rotationEnabled") === false) {
    const cancelled = aws.secretsManager.send(
      new CancelRotateSecretCommand({ SecretId: secretId }),
    );
    return (await during(doing, cancelled)).ARN ?? secretId;
  }
  const lambda = text(news, "rotationLambdaArn");
  const input = new RotateSecretCommand({
    ClientRequestToken: randomUUID(),
    RotateImmediately: flag(news, "rotateImmediately"),
    RotationRules: rulesOf(object(news, "rotationRules") ?? {}),
    SecretId: secretId,
    ...(lambda ? { RotationLambdaARN: lambda } : {}),
  });
  const started = patience.retry(() => aws.secretsManager.send(input), mayPass);
  return (await during(doing, started)).ARN ?? secretId;
}

// A permission that has not arrived yet, or a rotation that is still under way.
const mayPass = (error: unknown): boolean =>
  isAwsError(error, ["AccessDeniedException", "InvalidRequestException"]);

function rulesOf(rules: Properties): RotationRulesType {
  const [schedule, days] = [
    text(rules, "scheduleExpression"),
    number(rules, "automaticallyAfterDays"),
  ];
  const duration = text(rules, "duration");
  return {
    ...(schedule ? { ScheduleExpression: schedule } : days ? { AutomaticallyAfterDays: days } : {}),
    ...(duration ? { Duration: duration } : {}),
  };
}

async function read({ aws }: Session, id: string): Promise<Properties | undefined> {
  const described = aws.secretsManager.send(new DescribeSecretCommand({ SecretId: id }));
  const secret = await unlessMissing(described, ["ResourceNotFoundException"]);
  if (!secret || secret.DeletedDate) return undefined;
  const rotationEnabled = secret.RotationEnabled ?? false;
  if (!rotationEnabled) return { rotationEnabled, secretId: id };
  const rules = secret.RotationRules;
  const { ScheduleExpression: scheduleExpression, AutomaticallyAfterDays: days } = rules ?? {};
  // With an expression, AWS computes the days by itself.
  const schedule = scheduleExpression ? { scheduleExpression } : { automaticallyAfterDays: days };
  return present({
    rotationEnabled,
    rotationLambdaArn: secret.RotationLambdaARN,
    rotationRules: { ...schedule, duration: rules?.Duration },
    secretId: id,
  });
}

export const secretRotation: ResourceType = {
  token: "aws:secretsmanager/secretRotation:SecretRotation",
  table: secretRotationTable,
  validate,
  create: async (session, news) => ({ id: await rotate(session, "creating", news) }),
  read,
  update: async (session, { news, changed }) => {
    const isOnlyWhen = changed.size === 1 && changed.has("rotateImmediately");
    if (!isOnlyWhen) await rotate(session, "updating", news);
    return undefined;
  },
  remove: async ({ aws }, id) => {
    const cancelled = aws.secretsManager.send(new CancelRotateSecretCommand({ SecretId: id }));
    await during(`deleting Secret Manager Secret Rotation (${id})`, cancelled);
  },
};
