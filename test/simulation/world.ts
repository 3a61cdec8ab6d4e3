import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as kms from "@aws-sdk/client-kms";
import * as lambda from "@aws-sdk/client-lambda";
import * as secretsManager from "@aws-sdk/client-secrets-manager";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import {
  DEFAULT_API_VERSION,
  type KeyArn,
  keyIdOf,
  type ShopDomain,
  type StoreKey,
} from "../../contract/brands";
import { ORDER_COMES_AGAIN_SECONDS, STORES_A_WORKER, WORKERS } from "../../contract/capacity";
import { ENVIRONMENT } from "../../contract/environment";
import { isSigned, type Kind } from "../../contract/kinds";
import {
  appSecretName,
  functionName,
  INSTALLED,
  SECRET_TAGS,
  SIGNING_KEYS_TAG,
  storeKeyOf,
  storeSecretName,
} from "../../contract/names";
import { encodeOpenInstalls } from "../../contract/open-installs";
import { STATUS_TAGS } from "../../contract/store/status";
import type { RotationEvent } from "../../local/secrets-manager/rotation-run";
import type { Secret } from "../../local/secrets-manager/state";
import type { ModelSwitches } from "../../local/secrets-manager/switches";
import type { Switches } from "../../local/shopify/switches";
import { AwsClient, type AwsService, type ClientConfig } from "./aws/aws-client";
import { serveKms, signingKeyPair } from "./aws/kms";
import { answerOfLie, isStale } from "./aws/lies";
import { QueueService, type QueueShape } from "./aws/queue";
import { SecretsManagerService } from "./aws/secrets-manager";
import type { Part, Product } from "./functions/bundles";
import {
  type Container,
  type Ended,
  FUNCTIONS,
  type FunctionName,
  LambdaService,
} from "./functions/lambda-service";
import { SimulatedProcess } from "./functions/process";
import { Network, type Service } from "./network";
import { ShopifyService } from "./shopify/shopify-service";
import { undiciClientFor } from "./shopify/undici-client";
import {
  ACCOUNT,
  APP,
  appAtShopify,
  appCredentialOf,
  CLIENT_ID,
  descriptionOf,
  FIRST_SECRET,
  INSTALL_HOST,
  PREFIX,
  REFRESH_KEY,
  REGION,
  rotationOf,
  shopOf,
  signingCredentialOf,
  signingKeyArn,
  tagsOf,
} from "./stage";
import { Chance } from "./time/chance";
import { Timeline } from "./time/timeline";

const QUEUE_URL = `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/work`;
const QUEUE: QueueShape = {
  batchSize: STORES_A_WORKER,
  mostWorkers: WORKERS,
  visibilityMs: ORDER_COMES_AGAIN_SECONDS * 1_000,
  retentionMs: 20 * 60_000,
};
const SECRETS_KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/secrets` as KeyArn;
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:notices`;
/** A Sunday, 00:03:20 UTC: off every full minute, as real life is. */
export const START = Date.UTC(2026, 10, 1, 0, 3, 20);

/** What a world is made with; the same options make the same world. */
export interface WorldOptions {
  readonly seed: number;
  readonly product: Product;
  readonly shopify?: Partial<Switches>;
  readonly model?: Partial<ModelSwitches>;
  /** How far AWS's clock is ahead of Shopify's, in milliseconds. Default: 0. */
  readonly awsAheadMs?: number;
  /** Whether nobody sees the mark of an approval, nor how old a store's versions are. Default: false. */
  readonly isFenceless?: boolean;
  /** How far ListSecrets may be behind, in milliseconds. Default: 0. */
  readonly listLagMs?: number | undefined;
  /** Whether the sweep sends its work to workers over a queue. Default: false. */
  readonly hasWorkQueue?: boolean;
  /** Whether the app signs, and how it is distributed. Default: it presents its client secret. */
  readonly signs?: SigningDistribution | undefined;
  /** What config says of an app that every merchant may install. Default: only declared stores may. */
  readonly open?: OpenOptions | undefined;
}

