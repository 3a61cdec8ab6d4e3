import type { ConditionContext } from "../../../local/aws/policy";
import type { Service } from "./actions";

const REGION = "us-east-1";
const ACCOUNT = "000000000000";
const SECRETS = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret`;
const THROUGH = { "kms:ViaService": `secretsmanager.${REGION}.amazonaws.com` };

const KIND = "aws:ResourceTag/shopify-kind";
const ORIGIN = "aws:ResourceTag/shopify-origin";
const CAME = { [KIND]: "offline-expiring", [ORIGIN]: "installed-by-merchant" };
/** The window of the fleet under test, as a request to delete brings it. */
const IN_TIME = { "secretsmanager:RecoveryWindowInDays": "30" };
const ROTATED_BY = "secretsmanager:resource/AllowRotationLambdaArn";
/** The stores of the fleet under test. */
const KINDS: Readonly<Record<string, string>> = {
  acme: "client-credentials",
  heritage: "custom-app",
  partner: "offline",
  hourly: "offline-expiring",
};

export const ROTATE_ARN = functionArn("shopify-dev-rotate");

/** Something that an action is asked about: a resource, and what AWS would know of the request. */
export interface Target {
  readonly service: Service;
  readonly resource: string;
  readonly context?: ConditionContext;
}

/** What a stack under test made. */
export interface Made {
  readonly storeArns: Readonly<Record<string, string>>;
  readonly appSecretArn: string;
  readonly secretsKeyArn: string;
  readonly refreshKeyArn: string;
  readonly signingKeyArn: string;
}

export function functionArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
}

export function roleArn(name: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${name}`;
}

export function userArn(name: string): string {
  return `arn:aws:iam::${ACCOUNT}:user/${name}`;
}

/** Own and foreign resources of every service, under the names that the table of rights uses. */
export function targetsOf(made: Made): Readonly<Record<string, Target>> {
  return {
    ...secretTargets(made),
    ...keyTargets(made),
    ...functionTargets(),
    ...logTargets(),
    ...otherTargets(),
  };
}

function secretTargets(made: Made): Record<string, Target> {
  const { storeArns, appSecretArn } = made;
  const stores = Object.entries(storeArns).map(([key, arn]) => {
    return [`store ${key}`, secret(arn, contextOfStore(key))] as const;
  });
  return {
    ...Object.fromEntries(stores),
    ...undeclaredTargets(made),
    "store that another function rotates": secret(
      `${SECRETS}:shopify/dev/stores/stray/token-AbCdEf`,
      { [ROTATED_BY]: functionArn("somebody-elses"), [KIND]: "client-credentials" },
    ),
    "store of a list": secret(`${SECRETS}:shopify/dev/stores/listed/token-AbCdEf`, {
      [KIND]: "client-credentials",
      [ORIGIN]: "listed",
    }),
    "app secret": secret(appSecretArn),
    "store of another stack": secret(`${SECRETS}:shopify/prod/stores/acme/token-AbCdEf`),
    "store of a longer prefix": secret(`${SECRETS}:shopify/dev-eu/stores/acme/token-AbCdEf`),
    "app secret of another stack": secret(`${SECRETS}:shopify/prod/apps/erp/credential-AbCdEf`),
    "other secret under the prefix": secret(`${SECRETS}:shopify/dev/notes-AbCdEf`),
    "somebody else's secret": secret(`${SECRETS}:billing/database-AbCdEf`),
    "store of another account": secret(
      `arn:aws:secretsmanager:${REGION}:111111111111:secret:shopify/dev/stores/acme/token-AbCdEf`,
    ),
    "all secrets": secret("*"),
  };
}

/** Stores that came by themselves, and what a request brings that makes one, or would turn another into one. */
function undeclaredTargets({ storeArns, secretsKeyArn }: Made): Record<string, Target> {
  const unmarked = {
    "aws:RequestTag/shopify-kind": "offline-expiring",
    "secretsmanager:KmsKeyId": secretsKeyArn,
  };
  const marked = { ...unmarked, "aws:RequestTag/shopify-origin": "installed-by-merchant" };
  const made = (context: ConditionContext) =>
    secret(`${SECRETS}:shopify/dev/stores/made/token-AbCdEf`, context);
  const came = `${SECRETS}:shopify/dev/stores/came/token-AbCdEf`;
  return {
    "store that came by itself": secret(came, { ...CAME, ...IN_TIME }),
    "store that came by itself, without a window": secret(came, CAME),
    "store that came by itself, of another stack": secret(
      `${SECRETS}:shopify/prod/stores/came/token-AbCdEf`,
      { ...CAME, ...IN_TIME, ...marked },
    ),
    "store to be made": made(marked),
    "store to be made, without its mark": made(unmarked),
    "store to be made, of a kind that nobody approves": made({
      ...marked,
      "aws:RequestTag/shopify-kind": "client-credentials",
    }),
    "store to be made, under another key": made({
      ...marked,
      "secretsmanager:KmsKeyId": secretsKeyArn.replace(/[^/]*$/, "another"),
    }),
    "store hourly, marked anew": secret(storeArns["hourly"] ?? "", {
      ...contextOfStore("hourly"),
      ...marked,
      ...IN_TIME,
    }),
  };
}

