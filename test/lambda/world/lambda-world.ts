import type { KMSClient } from "@aws-sdk/client-kms";
import { encodeAppCredential } from "../../../contract/app-credential";
import type {
  ApiVersion,
  AppKey,
  SecretArn,
  ShopDomain,
  StoreKey,
  VersionId,
} from "../../../contract/brands";
import { DEFAULT_API_VERSION } from "../../../contract/brands";
import { encodeDeclaration } from "../../../contract/declaration";
import type { EnrolRequest, EnrolResult } from "../../../contract/enrolment";
import { CodedError } from "../../../contract/errors";
import { KIND_FACTS, type Kind } from "../../../contract/kinds";
import { appSecretName, storeSecretName } from "../../../contract/names";
import { encodeRecord, parseRecord, type StoreRecord } from "../../../contract/record";
import { Sealed } from "../../../contract/sealed";
import { type EpochMs, epochMs, later } from "../../../contract/time";
import type { Deadline } from "../../../lambda/deadline";
import {
  type CredentialMemory,
  createCredentialMemory,
} from "../../../lambda/engine/credential-memory";
import { createRotationMemory, type RotationMemory } from "../../../lambda/engine/memory";
import type { EngineParts } from "../../../lambda/engine/parts";
import { renew } from "../../../lambda/engine/renew";
import { RULES, type Rules } from "../../../lambda/engine/rules";
import { enrol } from "../../../lambda/enrol/enrol";
import { createLog } from "../../../lambda/log";
import { parseRotationEvent } from "../../../lambda/rotate/event";
import { rotate } from "../../../lambda/rotate/rotate";
import { createKmsSeal } from "../../../lambda/seal/refresh-token-seal";
import {
  createSecretsPort,
  type SecretsManagerSend,
} from "../../../lambda/secrets/secrets-manager";
import type { ShopifyReply, ShopifyRequest } from "../../../lambda/shopify/exchange";
import {
  createInProcessClient,
  type ModelSwitches,
  SecretsManagerModel,
  seededRandomness,
} from "../../../local/secrets-manager";
import { ShopifyImitation } from "../../../local/shopify/core";
import { seededRandomness as seededShopify } from "../../../local/shopify/randomness";
import type { Switches } from "../../../local/shopify/switches";
import type { WebhookPort } from "../../../local/shopify/webhooks";
import { awsError, type CallPoint, type FaultPlan, type Victim, withFault } from "./faults";
import { answerKms } from "./kms";

export const PREFIX = "shopify/test";
export const SHOP = "acme.myshopify.com" as ShopDomain;
export const STORE = "acme" as StoreKey;
export const APP = "erp" as AppKey;
export const CLIENT_ID = "erp-client";
export const FIRST_SECRET = "shpss_first_client_secret";
export const REFRESH_KEY = "arn:aws:kms:us-east-1:000000000000:key/refresh";
export const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:rotate";
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** A Sunday, 00:30 UTC. */
export const START = Date.UTC(2026, 10, 1, 0, 30);
/** The time that an invocation has, in milliseconds; a real one has fractions. */
const BUDGET_MS = 28_499.75;
const WANTED_SCOPES = ["read_products", "write_orders"];

export interface WorldOptions {
  readonly kind: Kind;
  /** Whether the secret has a value from the start. Default: true. */
  readonly hasValue?: boolean;
  readonly rules?: Partial<Rules>;
  readonly model?: Partial<ModelSwitches>;
  readonly shopify?: Partial<Switches>;
  readonly scopes?: readonly string[];
  /** How long Shopify does not know the app yet, in seconds. Default: 0. */
  readonly appUnknownForSeconds?: number;
  /** Carries Shopify's webhooks. Default: nobody is reached. */
  readonly deliver?: WebhookPort;
}

