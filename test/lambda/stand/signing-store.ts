import type { KeyArn, StoreKey } from "../../../contract/brands";
import type { EnrolRequest, EnrolResult } from "../../../contract/enrolment";
import type { Kind } from "../../../contract/kinds";
import { type Condition, conditionOf } from "../../../contract/store/condition";
import { storeViewOf } from "../../../contract/store/view";
import { epochMs } from "../../../contract/time";
import { enrol } from "../../../lambda/enrol/enrol";
import { openRequest, type ShopifyRequest } from "../../../lambda/shopify/exchange";
import type { Switches } from "../../../local/shopify/switches";
import { signingKeyPair } from "../../simulation/aws/kms";
import { APP, CLIENT_ID, PREFIX, shopOf, signingKeyArn } from "../../simulation/stage";
import { FleetStand, type FleetStore } from "./fleet-stand";

/** The store of the tests of apps that sign. */
export const STORE = "acme" as StoreKey;
export const SHOP = shopOf(STORE);
export const FIRST = signingKeyArn("first");
export const SECOND = signingKeyArn("second");

export const OWN: FleetStore = {
  kind: "client-credentials",
  distribution: "own-organization",
  credential: "signing-key",
  holds: "none",
};
export const PUBLIC: FleetStore = { ...OWN, distribution: "public", isRotated: false };

/** Both keys as they were made. */
export function enableKeys(): void {
  signingKeyPair(FIRST).state = "Enabled";
  signingKeyPair(SECOND).state = "Enabled";
}

/** A store of an app that signs with its first key, which Shopify does not know yet. */
export async function signingStore(
  declared: FleetStore,
  switches: Partial<Switches> = {},
): Promise<FleetStand> {
  const world = await FleetStand.create(switches);
  // The stand begins with an app that has a client secret: this one never had.
  await world.putSigningApp([SECOND]);
  await world.putSigningApp([FIRST]);
  await world.add(STORE, declared);
  if (declared.distribution === "public") {
    world.shopify.control.changeApp({ clientId: CLIENT_ID, distribution: "public" });
    world.shopify.control.changeShop({ shop: SHOP, organization: "org-of-a-merchant" });
  }
  return world;
}

/** Pastes the public half of a key at Shopify. */
export function paste(world: FleetStand, keyArn: KeyArn = FIRST): void {
  world.shopify.control.pasteKey({ clientId: CLIENT_ID, jwk: signingKeyPair(keyArn).jwk });
}

/** What `up` does for the store. */
export async function enrolled(world: FleetStand): Promise<EnrolResult> {
  return await enrolledAs(world, "client-credentials");
}

/** The same for a store that is declared as another kind. */
export async function enrolledAs(world: FleetStand, kind: Kind): Promise<EnrolResult> {
  const request: EnrolRequest = {
    store: STORE,
    secretArn: world.arnOf(STORE),
    kind,
    shop: SHOP,
    app: APP,
    appSecretVersion: world.appSecretVersion,
    accessToken: undefined,
    tokenSource: "config",
  };
  return await enrol(request, world.deps());
}

export async function conditionIn(world: FleetStand): Promise<Condition> {
  const facts = await world.deps().secrets.describe(world.arnOf(STORE));
  const view = storeViewOf({ secretArn: world.arnOf(STORE), facts }, PREFIX);
  return conditionOf(view, epochMs(world.clock.now));
}

/** The assertions that Shopify was sent, in order. */
export function watchAssertions(world: FleetStand): string[] {
  const seen: string[] = [];
  world.stray = (request: ShopifyRequest) => {
    const body = JSON.parse(openRequest(request).body || "{}") as Record<string, string>;
    if (body["client_assertion"] !== undefined) seen.push(body["client_assertion"]);
    return undefined;
  };
  return seen;
}
