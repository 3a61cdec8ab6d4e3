import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  RestoreSecretCommand,
  RotateSecretCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { isSecretArn, type SecretArn } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import type { RotationSchedule } from "../../contract/schedule";
import type { Deadline } from "../deadline";
import { awsErrorNameOf, codedAwsError, unanswered } from "./aws-errors";
import {
  answered,
  createCall,
  type SecretsManagerCall,
  type SecretsManagerSend,
} from "./secrets-manager";

/** A secret to be made, without a value. */
export interface NewSecret {
  /** The whole name. */
  readonly name: string;
  readonly description: string;
  /** The key that AWS encrypts its values with. */
  readonly kmsKeyArn: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The same for every try to make this secret, 32 to 64 characters. */
  readonly requestToken: string;
}

/**
 * What became of it. `taken`: there is a secret of this name, an earlier try's perhaps, as AWS tells two tries apart
 * by a version's ID, and there is no version. `pending_deletion`: there was one, and its name is not free yet.
 */
export type Making =
  | { readonly outcome: "made"; readonly secretArn: SecretArn }
  | { readonly outcome: "taken" }
  | { readonly outcome: "pending_deletion" };

/** The port that makes and removes secrets, for functions that look after stores which Pulumi does not know; every failure is a coded one. */
export interface MakerPort {
  make(secret: NewSecret): Promise<Making>;
  /** Takes a deletion back; harmless where none is planned. */
  restore(secretArn: SecretArn): Promise<void>;
  /** Plans a deletion, `windowDays` from now, 7 to 30; 0: at once, for good. Harmless where one is planned, or where there is no such secret. */
  remove(secretArn: SecretArn, windowDays: number): Promise<void>;
  /** Has Secrets Manager rotate a secret that has a value; nothing is rotated at once. */
  schedule(
    secretArn: SecretArn,
    rotation: RotationSchedule & { readonly functionArn: string },
  ): Promise<void>;
  /** Ends the rotation of a secret; harmless where there is none. */
  unschedule(secretArn: SecretArn): Promise<void>;
  /** Gives a secret another description. */
  redescribe(secretArn: SecretArn, description: string): Promise<void>;
  untag(secretArn: SecretArn, tags: readonly string[]): Promise<void>;
  /** The same port, whose calls end with another deadline. */
  under(deadline: Deadline): MakerPort;
}

/** The port over an SDK client; no call outlives the deadline. */
export function createMakerPort(client: SecretsManagerSend, deadline: Deadline): MakerPort {
  const call = createCall(client, deadline);
  return {
    make: (secret) => make(call, secret),
    restore: (secretArn) => restore(call, secretArn),
    remove: (secretArn, windowDays) => remove(call, secretArn, windowDays),
    schedule: (secretArn, rotation) => schedule(call, secretArn, rotation),
    unschedule: (SecretId) =>
      told(call, (client, options) =>
        client.send(new CancelRotateSecretCommand({ SecretId }), options),
      ),
    redescribe: (SecretId, Description) =>
      told(call, (client, options) =>
        client.send(new UpdateSecretCommand({ SecretId, Description }), options),
      ),
    untag: (SecretId, TagKeys) =>
      told(call, (client, options) =>
        client.send(new UntagResourceCommand({ SecretId, TagKeys: [...TagKeys] }), options),
      ),
    under: (other) => createMakerPort(client, other),
  };
}

/** What answers nothing of use. */
async function told(call: SecretsManagerCall, run: Parameters<SecretsManagerCall>[0]) {
  try {
    await call(run);
  } catch (error) {
    throw codedAwsError(error);
  }
}

async function make(call: SecretsManagerCall, secret: NewSecret): Promise<Making> {
  const command = new CreateSecretCommand({
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyArn,
    ClientRequestToken: secret.requestToken,
    Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
  });
  try {
    const { ARN } = answered(await call((client, options) => client.send(command, options)));
    if (!isSecretArn(ARN)) throw unanswered();
    return { outcome: "made", secretArn: ARN };
  } catch (error) {
    const awsError = awsErrorNameOf(error);
    if (awsError === "ResourceExistsException") return { outcome: "taken" };
    // Of a request that brings no value it can only be the number of secrets.
    if (awsError === "LimitExceededException")
      throw new CodedError("secrets_quota_spent", { awsError });
    const coded = codedAwsError(error);
    if (coded.code === "secret_pending_deletion") return { outcome: "pending_deletion" };
    throw coded;
  }
}

async function restore(call: SecretsManagerCall, secretArn: SecretArn): Promise<void> {
  try {
    const command = new RestoreSecretCommand({ SecretId: secretArn });
    await call((client, options) => client.send(command, options));
  } catch (error) {
    throw codedAwsError(error);
  }
}

async function remove(
  call: SecretsManagerCall,
  secretArn: SecretArn,
  windowDays: number,
): Promise<void> {
  const how =
    windowDays === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: windowDays };
  try {
    const command = new DeleteSecretCommand({ SecretId: secretArn, ...how });
    await call((client, options) => client.send(command, options));
  } catch (error) {
    const coded = codedAwsError(error);
    if (!isGone(coded)) throw coded;
  }
}

function isGone({ code }: CodedError): boolean {
  return code === "secret_pending_deletion" || code === "secret_not_found";
}

async function schedule(
  call: SecretsManagerCall,
  secretArn: SecretArn,
  rotation: RotationSchedule & { readonly functionArn: string },
): Promise<void> {
  const { functionArn, expression, duration } = rotation;
  try {
    const command = new RotateSecretCommand({
      SecretId: secretArn,
      RotationLambdaARN: functionArn,
      RotationRules: { ScheduleExpression: expression, Duration: duration },
      // By default AWS rotates at once.
      RotateImmediately: false,
    });
    await call((client, options) => client.send(command, options));
  } catch (error) {
    throw codedAwsError(error);
  }
}
