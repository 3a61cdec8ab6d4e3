import type { AppKey, ShopDomain, StoreKey } from "../../../contract/brands";
import type { Kind } from "../../../contract/kinds";
import type { LeftoverOrder } from "../../../contract/leftovers";
import { appSecretName, type StoreOrigin, storeSecretName } from "../../../contract/names";
import type { OpenInstalls } from "../../../contract/open-installs";
import { storeTagsOf } from "../../../contract/store/tags";
import { type AppMemory, createAppMemory } from "../../../lambda/install/app-memory";
import type { InstallDeps } from "../../../lambda/install/deps";
import { dispatch } from "../../../lambda/install/dispatch";
import { createFoundSecrets, type FoundSecrets } from "../../../lambda/install/found-secrets";
import { createKnownApps, type KnownApps } from "../../../lambda/install/known-apps";
import { removeLeftovers } from "../../../lambda/install/leftovers";
import type { Reply } from "../../../lambda/install/reply";
import { createLog, type Log } from "../../../lambda/log";
import { createFindSecret } from "../../../lambda/secrets/find-secret";
import { createFleetPort } from "../../../lambda/secrets/fleet-port";
import { createListVersions } from "../../../lambda/secrets/list-versions";
import { createMakerPort } from "../../../lambda/secrets/maker-port";
import type { SecretsManagerSend } from "../../../lambda/secrets/secrets-manager";
import { createInProcessClient } from "../../../local/secrets-manager";
import {
  type WebhookPort,
  type WebhookRequest,
  webhookHmac,
} from "../../../local/shopify/webhooks";
import {
  appCredentialOf,
  CLIENT_ID,
  descriptionOf,
  FIRST_SECRET,
  INSTALL_HOST,
  PREFIX,
} from "../../simulation/stage";
import { Invocation } from "./stand";
import { SHOP, STORE, type StoreOptions, StoreStand } from "./store-stand";

export const HOST = INSTALL_HOST;
export const CALLBACK = `https://${HOST}/callback`;
const WEBHOOKS = `https://${HOST}/webhooks`;

/** What a browser carries through an installation. */
export interface Visit {
  readonly reply: Reply;
  readonly location: string;
  /** `name=value`, as the browser sends it back. */
  readonly cookie: string;
}

/** What a browser says of a form that was sent from the endpoint's own page. */
export const OWN_PAGE = { "sec-fetch-site": "same-origin" };

function visitOf(reply: Reply): Visit {
  const cookie = (reply.cookies[0] ?? "").split(";")[0] ?? "";
  return { reply, location: reply.headers["location"] ?? "", cookie };
}

interface RequestParts {
  readonly rawQueryString?: string;
  readonly cookies?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly store?: string;
}

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** An empty tag says as much as none. */
function written(tags: readonly Tag[]): readonly Tag[] | undefined {
  const said = tags.filter(({ Value }) => Value !== "");
  return said.length === 0 ? undefined : said;
}

/** The install endpoint between the model of Secrets Manager and the imitation of Shopify. */
export class InstallStand {
  readonly world: StoreStand;
  readonly #knownApps: KnownApps = createKnownApps();
  readonly #apps: AppMemory = createAppMemory();
  readonly #found: FoundSecrets = createFoundSecrets(this.#knownApps);
  installDomain: string | undefined;
  /** What stores are made with that nobody declared; undefined: no app is open. */
  openInstalls: OpenInstalls | undefined;
  /** Whether the stack has a list of stores. */
  hasList = false;

  private constructor(world: StoreStand) {
    this.world = world;
  }

  static async create(options: Partial<StoreOptions> = {}): Promise<InstallStand> {
    let install: InstallStand | undefined;
    const deliver: WebhookPort = async (webhook) =>
      (await install?.receive(webhook))?.statusCode ?? "unreachable";
    const given = { kind: "offline-expiring", hasValue: false, deliver, ...options } as const;
    const world = await StoreStand.create(given);
    world.shopify.control.changeApp({
      clientId: CLIENT_ID,
      redirectUris: [CALLBACK],
      appUrl: `https://${HOST}/`,
      webhookAddress: WEBHOOKS,
    });
    install = new InstallStand(world);
    return install;
  }