/** An app that every merchant may install. */
export interface OpenOptions {
  readonly newStoresAnHour: number;
  readonly recoveryWindowDays: number;
  /** Whether Shopify opens the app in a frame of its admin. */
  readonly isFramed: boolean;
  /** Whether Shopify manages the installation: the app is installed before it is opened. */
  readonly isManaged: boolean;
}

/** How an app that signs is distributed. */
export type SigningDistribution = "own-organization" | "public";

/** A message to people, as SNS took it. */
export interface Notice {
  readonly at: number;
  readonly subject: string;
  readonly message: string;
}

/** Everything that was written and told, for those who search it. */
export class Output {
  readonly lines: string[] = [];
  /** Told of each line. */
  onLine: (line: string) => void = () => undefined;

  push(line: string): void {
    this.lines.push(line);
    this.onLine(line);
  }
}

/** A store of the world. */
export interface StoreOptions {
  readonly kind: Kind;
  /** Whether Secrets Manager rotates it. Default: for client credentials. */
  readonly isRotated?: boolean;
  /** Default: the shop that is named as the store. */
  readonly shop?: ShopDomain;
}

/** A whole account between AWS and Shopify, in which the product's own functions act; nothing takes real time. */
export class World {
  readonly timeline = new Timeline();
  readonly chance: Chance;
  readonly network: Network;
  readonly lambda: LambdaService;
  readonly secrets: SecretsManagerService;
  readonly shopify: ShopifyService;
  readonly queue: QueueService;
  readonly notices: Notice[] = [];
  /** Told of every message to people. */
  onNotice: (notice: Notice) => void = () => undefined;
  /** Everything that processes wrote and callers were told. */
  readonly output = new Output();
  readonly kinds = new Map<string, Kind>();
  /** The client secrets that Shopify takes, oldest first. */
  readonly clientSecrets = [FIRST_SECRET];
  /** What of a store's shop or of its app stands in everybody's way, and since when, by the store. */
  readonly obstructed = new Map<string, { readonly since: number; readonly isClosed: boolean }>();
  awsAheadMs: number;
  /** Every step that Secrets Manager delivered. */
  readonly steps: RotationEvent[] = [];
  /** The client secret that Pulumi wrote last. */
  clientSecret = "";
  readonly signs: SigningDistribution | undefined;
  readonly openApp: OpenOptions | undefined;
  /** The keys that sign for the app, as config has them now. */
  signingKeys: readonly KeyArn[] = [];
  readonly #atShopify = new Map<KeyArn, "live" | "revoked">();
  #madeKeys = 0;
  readonly #product: Product;
  readonly #isFenceless: boolean;
  readonly #hasWorkQueue: boolean;
  /** Of every store, those included that came by themselves. */
  readonly #arns = new Map<string, string>();
  /** Of stores that are not named as their shop, and of all that came by themselves. */
  readonly #shops = new Map<string, ShopDomain>();
  /** The store of each shop. */
  readonly #storeAt = new Map<string, string>();
  readonly #came = new Set<string>();
  #salt = 0;

