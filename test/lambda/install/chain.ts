import { peek } from "../../simulation/aws/kms";
import type { InstallStand } from "../stand/install-stand";

/** AWSCURRENT with its refresh token opened. */
export async function chainOf({ world }: InstallStand) {
  const current = await world.current();
  if (current === undefined) throw new Error("the store has no value");
  const refreshToken = peek(current.record.refreshTokenSealed) ?? "";
  return { ...current, refreshToken };
}

/** Whether what is AWSCURRENT can go on for ever. */
export async function isChainAlive(install: InstallStand): Promise<boolean> {
  const { refreshToken } = await chainOf(install);
  return install.world.shopify.control.refreshTokenLife({ refreshToken }).usable;
}
