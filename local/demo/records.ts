import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { parseRecord, type StoreRecord } from "../../contract/record";
import type { World } from "../world/world";
import { clientConfigOf } from "./root-client";

/** The current record of a store, with the version that holds it. */
export interface CurrentRecord {
  readonly record: StoreRecord;
  readonly versionId: string;
}

/** Reads what a store's secret holds now, as the account's owner. */
export async function readRecord(world: World, secretArn: string): Promise<CurrentRecord> {
  const client = new SecretsManagerClient(clientConfigOf(world));
  try {
    const answer = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    return { record: parseRecord(answer.SecretString ?? ""), versionId: answer.VersionId ?? "" };
  } finally {
    client.destroy();
  }
}

/** A token as it may be shown: the kind of token that its prefix tells, and nothing of the secret part. */
export function masked(record: StoreRecord): string {
  const [, prefix = ""] = /^(shp[a-z]+_)/.exec(record.accessToken.unseal()) ?? [];
  return `${prefix}********`;
}
