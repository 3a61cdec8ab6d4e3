import { isSecretArn, isVersionId, type SecretArn, type VersionId } from "../brands";
import { type EpochMs, MINUTE_MS } from "../time";

/** Secrets Manager's own staging labels. */
export type Stage = "AWSCURRENT" | "AWSPENDING" | "AWSPREVIOUS";

/** The label of an install's version until it is AWSCURRENT: not AWSPENDING, which belongs to renewals. */
export const INSTALLING = "SHOPIFY_SECRETS_INSTALLING";

/** What DescribeSecret and ListSecrets tell of a secret; no value is read for it. */
export interface SecretFacts {
  /** Empty: AWS told none. */
  readonly name: string;
  readonly description: string | undefined;
  /** Every labelled version with its labels. */
  readonly versions: ReadonlyMap<VersionId, readonly string[]>;
  /** The key that AWS encrypts the values with, as the secret names it; undefined: AWS's own. */
  readonly kmsKeyId: string | undefined;
  readonly rotationEnabled: boolean;
  /** When it rotates, as a cron expression; undefined: AWS told none. */
  readonly rotationRule?: string | undefined;
  /** The end of the window in which the next rotation is due. */
  readonly nextRotationAt: EpochMs | undefined;
  readonly createdAt: EpochMs | undefined;
  /** AWS's DeletedDate, read by {@link deletionOf}; undefined: the secret stays. */
  readonly deletedAt: EpochMs | undefined;
  readonly tags: ReadonlyMap<string, string>;
}

/** A secret as a list shows it: everything but its values. */
export interface ListedSecret {
  readonly secretArn: SecretArn;
  readonly facts: SecretFacts;
}

/** AWS's answer as far as it is read: DescribeSecret's, or an entry of ListSecrets'. */
export interface SecretReply {
  readonly ARN?: string | undefined;
  readonly Name?: string | undefined;
  readonly Description?: string | undefined;
  /** DescribeSecret's name of what a list calls SecretVersionsToStages. */
  readonly VersionIdsToStages?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly SecretVersionsToStages?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly KmsKeyId?: string | undefined;
  readonly RotationEnabled?: boolean | undefined;
  readonly RotationRules?: { readonly ScheduleExpression?: string | undefined } | undefined;
  readonly NextRotationDate?: Date | undefined;
  readonly CreatedDate?: Date | undefined;
  readonly DeletedDate?: Date | undefined;
  readonly Tags?:
    | readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[]
    | undefined;
}

/** The facts of a secret out of AWS's answer. */
export function secretFactsOf(reply: SecretReply): SecretFacts {
  const labelled = Object.entries(reply.VersionIdsToStages ?? reply.SecretVersionsToStages ?? {});
  return {
    name: reply.Name ?? "",
    description: reply.Description,
    versions: new Map(
      labelled.filter((entry): entry is [VersionId, readonly string[]] => isVersionId(entry[0])),
    ),
    kmsKeyId: reply.KmsKeyId,
    rotationEnabled: reply.RotationEnabled ?? false,
    rotationRule: reply.RotationRules?.ScheduleExpression,
    nextRotationAt: instantOf(reply.NextRotationDate),
    createdAt: instantOf(reply.CreatedDate),
    deletedAt: instantOf(reply.DeletedDate),
    tags: new Map(reply.Tags?.map(({ Key, Value }) => [Key ?? "", Value ?? ""])),
  };
}

/** A deletion that is under way, as far as AWS's one date tells it. */
export type Deletion =
  | { readonly askedAt: EpochMs; readonly endsAt?: undefined }
  | { readonly askedAt?: undefined; readonly endsAt: EpochMs };

/** How far the clock here may be behind AWS's: more, and AWS takes no request of ours. */
const CLOCK_SKEW_MS = 15 * MINUTE_MS;

/**
 * What AWS's DeletedDate says: when the deletion was asked for. DescribeSecret's reference can be read as the end of the
 * recovery window too, so a date that has not come is taken for that.
 *
 * Source: AWS's API reference, DeletedDate of SecretListEntry ("the deletion of the secret occurred") and of DescribeSecret
 * ("is scheduled for deletion").
 */
export function deletionOf(deletedAt: EpochMs, now: EpochMs): Deletion {
  return deletedAt - now > CLOCK_SKEW_MS ? { endsAt: deletedAt } : { askedAt: deletedAt };
}

/** The secrets of a list; an entry without an ARN is none. */
export function listedSecretsOf(entries: readonly SecretReply[] | undefined): ListedSecret[] {
  return (entries ?? []).flatMap((entry) =>
    isSecretArn(entry.ARN) ? [{ secretArn: entry.ARN, facts: secretFactsOf(entry) }] : [],
  );
}

/** One version of a secret, as ListSecretVersionIds tells of it: those without a label too, and no value. */
export interface DatedVersion {
  readonly versionId: VersionId;
  readonly createdAt: EpochMs;
  readonly labels: readonly string[];
}

/** The versions of an answer of ListSecretVersionIds. */
export function datedVersionsOf(
  entries:
    | readonly {
        readonly VersionId?: string | undefined;
        readonly CreatedDate?: Date | undefined;
        readonly VersionStages?: readonly string[] | undefined;
      }[]
    | undefined,
): DatedVersion[] {
  return (entries ?? []).flatMap(({ VersionId, CreatedDate, VersionStages }) =>
    isVersionId(VersionId) && CreatedDate !== undefined
      ? [
          {
            versionId: VersionId,
            createdAt: CreatedDate.getTime() as EpochMs,
            labels: VersionStages ?? [],
          },
        ]
      : [],
  );
}

/** The version that carries a label. */
export function holderOf(
  { versions }: Pick<SecretFacts, "versions">,
  stage: Stage | typeof INSTALLING,
): VersionId | undefined {
  for (const [versionId, stages] of versions) {
    if (stages.includes(stage)) return versionId;
  }
  return undefined;
}

function instantOf(date: Date | undefined): EpochMs | undefined {
  const milliseconds = date?.getTime();
  return milliseconds === undefined || Number.isNaN(milliseconds)
    ? undefined
    : (milliseconds as EpochMs);
}
