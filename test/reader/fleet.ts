import { encodeAppCredential } from "../../contract/app-credential";
import {
  type AppKey,
  DEFAULT_API_VERSION,
  type SecretArn,
  type ShopDomain,
  type StoreKey,
} from "../../contract/brands";
import { type Declaration, encodeDeclaration } from "../../contract/declaration";
import type { Kind } from "../../contract/kinds";
import { appSecretName, storeSecretName } from "../../contract/names";
import { encodeRecord, parseRecord, type StoreRecord } from "../../contract/record";
import { rotationScheduleOf } from "../../contract/schedule";
import { Sealed } from "../../contract/sealed";
import { DAY_MS, later } from "../../contract/time";
import { NO_SIGNER } from "../../lambda/cipher/no-signer";
import { createKmsCipher } from "../../lambda/cipher/refresh-token-cipher";
import { createCredentialMemory } from "../../lambda/engine/credential-memory";
import type { EngineDeps } from "../../lambda/engine/deps";
import { createRotationMemory } from "../../lambda/engine/memory";
import { renew } from "../../lambda/engine/renew";
import { RULES } from "../../lambda/engine/rules";
import { createLog } from "../../lambda/log";
import { parseRotationEvent } from "../../lambda/rotate/event";
import { rotate } from "../../lambda/rotate/rotate";
import { createSecretsPort } from "../../lambda/secrets/secrets-manager";
import { openRequest } from "../../lambda/shopify/exchange";
import {
  createInProcessClient,
  type InProcessClient,
  SecretsManagerModel,
  seededRandomness,
} from "../../local/secrets-manager";
import { ShopifyImitation } from "../../local/shopify/core";
import { seededRandomness as seededShopify } from "../../local/shopify/randomness";
import { bareRecord } from "../lambda/stand/bare-record";
import { answerKms, Invocation } from "../lambda/stand/stand";
import type { ManualTime } from "./manual-time";

export const PREFIX = "shopify/fleet";
const APP = "erp" as AppKey;
const CLIENT_ID = "erp-client";
const CLIENT_SECRET = "shpss_of_the_fleet";
const SCOPES = ["read_orders", "write_products"];
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:rotate";
const REFRESH_KEY = "arn:aws:kms:us-east-1:000000000000:key/refresh";

/** Stores whose tokens our functions renew, between the model of Secrets Manager and the imitation of Shopify. */
export class Fleet {
  readonly time: ManualTime;
  readonly model: SecretsManagerModel;
  readonly shopify: ShopifyImitation;
  readonly client: InProcessClient;
  /** The access tokens that were ever current. */
  readonly everCurrent = new Set<string>();
  readonly #arns = new Map<string, SecretArn>();
  readonly #memory = createRotationMemory();

  private constructor(time: ManualTime) {
    this.time = time;
    const now = () => time.now();
    this.shopify = new ShopifyImitation({ now, randomness: seededShopify("fleet") });
    this.model = new SecretsManagerModel({
      region: "us-east-1",
      accountId: "000000000000",
      now,
      randomness: seededRandomness(3),
      onLabelUpdated: ({ versionId, name }) => void this.#note(name, versionId),
      ports: {
        mayInvoke: async () => true,
        invoke: async (_function, event) => {
          await rotate(parseRotationEvent(event), { ...this.#deps(), memory: this.#memory });
        },
      },
    });
    this.client = createInProcessClient(this.model);
  }

  static async create(time: ManualTime, stores: ReadonlyMap<string, Kind>): Promise<Fleet> {
    const fleet = new Fleet(time);
    const app = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, scopes: [...SCOPES] };
    fleet.shopify.control.addApp({ ...app, createdAt: 0 });
    await fleet.#create(
      appSecretName(PREFIX, APP),
      "",
      encodeAppCredential({
        app: APP,
        clientId: CLIENT_ID,
        clientSecret: Sealed.of(CLIENT_SECRET),
        previousClientSecret: undefined,
      }),
    );
    for (const [store, kind] of stores) await fleet.#add(store as StoreKey, kind);
    return fleet;
  }

  arnOf(store: string): SecretArn {
    const arn = this.#arns.get(store);
    if (arn === undefined) throw new Error("no such store in this fleet");
    return arn;
  }

  async current(store: string): Promise<StoreRecord> {
    const answer = await this.model.handle("GetSecretValue", { SecretId: this.arnOf(store) });
    return parseRecord((answer as { SecretString: string }).SecretString);
  }

