import type { Clock } from "../../contract/time";
import type { Log } from "../log";
import type { SecretsPort } from "./port";

/** What a measured port counts with. */
export interface MeasuredParts {
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The same port, which tells CloudWatch of each write that counts against the account's quota.
 *
 * PutSecretValue, UpdateSecret and UpdateSecretVersionStage share 50 calls a second, which AWS raises for nobody
 * (Secrets Manager user guide, "Quotas"); refused calls count too, so a write is told before it is made.
 */
export function createMeasuredPort(port: SecretsPort, parts: MeasuredParts): SecretsPort {
  const { prefix, clock, log } = parts;
  const told = <T>(write: () => Promise<T>): Promise<T> => {
    log.metrics({ secretWrites: 1 }, { prefix, at: clock.now() });
    return write();
  };
  return {
    ...port,
    put: (secretArn, version) => told(() => port.put(secretArn, version)),
    promote: (secretArn, promotion) => told(() => port.promote(secretArn, promotion)),
    dropStage: (secretArn, versionId, stage) =>
      told(() => port.dropStage(secretArn, versionId, stage)),
    under: (deadline) => createMeasuredPort(port.under(deadline), parts),
  };
}
