import type { S3Client } from "@aws-sdk/client-s3";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SecretArn } from "../../contract/brands";
import { ENVIRONMENT } from "../../contract/environment";
import { CodedError } from "../../contract/errors";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { type Clock, systemClock } from "../../contract/time";
import { type Deadline, deadlineOf, type InvocationContext, within } from "../deadline";
import type { Log } from "../log";
import { createFindSecret, type FindSecret } from "../secrets/find-secret";
import { createFleetPort } from "../secrets/fleet-port";
import { createMakerPort, type MakerPort } from "../secrets/maker-port";
import { createSecretsPort } from "../secrets/secrets-manager";
import { createListBucket, type ListBucket } from "./bucket";

/** What the apply function works with. */
export interface ApplyDeps {
  readonly prefix: string;
  readonly bucket: ListBucket;
  readonly secrets: {
    /** Every store secret under the prefix, those that wait for their deletion too. */
    listStores(): Promise<readonly ListedSecret[]>;
    tag(secretArn: SecretArn, tags: Readonly<Record<string, string>>): Promise<void>;
  };
  readonly maker: MakerPort;
  readonly find: FindSecret;
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly kmsKeyArn: string;
  readonly rotationFunctionArn: string;
  readonly log: Log;
}

/** What a warm function keeps. */
export interface ApplyClients {
  readonly secretsManager: SecretsManagerClient;
  readonly s3: S3Client;
}

/** A store has so long; a plan has all of the function's time. */
const STORE_MS = 60_000;

type Variables = Readonly<Record<string, string | undefined>>;

/** Builds the dependencies of an invocation out of what a warm function keeps. */
export function createApplyDeps(
  variables: Variables,
  { secretsManager, s3 }: ApplyClients,
): (context: InvocationContext, log: Log, ofPlan: boolean) => ApplyDeps {
  return (context, log, ofPlan) => {
    const prefix = needed(variables, ENVIRONMENT.prefix);
    const whole = deadlineOf(context);
    const deadline = ofPlan ? whole : within(whole, STORE_MS);
    const port = createSecretsPort(secretsManager, deadline);
    const fleet = createFleetPort(secretsManager, { prefix, deadline });
    return {
      prefix,
      bucket: createListBucket(s3, needed(variables, ENVIRONMENT.listBucket), deadline),
      secrets: {
        listStores: () => fleet.listStores(),
        tag: (secretArn, tags) => port.tag(secretArn, tags),
      },
      maker: createMakerPort(secretsManager, deadline),
      find: createFindSecret(secretsManager, deadline),
      clock: systemClock,
      deadline,
      kmsKeyArn: needed(variables, ENVIRONMENT.secretsKeyArn),
      rotationFunctionArn: needed(variables, ENVIRONMENT.rotationFunctionArn),
      log,
    };
  };
}

function needed(variables: Variables, name: string): string {
  const value = variables[name] ?? "";
  if (value === "") throw new CodedError("environment_malformed", { field: name });
  return value;
}
