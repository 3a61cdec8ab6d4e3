import type { ImitationControl } from "../shopify/control/control";
import { DEV_APPS, DEV_STORES, type DevStore } from "./dev-fixtures";

/** The client ID of the custom app that made the static token of a store whose app is not declared. */
const UNDECLARED_APP = "local-world-undeclared-client-id";

/** Makes the imitation know the apps, stores and static tokens that Pulumi.dev.yaml declares. */
export function fillShopify(control: ImitationControl): void {
  for (const [name, { clientId, clientSecret }] of Object.entries(DEV_APPS)) {
    control.addApp({ name, clientId, clientSecret });
  }
  control.addApp({ clientId: UNDECLARED_APP });
  for (const store of Object.values<DevStore>(DEV_STORES)) addStore(control, store);
}

function addStore(control: ImitationControl, store: DevStore): void {
  const clientId = store.app === undefined ? UNDECLARED_APP : DEV_APPS[store.app].clientId;
  const { shop, accessToken, kind } = store;
  const scopes = [...store.scopes];
  control.addShop({ shop });
  control.install({ clientId, shop, scopes });
  if (kind !== "client-credentials" && accessToken !== undefined) {
    control.issueToken({ clientId, shop, kind, accessToken, scopes });
  }
}