  async #note(SecretId: string, VersionId: string): Promise<void> {
    if (!SecretId.endsWith("/token")) return;
    const answer = await this.model.handle("GetSecretValue", { SecretId, VersionId });
    const { accessToken } = parseRecord((answer as { SecretString: string }).SecretString);
    this.everCurrent.add(accessToken.unseal());
  }

  /** Rotates a store now, and waits for the end of it. */
  async rotateNow(store: string): Promise<void> {
    const ClientRequestToken = this.model.newToken();
    await this.model.handle("RotateSecret", { SecretId: this.arnOf(store), ClientRequestToken });
    await this.model.settled();
  }

  /** Renews a store's one-hour pair, as the sweep does. */
  async renewPair(store: string): Promise<void> {
    await renew(this.arnOf(store), this.#deps());
  }

  async #add(store: StoreKey, kind: Kind): Promise<void> {
    const shop = `${store}.myshopify.com` as ShopDomain;
    this.shopify.control.addShop({ shop });
    this.shopify.control.install({ clientId: CLIENT_ID, shop });
    const declaration: Declaration = {
      ...{ kind, shop, app: APP, scopes: SCOPES, apiVersion: DEFAULT_API_VERSION },
      distribution: "custom",
    };
    const name = storeSecretName(PREFIX, store);
    const arn = await this.#create(name, encodeDeclaration(declaration));
    this.#arns.set(store, arn);
    const SecretString = encodeRecord(await this.#firstRecord(arn, shop, kind));
    const ClientRequestToken = this.model.newToken();
    await this.model.handle("PutSecretValue", { SecretId: arn, ClientRequestToken, SecretString });
    if (kind !== "client-credentials") return;
    const { expression, duration } = rotationScheduleOf(store, 8);
    await this.model.handle("RotateSecret", {
      SecretId: arn,
      ClientRequestToken: this.model.newToken(),
      RotationLambdaARN: FUNCTION,
      RotationRules: { ScheduleExpression: expression, Duration: duration },
      RotateImmediately: false,
    });
    await this.model.settled();
  }

  async #create(Name: string, Description: string, SecretString?: string): Promise<SecretArn> {
    const created = await this.model.handle("CreateSecret", {
      Name,
      Description,
      ClientRequestToken: this.model.newToken(),
      ...(SecretString === undefined ? {} : { SecretString }),
    });
    return (created as { ARN: SecretArn }).ARN;
  }

  async #firstRecord(arn: SecretArn, shop: ShopDomain, kind: Kind): Promise<StoreRecord> {
    const now = this.time.now();
    const { accessToken, refreshToken } = await this.#obtain(shop, kind);
    const record = { ...bareRecord(shop, { kind, accessToken }, now), scopes: SCOPES };
    if (refreshToken === undefined) return record;
    const cipher = createKmsCipher({ send: answerKms } as never, REFRESH_KEY, new Invocation());
    return {
      ...record,
      refreshTokenSealed: await cipher.encrypt(Sealed.of(refreshToken), { secretArn: arn, shop }),
      refreshTokenExpiresAt: later(now, 90 * DAY_MS),
    };
  }

  async #obtain(
    shop: ShopDomain,
    kind: Kind,
  ): Promise<{ accessToken: string; refreshToken?: string }> {
    const { control } = this.shopify;
    if (kind === "offline-expiring") return control.issuePair({ clientId: CLIENT_ID, shop });
    if (kind !== "client-credentials")
      return control.issueToken({ clientId: CLIENT_ID, shop, kind });
    const reply = await this.shopify.handle({
      method: "POST",
      host: shop,
      path: "/admin/oauth/access_token",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        grant_type: "client_credentials",
      }),
    });
    if (reply.drop === true) throw new Error("the imitation dropped the request");
    return { accessToken: (JSON.parse(reply.body) as { access_token: string }).access_token };
  }

  #deps(): EngineDeps {
    const victim = new Invocation();
    return {
      prefix: PREFIX,
      secrets: createSecretsPort(this.client as never, victim),
      cipher: createKmsCipher({ send: answerKms } as never, REFRESH_KEY, victim),
      signer: NO_SIGNER,
      send: async (request) => {
        const { shop: host, method, path } = request;
        const reply = await this.shopify.handle({ method, host, path, ...openRequest(request) });
        if (reply.drop === true) throw new Error("the imitation dropped the request");
        return { status: reply.status, headers: reply.headers, body: Sealed.of(reply.body) };
      },
      clock: this.time,
      deadline: victim,
      log: createLog(() => undefined),
      random: () => 0.5,
      rules: RULES,
      credentials: createCredentialMemory(),
    };
  }
}
