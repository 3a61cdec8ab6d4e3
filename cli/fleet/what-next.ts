import { isApprovedByMerchant, isStatic } from "../../contract/kinds";
import { conditionOf } from "../../contract/store/condition";
import type { Call } from "../command";
import { EXIT } from "../exit-codes";
import { Refusal } from "../refusal";
import type { StoreSeen } from "./store-view";

/** What brings a store another access token, by its kind and as it is now: never a command that its kind refuses. */
export function nextFor(seen: StoreSeen, { now }: Pick<Call, "now">): string {
  const { needsPerson, next } = conditionOf(seen, now());
  if (needsPerson) return next;
  const { store, declaration } = seen;
  const verb = declaration !== undefined && isStatic(declaration) ? "put" : "rotate";
  return `shopify-secrets ${verb} ${store}`;
}

/** How a store of its kind gets a token, whatever else is wrong with one that it has: for who tried another way. */
export function ownWay(seen: StoreSeen, { now }: Pick<Call, "now">): string {
  const { store, declaration, current } = seen;
  if (declaration !== undefined && isStatic(declaration)) return `shopify-secrets put ${store}`;
  if (current !== undefined) return `shopify-secrets rotate ${store}`;
  return conditionOf(seen, now()).next;
}

/** Refuses a store that has no access token yet, with what it waits for. */
export function requireValue(seen: StoreSeen, { now }: Pick<Call, "now">): void {
  if (seen.current !== undefined) return;
  const { code, says, next } = conditionOf(seen, now());
  throw new Refusal(`${seen.store} has no access token: ${says}`, next, {
    exitCode: EXIT.needsPerson,
    ...(code === "" ? {} : { code }),
  });
}

/** Whether a merchant's approval brings the store's token. */
export function isInstallable({ declaration }: StoreSeen): boolean {
  return declaration !== undefined && isApprovedByMerchant(declaration);
}