  /** A webhook, as Shopify sends it; `control.runDue()` sends those that are due. */
  async receive({ headers, body }: WebhookRequest): Promise<Reply> {
    // API Gateway hands header names over in lower case.
    const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    return await this.request("POST /webhooks", { headers: Object.fromEntries(lowered), body });
  }

  get lines(): string[] {
    return this.world.lines;
  }

  /** The last log line of an event, as its fields. */
  line(event: string): Readonly<Record<string, unknown>> | undefined {
    return this.lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .findLast((fields) => fields["event"] === event);
  }

  /** One request, as API Gateway hands it over. */
  async request(routeKey: string, given: RequestParts = {}): Promise<Reply> {
    const { store, headers = {}, ...rest } = given;
    return await this.handle({
      version: "2.0",
      routeKey,
      headers,
      requestContext: { domainName: HOST, http: { sourceIp: "203.0.113.7" } },
      ...(store === undefined ? {} : { pathParameters: { store } }),
      ...rest,
    });
  }

  /** Any event at all. */
  async handle(event: unknown): Promise<Reply> {
    const invocation = new Invocation();
    return await dispatch(event, (log) => this.#deps(invocation, log), this.#log());
  }

  /** What the sweep asks of the function. */
  async order(order: LeftoverOrder): Promise<void> {
    await removeLeftovers(order, this.#deps(new Invocation(), this.#log()));
  }

  #log(): Log {
    return createLog((line) => this.lines.push(line));
  }

  #deps(invocation: Invocation, log: Log): InstallDeps {
    const client = this.clientOf(invocation);
    return {
      ...this.world.deps(invocation),
      log,
      knownApps: this.#knownApps,
      apps: this.#apps,
      found: this.#found,
      findSecret: createFindSecret(client, invocation),
      fleet: createFleetPort(client, { prefix: PREFIX, deadline: invocation }),
      listVersions: createListVersions(client, invocation),
      open: this.openInstalls,
      hasList: this.hasList,
      maker: createMakerPort(client, invocation),
      installDomain: this.installDomain,
    };
  }

  /** A client of Secrets Manager for what lists and makes secrets; replaced by tests that let its calls fail. */
  clientOf: (invocation: Invocation) => SecretsManagerSend = () =>
    createInProcessClient(this.world.model) as unknown as SecretsManagerSend;

  /** The merchant opens the link. */
  async open(store: string = STORE, headers: Record<string, string> = {}): Promise<Visit> {
    return visitOf(await this.request("GET /install/{store}", { store, headers }));
  }

  /** The merchant opens the installed app in the store's admin, or has just installed it by Shopify's own link. */
  async openApp(
    change: (query: URLSearchParams) => void = () => {},
    shop: ShopDomain = SHOP,
  ): Promise<Visit> {
    const { url } = this.world.shopify.control.openApp({ clientId: CLIENT_ID, shop });
    const query = new URL(url).searchParams;
    change(query);
    return visitOf(await this.request("GET /", { rawQueryString: query.toString() }));
  }

  /** The merchant presses the button of a store that is well. */
  async press(store: string = STORE, headers: Record<string, string> = OWN_PAGE): Promise<Visit> {
    const reply = await this.request("POST /install/{store}", { store, headers });
    const visit = visitOf(reply);
    return { ...visit, location: (reply.headers["refresh"] ?? "").replace(/^0; url=/, "") };
  }

  /** The merchant approves at Shopify; returns where the browser is sent, as a raw query. */
  approve({ location }: Pick<Visit, "location">): string {
    const { location: back } = this.world.shopify.control.approve({ url: location });
    return back.slice(back.indexOf("?") + 1);
  }

