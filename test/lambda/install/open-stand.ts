import type { AppKey, KeyArn, SecretArn, ShopDomain, StoreKey } from "../../../contract/brands";
import { DEFAULT_API_VERSION } from "../../../contract/brands";
import { storeSecretName } from "../../../contract/names";
import type { OpenInstalls } from "../../../contract/open-installs";
import { parseRecord, type StoreRecord } from "../../../contract/record";
import type { Reply } from "../../../lambda/install/reply";
import { APP, CLIENT_ID, PREFIX, shopOf } from "../../simulation/stage";
import { InstallStand, type Visit } from "../stand/install-stand";
import type { StoreOptions } from "../stand/store-stand";

export const KMS_KEY = "arn:aws:kms:us-east-1:000000000000:key/secrets" as KeyArn;

/** What config says of the one app, which every merchant may install. */
export function openInstalls(change: Partial<OpenInstalls> = {}): OpenInstalls {
  return {
    apps: [{ app: APP, newStoresAnHour: 100 }],
    kmsKeyArn: KMS_KEY,
    apiVersion: DEFAULT_API_VERSION,
    recoveryWindowDays: 30,
    tags: { team: "commerce" },
    ...change,
  };
}

/** An endpoint of an open app, and merchants whom nobody declared. */
export class OpenStand {
  readonly install: InstallStand;

  private constructor(install: InstallStand) {
    this.install = install;
  }

  static async create(
    options: Partial<StoreOptions> = {},
    settings: Partial<OpenInstalls> = {},
  ): Promise<OpenStand> {
    const install = await InstallStand.create(options);
    install.openInstalls = openInstalls(settings);
    const distribution = "public";
    const { control } = install.world.shopify;
    const allowed = { allowedNetworks: ["AS16509"], allowedCountries: ["US"] };
    control.changeApp({ clientId: CLIENT_ID, distribution, complianceTopics: true, ...allowed });
    return new OpenStand(install);
  }

  get clock(): { now: number } {
    return this.install.world.clock;
  }

  /** A merchant's shop, where the app is not installed yet. */
  openShop(handle: string): ShopDomain {
    const shop = shopOf(handle);
    this.install.world.shopify.control.addShop({ shop });
    return shop;
  }

  /** The merchant installs the app from the App Store: Shopify sends the browser to the App URL. */
  async arrive(shop: ShopDomain): Promise<Visit> {
    const url = await this.#appUrlFor(shop);
    const rawQueryString = url.slice(url.indexOf("?") + 1);
    const reply = await this.install.request("GET /", { rawQueryString });
    const cookie = (reply.cookies[0] ?? "").split(";")[0] ?? "";
    return { reply, location: reply.headers["location"] ?? "", cookie };
  }

  /** What Shopify does first: nothing, or the installation itself, where it manages that. */
  async #appUrlFor(shop: ShopDomain): Promise<string> {
    const path = `/admin/oauth/install?client_id=${CLIENT_ID}`;
    const { shopify } = this.install.world;
    const asked = await shopify.handle({ method: "GET", host: shop, path, headers: {}, body: "" });
    if (asked.drop === true) throw new Error("Shopify does not answer");
    if (asked.status !== 200) return asked.headers["location"] ?? "";
    const body = new URLSearchParams({ client_id: CLIENT_ID, answer: "approve" }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const agreed = await shopify.handle({ method: "POST", host: shop, path, headers, body });
    return agreed.drop === true ? "" : (agreed.headers["location"] ?? "");
  }

  /** The whole way of a merchant who comes by himself; the page that he sees at its end. */
  async come(shop: ShopDomain): Promise<Reply> {
    const visit = await this.arrive(shop);
    if (visit.location === "") return visit.reply;
    return await this.install.callback(this.install.approve(visit), [visit.cookie]);
  }

  uninstall(shop: ShopDomain): void {
    this.install.world.shopify.control.uninstall({ clientId: CLIENT_ID, shop });
  }

  /** Shopify delivers what is due. */
  async deliver(): Promise<void> {
    await this.install.world.shopify.control.runDue();
  }

  async pass(milliseconds: number): Promise<void> {
    this.clock.now += milliseconds;
    await this.deliver();
  }

  nameOf(key: string): string {
    return storeSecretName(PREFIX, key as StoreKey);
  }

  /** A store's secret; undefined: there is none. */
  async secretOf(key: string): Promise<Described | undefined> {
    const { model } = this.install.world;
    const SecretId = this.nameOf(key);
    if (model.factsFor(SecretId) === undefined) return undefined;
    const reply = (await model.handle("DescribeSecret", { SecretId })) as {
      ARN: SecretArn;
      Description: string;
      DeletedDate?: Date;
      Tags?: { Key: string; Value: string }[];
    };
    return {
      arn: reply.ARN,
      isDeleted: reply.DeletedDate !== undefined,
      declared: JSON.parse(reply.Description) as Described["declared"],
      tags: Object.fromEntries((reply.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    };
  }

  /** What AWSCURRENT of a store holds. */
  async recordOf(key: string): Promise<StoreRecord> {
    const value = (await this.install.world.model.handle("GetSecretValue", {
      SecretId: this.nameOf(key),
    })) as { SecretString: string };
    return parseRecord(value.SecretString);
  }

  /** Whether what AWSCURRENT of a store holds works at Shopify, for this shop. */
  async works(key: string, shop: ShopDomain): Promise<boolean> {
    const record = await this.recordOf(key);
    return record.shop === shop && this.install.world.isAlive(record.accessToken.unseal());
  }

  /** The keys of all stores, those that wait for their deletion left out. */
  get keys(): string[] {
    const head = `${PREFIX}/stores/`;
    return [...this.install.world.model.state.secrets.values()]
      .filter(({ name, deletion }) => name.startsWith(head) && deletion === undefined)
      .map(({ name }) => name.slice(head.length, -"/token".length))
      .sort();
  }
}

interface Described {
  readonly arn: SecretArn;
  readonly isDeleted: boolean;
  readonly declared: { readonly kind: string; readonly shop: string; readonly app: AppKey };
  readonly tags: Readonly<Record<string, string>>;
}