/** The functions between the model of Secrets Manager and the imitation of Shopify, in one process. */
export class LambdaWorld {
  readonly clock = { now: START };
  readonly lines: string[] = [];
  readonly calls: CallPoint[] = [];
  readonly failures: unknown[] = [];
  /** Every step that Secrets Manager delivered. */
  readonly deliveries: object[] = [];
  kind: Kind;
  readonly model: SecretsManagerModel;
  readonly shopify: ShopifyImitation;
  /** What is decided of every call; replaced by tests. */
  plan: FaultPlan = () => undefined;
  /** Which calls AWS refuses for want of a permission. */
  refuse: (point: CallPoint) => boolean = () => false;
  /** Happens right before a call, such as an install that lands in the middle. */
  before: (point: CallPoint) => Promise<void> = async () => undefined;
  /** Happens when a call has had its effect, before its answer arrives. */
  after: (point: CallPoint) => Promise<void> = async () => undefined;
  /** Sees each request to Shopify before it is answered. */
  onShopify: (request: ShopifyRequest) => Promise<void> = async () => undefined;
  /** Sees the world after each call that may have changed a secret. */
  onChange: () => Promise<void> = async () => undefined;
  readonly #rules: Rules;
  #memory: RotationMemory = createRotationMemory();
  /** What the rotate function's process knows of the apps. */
  #credentials: CredentialMemory = createCredentialMemory();
  #arn: SecretArn | undefined;
  #clientSecret = "";
  #appSecretVersion = "" as VersionId;

  constructor(options: WorldOptions) {
    this.kind = options.kind;
    this.#rules = { ...RULES, ...options.rules };
    this.shopify = new ShopifyImitation({
      now: () => this.clock.now,
      randomness: seededShopify("lambda"),
      switches: options.shopify ?? {},
      ...(options.deliver === undefined ? {} : { deliver: options.deliver }),
    });
    this.model = new SecretsManagerModel({
      region: "us-east-1",
      accountId: "000000000000",
      now: () => this.clock.now,
      randomness: seededRandomness(5),
      switches: options.model ?? {},
      ports: {
        mayInvoke: async () => true,
        invoke: async (_functionArn, event) => {
          this.deliveries.push(event);
          await this.rotationStep(event);
        },
      },
    });
  }

  /** Sets the stage: app, shop, both secrets, and a first value when there is to be one. */
  static async create(options: WorldOptions): Promise<LambdaWorld> {
    const world = new LambdaWorld(options);
    world.#setUpShopify(options.appUnknownForSeconds ?? 0);
    await world.putAppSecret(FIRST_SECRET);
    const created = await world.model.handle("CreateSecret", {
      Name: storeSecretName(PREFIX, STORE),
      Description: world.#description(options.scopes ?? WANTED_SCOPES),
      ClientRequestToken: world.model.newToken(),
    });
    world.#arn = (created as { ARN: SecretArn }).ARN;
    if (options.hasValue ?? true) await world.acquire();
    return world;
  }

  get arn(): SecretArn {
    if (this.#arn === undefined) throw new Error("the world is not set up");
    return this.#arn;
  }

  #setUpShopify(unknownForSeconds: number): void {
    const { control } = this.shopify;
    const scopes = [...WANTED_SCOPES];
    const app = { clientId: CLIENT_ID, scopes, createdAt: 0, unknownForSeconds };
    control.addApp({ ...app, clientSecret: FIRST_SECRET });
    control.addShop({ shop: SHOP });
    control.install({ clientId: CLIENT_ID, shop: SHOP });
  }

  /** The version of the Admin API that config names. */
  apiVersion: ApiVersion = DEFAULT_API_VERSION;