  constructor(options: WorldOptions) {
    const { seed, product } = options;
    const { timeline } = this;
    this.#product = product;
    this.#isFenceless = options.isFenceless ?? false;
    this.#hasWorkQueue = options.hasWorkQueue ?? false;
    this.awsAheadMs = options.awsAheadMs ?? 0;
    this.signs = options.signs;
    this.openApp = options.open;
    this.chance = new Chance(seed);
    this.network = new Network(timeline, this.chance);
    this.lambda = new LambdaService(timeline, this.chance, (name) => this.#start(name));
    this.secrets = new SecretsManagerService({
      timeline,
      chance: this.chance,
      clock: () => this.awsClock(),
      switches: options.model ?? {},
      seed,
      listLagMs: options.listLagMs ?? 0,
      rotate: async (event) => {
        this.steps.push(event);
        const ended = await this.invoke("rotate", event);
        if (ended.error !== undefined) throw new Error(ended.error.errorType);
      },
    });
    this.secrets.onCreated = (secret) => this.#noteArrival(secret);
    this.queue = new QueueService(this, QUEUE, async (event) => await this.invoke("work", event));
    this.shopify = new ShopifyService({
      timeline,
      clock: () => this.shopifyClock(),
      switches: options.shopify ?? {},
      seed,
      deliver: async ({ headers, body }) => await this.#deliver(headers, body),
    });
  }

  /** Shopify's clock is the world's: only how far the two are apart matters. */
  shopifyClock(): number {
    return START + this.timeline.now;
  }

  awsClock(): number {
    return START + this.timeline.now + this.awsAheadMs;
  }

  /** Moves AWS's clock; what it planned happens by the new one. */
  moveAwsClock(byMs: number): void {
    this.awsAheadMs += byMs;
    this.secrets.planRotations();
  }

  /** Shop, app and app secret, as Shopify and Pulumi have them before the first store. */
  async open(): Promise<void> {
    this.shopify.control.addApp({
      ...appAtShopify(),
      redirectUris: [`https://${INSTALL_HOST}/callback`],
      webhookAddress: `https://${INSTALL_HOST}/webhooks`,
    });
    if (this.signs === "public") {
      this.shopify.control.changeApp({ clientId: CLIENT_ID, distribution: "public" });
    }
    if (this.openApp !== undefined) this.#openToAll(this.openApp);
    this.clientSecret = FIRST_SECRET;
    if (this.signs === undefined) return void (await this.putAppSecret(FIRST_SECRET));
    const key = this.makeKey();
    this.pasteKey(key);
    await this.putKeys([key]);
  }

  /** The app's own page at Shopify, as docs/install.md asks for it. */
  #openToAll({ isFramed, isManaged }: OpenOptions): void {
    this.shopify.control.changeApp({
      clientId: CLIENT_ID,
      distribution: "public",
      appUrl: `https://${INSTALL_HOST}/`,
      embedded: isFramed,
      managedInstall: isManaged,
      complianceTopics: true,
      allowedAddresses: ["127.0.0.1"],
    });
  }

