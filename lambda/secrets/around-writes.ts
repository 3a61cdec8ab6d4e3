import type { SecretsPort } from "./port";

/** Does something around a write. */
export type AroundWrite = <T>(write: () => Promise<T>) => Promise<T>;

/**
 * The same port, with something around each write that counts against the account's quota: PutSecretValue,
 * UpdateSecret and UpdateSecretVersionStage share 50 calls a second, which AWS raises for nobody (Secrets Manager
 * user guide, "Quotas"). Tags have a quota of their own. What `under` gives is the port's own.
 */
export function aroundWrites(port: SecretsPort, around: AroundWrite): SecretsPort {
  return {
    ...port,
    put: (secretArn, version) => around(() => port.put(secretArn, version)),
    promote: (secretArn, promotion) => around(() => port.promote(secretArn, promotion)),
    dropStage: (secretArn, versionId, stage) =>
      around(() => port.dropStage(secretArn, versionId, stage)),
  };
}
