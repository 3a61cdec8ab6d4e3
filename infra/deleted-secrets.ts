import * as pulumi from "@pulumi/pulumi";
import { sentenceOf } from "../contract/errors";
import { secretNameOf } from "../contract/names";
import type { ListedSecret } from "../contract/store/secret-facts";
import type { FleetSpec } from "./config/spec";
import type { Place } from "./policies/statement";
import { inTime, isAt, listStores } from "./store-list";

/**
 * The ARNs of the secrets under a prefix that wait for their deletion; a parameter, so that tests need no AWS.
 * Nobody waits for them any more when the signal is aborted.
 */
export type ListDeleted = (
  place: Place,
  prefix: string,
  signal: AbortSignal,
) => Promise<readonly string[]>;

/**
 * Warns of stores whose secret's name is still taken by a deleted secret, with the command that restores it.
 *
 * AWS's own refusal comes only during `up`, after the provider tried for two minutes, and does not say what to
 * do. This asks once for the whole stack, at preview already, and is silent where it gets no answer.
 */
export function warnOfDeletedSecrets(
  { settings, stores }: FleetSpec,
  place: pulumi.Output<Place>,
  listDeleted: ListDeleted = listDeletedSecrets,
): void {
  place.apply(async (found) => {
    const arns = (await inTime((signal) => listDeleted(found, settings.prefix, signal))) ?? [];
    const taken = new Set(arns.filter((arn) => isAt(found, arn)).map(secretNameOf));
    for (const { key, secretName } of stores) {
      if (!taken.has(secretName)) continue;
      void pulumi.log.warn(`${key}: ${sentenceOf("secret_pending_deletion", { store: key })}`);
    }
  });
}

const listDeletedSecrets: ListDeleted = async (...question) =>
  deletedAmong(await listStores(...question));

/** The ARNs of those secrets of a list that wait for their deletion. */
export function deletedAmong(listed: readonly ListedSecret[]): string[] {
  return listed.flatMap(({ secretArn, facts }) =>
    facts.deletedAt === undefined ? [] : [secretArn],
  );
}