  /** A store whose merchant nobody declared is one of the world's from now on. */
  #noteArrival({ arn, name, description, tags = [] }: Secret): void {
    const key = storeKeyOf(PREFIX, name);
    if (key === undefined || !isArrival(tags)) return;
    const { shop } = JSON.parse(description ?? "{}") as { readonly shop: ShopDomain };
    this.#came.add(key);
    this.#arns.set(key, arn);
    this.#shops.set(key, shop);
    this.#storeAt.set(shop, key);
    this.kinds.set(key, "offline-expiring");
  }

  /** KMS makes a key that signs, which nobody knows yet. */
  makeKey(): KeyArn {
    this.#madeKeys += 1;
    const keyArn = signingKeyArn(`key-${this.#madeKeys}`);
    Object.assign(signingKeyPair(keyArn), { state: "Enabled", createdAt: this.awsClock() });
    return keyArn;
  }

  pasteKey(keyArn: KeyArn): void {
    this.shopify.control.pasteKey({ clientId: CLIENT_ID, jwk: signingKeyPair(keyArn).jwk });
    this.#atShopify.set(keyArn, "live");
  }

  revokeKey(keyArn: KeyArn): void {
    this.shopify.control.revokeKey({ clientId: CLIENT_ID, kid: keyIdOf(keyArn) });
    this.#atShopify.set(keyArn, "revoked");
  }

  /** Whether Shopify takes what a key signs; what is unpasted was never there. */
  keyAtShopify(keyArn: KeyArn): "live" | "unpasted" | "revoked" {
    return this.#atShopify.get(keyArn) ?? "unpasted";
  }

  /** Pulumi writes which keys sign for the app, in the order in which they are tried. */
  async putKeys(keyArns: readonly KeyArn[]): Promise<void> {
    this.signingKeys = keyArns;
    await this.putAppSecret(this.clientSecret);
    await this.secrets.must("TagResource", {
      SecretId: appSecretName(PREFIX, APP),
      Tags: [{ Key: SIGNING_KEYS_TAG, Value: keyArns.join(" ") }],
    });
  }

  /** Pulumi writes the app secret; gives its new version. */
  async putAppSecret(clientSecret: string): Promise<string> {
    const SecretString =
      this.signs === undefined
        ? appCredentialOf(clientSecret)
        : signingCredentialOf(this.signingKeys, clientSecret);
    this.clientSecret = clientSecret;
    const name = appSecretName(PREFIX, APP);
    const isThere = this.secrets.secretNamed(name) !== undefined;
    const { VersionId } = isThere
      ? await this.secrets.must("PutSecretValue", { SecretId: name, SecretString })
      : await this.secrets.must("CreateSecret", { Name: name, SecretString });
    return VersionId as string;
  }

  /** Pulumi creates a store's secret, without a value. */
  async declare(key: string, { kind, shop = shopOf(key) }: StoreOptions): Promise<void> {
    this.kinds.set(key, kind);
    this.#shops.set(key, shop);
    this.#storeAt.set(shop, key);
    const isMerchants = this.signs === "public" || this.openApp !== undefined;
    this.shopify.control.addShop({
      shop,
      ...(isMerchants ? { organization: "org-of-a-merchant" } : {}),
    });
    const created = await this.secrets.must("CreateSecret", {
      Name: storeSecretName(PREFIX, key as StoreKey),
      Description: this.#descriptionOf(key, kind),
      Tags: tagsOf(key, kind),
    });
    this.#arns.set(key, created["ARN"] as string);
  }

  /** Pulumi changes what a store is declared as. */
  async redeclare(key: string, kind: Kind): Promise<void> {
    this.kinds.set(key, kind);
    const Description = this.#descriptionOf(key, kind);
    await this.secrets.must("UpdateSecret", { SecretId: this.arnOf(key), Description });
  }

  #descriptionOf(key: string, kind: Kind): string {
    const signs = { kind, credential: "signing-key" } as const;
    const isOurs = this.signs !== undefined && isSigned(signs);
    const distribution = this.openApp === undefined ? (this.signs ?? "unsaid") : "public";
    const shop = this.shopOf(key);
    return descriptionOf(key, { distribution, shop, ...(isOurs ? signs : { kind }) });
  }

  /** Pulumi switches a store's rotation on: nothing at once. */
  async scheduleRotation(key: string): Promise<void> {
    await this.secrets.must("RotateSecret", {
      ...rotationOf(key),
      SecretId: this.arnOf(key),
    });
  }

  arnOf(key: string): string {
    const arn = this.#arns.get(key);
    if (arn === undefined) throw new Error(`no store ${key} in this world`);
    return arn;
  }

  /** The shop of a store. */
  shopOf(key: string): ShopDomain {
    return this.#shops.get(key) ?? shopOf(key);
  }

  /** The store of a shop, by the shop's host; undefined: it has none yet. */
  storeAt(host: string): string | undefined {
    return this.#storeAt.get(host);
  }

  /** Every store, those included that came by themselves. */
  get stores(): readonly string[] {
    return [...this.#arns.keys()];
  }

  /** The stores of config. */
  get declared(): readonly string[] {
    return this.stores.filter((key) => !this.#came.has(key));
  }

  /** The stores whose merchants came by themselves. */
  get came(): readonly string[] {
    return [...this.#came];
  }

  /** `pulumi up` enrols a store, or the operator puts a token. */
  async enrol(
    key: string,
    given: { readonly accessToken?: string; readonly tokenSource?: "config" | "operator" } = {},
  ): Promise<Ended> {
    this.#salt += 1;
    return await this.invoke("enrol", {
      action: "enrol",
      store: key,
      secret_arn: this.arnOf(key),
      kind: this.kinds.get(key),
      shop: this.shopOf(key),
      app: APP,
      declaration: "",
      app_secret_version: "",
      access_token: given.accessToken ?? "",
      token_source: given.tokenSource ?? "config",
      salt: `0123456789abcdef${this.#salt}`,
    });
  }

  /** Runs a function, as a caller inside AWS does; what came back is kept for those who search it. */
  async invoke(name: FunctionName, event: unknown): Promise<Ended> {
    const ended = await this.lambda.invoke(name, event);
    this.output.push(JSON.stringify(ended));
    return ended;
  }

  /** A new process of a part of the product that is no function. */
  startPart(
    part: Part,
    env: Readonly<Record<string, string>>,
  ): { process: SimulatedProcess; exports: unknown } {
    const process = new SimulatedProcess({
      part,
      timeline: this.timeline,
      wallClock: () => this.awsClock(),
      env,
      random: () => this.chance.next(),
      write: (text) => void this.output.push(text),
    });
    const modules = this.#modulesOf(process);
    const exports = this.#product[part](process.globals, (name) => {
      const found = modules[name];
      if (found !== undefined) return found;
      if (name.startsWith("@aws-sdk/client-")) return unserved(name);
      if (/^(@aws-sdk|@smithy|undici)/.test(name)) throw new NotSimulated(name);
      return require(name);
    });
    return { process, exports };
  }

  #start(name: FunctionName): Container {
    const { process, exports } = this.startPart(this.#partOf(name), {
      [ENVIRONMENT.prefix]: PREFIX,
      ...(this.#hasWorkQueue && name === "sweep" ? { [ENVIRONMENT.workQueueUrl]: QUEUE_URL } : {}),
      [ENVIRONMENT.refreshKeyArn]: REFRESH_KEY,
      [ENVIRONMENT.noticeTopicArn]: TOPIC,
      ...(name === "install" ? this.#openInstalls() : {}),
      AWS_LAMBDA_FUNCTION_NAME: functionName(PREFIX, name),
      AWS_REGION: REGION,
    });
    return { process, handler: (exports as Pick<Container, "handler">).handler };
  }

  #openInstalls(): Readonly<Record<string, string>> {
    if (this.openApp === undefined) return {};
    const { newStoresAnHour, recoveryWindowDays } = this.openApp;
    const settings = encodeOpenInstalls({
      apps: [{ app: APP, newStoresAnHour }],
      kmsKeyArn: SECRETS_KEY,
      apiVersion: DEFAULT_API_VERSION,
      recoveryWindowDays,
      tags: {},
    });
    return { [ENVIRONMENT.openInstalls]: settings };
  }

  /** The sweep of a large fleet is of another bundle. */
  #partOf(name: FunctionName): Part {
    return this.#hasWorkQueue && name === "sweep" ? "sweep-queue" : FUNCTIONS[name].part;
  }

  /** What stands at the product's edge, made for one process. */
  #modulesOf(process: SimulatedProcess): Readonly<Record<string, unknown>> {
    const { network } = this;
    const clientOf = (service: Service, serve: AwsService) =>
      class extends AwsClient {
        constructor(config: ClientConfig) {
          super({ process, network, service, serve }, config);
        }
      };
    return {
      "@aws-sdk/client-secrets-manager": {
        ...COMMANDS.secretsManager,
        SecretsManagerClient: clientOf(
          "secrets-manager",
          this.#isFenceless ? fenceless(this.secrets.serve) : this.secrets.serve,
        ),
      },
      "@aws-sdk/client-kms": { ...COMMANDS.kms, KMSClient: clientOf("kms", serveKms) },
      "@aws-sdk/client-cloudwatch-logs": {
        ...COMMANDS.logs,
        CloudWatchLogsClient: clientOf("logs", serveNoLogs),
      },
      "@aws-sdk/client-sns": { ...COMMANDS.sns, SNSClient: clientOf("sns", this.#serveSns) },
      "@aws-sdk/client-sqs": { ...COMMANDS.sqs, SQSClient: clientOf("sqs", this.queue.serve) },
      "@aws-sdk/client-lambda": {
        ...COMMANDS.lambda,
        LambdaClient: clientOf("lambda", this.lambda.serve),
      },
      "undici/lib/dispatcher/client.js": undiciClientFor({
        process,
        network,
        serve: this.shopify.serve,
      }),
    };
  }

  readonly #serveSns: AwsService = async ({ input }, { lie, effect }) => {
    if (effect !== "none") {
      const { Subject = "", Message = "{}" } = input as { Subject?: string; Message?: string };
      const { default: message = "" } = JSON.parse(Message) as { default?: string };
      this.#tell({ at: this.timeline.now, subject: Subject, message });
    }
    const isTrue = effect !== "none" && (lie === undefined || isStale(lie));
    return isTrue ? { output: { MessageId: "1" } } : answerOfLie(lie ?? "internal_error");
  };

  #tell(notice: Notice): void {
    this.notices.push(notice);
    this.onNotice(notice);
  }

  /** A webhook reaches the install endpoint as API Gateway hands it over. */
  async #deliver(
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<number | "unreachable"> {
    const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    const ended = await this.request("POST /webhooks", {
      headers: Object.fromEntries(lowered),
      body,
    });
    return ended?.statusCode ?? "unreachable";
  }

  /** A request to the install endpoint; undefined: the function did not answer. */
  async request(routeKey: string, given: object): Promise<Answer | undefined> {
    const { result } = await this.invoke("install", {
      version: "2.0",
      routeKey,
      headers: {},
      requestContext: { domainName: INSTALL_HOST, http: { sourceIp: "203.0.113.7" } },
      ...given,
    });
    return result as Answer | undefined;
  }
}

