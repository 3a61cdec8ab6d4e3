import { Cron } from "croner";
import type { RequestOpinion } from "../models/opinion";
import { locksItsAuthorOut, type PolicyForm, policyProblem } from "./policy-document";

/** An error in AWS's words. */
export interface DocumentedRefusal {
  readonly code: string;
  readonly message: string;
}

type Input = Readonly<Record<string, unknown>>;
type Judge = (input: Input) => DocumentedRefusal | undefined;

/**
 * What AWS's documentation refuses and its service models allow, by service and operation. Every row names where
 * it is said; what depends on what is there already is the emulator's to know.
 */
const JUDGES: Readonly<Record<string, Judge>> = {
  // IAM API reference, CreateRole and PutRolePolicy; quotas: a role trust policy holds 2,048 characters.
  "iam CreateRole": (input) =>
    iamPolicy(textOf(input, "AssumeRolePolicyDocument"), "trust", 2_048) ?? iamTags(input),
  "iam UpdateAssumeRolePolicy": (input) =>
    iamPolicy(textOf(input, "PolicyDocument"), "trust", 2_048),
  // IAM quotas: the inline policies of a role hold 10,240 characters together, so one alone no more.
  "iam PutRolePolicy": (input) => iamPolicy(textOf(input, "PolicyDocument"), "identity", 10_240),
  "iam PutUserPolicy": (input) => iamPolicy(textOf(input, "PolicyDocument"), "identity", 2_048),
  "iam CreatePolicy": (input) => iamPolicy(textOf(input, "PolicyDocument"), "identity", 6_144),
  // KMS API reference, CreateKey, PutKeyPolicy, CreateAlias.
  "kms CreateKey": (input) => keyPolicy(input),
  "kms PutKeyPolicy": (input) => keyPolicy(input),
  "kms CreateAlias": ({ AliasName }) =>
    /^alias\/(?!aws\/)[A-Za-z0-9/_-]+$/.test(String(AliasName))
      ? undefined
      : { code: "InvalidAliasNameException", message: "The alias name is not valid." },
  // EventBridge Scheduler user guide, "Schedule types"; API reference, CreateSchedule.
  "scheduler CreateSchedule": (input) => schedule(input),
  "scheduler UpdateSchedule": (input) => schedule(input),
  // SNS API reference, Publish: a subject is ASCII, begins with a letter, number or mark, has no line break, under 100 characters.
  "sns Publish": ({ Subject, Message }) => {
    const code = "InvalidParameter";
    if (Message === "") return { code, message: "Invalid parameter: Empty message" };
    return Subject === undefined || /^[!-~][ -~]{0,99}$/.test(String(Subject))
      ? undefined
      : { code, message: "Invalid parameter: Subject" };
  },
  "sns CreateTopic": ({ Name }) =>
    /^[A-Za-z0-9_-]{1,256}(?:\.fifo)?$/.test(String(Name))
      ? undefined
      : { code: "InvalidParameter", message: "Invalid parameter: Topic Name" },
  "sns SetTopicAttributes": ({ AttributeName, AttributeValue }) => {
    const code = "InvalidParameter";
    // "The following lists the names … of the special request parameters that this action uses."
    if (!TOPIC_ATTRIBUTES.test(String(AttributeName))) {
      return { code, message: "Invalid parameter: AttributeName" };
    }
    return AttributeName === "Policy" &&
      policyProblem(String(AttributeValue), "resource") !== undefined
      ? { code, message: "Invalid parameter: Policy Error: null" }
      : undefined;
  },
  // CloudWatch API reference, PutMetricAlarm: periods are 10, 20, 30 or multiples of 60; a day is the longest evaluated.
  "monitoring PutMetricAlarm": (input) => alarm(input),
  // CloudWatch API reference, PutDashboard: the body is JSON.
  "monitoring PutDashboard": ({ DashboardBody }) =>
    isJson(String(DashboardBody))
      ? undefined
      : { code: "InvalidParameterInput", message: "The field DashboardBody must be a valid JSON" },
  // Lambda API reference: reserved names of variables, 4 KB of them; quotas.
  "lambda CreateFunction": (input) => functionSettings(input),
  "lambda UpdateFunctionConfiguration": (input) => functionSettings(input),
  "lambda AddPermission": ({ Principal, SourceArn }) =>
    /^(?:\*|\d{12}|arn:aws[\w-]*:(?:iam|sts)::.+|[\w-]+(?:\.[\w-]+)*\.amazonaws\.com)$/.test(
      String(Principal),
    ) &&
    (SourceArn === undefined || String(SourceArn).startsWith("arn:"))
      ? undefined
      : {
          code: "InvalidParameterValueException",
          message: "The provided principal was invalid. Please check the principal and try again.",
        },
  // CloudWatch Logs API reference, PutRetentionPolicy: "Possible values are: 1, 3, 5, 7, 14, …".
  "logs PutRetentionPolicy": ({ retentionInDays }) =>
    RETENTIONS.has(Number(retentionInDays))
      ? undefined
      : {
          code: "InvalidParameterException",
          message: "1 validation error detected: retentionInDays",
        },
  // API Gateway v2 API reference, Routes: `$default`, or a method and a path.
  "apigateway CreateRoute": ({ RouteKey }) =>
    /^(?:\$default|(?:ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) \/\S*)$/.test(String(RouteKey))
      ? undefined
      : {
          code: "BadRequestException",
          message: "The provided route key is not formatted properly for HTTP protocol.",
        },
  // API Gateway v2 API reference, Stages: "alphanumeric characters, hyphens, and underscores only, or be $default".
  "apigateway CreateStage": ({ StageName }) =>
    /^(?:\$default|[A-Za-z0-9_-]{1,128})$/.test(String(StageName))
      ? undefined
      : { code: "BadRequestException", message: "Invalid stage name" },
  "apigateway CreateIntegration": ({ IntegrationType, PayloadFormatVersion }) =>
    IntegrationType === "AWS_PROXY" && PayloadFormatVersion === undefined
      ? {
          code: "BadRequestException",
          message: "PayloadFormatVersion is a required parameter for integration",
        }
      : undefined,
};

