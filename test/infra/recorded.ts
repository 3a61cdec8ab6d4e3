import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/**
 * The engine's SDK notes the stack of each promise that it waits for, for a report of leaks that mocks never print. Jest
 * maps each of its lines to a source: of a program of 1,000 stores that was 1 GB, and nine tenths of the time.
 */
const debuggable: { debuggablePromise: unknown } = require("@pulumi/pulumi/runtime/debuggable");
debuggable.debuggablePromise = <T>(promise: T) => promise;

/** A resource that the program asked for, as the engine's stand-in received it. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly urnParent?: string;
  /** The ID that it is imported with. */
  readonly imported?: string | undefined;
}

const ACCOUNT = "000000000000";
const REGION = "us-east-1";

/** What each resource type's provider would compute, beside its inputs. */
function outputsOf({
  type,
  name,
  inputs,
}: pulumi.runtime.MockResourceArgs): Record<string, unknown> {
  const named = inputs["name"] ?? name;
  switch (type) {
    case "aws:kms/key:Key": {
      const keyId = "11111111-2222-3333-4444-555555555555";
      return { keyId, arn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/${keyId}` };
    }
    case "aws:secretsmanager/secret:Secret":
      return {
        name: named,
        arn: `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${named}-${suffixOf(String(named))}`,
      };
    case "aws:secretsmanager/secretVersion:SecretVersion":
      return { versionId: "0123456789abcdef0123456789abcdef" };
    case "aws:lambda/function:Function":
      return { name: named, arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${named}` };
    case "aws:iam/role:Role":
      return { name: named, arn: `arn:aws:iam::${ACCOUNT}:role/${named}` };
    case "aws:apigatewayv2/api:Api":
      return { executionArn: `arn:aws:execute-api:${REGION}:${ACCOUNT}:${name}` };
    case "aws:cloudwatch/logGroup:LogGroup":
      return { name: named, arn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${named}` };
    case "aws:sqs/queue:Queue":
      return {
        arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${named}`,
        url: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${named}`,
      };
    case "aws:sns/topic:Topic":
      return { arn: `arn:aws:sns:${REGION}:${ACCOUNT}:${named}` };
    default:
      return {};
  }
}

/** Six letters of its own for each name, as AWS appends them. */
function suffixOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 6);
}

const CALLS: Readonly<Record<string, Record<string, unknown>>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": {
    accountId: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:root`,
    userId: ACCOUNT,
    id: ACCOUNT,
  },
  "aws:index/getRegion:getRegion": { region: REGION, name: REGION, id: REGION },
};

/** Runs a program against mocks, and gives what it registered once everything is registered. */
export async function recordResources(
  program: () => unknown,
  isPreview = false,
): Promise<Recorded[]> {
  const seen: Recorded[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        seen.push({
          type: args.type,
          name: args.name,
          inputs: args.inputs,
          imported: args.id || undefined,
        });
        return { id: `${args.name}-id`, state: { ...args.inputs, ...outputsOf(args) } };
      },
      call: ({ token, inputs }) => CALLS[token] ?? inputs,
    },
    "shopify-secrets",
    "test",
    isPreview,
  );
  pulumi.runtime.setAllConfig({ "aws:ignoreTags": '{"keyPrefixes":["shopify-secrets:"]}' });
  await program();
  await pulumi.runtime.disconnect(); // drains the queue: "is absent" means something only afterwards
  return seen;
}

/** The resources of a type. */
export function ofType(recorded: readonly Recorded[], type: string): Recorded[] {
  return recorded.filter((resource) => resource.type === type);
}

/** A recorded input that holds a policy. */
export function policyIn(resource: Recorded | undefined, input: string): unknown {
  return JSON.parse(String(resource?.inputs[input]));
}
