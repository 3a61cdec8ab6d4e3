import type { AppKey } from "./brands";
import { UP } from "./up";

/**
 * What is written into config, and pasted, so that a public app's own key gets the tokens of all its stores: without
 * their merchants, and with what they have now until then.
 *
 * @param path where the app stands; default: in stack config
 */
export function moveToKey(app: AppKey, path = `shopify-secrets:apps.${app}`): string {
  const set = (name: string, value: string) =>
    `pulumi config set --path '${path}.${name}' ${value}`;
  return [
    set("credential", "signing-key"),
    set("offlineTokens", "signed"),
    UP,
    `shopify-secrets public-key ${app}, and paste what it prints in the app's settings`,
  ].join(", then ");
}