  /** Somebody exchanges the code of an answer before we do. */
  async useCode(rawQuery: string): Promise<void> {
    await this.world.shopify.handle({
      method: "POST",
      host: SHOP,
      path: "/admin/oauth/access_token",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({
        client_id: CLIENT_ID,
        client_secret: FIRST_SECRET,
        code: new URLSearchParams(rawQuery).get("code"),
      }),
    });
  }

  /** Shopify's answer arrives, and the browser goes where it is sent; the cookies are of the first reply. */
  async callback(rawQueryString: string, cookies: readonly string[]): Promise<Reply> {
    const reply = await this.answer(rawQueryString, cookies);
    if (reply.statusCode !== 303) return reply;
    const page = await this.showResult(reply);
    return { ...page, cookies: reply.cookies };
  }

  /** Shopify's answer arrives; what the browser is told first. */
  async answer(rawQueryString: string, cookies: readonly string[]): Promise<Reply> {
    return await this.request("GET /callback", { rawQueryString, cookies });
  }

  /** The page that an answer sends the browser to: once, or loaded again. */
  async showResult({ headers }: Reply): Promise<Reply> {
    const [, rawQueryString = ""] = (headers["location"] ?? "").split("/callback?");
    return await this.request("GET /callback", { rawQueryString });
  }

  /** The link, and the button where the store is well. */
  async begin(store: string = STORE): Promise<Visit> {
    const visit = await this.open(store);
    return visit.reply.statusCode === 302 ? visit : await this.press(store);
  }

  /** The whole way: link, approval, answer. */
  async install(store: string = STORE): Promise<Reply> {
    const visit = await this.begin(store);
    return await this.callback(this.approve(visit), [visit.cookie]);
  }

  /** A delivery of a webhook; signed with the first client secret unless told otherwise. */
  async deliver(
    topic: string,
    body: unknown = { myshopify_domain: SHOP },
    given: { secret?: string; shop?: string; headers?: Record<string, string> } = {},
  ): Promise<Reply> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return await this.request("POST /webhooks", {
      body: Buffer.from(text).toString("base64"),
      isBase64Encoded: true,
      headers: {
        "x-shopify-topic": topic,
        "x-shopify-shop-domain": given.shop ?? SHOP,
        "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "x-shopify-hmac-sha256": webhookHmac(text, given.secret ?? FIRST_SECRET),
        ...given.headers,
      },
    });
  }

  async declareApp(app: AppKey, clientId: string, clientSecret: string): Promise<void> {
    await this.world.model.handle("CreateSecret", {
      Name: appSecretName(PREFIX, app),
      ClientRequestToken: this.world.model.newToken(),
      SecretString: appCredentialOf(clientSecret, { app, clientId }),
    });
  }

  async declareStore(
    store: StoreKey,
    given: { kind: Kind; shop: ShopDomain; app?: AppKey },
    origin?: StoreOrigin,
  ): Promise<void> {
    const { kind, shop, app } = given;
    const tags = storeTagsOf({ key: store, declaration: { kind, shop }, origin });
    await this.world.model.handle("CreateSecret", {
      Name: storeSecretName(PREFIX, store),
      ClientRequestToken: this.world.model.newToken(),
      Description: descriptionOf(store, { kind, shop, app, scopes: [] }),
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    });
  }

  /** Everything that stands in Secrets Manager, to see that nothing was written. */
  async snapshot(): Promise<string> {
    const { SecretList } = (await this.world.model.handle("ListSecrets", {})) as {
      SecretList: object[];
    };
    return JSON.stringify(SecretList, (key, value: unknown) => {
      if (key === "Tags") return written(value as readonly Tag[]);
      return key === "LastAccessedDate" ? undefined : value;
    });
  }

  /** How often the token endpoint was asked. */
  get exchanges(): number {
    return this.world.calls.filter(({ operation }) => operation === "/admin/oauth/access_token")
      .length;
  }
}
