import { peek } from "../world/kms";
import type { InstallWorld } from "./install-world";

/** AWSCURRENT with its refresh token opened. */
export async function chainOf({ world }: InstallWorld) {
  const current = await world.current();
  if (current === undefined) throw new Error("the store has no value");
  const refreshToken = peek(current.record.refreshTokenSealed) ?? "";
  return { ...current, refreshToken };
}

/** Whether what is AWSCURRENT can go on for ever. */
export async function isChainAlive(install: InstallWorld): Promise<boolean> {
  const { refreshToken } = await chainOf(install);
  return install.world.shopify.control.refreshTokenLife({ refreshToken }).usable;
}
