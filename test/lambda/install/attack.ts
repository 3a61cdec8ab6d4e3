import { createHmac } from "node:crypto";
import type { AppKey, ShopDomain, StoreKey } from "../../../contract/brands";
import type { Reply } from "../../../lambda/install/reply";
import { callbackHmac, signedText } from "../../../local/shopify/rules/callback";
import { FIRST_SECRET, MINUTE } from "../../simulation/stage";
import { CALLBACK, InstallStand, type Visit } from "../stand/install-stand";

export const CANARY = "canary-7f3a";
export const OTHER_SHOP = "globex.myshopify.com" as ShopDomain;
export const OTHER_STORE = "globex" as StoreKey;
export const OTHER_APP = "crm" as AppKey;
export const OTHER_CLIENT = "crm-client";
export const OTHER_SECRET = "shpss_crm_client_secret";

/** A fleet of two stores of two apps on two shops; `acme` is installed. */
export async function fleet(): Promise<InstallStand> {
  const install = await InstallStand.create();
  const { control } = install.world.shopify;
  control.addShop({ shop: OTHER_SHOP });
  control.addApp({
    clientId: OTHER_CLIENT,
    clientSecret: OTHER_SECRET,
    scopes: ["read_orders"],
    redirectUris: [CALLBACK],
    createdAt: 0,
  });
  await install.declareApp(OTHER_APP, OTHER_CLIENT, OTHER_SECRET);
  await install.declareStore(OTHER_STORE, {
    kind: "offline-expiring",
    shop: OTHER_SHOP,
    app: OTHER_APP,
  });
  await install.install();
  install.world.clock.now += 5 * MINUTE;
  return install;
}

export interface Attack {
  readonly install: InstallStand;
  /** A visit that was begun rightly, for the attacker to spoil. */
  readonly visit: Visit;
  /** Shopify's true answer to it. */
  readonly query: string;
}

export type Attempt = (attack: Attack) => Promise<Reply>;
/** What is tried, how, and the code and status of the refusal. */
export type Row = readonly [what: string, attempt: Attempt, code: string, status: number];

export const parametersOf = (query: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(query));

/** The answer with other parameters, signed as given; undefined leaves a parameter out. */
export function forged(
  query: string,
  change: Readonly<Record<string, string | undefined>>,
  secret = FIRST_SECRET,
): string {
  const { hmac: _true, ...rest } = parametersOf(query);
  const entries = Object.entries({ ...rest, ...change });
  const kept = entries.filter((entry): entry is [string, string] => entry[1] !== undefined);
  const text = signedText(Object.fromEntries(kept));
  return `${text}&hmac=${callbackHmac(text, secret)}`;
}

export const send =
  (change: (attack: Attack) => string): Attempt =>
  async (attack) =>
    await attack.install.callback(change(attack), [attack.visit.cookie]);

export const hmacOver = (
  query: string,
  text: (parameters: Record<string, string>) => string,
): string => {
  const { hmac: _true, ...rest } = parametersOf(query);
  const mac = createHmac("sha256", FIRST_SECRET).update(text(rest)).digest("hex");
  return `${signedText(rest)}&hmac=${mac}`;
};
