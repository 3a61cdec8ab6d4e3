import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import type { AwsWorld, Credentials } from "./aws-world";
import { zipOf } from "./zip-of";

export interface Statement {
  readonly Effect?: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Record<string, Record<string, string | readonly string[]>>;
}

/** A policy document that allows, unless a statement says otherwise. */
export function policyOf(...statements: readonly Statement[]): string {
  const Statement = statements.map((statement) => ({ Effect: "Allow", ...statement }));
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

/** Makes a role that the account and the named service may assume; gives its ARN. */
export async function createRole(
  world: AwsWorld,
  name: string,
  about: { statements?: readonly Statement[]; service?: string; path?: string },
): Promise<string> {
  const { iam } = world.clients();
  const trusted = {
    AWS: "arn:aws:iam::000000000000:root",
    Service: about.service ?? "lambda.amazonaws.com",
  };
  const trust = [{ Effect: "Allow", Principal: trusted, Action: "sts:AssumeRole" }];
  const document = JSON.stringify({ Version: "2012-10-17", Statement: trust });
  const created = await iam.send(
    new CreateRoleCommand({ RoleName: name, Path: about.path, AssumeRolePolicyDocument: document }),
  );
  if (about.statements !== undefined) await allow(world, name, about.statements);
  return created.Role?.Arn ?? "";
}

/** Replaces the role's inline policy. */
export async function allow(
  world: AwsWorld,
  roleName: string,
  statements: readonly Statement[],
): Promise<void> {
  await world.clients().iam.send(
    new PutRolePolicyCommand({
      RoleName: roleName,
      PolicyName: "rights",
      PolicyDocument: policyOf(...statements),
    }),
  );
}

/** A session of the role. */
export async function sessionOf(world: AwsWorld, roleArn: string): Promise<Credentials> {
  const { sts } = world.clients();
  const answer = await sts.send(
    new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "session" }),
  );
  return {
    accessKeyId: answer.Credentials?.AccessKeyId ?? "",
    secretAccessKey: answer.Credentials?.SecretAccessKey ?? "",
    sessionToken: answer.Credentials?.SessionToken ?? "",
  };
}

/** A role with these rights, and a session of it. */
export async function callerWith(
  world: AwsWorld,
  name: string,
  statements: readonly Statement[],
): Promise<Credentials> {
  return sessionOf(world, await createRole(world, name, { statements }));
}

/** Deploys a Node function as root; gives its ARN. */
export async function createFunction(
  world: AwsWorld,
  name: string,
  about: { roleArn: string; source: string },
): Promise<string> {
  const created = await world.clients().lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Role: about.roleArn,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Timeout: 30,
      Code: { ZipFile: zipOf("index.js", about.source) },
    }),
  );
  return created.FunctionArn ?? "";
}

/** `code: message` of what a call was refused with, or `allowed`. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "allowed";
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}