/** A client of AWS that a part of the product imports and no simulated piece of work uses. */
function unserved(name: string): object {
  class Unserved {
    send(): never {
      throw new NotSimulated(name);
    }
  }
  return new Proxy({}, { get: () => Unserved });
}

/** The product asks for a package at its edge that nothing stands in for here. */
export class NotSimulated extends Error {
  override readonly name = "NotSimulated";
}

/** Whether a secret is of a store that nobody declared. */
export function isArrival(tags: Secret["tags"]): boolean {
  return tags?.some(({ Key, Value }) => Key === SECRET_TAGS.origin && Value === INSTALLED) ?? false;
}

/** What the install endpoint answers. */
export interface Answer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
}

/** A function's lines are the output of its processes here: its log group is empty. */
const serveNoLogs: AwsService = async () => ({ output: { events: [] } });

/** The commands of the SDK's packages: real ones, so that what the product builds is what AWS would get. */
const COMMANDS = {
  secretsManager: commandsOf(secretsManager),
  kms: commandsOf(kms),
  logs: commandsOf(logs),
  sns: commandsOf(sns),
  sqs: commandsOf(sqs),
  lambda: commandsOf(lambda),
};

function commandsOf(module: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(module).filter(([name]) => name.endsWith("Command")));
}

/** Secrets Manager that hides what keeps approvals apart, so that what lies behind it is seen. */
function fenceless(serve: AwsService): AwsService {
  return async (request, trouble) => {
    const { operation, input } = request;
    const { SecretId, Tags = [] } = input as {
      readonly SecretId?: string;
      readonly Tags?: readonly { readonly Key: string }[];
    };
    if (operation === "ListSecretVersionIds") return { output: { ARN: SecretId, Versions: [] } };
    const isMark = Tags.some(({ Key }) => Key === STATUS_TAGS.approving);
    return isMark ? { output: {} } : await serve(request, trouble);
  };
}