const TOPIC_ATTRIBUTES =
  /^(?:DeliveryPolicy|DisplayName|Policy|TracingConfig|KmsMasterKeyId|SignatureVersion|ContentBasedDeduplication|ArchivePolicy|FifoThroughputScope|DataProtectionPolicy|(?:HTTP|Firehose|Lambda|Application|SQS)(?:SuccessFeedbackRoleArn|SuccessFeedbackSampleRate|FailureFeedbackRoleArn))$/;

const RETENTIONS = new Set([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
]);

/** What AWS's documentation refuses of a request that its model allows. */
export function documentedRefusalOf({
  service,
  operation,
  input,
}: RequestOpinion): DocumentedRefusal | undefined {
  return JUDGES[`${service} ${operation}`]?.((input ?? {}) as Input);
}

function textOf(input: Input, name: string): string {
  return String(input[name] ?? "");
}

function iamPolicy(text: string, form: PolicyForm, longest: number): DocumentedRefusal | undefined {
  const message = policyProblem(text, form);
  if (message !== undefined) return { code: "MalformedPolicyDocument", message };
  // White space does not count.
  if (JSON.stringify(JSON.parse(text)).length <= longest) return undefined;
  return { code: "LimitExceeded", message: `Cannot exceed quota for PolicySize: ${longest}` };
}

/** IAM user guide, "Rules for tagging in IAM": keys are compared without case, and `aws:` is AWS's own. */
function iamTags({ Tags = [] }: Input): DocumentedRefusal | undefined {
  const keys = (Tags as readonly { readonly Key?: unknown }[]).map(({ Key }) =>
    String(Key).toLowerCase(),
  );
  return keys.some((key) => key.startsWith("aws:"))
    ? { code: "InvalidInput", message: "System tags cannot be added/updated by requester" }
    : undefined;
}

/** In bytes: KMS quotas, "Key policy document size". */
const LONGEST_KEY_POLICY = 32_768;

/** The account of the world. */
const ACCOUNT = "000000000000";

function keyPolicy({
  Policy,
  BypassPolicyLockoutSafetyCheck,
}: Input): DocumentedRefusal | undefined {
  if (Policy === undefined) return undefined;
  const text = String(Policy);
  const code = "MalformedPolicyDocumentException";
  if (policyProblem(text, "key") !== undefined) {
    return { code, message: "The new key policy is not valid." };
  }
  if (Buffer.byteLength(text) > LONGEST_KEY_POLICY) {
    return { code: "LimitExceededException", message: "The key policy is too long." };
  }
  if (BypassPolicyLockoutSafetyCheck === true || !locksItsAuthorOut(text, ACCOUNT))
    return undefined;
  return {
    code,
    message: "The new key policy will not allow you to update the key policy in the future.",
  };
}

const RATE = /^rate\((\d+) (minutes?|hours?|days?)\)$/;

interface FlexibleWindow {
  readonly Mode?: string;
  readonly MaximumWindowInMinutes?: number;
}

