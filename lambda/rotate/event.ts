import { isSecretArn, isVersionId, type SecretArn, type VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { Sealed } from "../../contract/sealed";

/** The steps of a rotation, in AWS's spelling and order. */
export const ROTATION_STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

export type RotationStep = (typeof ROTATION_STEPS)[number];

/** One step of a rotation, as Secrets Manager asks for it. */
export interface RotationEvent {
  readonly step: RotationStep;
  readonly secretArn: SecretArn;
  /** AWS calls it ClientRequestToken, but it is the new version's ID and no token. */
  readonly versionId: VersionId;
  /** Secrets Manager's own marker for assumed-role rotation: sensitive, handed back and never logged. */
  readonly rotationToken: Sealed<string> | undefined;
}

/**
 * Reads the event of the rotate function.
 *
 * @throws {CodedError} `event_malformed`, naming the field and never its content
 */
export function parseRotationEvent(event: unknown): RotationEvent {
  const fields = typeof event === "object" && event !== null ? event : {};
  const { Step, SecretId, ClientRequestToken, RotationToken } = fields as Readonly<
    Record<string, unknown>
  >;
  const step = ROTATION_STEPS.find((known) => known === Step);
  if (step === undefined) throw new CodedError("event_malformed", { field: "Step" });
  if (!isSecretArn(SecretId)) throw new CodedError("event_malformed", { field: "SecretId" });
  if (!isVersionId(ClientRequestToken)) {
    throw new CodedError("event_malformed", { field: "ClientRequestToken" });
  }
  const rotationToken =
    typeof RotationToken === "string" && RotationToken !== ""
      ? Sealed.of(RotationToken)
      : undefined;
  return { step, secretArn: SecretId, versionId: ClientRequestToken, rotationToken };
}
