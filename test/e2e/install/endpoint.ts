import type { Browser } from "playwright-core";
import { type ApiDoor, openApiDoor } from "../../../local/aws/api-door";
import { DEV_APPS } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { startBrowser } from "./browser";

/** A stack's install endpoint, with a browser that finds it and Shopify by their own names. */
export interface ServedEndpoint {
  readonly door: ApiDoor;
  readonly browser: Browser;
  close(): Promise<void>;
}

/** Opens the endpoint that a stack deployed, and makes an app at Shopify know its addresses; default: `catalog`. */
export async function serveEndpoint(
  world: World,
  installBaseUrl: string,
  clientId: string = DEV_APPS.catalog.clientId,
): Promise<ServedEndpoint> {
  const [, apiId = ""] = /^https?:\/\/(\w+)\.execute-api\./.exec(installBaseUrl.trim()) ?? [];
  const door = await openApiDoor(world.front.url, apiId);
  world.shopify.imitation.control.changeApp({
    clientId,
    redirectUris: [`https://${door.host}/callback`],
    webhookAddress: `${door.plainUrl}/webhooks`,
  });
  const browser = await startBrowser({
    "*.execute-api.us-east-1.amazonaws.com": door.tlsPort,
    "*.myshopify.com": world.shopify.port,
  }).catch(async (error: unknown) => {
    await door.close();
    throw error;
  });
  const close = async () => {
    await browser.close();
    await door.close();
  };
  return { door, browser, close };
}
