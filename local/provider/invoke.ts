import { createHash } from "node:crypto";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import { policyDocument } from "./policy-document";
import type { ProviderConfig } from "./provider-config";
import { callFunction, digestOf } from "./resources/lambda-invocation";
import { needText, present, text } from "./values";
import type { Properties } from "./wire";

export interface InvokeSession {
  readonly config: ProviderConfig;
  readonly sts: STSClient;
  readonly lambda: LambdaClient;
}

type Invoke = (session: InvokeSession, args: Properties) => Promise<Properties>;

interface InvokeRow {
  readonly args: readonly string[];
  readonly run: Invoke;
}

// Sources: internal/service/{sts/caller_identity,meta/region,meta/partition}_data_source.go,
// internal/service/iam/policy_document_data_source.go, internal/service/lambda/invocation_data_source.go.
const INVOKES: Readonly<Record<string, InvokeRow>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": { args: ["id"], run: callerIdentity },
  "aws:index/getRegion:getRegion": { args: ["endpoint", "id", "name", "region"], run: regionOf },
  "aws:index/getPartition:getPartition": { args: ["id"], run: partition },
  "aws:lambda/getInvocation:getInvocation": {
    args: ["functionName", "input", "qualifier"],
    run: invocation,
  },
  "aws:iam/getPolicyDocument:getPolicyDocument": {
    args: [
      "overrideJson",
      "overridePolicyDocuments",
      "policyId",
      "sourceJson",
      "sourcePolicyDocuments",
      "statements",
      "version",
    ],
    run: document,
  },
};

/** Answers a function of the provider; one that is not stood in for is an error that names it. */
export async function invoke(
  token: string,
  args: Properties,
  session: InvokeSession,
): Promise<Properties> {
  const row = INVOKES[token];
  if (!row) throw new Error(`the stand-in aws provider knows no function "${token}"`);
  const unknown = Object.keys(args).find((name) => !row.args.includes(name));
  if (unknown) throw new Error(`${token}: the stand-in provider knows no argument "${unknown}"`);
  return row.run(session, args);
}

async function callerIdentity(session: InvokeSession): Promise<Properties> {
  const { Account, Arn, UserId } = await session.sts.send(new GetCallerIdentityCommand({}));
  return present({ accountId: Account, arn: Arn, id: Account, userId: UserId });
}

async function regionOf(session: InvokeSession, args: Properties): Promise<Properties> {
  const region = text(args, "region") ?? text(args, "name") ?? session.config.region;
  const endpoint = `ec2.${region}.amazonaws.com`;
  return { description: region, endpoint, id: region, name: region, region };
}

async function partition(): Promise<Properties> {
  const dnsSuffix = "amazonaws.com";
  return { id: "aws", partition: "aws", dnsSuffix, reverseDnsPrefix: "com.amazonaws" };
}

async function invocation({ lambda }: InvokeSession, args: Properties): Promise<Properties> {
  const [functionName, payload] = [needText(args, "functionName"), needText(args, "input")];
  const qualifier = text(args, "qualifier") ?? "$LATEST";
  const result = await callFunction(lambda, { functionName, qualifier, payload });
  return { ...args, qualifier, id: `${functionName}_${qualifier}_${digestOf(payload)}`, result };
}

async function document(_: InvokeSession, args: Properties): Promise<Properties> {
  const policy = policyDocument(args);
  const [json, minifiedJson] = [JSON.stringify(policy, undefined, 2), JSON.stringify(policy)];
  const id = createHash("sha256").update(json).digest("hex").slice(0, 10);
  return { ...args, id, json, minifiedJson };
}
