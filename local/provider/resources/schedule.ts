import {
  CreateScheduleCommand,
  type CreateScheduleInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  type Target,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { fromApi, toApi } from "../api-names";
import { during, isAwsError, unlessMissing } from "../aws-error";
import { named, nameFor, oneName } from "../names";
import type { ResourceType, Session } from "../resource-type";
import { computed, either, optional, regional, required, table } from "../table";
import { object, present, rfc3339, text } from "../values";
import type { Properties, Value } from "../wire";

/** A block that the program leaves out is AWS's default. */
const sameRetries = (_old: Value | undefined, next: Value | undefined): boolean =>
  next === undefined;

export const scheduleTable = table("internal/service/scheduler/schedule.go", {
  ...regional,
  ...named({ longest: 64, shape: /^[0-9A-Za-z_.-]+$/ }),
  actionAfterCompletion: either("string", { among: ["NONE", "DELETE"] }),
  arn: computed("string"),
  description: optional("string", { longest: 512 }),
  endDate: optional("string"),
  flexibleTimeWindow: required("object", {
    of: {
      maximumWindowInMinutes: optional("number", { between: [1, 1440] }),
      mode: required("string", { among: ["OFF", "FLEXIBLE"] }),
    },
  }),
  groupName: either("string", { forceNew: true }),
  kmsKeyArn: optional("string"),
  scheduleExpression: required("string"),
  scheduleExpressionTimezone: optional("string", { initial: "UTC" }),
  startDate: optional("string"),
  state: optional("string", { initial: "ENABLED", among: ["ENABLED", "DISABLED"] }),
  target: required("object", {
    of: {
      arn: required("string"),
      deadLetterConfig: optional("object", { of: { arn: required("string") } }),
      input: optional("string"),
      retryPolicy: optional("object", {
        same: sameRetries,
        of: {
          maximumEventAgeInSeconds: optional("number", { initial: 86400, between: [60, 86400] }),
          maximumRetryAttempts: optional("number", { initial: 185, between: [0, 185] }),
        },
      }),
      roleArn: required("string"),
    },
  }),
});

const PLAIN = [
  "actionAfterCompletion",
  "description",
  "groupName",
  "kmsKeyArn",
  "scheduleExpression",
  "scheduleExpressionTimezone",
  "state",
];
const WINDOW = ["maximumWindowInMinutes", "mode"];
const RETRIES = ["maximumEventAgeInSeconds", "maximumRetryAttempts"];

function scheduleOf(news: Properties): Omit<CreateScheduleInput, "Name"> {
  const dates = { EndDate: text(news, "endDate"), StartDate: text(news, "startDate") };
  const given = Object.entries(dates).filter(([, date]) => date !== undefined);
  return {
    ...toApi<Omit<CreateScheduleInput, "Name">>(news, PLAIN),
    ...Object.fromEntries(given.map(([name, date]) => [name, new Date(date ?? "")])),
    FlexibleTimeWindow: toApi(object(news, "flexibleTimeWindow") ?? {}, WINDOW),
    Target: targetOf(object(news, "target") ?? {}),
  };
}

function targetOf(target: Properties): Target {
  const [retries, deadLetters] = [
    object(target, "retryPolicy"),
    object(target, "deadLetterConfig"),
  ];
  return {
    ...toApi<Target>(target, ["arn", "input", "roleArn"]),
    ...(retries ? { RetryPolicy: toApi(retries, RETRIES) } : {}),
    ...(deadLetters ? { DeadLetterConfig: toApi(deadLetters, ["arn"]) } : {}),
  };
}

const isRoleLate = (error: unknown): boolean =>
  isAwsError(
    error,
    ["ValidationException"],
    "must allow AWS EventBridge Scheduler to assume the role",
  );

function idParts(id: string): { readonly GroupName: string; readonly Name: string } {
  const [GroupName = "", Name = ""] = id.split("/");
  return { GroupName, Name };
}

async function read({ aws }: Session, id: string): Promise<Properties | undefined> {
  const asked = aws.scheduler.send(new GetScheduleCommand(idParts(id)));
  const found = await unlessMissing(asked, ["ResourceNotFoundException"]);
  if (!found) return undefined;
  const target = found.Target;
  return {
    ...fromApi(found, [...PLAIN, "arn", "name"]),
    ...present({
      endDate: rfc3339(found.EndDate),
      startDate: rfc3339(found.StartDate),
      flexibleTimeWindow: fromApi(found.FlexibleTimeWindow ?? {}, WINDOW),
      target: target && {
        ...fromApi(target, ["arn", "input", "roleArn"]),
        deadLetterConfig: fromApi(target.DeadLetterConfig ?? {}, ["arn"]),
        retryPolicy: fromApi(target.RetryPolicy ?? {}, RETRIES),
      },
    }),
  };
}

export const schedule: ResourceType = {
  token: "aws:scheduler/schedule:Schedule",
  table: scheduleTable,
  autoName: { property: "name", max: 64 },
  validate: oneName,
  create: async ({ aws, patience }, news) => {
    const Name = nameFor(news);
    const input = new CreateScheduleCommand({ ...scheduleOf(news), Name });
    const made = patience.retry(() => aws.scheduler.send(input), isRoleLate);
    const deed = `creating EventBridge Scheduler Schedule (${Name})`;
    const { ScheduleArn = "" } = await during(deed, made);
    return { id: ScheduleArn.split("/").slice(-2).join("/") };
  },
  read,
  update: async ({ aws, patience }, { id, news }) => {
    const input = new UpdateScheduleCommand({ ...scheduleOf(news), ...idParts(id) });
    const sent = patience.retry(() => aws.scheduler.send(input), isRoleLate);
    await during(`updating EventBridge Scheduler Schedule (${id})`, sent);
    return undefined;
  },
  remove: async ({ aws }, id) => {
    const deleted = aws.scheduler.send(new DeleteScheduleCommand(idParts(id)));
    const gone = unlessMissing(deleted, ["ResourceNotFoundException"]);
    await during(`deleting EventBridge Scheduler Schedule (${id})`, gone);
  },
};
