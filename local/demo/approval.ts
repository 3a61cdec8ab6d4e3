import { type ApiDoor, openApiDoor } from "../aws/api-door";
import type { World } from "../world/world";

/** Opens a door to a stack's install endpoint, and tells Shopify of the addresses of the app behind it. */
export async function openInstallDoor(
  world: World,
  installBaseUrl: string,
  clientId: string,
): Promise<ApiDoor> {
  const [, apiId = ""] = /^https?:\/\/(\w+)\.execute-api\./.exec(installBaseUrl.trim()) ?? [];
  const door = await openApiDoor(world.front.url, apiId);
  world.shopify.imitation.control.changeApp({
    clientId,
    redirectUris: [`https://${door.host}/callback`],
    webhookAddress: `${door.plainUrl}/webhooks`,
  });
  return door;
}

/** The merchant opens the link that `install-link` printed, approves, and is sent back; answers the last page's status. */
export async function approveBy(link: string, door: ApiDoor, world: World): Promise<number> {
  const address = `${door.plainUrl}${new URL(link).pathname}`;
  const opened = await fetch(address, { redirect: "manual" });
  const headers = { "sec-fetch-site": "same-origin" };
  // A store that is well shows its button first.
  const begun = opened.status === 200 ? await fetch(address, { method: "POST", headers }) : opened;
  const cookie = (begun.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const refresh = (begun.headers.get("refresh") ?? "").replace(/^0; url=/, "");
  const { control } = world.shopify.imitation;
  const { location } = control.approve({ url: begun.headers.get("location") ?? refresh });
  const back = new URL(location);
  const callback = `${door.plainUrl}${back.pathname}${back.search}`;
  return (await fetch(callback, { headers: { cookie } })).status;
}
