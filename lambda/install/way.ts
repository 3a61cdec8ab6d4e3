import { isAppKey, isShopDomain } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { keysOfInstalled } from "../../contract/installed-keys";

import type { Sealed } from "../../contract/sealed";
import { SECOND_MS } from "../../contract/time";
import { clientSecretOf } from "../engine/app-secret";
import type { InstallDeps } from "./deps";
import { INSTALL_SESSION_SECONDS } from "./install-session";
import type { Newcomer } from "./newcomer";
import { openAppOf } from "./newcomer";
import { isOneOf, ownSealOf } from "./own-seal";

const WAY =
  /^way=([a-z0-9-]{1,48})\.([a-z0-9-]{1,238}\.myshopify\.com)\.(\d{10,12})\.([A-Za-z0-9_-]{43})$/;

/**
 * The way out of a frame for a merchant who has no store yet: sealed, because nothing else shows any more that Shopify
 * sent him, and good for as long as an approval may take.
 */
export async function wayOf({ app, shop, key }: Newcomer, deps: InstallDeps): Promise<string> {
  const signing = await deps.apps.read(app, deps);
  const until = Math.floor(deps.clock.now() / SECOND_MS) + INSTALL_SESSION_SECONDS;
  const seal = ownSealOf("way", [app, shop, until], clientSecretOf(signing.app).secret);
  return `/install/${key}?way=${[app, shop, until, seal].join(".")}`;
}

/**
 * The merchant who comes by such a way; undefined: a link of a store.
 *
 * @throws {CodedError} `install_state_invalid`: it was not made here, or is too old
 */
export async function newcomerBy(
  rawQuery: Sealed<string>,
  deps: InstallDeps,
): Promise<Newcomer | undefined> {
  const [, app, shop, until, seal] = WAY.exec(rawQuery.unseal()) ?? [];
  if (deps.open === undefined || !isAppKey(app) || !isShopDomain(shop) || seal === undefined) {
    return undefined;
  }
  const [key] = keysOfInstalled({ app, shop });
  const isYoung = deps.clock.now() < Number(until) * SECOND_MS;
  if (key === undefined || openAppOf(app, deps) === undefined || !isYoung) {
    throw new CodedError("install_state_invalid");
  }
  const { clientSecrets } = await deps.apps.read(app, deps);
  const seals = clientSecrets.map(({ secret }) =>
    ownSealOf("way", [app, shop, Number(until)], secret),
  );
  if (!isOneOf(seals, seal)) throw new CodedError("install_state_invalid");
  return { app, shop, key };
}
