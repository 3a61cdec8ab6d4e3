import * as metrics from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as lambda from "@aws-sdk/client-lambda";
import * as scheduler from "@aws-sdk/client-scheduler";
import * as secretsManager from "@aws-sdk/client-secrets-manager";
import * as sns from "@aws-sdk/client-sns";
import * as sts from "@aws-sdk/client-sts";

/** The services that the product touches, by the head of their IAM actions. */
const CLIENTS = {
  secretsmanager: secretsManager,
  kms,
  lambda,
  iam,
  logs,
  scheduler,
  sns,
  cloudwatch: metrics,
  sts,
} as const;

export type Service = keyof typeof CLIENTS | "apigateway";

/** Where IAM's name of an action is not the operation's. Source: Service Authorization Reference. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  "lambda:Invoke": ["lambda:InvokeFunction"],
  "lambda:InvokeWithResponseStream": ["lambda:InvokeFunction"],
  "kms:ReEncrypt": ["kms:ReEncryptFrom", "kms:ReEncryptTo"],
  "sns:PublishBatch": ["sns:Publish"],
};

/** Actions that are no operation, but asked for behind one. Source: Service Authorization Reference. */
const BEHIND_OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  iam: ["iam:PassRole"],
  lambda: ["lambda:InvokeFunctionUrl"],
};

/** API Gateway's actions are the verbs of its REST API. */
const GATEWAY_VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"].map((verb) => `apigateway:${verb}`);

/** Every action of every service that the product touches: each operation that AWS's own clients know, and what is behind them. */
export const ACTIONS: Readonly<Record<Service, readonly string[]>> = {
  ...(Object.fromEntries(
    Object.entries(CLIENTS).map(([head, client]) => [head, actionsOf(head, client)]),
  ) as Record<keyof typeof CLIENTS, string[]>),
  apigateway: GATEWAY_VERBS,
};

function actionsOf(head: string, client: object): string[] {
  const actions = operationsOf(client).flatMap((operation) => {
    const action = `${head}:${operation}`;
    return OTHER_NAMES[action] ?? [action];
  });
  return [...new Set([...actions, ...(BEHIND_OPERATIONS[head] ?? [])])];
}

function operationsOf(client: object): string[] {
  return Object.keys(client)
    .filter((name) => /^[A-Z]\w+Command$/.test(name))
    .map((name) => name.slice(0, -"Command".length));
}