  #description(scopes: readonly string[], shop: ShopDomain = SHOP): string {
    const { kind, apiVersion } = this;
    const distribution = "custom";
    return encodeDeclaration({ kind, shop, app: APP, scopes, apiVersion, distribution });
  }

  /** Pulumi writes the app secret. */
  async putAppSecret(clientSecret: string, previous?: string): Promise<void> {
    this.#clientSecret = clientSecret;
    const SecretString = encodeAppCredential({
      app: APP,
      clientId: CLIENT_ID,
      clientSecret: Sealed.of(clientSecret),
      previousClientSecret: previous === undefined ? undefined : Sealed.of(previous),
    });
    const Name = appSecretName(PREFIX, APP);
    const ClientRequestToken = this.model.newToken();
    this.#appSecretVersion = ClientRequestToken as VersionId;
    const operation = this.model.factsFor(Name) === undefined ? "CreateSecret" : "PutSecretValue";
    const id = operation === "CreateSecret" ? { Name } : { SecretId: Name };
    await this.model.handle(operation, { ...id, ClientRequestToken, SecretString });
  }

  /** An install or an enrolment: a new token, AWSCURRENT at once, whatever was there. */
  async acquire(): Promise<void> {
    const record = await this.#acquiredRecord();
    await this.model.handle("PutSecretValue", {
      SecretId: this.arn,
      ClientRequestToken: this.model.newToken(),
      SecretString: encodeRecord(record),
    });
    await this.onChange();
  }

  async #acquiredRecord(): Promise<StoreRecord> {
    const { kind } = this;
    if (kind === "client-credentials") return await this.#mintedRecord();
    if (kind === "offline-expiring") return await this.#pairRecord();
    return this.#record(this.issueToken());
  }

  /** A static token, as a merchant hands it out. */
  issueToken(scopes: readonly string[] = WANTED_SCOPES): string {
    const kind = this.kind === "offline" ? "offline" : "custom-app";
    const { control } = this.shopify;
    return control.issueToken({ clientId: CLIENT_ID, shop: SHOP, kind, scopes: [...scopes] })
      .accessToken;
  }

  async #mintedRecord(): Promise<StoreRecord> {
    const reply = await this.shopify.handle({
      method: "POST",
      host: SHOP,
      path: "/admin/oauth/access_token",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({
        client_id: CLIENT_ID,
        client_secret: this.#clientSecret,
        grant_type: "client_credentials",
      }),
    });
    const body = reply.drop === true ? "{}" : reply.body;
    const { access_token } = JSON.parse(body) as { access_token?: string };
    if (access_token === undefined) throw new Error("the stage's token was refused");
    return this.#record(access_token);
  }

  async #pairRecord(): Promise<StoreRecord> {
    const pair = this.shopify.control.issuePair({ clientId: CLIENT_ID, shop: SHOP });
    const seal = createKmsSeal({ send: answerKms } as never, REFRESH_KEY, this.#endless());
    const context = { secretArn: this.arn, shop: SHOP };
    const refreshTokenSealed = await seal.close(Sealed.of(pair.refreshToken), context);
    const now = epochMs(this.clock.now);
    const refreshTokenExpiresAt = later(now, 7_776_000_000);
    const record = this.#record(pair.accessToken);
    return { ...record, refreshTokenSealed, refreshTokenExpiresAt };
  }

  #record(accessToken: string): StoreRecord {
    const now = epochMs(this.clock.now);
    const { lifetimeSeconds } = KIND_FACTS[this.kind];
    return {
      shop: SHOP,
      app: APP,
      kind: this.kind,
      accessToken: Sealed.of(accessToken),
      scopes: WANTED_SCOPES,
      apiVersion: DEFAULT_API_VERSION,
      issuedAt: now,
      expiresAt: lifetimeSeconds === undefined ? undefined : later(now, lifetimeSeconds * 1_000),
      checked: "ok",
      parentVersion: undefined,
      appSecretVersion: undefined,
      configTokenFingerprint: "v1.stage.fingerprint",
      refreshTokenSealed: "",
      refreshTokenExpiresAt: undefined,
    };
  }

  /** The client secret that Pulumi wrote last. */
  get clientSecret(): string {
    return this.#clientSecret;
  }

  /** The version of the app secret that Pulumi wrote last. */
  get appSecretVersion(): VersionId {
    return this.#appSecretVersion;
  }

  /** AWSCURRENT; undefined when there is none. */
  async current(): Promise<{ versionId: VersionId; record: StoreRecord } | undefined> {
    return await this.valueOf({ VersionStage: "AWSCURRENT" });
  }

  /** A version's value; read a few times, because the model may let reads miss. */
  async valueOf(of: object): Promise<{ versionId: VersionId; record: StoreRecord } | undefined> {
    for (let time = 0; time < PATIENCE; time += 1) {
      try {
        const input = { SecretId: this.arn, ...of };
        const value = (await this.model.handle("GetSecretValue", input)) as {
          SecretString: string;
          VersionId: VersionId;
        };
        return { versionId: value.VersionId, record: parseRecord(value.SecretString) };
      } catch {
        // no such version, no value, or a read that misses: the next one tells
      }
    }
    return undefined;
  }

  async labels(): Promise<Readonly<Record<string, readonly string[]>>> {
    const facts = (await this.model.handle("DescribeSecret", { SecretId: this.arn })) as {
      VersionIdsToStages?: Record<string, string[]>;
    };
    return facts.VersionIdsToStages ?? {};
  }

  async tags(): Promise<Readonly<Record<string, string>>> {
    const facts = (await this.model.handle("DescribeSecret", { SecretId: this.arn })) as {
      Tags?: { Key: string; Value: string }[];
    };
    return Object.fromEntries((facts.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
  }

  /** Whether Shopify would take this token now. */
  isAlive(accessToken: string): boolean {
    return this.shopify.control.tokenLife({ accessToken }).death === null;
  }

  /** Switches rotation on: every eight hours, nothing at once. */
  async scheduleRotation(): Promise<void> {
    await this.model.handle("RotateSecret", {
      SecretId: this.arn,
      ClientRequestToken: this.model.newToken(),
      RotationLambdaARN: FUNCTION,
      RotationRules: { ScheduleExpression: "cron(0 1/8 * * ? *)", Duration: "1h" },
      RotateImmediately: false,
    });
    await this.model.settled();
  }

  /** Rotates now, and waits for the end of it. */
  async rotateNow(versionId: string = this.model.newToken()): Promise<void> {
    await this.model.handle("RotateSecret", {
      SecretId: this.arn,
      ClientRequestToken: versionId,
      RotationLambdaARN: FUNCTION,
    });
    await this.model.settled();
  }

  /** One invocation of the rotate function. */
  async rotationStep(event: object): Promise<void> {
    await this.#invoke(async (parts) => {
      await rotate(parseRotationEvent(event), {
        ...parts,
        memory: this.#memory,
        credentials: this.#credentials,
      });
    });
  }

  /** One direct renewal, as the sweep calls it. */
  async renew(): Promise<void> {
    await this.#invoke(async (parts) => {
      await renew(this.arn, parts);
    });
  }

  /** One enrolment, as `pulumi up` asks for it. */
  async enrol(given: Partial<EnrolRequest> = {}): Promise<EnrolResult> {
    const request: EnrolRequest = {
      store: STORE,
      secretArn: this.arn,
      kind: this.kind,
      shop: SHOP,
      app: APP,
      appSecretVersion: undefined,
      accessToken: undefined,
      tokenSource: "config",
      ...given,
    };
    return await this.#invoke((parts) => enrol(request, parts));
  }

  /** Changes what config says of the store. */
  async declare(
    kind: Kind,
    scopes: readonly string[] = WANTED_SCOPES,
    shop: ShopDomain = SHOP,
  ): Promise<void> {
    this.kind = kind;
    const Description = this.#description(scopes, shop);
    await this.model.handle("UpdateSecret", { SecretId: this.arn, Description });
  }

  /** Another process serves the next invocation. */
  forget(): void {
    this.#memory = createRotationMemory();
    this.#credentials = createCredentialMemory();
  }

  async #invoke<T>(run: (parts: EngineParts) => Promise<T>): Promise<T> {
    const victim = new Invocation();
    try {
      return await run(this.parts(victim));
    } catch (error) {
      this.failures.push(error);
      if (victim.killed) this.forget();
      throw error;
    }
  }

  /** The parts of one invocation, every call of which can fail. */
  parts(victim: Invocation = new Invocation()): EngineParts {
    const client: SecretsManagerSend = {
      send: (command: object) => this.#awsCall("secrets-manager", command, victim),
    } as never;
    const kms: Pick<KMSClient, "send"> = {
      send: (command: object) => this.#awsCall("kms", command, victim),
    } as never;
    return {
      prefix: PREFIX,
      secrets: createSecretsPort(client, victim),
      seal: createKmsSeal(kms, REFRESH_KEY, victim),
      send: (request) => this.#shopifyCall(request, victim),
      clock: { now: () => this.clock.now as EpochMs },
      deadline: victim,
      log: createLog((line) => this.lines.push(line)),
      random: () => 0.5,
      rules: this.#rules,
      credentials: createCredentialMemory(),
    };
  }

  async #awsCall(
    target: "secrets-manager" | "kms",
    command: object,
    victim: Invocation,
  ): Promise<object> {
    const operation = command.constructor.name.replace(/Command$/, "");
    const point = { target, operation, index: this.calls.length };
    const fault = await this.#faultOf(point);
    if (this.refuse(point)) throw awsError("AccessDeniedException");
    const inProcess = createInProcessClient(this.model);
    return await withFault<object>(fault, victim, {
      act: async () => {
        if (target === "kms") return await answerKms(command);
        const answer = await inProcess.send(command as { readonly input: object });
        if (CHANGES.has(operation)) await this.onChange();
        await this.after(point);
        return answer;
      },
      fail: (how) => {
        throw awsError(AWS_ERRORS[how]);
      },
      garbage: () => ({ SecretString: "\u0000<garbage>", VersionId: "?", CiphertextBlob: [1] }),
    });
  }

  async #shopifyCall(request: ShopifyRequest, victim: Invocation): Promise<ShopifyReply> {
    const operation = request.path;
    const point = { target: "shopify", operation, index: this.calls.length } as const;
    const fault = await this.#faultOf(point);
    return await withFault<ShopifyReply>(fault, victim, {
      act: async () => {
        await this.onShopify(request);
        const reply = await this.#answerOf(request);
        await this.after(point);
        return reply;
      },
      fail: (how) => {
        if (how !== "throttled") throw new CodedError("shopify_unreachable");
        return { status: 429, headers: { "retry-after": "2.0" }, body: Sealed.of("") };
      },
      garbage: () => ({ status: 200, headers: {}, body: Sealed.of("<html>Oops</html>") }),
    });
  }

  async #answerOf(request: ShopifyRequest): Promise<ShopifyReply> {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, value.unseal()]),
    );
    const { shop: host, method, path } = request;
    const body = request.body?.unseal() ?? "";
    const reply = await this.shopify.handle({ method, host, path, headers, body });
    if (reply.drop === true) throw new CodedError("shopify_unreachable");
    return { status: reply.status, headers: reply.headers, body: Sealed.of(reply.body) };
  }

  async #faultOf(point: CallPoint): Promise<ReturnType<FaultPlan>> {
    this.calls.push(point);
    // Overlapping invocations take turns unevenly.
    for (let turn = (point.index * 7) % 5; turn > 0; turn -= 1) await undefined;
    await this.before(point);
    return this.plan(point);
  }

  #endless(): Deadline {
    return new Invocation();
  }
}

/** One more read than the model lets miss. */
const PATIENCE = 3;
const CHANGES = new Set(["PutSecretValue", "UpdateSecretVersionStage"]);
const AWS_ERRORS = {
  unreachable: "InternalServiceError",
  throttled: "ThrottlingException",
  timed_out: "TimeoutError",
} as const;

/** One invocation's time; waiting takes no real time. */
export class Invocation implements Deadline, Victim {
  killed = false;
  #leftMs: number;

  constructor(budgetMs = BUDGET_MS) {
    this.#leftMs = budgetMs;
  }

  remainingMs(): number {
    return this.#leftMs;
  }

  async pause(milliseconds: number): Promise<void> {
    this.#leftMs -= milliseconds;
  }

  spendEverything(): void {
    this.#leftMs = 0;
  }
}
