import type { Judge } from "../judge/judge";
import { CLIENT_ID, MINUTE, shopOf } from "../stage";
import type { Answer, World } from "../world";
import { type Approving, finish, locationOf, pressed } from "./merchant";

/** Merchants whom nobody declared, by the handles of their shops. */
export const MERCHANTS = ["linden", "maple", "rowan", "hazel", "aspen", "birch"] as const;

/** The handle of a merchant's shop; the one after the last has a store in config, and comes by himself all the same. */
export function merchantOf(index: number): string {
  return MERCHANTS[index] ?? DECLARED;
}

const DECLARED = "acme";

/** How a merchant goes about it who comes by himself. */
export interface Coming extends Approving {
  /** Whether he approves again where he is told that all is well. */
  readonly insists: boolean;
}

interface Place {
  readonly world: World;
  readonly judge: Judge;
}

/** A stranger's attempt to be let in: what of his answer is not Shopify's. */
export type Forgery = "signature" | "browser" | "shop";

/** The shops are there before their merchants come. */
export function openShops(world: World, handles: readonly string[]): void {
  for (const handle of handles) {
    world.shopify.control.addShop({ shop: shopOf(handle), organization: "org-of-a-merchant" });
  }
}

/** A merchant installs the app from the App Store and approves it; gives the last page that he saw. */
export async function come(handle: string, how: Coming, at: Place): Promise<Answer | undefined> {
  const { world, judge } = at;
  const shop = shopOf(handle);
  const begunAt = judge.newcomers.clocks();
  const opened = await openApp(handle, how, at);
  const location = locationOf(opened);
  if (location === undefined) {
    judge.newcomers.readPage(shop, opened);
    return opened;
  }
  await world.timeline.sleep(how.thinksMs);
  const back = new URL(world.shopify.control.approve({ url: location }).location);
  judge.newcomers.letIn(shop, begunAt);
  const page = await finish({ back, opened }, how, at);
  judge.newcomers.readPage(shop, page);
  return page;
}

/** Shopify opens the app, in its admin's frame or not; gives what leads on to the approval, or what the merchant sees. */
async function openApp(
  handle: string,
  { insists, reloads }: Coming,
  { world }: Place,
): Promise<Answer | undefined> {
  const { search } = new URL(await appUrlFor(handle, world));
  const request = { rawQueryString: search.slice(1) };
  let opened = await world.request("GET /", request);
  for (let again = 0; again < reloads && opened === undefined; again += 1) {
    await world.timeline.sleep(1_000);
    opened = await world.request("GET /", request);
  }
  const way = WAY_OUT.exec(opened?.body ?? "");
  if (way !== null) {
    const [, store = "", query = ""] = way;
    opened = await world.request("GET /install/{store}", {
      pathParameters: { store },
      rawQueryString: query.replaceAll("&amp;", "&"),
    });
  }
  const [, button] = BUTTON.exec(opened?.body ?? "") ?? [];
  return insists && button !== undefined ? await pressed(button, world) : opened;
}

const WAY_OUT = /href="\/install\/([a-z0-9-]+)(?:\?([^"]*))?"/;
const BUTTON = /action="\/install\/([a-z0-9-]+)"/;

/** What Shopify does first: nothing, or the installation itself, where it manages that. */
async function appUrlFor(handle: string, { shopify }: World): Promise<string> {
  const path = `/admin/oauth/install?client_id=${CLIENT_ID}`;
  const visit = { host: shopOf(handle), path };
  const asked = await shopify.imitation.handle({ method: "GET", headers: {}, body: "", ...visit });
  if (asked.drop === true) throw new Error("Shopify does not answer a browser");
  if (asked.status !== 200) return asked.headers["location"] ?? "";
  const agreed = await shopify.imitation.handle({
    ...visit,
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ client_id: CLIENT_ID, answer: "approve" }).toString(),
  });
  return agreed.drop === true ? "" : (agreed.headers["location"] ?? "");
}

/** Somebody who is not let in brings back an answer that Shopify did not give, to him or at all. */
export async function forge(handle: string, how: Forgery, at: Place): Promise<void> {
  const { world, judge } = at;
  const shop = shopOf(handle);
  const opened = await openApp(handle, { insists: false, reloads: 0, thinksMs: 0 }, at);
  const location = locationOf(opened);
  if (location === undefined) return;
  const state = new URL(location).searchParams.get("state") ?? "";
  const back = new URL(`https://${shop}/callback`);
  const timestamp = String(Math.floor(world.shopifyClock() / 1_000));
  const forged = { code: "0".repeat(32), shop, state, timestamp, hmac: "0".repeat(64) };
  if (how === "signature") back.search = new URLSearchParams(forged).toString();
  else back.search = new URL(world.shopify.control.approve({ url: location }).location).search;
  if (how === "shop") back.searchParams.set("shop", shopOf("mallory"));
  const browser = how === "browser" ? undefined : opened;
  judge.newcomers.readPage(shop, await finish({ back, opened: browser }, ONCE, at));
}

const ONCE: Approving = { thinksMs: 0, reloads: 0 };

/** The merchant uninstalls the app, if he has it. */
export function leave(handle: string, { world, judge }: Place): void {
  const on = { clientId: CLIENT_ID, shop: shopOf(handle) };
  if (world.shopify.control.installation(on) === null) return;
  world.shopify.control.uninstall(on);
  judge.newcomers.left(on.shop);
  world.shopify.planWebhooks();
}

/** Shopify asks that the shop be forgotten: what it does 48 hours after an uninstall it does now. */
export function beForgotten(handle: string, { world }: Pick<Place, "world">): void {
  const { control } = world.shopify;
  for (const { topic, shop, id, state } of control.webhooks()) {
    const isAsked = topic === "shop/redact" && shop === shopOf(handle) && state === "waiting";
    if (isAsked) control.redeliverWebhook({ id, afterSeconds: 0 });
  }
  world.shopify.planWebhooks();
}

/** How long a merchant waits before each visit, in milliseconds: a function that slept takes two minutes to wake, and what a token is like a sweep may have to find out. */
const WAITS_MS = [2 * MINUTE, 2 * MINUTE, 12 * MINUTE] as const;

/** All is calm, and who wants the app and has it not comes until he has it, or is told why not. */
export async function comeUntilWell(handle: string, at: Place): Promise<void> {
  const { world, judge } = at;
  let page: Answer | undefined;
  for (const waitMs of WAITS_MS) {
    await world.timeline.sleep(waitMs);
    page = await come(handle, { thinksMs: 4_000, reloads: 1, insists: false }, at);
    if (judge.newcomers.isAnswered(shopOf(handle), page)) return;
  }
  judge.newcomers.requireAnswered(shopOf(handle), page);
}
