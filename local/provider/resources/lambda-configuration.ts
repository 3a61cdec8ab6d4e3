import type {
  FunctionConfiguration,
  GetFunctionResponse,
  LogFormat,
  Runtime,
  TracingMode,
  UpdateFunctionConfigurationRequest,
} from "@aws-sdk/client-lambda";
import { number, object, present, text, textMap, texts } from "../values";
import type { Properties } from "../wire";

type Configuration = Omit<UpdateFunctionConfigurationRequest, "FunctionName">;

/** The settings of these properties, as create and update send them. */
export function configurationOf(news: Properties, asked: ReadonlySet<string>): Configuration {
  const wanted = Object.entries(everySetting(news)).filter(([name]) => isAsked(name, asked));
  return Object.assign({}, ...wanted.map(([, settings]) => settings));
}

// The environment is sent again with a new key: it is encrypted anew.
const isAsked = (name: string, asked: ReadonlySet<string>): boolean =>
  asked.has(name) || (name === "environment" && asked.has("kmsKeyArn"));

function everySetting(news: Properties): Record<string, Configuration> {
  const logging = object(news, "loggingConfig");
  const variables = textMap(object(news, "environment") ?? {}, "variables");
  const vpc = object(news, "vpcConfig") ?? {};
  const storage = number(object(news, "ephemeralStorage") ?? {}, "size");
  const mode = text(object(news, "tracingConfig") ?? {}, "mode");
  return {
    deadLetterConfig: {
      DeadLetterConfig: {
        TargetArn: text(object(news, "deadLetterConfig") ?? {}, "targetArn") ?? "",
      },
    },
    description: { Description: text(news, "description") ?? "" },
    environment: { Environment: { Variables: variables } },
    ephemeralStorage: { EphemeralStorage: storage ? { Size: storage } : undefined },
    handler: { Handler: text(news, "handler") },
    kmsKeyArn: { KMSKeyArn: text(news, "kmsKeyArn") ?? "" },
    layers: { Layers: texts(news, "layers") ?? [] },
    loggingConfig: { LoggingConfig: logging ? loggingOf(logging) : undefined },
    memorySize: { MemorySize: number(news, "memorySize") },
    runtime: { Runtime: text(news, "runtime") as Runtime | undefined },
    timeout: { Timeout: number(news, "timeout") },
    tracingConfig: { TracingConfig: mode ? { Mode: mode as TracingMode } : undefined },
    vpcConfig: {
      VpcConfig: {
        Ipv6AllowedForDualStack: vpc["ipv6AllowedForDualStack"] === true,
        SecurityGroupIds: texts(vpc, "securityGroupIds") ?? [],
        SubnetIds: texts(vpc, "subnetIds") ?? [],
      },
    },
  };
}

function loggingOf(logging: Properties): Configuration["LoggingConfig"] {
  return {
    LogFormat: text(logging, "logFormat") as LogFormat | undefined,
    LogGroup: text(logging, "logGroup"),
    ApplicationLogLevel: text(logging, "applicationLogLevel") as never,
    SystemLogLevel: text(logging, "systemLogLevel") as never,
  };
}

/** A function as AWS has it, in the words of the table. */
export function describeFunction(
  found: GetFunctionResponse,
  latest: FunctionConfiguration,
): Properties {
  const { Configuration: it = {}, Concurrency } = found;
  const invokeArn = (arn: string | undefined, api = "2015-03-31", call = "invocations") =>
    arn && `arn:aws:apigateway:${arn.split(":")[3]}:lambda:path/${api}/functions/${arn}/${call}`;
  return {
    ...present({
      ...settingsOf(it),
      architectures: it.Architectures,
      arn: it.FunctionArn,
      codeSha256: it.CodeSha256,
      invokeArn: invokeArn(it.FunctionArn),
      lastModified: it.LastModified,
      name: it.FunctionName,
      packageType: it.PackageType,
      qualifiedArn: latest.FunctionArn,
      qualifiedInvokeArn: invokeArn(latest.FunctionArn),
      reservedConcurrentExecutions: Concurrency?.ReservedConcurrentExecutions ?? -1,
      responseStreamingInvokeArn: invokeArn(
        it.FunctionArn,
        "2021-11-15",
        "response-streaming-invocations",
      ),
      role: it.Role,
      signingJobArn: it.SigningJobArn,
      signingProfileVersionArn: it.SigningProfileVersionArn,
      sourceCodeSize: it.CodeSize,
      version: latest.Version,
    }),
  };
}

function settingsOf(it: FunctionConfiguration) {
  const { LoggingConfig: logging, VpcConfig: vpc } = it;
  return {
    deadLetterConfig: { targetArn: it.DeadLetterConfig?.TargetArn || undefined },
    description: it.Description,
    environment: { variables: it.Environment?.Variables },
    ephemeralStorage: { size: it.EphemeralStorage?.Size },
    handler: it.Handler,
    kmsKeyArn: it.KMSKeyArn || undefined,
    layers: it.Layers?.map(({ Arn }) => Arn),
    loggingConfig: {
      applicationLogLevel: logging?.ApplicationLogLevel,
      logFormat: logging?.LogFormat,
      logGroup: logging?.LogGroup,
      systemLogLevel: logging?.SystemLogLevel,
    },
    memorySize: it.MemorySize,
    runtime: it.Runtime,
    timeout: it.Timeout,
    tracingConfig: { mode: it.TracingConfig?.Mode ?? "PassThrough" },
    vpcConfig: vpc?.SubnetIds?.length
      ? {
          ipv6AllowedForDualStack: vpc.Ipv6AllowedForDualStack ?? false,
          securityGroupIds: vpc.SecurityGroupIds,
          subnetIds: vpc.SubnetIds,
          vpcId: vpc.VpcId,
        }
      : undefined,
  };
}
