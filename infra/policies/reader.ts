import { type Place, type Statement, throughSecretsManager } from "./statement";

/** One secret and the key that encrypts it. */
export interface ReadableSecret {
  readonly place: Place;
  readonly secretArn: string;
  readonly kmsKeyArn: string;
}

/** Read the access token of one store. */
export function mayReadToken({ secretArn }: ReadableSecret): Statement {
  return {
    Sid: "ReadToken",
    Effect: "Allow",
    Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    Resource: secretArn,
  };
}

/**
 * Read up to twenty secrets at once: it gives nothing without `GetSecretValue` on each of them, and the
 * wildcard is because AWS offers no narrower resource for it.
 */
export function mayReadInBatches(): Statement {
  return {
    Sid: "ReadInBatches",
    Effect: "Allow",
    Action: ["secretsmanager:BatchGetSecretValue"],
    Resource: "*",
  };
}

/** Decrypt one store's secret, through Secrets Manager and no other. */
export function mayDecryptToken({ place, secretArn, kmsKeyArn }: ReadableSecret): Statement {
  return {
    Sid: "DecryptToken",
    Effect: "Allow",
    Action: ["kms:Decrypt"],
    Resource: kmsKeyArn,
    Condition: {
      StringEquals: {
        ...throughSecretsManager(place),
        "kms:EncryptionContext:SecretARN": secretArn,
      },
    },
  };
}
