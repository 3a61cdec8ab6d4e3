/** One statement of a policy, as IAM and KMS read it. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: { readonly AWS: string };
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

/** Where the stack's resources are. */
export interface Place {
  /** `aws`, or the name of another partition. */
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

/** A policy as the text that AWS stores. */
export function encodePolicy(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** The head of every secret ARN of a place, up to and including the account. */
export function secretArnHead({ partition, region, accountId }: Place): string {
  return `arn:${partition}:secretsmanager:${region}:${accountId}`;
}

/** All store secrets of a prefix. */
export function storeSecretsOf(place: Place, prefix: string): string {
  return `${secretArnHead(place)}:secret:${prefix}/stores/*`;
}

/** All app secrets of a prefix. */
export function appSecretsOf(place: Place, prefix: string): string {
  return `${secretArnHead(place)}:secret:${prefix}/apps/*`;
}

/** All secrets of a prefix. */
export function secretsOf(place: Place, prefix: string): string {
  return `${secretArnHead(place)}:secret:${prefix}/*`;
}

/** How a key knows that Secrets Manager of this place uses it, for somebody else. */
export function throughSecretsManager({
  region,
}: Place): Readonly<Record<"kms:ViaService", string>> {
  return { "kms:ViaService": `secretsmanager.${region}.amazonaws.com` };
}
