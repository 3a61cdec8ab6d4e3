import { computed, either, optional, regional, required, table, tagged } from "../table";
import { isObject, type Value } from "../wire";

/** A block with no variables is as good as none. */
function sameEnvironment(old: Value | undefined, next: Value | undefined): boolean {
  const isEmpty = (value: Value | undefined) =>
    !isObject(value) ||
    !isObject(value["variables"]) ||
    Object.keys(value["variables"]).length === 0;
  return isEmpty(old) && isEmpty(next);
}

/** A block with empty lists means no VPC. */
function sameVpc(old: Value | undefined, next: Value | undefined): boolean {
  const isEmpty = (value: Value | undefined) =>
    !isObject(value) ||
    ["securityGroupIds", "subnetIds"].every((name) => {
      const ids = value[name];
      return ids === undefined || (Array.isArray(ids) && ids.length === 0);
    });
  return isEmpty(old) && isEmpty(next);
}

/** A level that the program leaves open is not compared. */
const sameLevel = (_old: Value | undefined, next: Value | undefined): boolean => !next;

export const functionTable = table("internal/service/lambda/function.go", {
  ...regional,
  ...tagged,
  architectures: either("list"),
  arn: computed("string"),
  // `filename` there; an archive here (pulumi-aws, provider/resources.go).
  code: optional("archive", { read: "kept" }),
  codeSha256: either("string"),
  deadLetterConfig: optional("object", { of: { targetArn: required("string") } }),
  description: optional("string", { longest: 256 }),
  environment: optional("object", {
    same: sameEnvironment,
    of: { variables: optional("map") },
  }),
  ephemeralStorage: either("object", { of: { size: either("number", { between: [512, 10240] }) } }),
  handler: optional("string"),
  invokeArn: computed("string"),
  kmsKeyArn: optional("string"),
  lastModified: computed("string"),
  layers: optional("list"),
  loggingConfig: either("object", {
    of: {
      applicationLogLevel: optional("string", { same: sameLevel }),
      logFormat: required("string", { among: ["JSON", "Text"] }),
      logGroup: either("string"),
      systemLogLevel: optional("string", { same: sameLevel }),
    },
  }),
  memorySize: optional("number", { initial: 128, between: [128, 10240] }),
  // `function_name` there (pulumi-aws, provider/resources.go).
  name: either("string", { forceNew: true, longest: 140, shape: /^[a-zA-Z0-9_:.-]+$/ }),
  packageType: optional("string", { initial: "Zip", forceNew: true, among: ["Zip"] }),
  publish: optional("boolean", { initial: false, read: "kept" }),
  qualifiedArn: computed("string"),
  qualifiedInvokeArn: computed("string"),
  reservedConcurrentExecutions: optional("number", { initial: -1 }),
  responseStreamingInvokeArn: computed("string"),
  role: required("string"),
  runtime: optional("string"),
  signingJobArn: computed("string"),
  signingProfileVersionArn: computed("string"),
  skipDestroy: optional("boolean", { initial: false, read: "kept" }),
  sourceCodeHash: either("string", { read: "kept" }),
  sourceCodeSize: computed("number"),
  timeout: optional("number", { initial: 3, between: [1, 900] }),
  tracingConfig: either("object", {
    of: { mode: required("string", { among: ["Active", "PassThrough"] }) },
  }),
  version: computed("string"),
  vpcConfig: optional("object", {
    same: sameVpc,
    of: {
      ipv6AllowedForDualStack: optional("boolean", { initial: false }),
      securityGroupIds: required("set"),
      subnetIds: required("set"),
      vpcId: computed("string"),
    },
  }),
});
