import { Agent, type AgentOptions } from "node:https";
import * as pulumi from "@pulumi/pulumi";
import { sentenceOf } from "../contract/errors";
import { secretNameOf } from "../contract/names";
import type { FleetSpec } from "./config/spec";
import type { Place } from "./policies/statement";

/**
 * The ARNs of the secrets under a prefix that wait for their deletion; a parameter, so that tests need no AWS.
 * Nobody waits for them any more when the signal is aborted.
 */
export type ListDeleted = (
  place: Place,
  prefix: string,
  signal: AbortSignal,
) => Promise<readonly string[]>;

/** The most time that this courtesy may take, in milliseconds: behind a firewall AWS may never answer. */
const LONGEST_LOOK_MS = 5_000;

/**
 * Warns of stores whose secret's name is still taken by a deleted secret, with the command that restores it.
 *
 * AWS's own refusal comes only during `up`, after the provider tried for two minutes, and does not say what to
 * do. This asks once for the whole stack, at preview already, and is silent where it gets no answer.
 */
export function warnOfTakenNames(
  { settings, stores }: FleetSpec,
  place: pulumi.Output<Place>,
  listDeleted: ListDeleted = listDeletedSecrets,
): void {
  place.apply(async (found) => {
    const arns = await inTime((signal) => listDeleted(found, settings.prefix, signal));
    const taken = new Set(arns.filter((arn) => isAt(found, arn)).map(secretNameOf));
    for (const { key, secretName } of stores) {
      if (!taken.has(secretName)) continue;
      void pulumi.log.warn(`${key}: ${sentenceOf("secret_pending_deletion", { store: key })}`);
    }
  });
}

/** What is answered in time; nothing where AWS refuses, or is silent. */
async function inTime(
  ask: (signal: AbortSignal) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const abort = new AbortController();
  const silence = new Promise<readonly string[]>((resolve) => {
    abort.signal.addEventListener("abort", () => resolve([]));
  });
  const timer = setTimeout(() => abort.abort(), LONGEST_LOOK_MS);
  try {
    return await Promise.race([ask(abort.signal), silence]);
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}

/** Credentials of another account than the provider's would tell of another account's secrets. */
function isAt({ region, accountId }: Place, arn: string): boolean {
  return arn.split(":").slice(3, 5).join(":") === `${region}:${accountId}`;
}

/** No data source of the provider tells of deleted secrets, so AWS is asked as the SDK finds it. */
async function listDeletedSecrets(
  { region }: Place,
  prefix: string,
  abortSignal: AbortSignal,
): Promise<string[]> {
  // The SDK prints at its start which Node it will ask for one day; that is for package.json to say.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const { paginateListSecrets, SecretsManagerClient } = await import(
    "@aws-sdk/client-secrets-manager"
  );
  const profile = new pulumi.Config("aws").get("profile");
  const client = new SecretsManagerClient({
    region,
    maxAttempts: 2,
    requestHandler: {
      // Half of the time, so that a connection that is swallowed leaves some for another one.
      requestTimeout: LONGEST_LOOK_MS / 2,
      throwOnRequestTimeout: true,
      // Pulumi's engine obeys the proxy that the environment names; the SDK does not, and Node from 22.21 and 24.5.
      httpsAgent: new Agent({ proxyEnv: process.env } as AgentOptions),
    },
    ...(profile === undefined ? {} : { profile }),
  });
  const Filters = [{ Key: "name" as const, Values: [`${prefix}/stores/`] }];
  const question = { IncludePlannedDeletion: true, Filters };
  const arns: string[] = [];
  // A request that was sent keeps the program from its end.
  abortSignal.addEventListener("abort", () => client.destroy());
  try {
    for await (const { SecretList = [] } of paginateListSecrets({ client }, question)) {
      for (const { ARN, DeletedDate } of SecretList) {
        if (ARN !== undefined && DeletedDate !== undefined) arns.push(ARN);
      }
    }
  } finally {
    client.destroy();
  }
  return arns;
}
