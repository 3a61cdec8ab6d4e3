import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** AWS's own model of a service, as botocore ships it (`service-2.json`). */
export interface ServiceModel {
  readonly metadata: { readonly protocol: string; readonly targetPrefix?: string };
  readonly operations: Readonly<Record<string, Operation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

export interface Operation {
  readonly http: { readonly method: string; readonly requestUri: string };
  readonly input?: ShapeRef;
  readonly output?: ShapeRef & { readonly resultWrapper?: string };
  readonly errors?: readonly ShapeRef[];
  /** Another operation may have taken its place, at the same address. */
  readonly deprecated?: boolean;
}

/** A use of a shape: a member, an element, a key, an input. */
export interface ShapeRef {
  readonly shape: string;
  readonly location?: "uri" | "querystring" | "header" | "headers" | "statusCode";
  /** The name on the wire, where it is another than the member's. */
  readonly locationName?: string;
  readonly flattened?: boolean;
}

export interface Shape {
  readonly type: string;
  /** Of a structure. */
  readonly members?: Readonly<Record<string, ShapeRef>>;
  readonly required?: readonly string[];
  readonly payload?: string;
  /** Of a list. */
  readonly member?: ShapeRef;
  readonly flattened?: boolean;
  /** Of a map. */
  readonly key?: ShapeRef;
  readonly value?: ShapeRef;
  /** A length, or of a number its value. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly timestampFormat?: string;
  /** Of an error. */
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number };
  readonly exception?: boolean;
}

/** The models of the services that the world serves, by the name in a signature's scope. */
export interface ServiceModels {
  /** Undefined for a service that the world does not serve. */
  of(service: string): ServiceModel | undefined;
}

/** The service in a signature, and botocore's folder of it. */
const FOLDERS: Readonly<Record<string, string>> = {
  apigateway: "apigatewayv2",
  dynamodb: "dynamodb",
  ec2: "ec2",
  events: "events",
  iam: "iam",
  kms: "kms",
  lambda: "lambda",
  logs: "logs",
  monitoring: "cloudwatch",
  s3: "s3",
  scheduler: "scheduler",
  secretsmanager: "secretsmanager",
  sns: "sns",
  sqs: "sqs",
  states: "stepfunctions",
  sts: "sts",
};

/** Reads each model when it is first asked for, from botocore's `data` folder. */
export function readServiceModels(dataFolder: string): ServiceModels {
  const models = new Map<string, ServiceModel>();
  return {
    of: (service) => {
      const folder = FOLDERS[service];
      if (folder === undefined) return undefined;
      const model = models.get(service) ?? readModel(join(dataFolder, folder));
      models.set(service, model);
      return model;
    },
  };
}

/** The newest version of the API in the folder of a service. */
function readModel(folder: string): ServiceModel {
  const version = readdirSync(folder).sort().at(-1) ?? "";
  const packed = readFileSync(join(folder, version, "service-2.json.gz"));
  return JSON.parse(gunzipSync(packed).toString("utf8")) as ServiceModel;
}
