import type { AppKey, ShopDomain, StoreKey } from "../../contract/brands";
import { keysOfInstalled } from "../../contract/installed-keys";
import { storeSecretName } from "../../contract/names";
import type { OpenApp } from "../../contract/open-installs";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { declarationIn } from "../../contract/store/view";
import type { InstallDeps } from "./deps";
import type { KnownFleet } from "./known-apps";

/** An app on a shop. */
export interface Installation {
  readonly app: AppKey;
  readonly shop: ShopDomain;
}

/** A merchant of an open app who has no store yet. */
export interface Newcomer extends Installation {
  /** The key that the store will have, unless another takes it in between. */
  readonly key: StoreKey;
}

/** What config says of an open app; undefined: only declared stores may install it. */
export function openAppOf(app: AppKey, { open }: Pick<InstallDeps, "open">): OpenApp | undefined {
  return open?.apps.find((one) => one.app === app);
}

/** The stores of an installation that config or a list names; AWS's list may be five minutes behind. */
export async function declaredOf(
  installation: Installation,
  { listed }: KnownFleet,
  { fleet, hasList }: Pick<InstallDeps, "fleet" | "hasList">,
): Promise<ListedSecret[]> {
  const ofList = hasList ? await fleet.listListed(installation.shop) : [];
  return [...listed, ...ofList].filter((secret) => isOf(installation, secret));
}

/** A secret that a store of this installation may be in. */
export interface Candidate {
  readonly key: StoreKey;
  /** Undefined: the name is free. */
  readonly secret: ListedSecret | undefined;
}

/** What bears the names that a store of this installation may have, as it is now. */
export async function candidatesOf(
  installation: Installation,
  { findSecret, prefix }: Pick<InstallDeps, "findSecret" | "prefix">,
): Promise<Candidate[]> {
  return await Promise.all(
    keysOfInstalled(installation).map(async (key) => ({
      key,
      secret: await findSecret(storeSecretName(prefix, key)),
    })),
  );
}

/** The secret of this installation among them that is not to be deleted. */
export function livingAmong(
  candidates: readonly Candidate[],
  installation: Installation,
): ListedSecret | undefined {
  return candidates.find(
    ({ secret }) =>
      secret !== undefined && secret.facts.deletedAt === undefined && isOf(installation, secret),
  )?.secret;
}

/** Whether a secret is the store of this installation. */
export function isOf({ app, shop }: Installation, { facts }: ListedSecret): boolean {
  const declaration = declarationIn(facts);
  return declaration?.app === app && declaration.shop === shop;
}
