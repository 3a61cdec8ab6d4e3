import type { Judge } from "../judge/judge";
import type { Answer, World } from "../world";

/** How a merchant goes about an approval. */
export interface Approving {
  /** How long he takes to approve, in milliseconds. */
  readonly thinksMs: number;
  /** How often his browser asks again when a page does not come. */
  readonly reloads: number;
}

/** A merchant opens the link of his store, approves at Shopify, and his browser comes back; gives the last page. */
export async function approve(
  key: string,
  approving: Approving,
  at: { readonly world: World; readonly judge: Judge },
): Promise<Answer | undefined> {
  const { world, judge } = at;
  const opened = await begin(key, at);
  const location = locationOf(opened);
  if (location === undefined) return opened;
  await world.timeline.sleep(approving.thinksMs);
  const back = new URL(world.shopify.control.approve({ url: location }).location);
  const page = await finish({ back, opened }, approving, at);
  judge.readPage(key, page);
  return page;
}

/** The browser comes back from Shopify with what the endpoint gave it; gives the last page. */
export async function finish(
  { back, opened }: { readonly back: URL; readonly opened: Answer | undefined },
  { reloads }: Approving,
  { world, judge }: { readonly world: World; readonly judge: Judge },
): Promise<Answer | undefined> {
  judge.keepSecret(back.searchParams.get("code") ?? "no code");
  const cookies = [(opened?.cookies?.[0] ?? "").split(";")[0]];
  const request = { rawQueryString: back.search.slice(1), cookies };
  let page = await world.request("GET /callback", request);
  for (let again = 0; again < reloads && page === undefined; again += 1) {
    await world.timeline.sleep(1_000);
    page = await world.request("GET /callback", request);
  }
  const result = page?.statusCode === 303 ? page.headers?.["location"]?.split("?")[1] : undefined;
  if (result !== undefined) page = await world.request("GET /callback", { rawQueryString: result });
  return page;
}

/** The link, and the button where the store is well. */
async function begin(
  store: string,
  { world, judge }: { readonly world: World; readonly judge: Judge },
): Promise<Answer | undefined> {
  const pathParameters = { store };
  const opened = await world.request("GET /install/{store}", { pathParameters });
  judge.readPage(store, opened);
  return opened?.statusCode === 200 ? await pressed(store, world) : opened;
}

/** The merchant presses the button of a store that is well. */
export async function pressed(store: string, world: World): Promise<Answer | undefined> {
  const headers = { "sec-fetch-site": "same-origin" };
  return await world.request("POST /install/{store}", { pathParameters: { store }, headers });
}

/** Where a page leads on to; undefined: it does not. */
export function locationOf(answer: Answer | undefined): string | undefined {
  return answer?.headers?.["location"] ?? answer?.headers?.["refresh"]?.replace(/^0; url=/, "");
}
