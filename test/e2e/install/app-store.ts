import { type ApiDoor, openApiDoor } from "../../../local/aws/api-door";
import { DEV_APPS } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";

const { clientId } = DEV_APPS.catalog;

/** What a merchant's browser showed last. */
export interface Shown {
  readonly status: number;
  readonly text: string;
}

/** A public app in the App Store, and the merchants who find it there: their browsers are plain requests. */
export class AppStore {
  readonly #world: World;
  readonly #door: ApiDoor;

  private constructor(world: World, door: ApiDoor) {
    this.#world = world;
    this.#door = door;
  }

  /** Lists the app, with the addresses of the endpoint that a stack deployed. */
  static async list(world: World, installBaseUrl: string): Promise<AppStore> {
    const [, apiId = ""] = /^https?:\/\/(\w+)\.execute-api\./.exec(installBaseUrl.trim()) ?? [];
    const door = await openApiDoor(world.front.url, apiId);
    world.shopify.imitation.control.changeApp({
      clientId,
      distribution: "public",
      complianceTopics: true,
      allowedAddresses: ["127.0.0.1"],
      appUrl: `https://${door.host}/`,
      redirectUris: [`https://${door.host}/callback`],
      webhookAddress: `${door.plainUrl}/webhooks`,
    });
    return new AppStore(world, door);
  }

  async close(): Promise<void> {
    await this.#door.close();
  }

  /** The merchant of a shop installs the app, and approves it; whoever has it is shown that all is well. */
  async install(shop: string): Promise<Shown> {
    const { imitation } = this.#world.shopify;
    const path = `/admin/oauth/install?client_id=${clientId}`;
    const begun = await imitation.handle({
      method: "GET",
      host: shop,
      path,
      headers: {},
      body: "",
    });
    if (begun.drop === true) throw new Error("Shopify did not answer");
    const asked = await this.#visit(begun.headers["location"] ?? "");
    const approval = asked.headers.get("location");
    if (approval === null) return await shownBy(asked);
    const cookie = asked.headers.getSetCookie().map((one) => one.split(";")[0] ?? "");
    const { location } = imitation.control.approve({ url: approval });
    const answered = await this.#visit(location, cookie);
    const result = answered.headers.get("location");
    return await shownBy(result === null ? answered : await this.#visit(result));
  }

  /** The merchants uninstall the app; Shopify tells at once. */
  async uninstall(shops: readonly string[]): Promise<void> {
    const { control } = this.#world.shopify.imitation;
    for (const shop of shops) control.uninstall({ clientId, shop });
    await control.runDue();
  }

  /** Shopify asks that these shops be forgotten: what it does 48 hours after an uninstall it does now. */
  async redact(shops: readonly string[]): Promise<void> {
    const { control } = this.#world.shopify.imitation;
    for (const { topic, shop, id } of control.webhooks()) {
      if (topic !== "shop/redact" || !shops.includes(shop)) continue;
      control.redeliverWebhook({ id, afterSeconds: 0 });
    }
    await control.runDue();
  }

  async #visit(url: string, cookies: readonly string[] = []): Promise<Response> {
    const { pathname, search } = new URL(url, `https://${this.#door.host}`);
    return await fetch(`${this.#door.plainUrl}${pathname}${search}`, {
      redirect: "manual",
      headers: cookies.length === 0 ? {} : { cookie: cookies.join("; ") },
    });
  }
}

async function shownBy(reply: Response): Promise<Shown> {
  return { status: reply.status, text: await reply.text() };
}