/** What AWS knows of a store's secret: the tag of its kind, and the function that rotates it. */
function contextOfStore(key: string): ConditionContext {
  const kind = KINDS[key] ?? "";
  return {
    [KIND]: kind,
    ...(kind === "client-credentials" ? { [ROTATED_BY]: ROTATE_ARN } : {}),
  };
}

function secret(resource: string, context: ConditionContext = {}): Target {
  return { service: "secretsmanager", resource, context };
}

const PREFIX_TAG = "aws:ResourceTag/shopify-prefix";

function keyTargets({ storeArns, appSecretArn, secretsKeyArn, ...others }: Made) {
  const { refreshKeyArn, signingKeyArn } = others;
  const key = (resource: string, context: ConditionContext = {}): Target => ({
    service: "kms",
    resource,
    context,
  });
  const through = (secretArn: string) =>
    key(secretsKeyArn, { ...THROUGH, "kms:EncryptionContext:SecretARN": secretArn });
  return {
    "secrets key for acme": through(storeArns["acme"] ?? ""),
    "secrets key for partner": through(storeArns["partner"] ?? ""),
    "secrets key for the app secret": through(appSecretArn),
    "secrets key for another stack": through(`${SECRETS}:shopify/prod/stores/acme/token-AbCdEf`),
    "secrets key through another service": key(secretsKeyArn, {
      "kms:ViaService": `s3.${REGION}.amazonaws.com`,
      "kms:EncryptionContext:SecretARN": storeArns["acme"] ?? "",
    }),
    "secrets key for no secret": key(secretsKeyArn, THROUGH),
    "secrets key directly": key(secretsKeyArn),
    "refresh key": key(refreshKeyArn, {
      "kms:EncryptionContext:SecretArn": storeArns["hourly"] ?? "",
      "kms:EncryptionContext:Shop": "hourly.myshopify.com",
    }),
    "refresh key for another stack": key(refreshKeyArn, {
      "kms:EncryptionContext:SecretArn": `${SECRETS}:shopify/prod/stores/acme/token-AbCdEf`,
    }),
    "refresh key for nothing": key(refreshKeyArn),
    "signing key": key(signingKeyArn, { [PREFIX_TAG]: "shopify/dev" }),
    "signing key with another stack's tag": key(signingKeyArn, { [PREFIX_TAG]: "shopify/prod" }),
  };
}

function functionTargets(): Record<string, Target> {
  const own = ["rotate", "enrol", "sweep", "install"].map((role) => {
    const resource = functionArn(`shopify-dev-${role}`);
    return [`function ${role}`, { service: "lambda", resource }] as const;
  });
  const foreign = { service: "lambda", resource: functionArn("billing") } as const;
  // A call that names a qualifier is judged on the qualified ARN alone.
  const qualified = {
    service: "lambda",
    resource: functionArn("shopify-dev-enrol:$LATEST"),
  } as const;
  return {
    ...Object.fromEntries(own),
    "function enrol, as the provider calls it": qualified,
    "somebody else's function": foreign,
  };
}

function logTargets(): Record<string, Target> {
  const group = (name: string): Target => ({
    service: "logs",
    resource: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/${name}:log-stream:one`,
  });
  const own = ["rotate", "enrol", "sweep", "install"].map(
    (role) => [`log ${role}`, group(`shopify-dev-${role}`)] as const,
  );
  return { ...Object.fromEntries(own), "somebody else's log": group("billing") };
}

function otherTargets(): Record<string, Target> {
  const at = (service: Service, resource: string, context: ConditionContext = {}): Target => ({
    service,
    resource,
    context,
  });
  const rotate = roleArn(`shopify-dev-rotate-${REGION}`);
  const passed = (to: string) =>
    at("iam", rotate, { "iam:PassedToService": `${to}.amazonaws.com` });
  return {
    "role rotate": at("iam", rotate),
    "role rotate, passed to lambda": passed("lambda"),
    "role rotate, passed to ec2": passed("ec2"),
    "role sweep": at("iam", roleArn(`shopify-dev-sweep-${REGION}`)),
    "somebody else's role": at("iam", roleArn("admin")),
    "all of IAM": at("iam", "*"),
    "a role's session": at("sts", roleArn("admin")),
    "notices topic": at("sns", `arn:aws:sns:${REGION}:${ACCOUNT}:shopify-dev-notices`),
    "somebody else's topic": at("sns", `arn:aws:sns:${REGION}:${ACCOUNT}:billing`),
    "any schedule": at("scheduler", `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/default/any`),
    "schedule that calls the sweep": at(
      "scheduler",
      `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/default/shopify-dev-sweep-schedule`,
    ),
    "alarm of the stack": at(
      "cloudwatch",
      `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:shopify-dev-sweep-silent`,
    ),
    "somebody else's alarm": at("cloudwatch", `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:any`),
    "all metrics": at("cloudwatch", "*"),
    "any API": at("apigateway", `arn:aws:apigateway:${REGION}::/apis/any`),
  };
}
