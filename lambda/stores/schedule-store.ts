import type { SecretArn, StoreKey } from "../../contract/brands";
import { type RotationHours, rotationScheduleOf } from "../../contract/schedule";
import type { MakerPort } from "../secrets/maker-port";

/** Has Secrets Manager renew a store that was made without Pulumi, on the very schedule that a declared one has; it may be asked again. */
export async function scheduleStore(
  store: { readonly secretArn: SecretArn; readonly key: StoreKey },
  rotation: { readonly functionArn: string; readonly hours: RotationHours },
  { maker }: { readonly maker: MakerPort },
): Promise<void> {
  const { functionArn, hours } = rotation;
  await maker.schedule(store.secretArn, { ...rotationScheduleOf(store.key, hours), functionArn });
}