function schedule({
  ScheduleExpression,
  ScheduleExpressionTimezone,
  Target,
  FlexibleTimeWindow,
}: Input) {
  const expression = String(ScheduleExpression);
  const invalid = (message: string) => ({ code: "ValidationException", message });
  if (!isExpression(expression)) return invalid(`Invalid Schedule Expression ${expression}.`);
  if (ScheduleExpressionTimezone !== undefined && !isTimezone(String(ScheduleExpressionTimezone))) {
    return invalid(`Invalid timezone ${ScheduleExpressionTimezone}.`);
  }
  const { Mode, MaximumWindowInMinutes } = (FlexibleTimeWindow ?? {}) as FlexibleWindow;
  if (Mode === "FLEXIBLE" && MaximumWindowInMinutes === undefined) {
    return invalid("MaximumWindowInMinutes must be provided when FlexibleTimeWindow is FLEXIBLE.");
  }
  const { Arn = "", Input: event } = (Target ?? {}) as {
    readonly Arn?: string;
    readonly Input?: string;
  };
  if (!/^arn:[^:]+:[^:]+:/.test(Arn))
    return invalid(`Provided Arn is not in correct format. Arn: ${Arn}`);
  return event === undefined || isJson(event)
    ? undefined
    : invalid("Invalid JSON in Target.Input.");
}

function isExpression(expression: string): boolean {
  const [, count, unit = ""] = RATE.exec(expression) ?? [];
  // "If the value is equal to 1, the unit must be singular", and plural for more.
  if (count !== undefined) return Number(count) > 0 && (Number(count) === 1) !== unit.endsWith("s");
  if (/^at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)$/.test(expression)) return true;
  const [, body = ""] = /^cron\((.+)\)$/.exec(expression) ?? [];
  const fields = body.trim().split(/\s+/);
  if (fields.length !== 6) return false;
  const [, , dayOfMonth = "", , dayOfWeek = ""] = fields;
  // "You can't use * in both the Day-of-month and Day-of-week fields": one of them is ?.
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) return false;
  try {
    new Cron(`0 ${fields.join(" ").replaceAll("?", "*")}`, { paused: true, sloppyRanges: true });
    return true;
  } catch {
    return false;
  }
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const DAY_SECONDS = 86_400;

function alarm(input: Input) {
  const { Period, EvaluationPeriods, DatapointsToAlarm, AlarmActions, OKActions } = input;
  const invalid = (message: string) => ({ code: "ValidationError", message });
  // "You must specify either MetricName, a Metrics array, or an EvaluationCriteria."
  if (!["MetricName", "Metrics", "EvaluationCriteria"].some((name) => input[name] !== undefined)) {
    return invalid("Either MetricName or Metrics must be specified");
  }
  const period = Number(Period ?? 60);
  if (![10, 20, 30].includes(period) && period % 60 !== 0) {
    return invalid("Period must be 10, 20, 30 or a multiple of 60");
  }
  if (period * Number(EvaluationPeriods) > DAY_SECONDS && period < 3_600) {
    return invalid(
      "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).",
    );
  }
  if (DatapointsToAlarm !== undefined && Number(DatapointsToAlarm) > Number(EvaluationPeriods)) {
    return invalid("DatapointsToAlarm must be no more than EvaluationPeriods");
  }
  const actions = [...((AlarmActions ?? []) as string[]), ...((OKActions ?? []) as string[])];
  return actions.every((action) => action.startsWith("arn:"))
    ? undefined
    : invalid("Invalid arn syntax");
}

const RESERVED = new Set([
  "AWS_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_FUNCTION_NAME",
  "_HANDLER",
]);
const ENVIRONMENT_BYTES = 4_096;

/** Lambda quotas: a function runs for 900 seconds. */
const LONGEST_RUN_SECONDS = 900;

function functionSettings({
  Environment,
  Layers,
  Timeout = 0,
}: Input): DocumentedRefusal | undefined {
  if (Number(Timeout) > LONGEST_RUN_SECONDS) {
    const message =
      "1 validation error detected: Value at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900";
    return { code: "ValidationException", message };
  }
  const code = "InvalidParameterValueException";
  const { Variables = {} } = (Environment ?? {}) as {
    readonly Variables?: Readonly<Record<string, string>>;
  };
  const reserved = Object.keys(Variables).filter((name) => RESERVED.has(name));
  if (reserved.length > 0) {
    return {
      code,
      message: `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
    };
  }
  if (Buffer.byteLength(JSON.stringify(Variables)) > ENVIRONMENT_BYTES) {
    return {
      code,
      message:
        "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.",
    };
  }
  return Array.isArray(Layers) && Layers.length > 5
    ? { code, message: "Function code layers are at most five." }
    : undefined;
}
