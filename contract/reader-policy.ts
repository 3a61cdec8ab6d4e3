import { encodePolicy, type Place, type Statement, throughSecretsManager } from "./policy";

/** One secret and the key that encrypts it. */
export interface ReadableSecret {
  readonly place: Place;
  readonly secretArn: string;
  readonly kmsKeyArn: string;
}

/** Read the access token of one store. */
export function mayReadToken({ secretArn }: ReadableSecret): Statement {
  return mayRead(secretArn);
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
  return mayDecrypt({ place, secretArns: secretArn, kmsKeyArn });
}

/** What whoever reads one store's token may do, and no more, as the text that IAM takes. */
export function encodeReaderPolicy(secret: ReadableSecret): string {
  return encodePolicy([mayReadToken(secret), mayDecryptToken(secret), mayReadInBatches()]);
}

/** Secrets of one place, and the keys that encrypt them. */
export interface ReadableSecrets {
  readonly place: Place;
  /** `kmsKeyArn` is undefined for a secret under AWS's own key, which asks nobody for a permission. */
  readonly secrets: readonly {
    readonly secretArn: string;
    readonly kmsKeyArn: string | undefined;
  }[];
}

/**
 * The same for several stores at once: as few policies as fit.
 *
 * @param most the characters that one policy may have
 */
export function encodeReaderPolicies({ place, secrets }: ReadableSecrets, most: number): string[] {
  const encoded = encodePolicy(statementsOf({ place, secrets }));
  if (encoded.length <= most || secrets.length < 2) return [encoded];
  const half = Math.ceil(secrets.length / 2);
  return [secrets.slice(0, half), secrets.slice(half)].flatMap((part) =>
    encodeReaderPolicies({ place, secrets: part }, most),
  );
}

function statementsOf({ place, secrets }: ReadableSecrets): Statement[] {
  const keys = [...new Set(secrets.flatMap(({ kmsKeyArn }) => kmsKeyArn ?? []))];
  const underKey = (key: string) => secrets.filter(({ kmsKeyArn }) => kmsKeyArn === key);
  return [
    mayRead(oneOrAll(secrets.map(({ secretArn }) => secretArn))),
    ...keys.map((kmsKeyArn, at) => ({
      ...mayDecrypt({
        place,
        secretArns: oneOrAll(underKey(kmsKeyArn).map(({ secretArn }) => secretArn)),
        kmsKeyArn,
      }),
      // A policy's statements have names of their own.
      Sid: at === 0 ? "DecryptToken" : `DecryptToken${at + 1}`,
    })),
    mayReadInBatches(),
  ];
}

function mayRead(secretArns: string | readonly string[]): Statement {
  return {
    Sid: "ReadToken",
    Effect: "Allow",
    Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    Resource: secretArns,
  };
}

function mayDecrypt(of: {
  readonly place: Place;
  readonly secretArns: string | readonly string[];
  readonly kmsKeyArn: string;
}): Statement {
  return {
    Sid: "DecryptToken",
    Effect: "Allow",
    Action: ["kms:Decrypt"],
    Resource: of.kmsKeyArn,
    Condition: {
      StringEquals: {
        ...throughSecretsManager(of.place),
        "kms:EncryptionContext:SecretARN": of.secretArns,
      },
    },
  };
}

function oneOrAll(arns: readonly string[]): string | readonly string[] {
  const [only = ""] = arns;
  return arns.length === 1 ? only : arns;
}
