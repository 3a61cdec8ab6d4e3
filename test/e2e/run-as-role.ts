import { CreateFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { build } from "esbuild";
import { zipSync } from "fflate";
import { clientConfigOf } from "../../local/demo/root-client";
import type { World } from "../../local/world/world";

/** A function that reads one secret and says what came of it; it runs with whatever role it is given. */
const SOURCE = `
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
const client = new SecretsManagerClient({});
export async function handler({ SecretId }) {
  try {
    await client.send(new GetSecretValueCommand({ SecretId }));
    return "allowed";
  } catch (error) {
    return error.name + ": " + error.message;
  }
}`;

const ROLES: Readonly<Record<string, string>> = {
  rotate: "arn:aws:iam::000000000000:role/shopify-dev-rotate-us-east-1",
  enrol: "arn:aws:iam::000000000000:role/shopify-dev-enrol-us-east-1",
  sweep: "arn:aws:iam::000000000000:role/shopify-dev-sweep-us-east-1",
};

let archive: Promise<Uint8Array> | undefined;

/** Reads a secret as the role of one of the stack's functions, and returns "allowed" or AWS's own refusal. */
export async function runAsRole(world: World, role: string, secretId: string): Promise<string> {
  const lambda = new LambdaClient(clientConfigOf(world));
  const FunctionName = `as-${role}`;
  try {
    await ensureFunction(lambda, FunctionName, ROLES[role] ?? "");
    const Payload = JSON.stringify({ SecretId: secretId });
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
    return JSON.parse(Buffer.from(answer.Payload ?? []).toString("utf8")) as string;
  } finally {
    lambda.destroy();
  }
}

async function ensureFunction(lambda: LambdaClient, FunctionName: string, Role: string) {
  archive ??= makeArchive();
  const ZipFile = await archive;
  const settings = { FunctionName, Role, Runtime: "nodejs24.x", Handler: "index.handler" } as const;
  try {
    await lambda.send(new CreateFunctionCommand({ ...settings, Timeout: 30, Code: { ZipFile } }));
  } catch (error) {
    if ((error as Error).name !== "ResourceConflictException") throw error; // it is there already
  }
}

async function makeArchive(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents: SOURCE, resolveDir: __dirname },
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node24",
  });
  return zipSync({ "index.js": outputFiles[0]?.contents ?? new Uint8Array() });
}
