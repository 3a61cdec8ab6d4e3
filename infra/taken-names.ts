import * as pulumi from "@pulumi/pulumi";
import { sentenceOf } from "../contract/errors";
import { secretNameOf } from "../contract/names";
import type { FleetSpec } from "./config/spec";
import type { Place } from "./policies/statement";

/** The ARNs of the secrets under a prefix that wait for their deletion; a parameter, so that tests need no AWS. */
export type ListDeleted = (place: Place, prefix: string) => Promise<readonly string[]>;

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
    const arns = await listDeleted(found, settings.prefix).catch(() => []);
    const taken = new Set(arns.filter((arn) => isAt(found, arn)).map(secretNameOf));
    for (const { key, secretName } of stores) {
      if (!taken.has(secretName)) continue;
      void pulumi.log.warn(`${key}: ${sentenceOf("secret_pending_deletion", { store: key })}`);
    }
  });
}

/** Credentials of another account than the provider's would tell of another account's secrets. */
function isAt({ region, accountId }: Place, arn: string): boolean {
  return arn.split(":").slice(3, 5).join(":") === `${region}:${accountId}`;
}

/** No data source of the provider tells of deleted secrets, so AWS is asked as the SDK finds it. */
async function listDeletedSecrets({ region }: Place, prefix: string): Promise<string[]> {
  // The SDK prints at its start which Node it will ask for one day; that is for package.json to say.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const { paginateListSecrets, SecretsManagerClient } = await import(
    "@aws-sdk/client-secrets-manager"
  );
  const profile = new pulumi.Config("aws").get("profile");
  const client = new SecretsManagerClient({
    region,
    maxAttempts: 2,
    ...(profile === undefined ? {} : { profile }),
  });
  const Filters = [{ Key: "name" as const, Values: [`${prefix}/stores/`] }];
  const pages = paginateListSecrets({ client }, { IncludePlannedDeletion: true, Filters });
  const arns: string[] = [];
  try {
    for await (const { SecretList = [] } of pages) {
      for (const { ARN, DeletedDate } of SecretList) {
        if (ARN !== undefined && DeletedDate !== undefined) arns.push(ARN);
      }
    }
  } finally {
    client.destroy();
  }
  return arns;
}
