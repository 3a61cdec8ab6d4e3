import { encodeAppCredential } from "../../../contract/app-credential";
import type { ApiVersion, AppKey, SecretArn, ShopDomain, StoreKey } from "../../../contract/brands";
import { DEFAULT_API_VERSION } from "../../../contract/brands";
import { encodeDeclaration } from "../../../contract/declaration";
import type { Distribution } from "../../../contract/distribution";
import { CodedError } from "../../../contract/errors";
import { KIND_FACTS, type Kind } from "../../../contract/kinds";
import { appSecretName, storeSecretName } from "../../../contract/names";
import type { Notice } from "../../../contract/notice";
import { encodeRecord, parseRecord, type StoreRecord } from "../../../contract/record";
import { Sealed } from "../../../contract/sealed";
import type { SweepRequest, SweepResult } from "../../../contract/sweep";
import { type EpochMs, epochMs, later } from "../../../contract/time";
import type { Deadline } from "../../../lambda/deadline";
import { createCredentialMemory } from "../../../lambda/engine/credential-memory";
import { RULES } from "../../../lambda/engine/rules";
import { createLog } from "../../../lambda/log";
import { createKmsSeal } from "../../../lambda/seal/refresh-token-seal";
import { createFleetPort } from "../../../lambda/secrets/fleet-port";
import {
  createSecretsPort,
  type SecretsManagerSend,
} from "../../../lambda/secrets/secrets-manager";
import type { ShopifyReply, ShopifyRequest } from "../../../lambda/shopify/exchange";
import { answer } from "../../../lambda/sweep/answer";
import type { SweepParts } from "../../../lambda/sweep/parts";
import {
  createInProcessClient,
  type ModelSwitches,
  SecretsManagerModel,
  seededRandomness,
} from "../../../local/secrets-manager";
import { ShopifyImitation } from "../../../local/shopify/core";
import { seededRandomness as seededShopify } from "../../../local/shopify/randomness";
import type { Switches } from "../../../local/shopify/switches";
import {
  awsError,
  type CallPoint,
  type FaultPlan,
  Killed,
  type Victim,
  withFault,
} from "../world/faults";
import { answerKms } from "../world/kms";

export const PREFIX = "shopify/test";
export const APP = "erp" as AppKey;
export const CLIENT_ID = "erp-client";
export const CLIENT_SECRET = "shpss_client_secret";
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const START = Date.UTC(2026, 10, 1, 0, 0);
export const SCOPES = ["read_products", "write_orders"];
const SWEEP_EVERY = 10 * MINUTE;
const REFRESH_KEY = "arn:aws:kms:us-east-1:000000000000:key/refresh";
const ROTATE = "arn:aws:lambda:us-east-1:000000000000:function:rotate";

/** How a store of a test is declared. */
export interface StoreOptions {
  readonly kind: Kind;
  /** What the secret holds; default: a token of the store's own kind; `none`: no value. */
  readonly holds?: Kind | "none";
  readonly prefix?: string;
  /** The app's key in the stack. Default: erp. */
  readonly app?: AppKey;
  /** The client ID that the stack's tag names. Default: it names none. */
  readonly clientId?: string;
  readonly scopes?: readonly string[];
  /** The version of the Admin API. Default: the product's own. */
  readonly apiVersion?: string;
  /** How config says that the app is distributed. Default: as a custom app, which it is at Shopify too. */
  readonly distribution?: Distribution | "unsaid";
  /** Whether Secrets Manager rotates it. Default: for client credentials. */
  readonly isRotated?: boolean;
}

/** A whole fleet and the sweep over it, in one process: the model of Secrets Manager and the imitation of Shopify. */
export class FleetWorld {
  readonly clock = { now: START };
  readonly lines: string[] = [];
  readonly metrics: Record<string, number>[] = [];
  readonly notices: Notice[] = [];
  readonly calls: (CallPoint & { readonly input: object })[] = [];
  readonly model: SecretsManagerModel;
  readonly shopify: ShopifyImitation;
  storesAtOnce = 4;
  /** The time of an invocation, in milliseconds. */
  budgetMs = 280_000;
  /** How long each answer of Shopify takes, in milliseconds of the world. */
  latencyMs = 0;
  plan: FaultPlan = () => undefined;
  /** An answer that somebody gives in Shopify's place. */
  stray: (request: ShopifyRequest) => ShopifyReply | undefined = () => undefined;
  before: (point: CallPoint) => Promise<void> = async () => undefined;
  publish: (notice: Notice) => Promise<void> = async (notice) => void this.notices.push(notice);
  /** The calls of other functions, with their time. */
  readonly called: { readonly at: number; readonly name: string; readonly event: object }[] = [];
  callFunction: (name: string, event: object) => Promise<void> = async (name, event) =>
    void this.called.push({ at: this.clock.now, name, event });
  readonly #arns = new Map<string, SecretArn>();

  constructor(switches: Partial<Switches>, model: Partial<ModelSwitches>) {
    const now = () => this.clock.now;
    const randomness = seededShopify("sweep");
    this.shopify = new ShopifyImitation({ now, randomness, switches });
    this.model = new SecretsManagerModel({
      region: "us-east-1",
      accountId: "000000000000",
      now,
      randomness: seededRandomness(9),
      switches: model,
      ports: { mayInvoke: async () => true, invoke: async () => undefined },
    });
  }

  static async create(
    switches: Partial<Switches> = {},
    model: Partial<ModelSwitches> = {},
  ): Promise<FleetWorld> {
    const world = new FleetWorld(switches, model);
    world.shopify.control.addApp({
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      scopes: [...SCOPES],
      createdAt: 0,
    });
    await world.model.handle("CreateSecret", {
      Name: appSecretName(PREFIX, APP),
      ClientRequestToken: world.model.newToken(),
      SecretString: encodeAppCredential({
        app: APP,
        clientId: CLIENT_ID,
        clientSecret: Sealed.of(CLIENT_SECRET),
        previousClientSecret: undefined,
      }),
    });
    return world;
  }

  /** Declares a store, with a value as its enrolment or its install would leave it. */
  async add(key: string, options: StoreOptions): Promise<void> {
    const shop = shopOf(key);
    const prefix = options.prefix ?? PREFIX;
    if (prefix === PREFIX) {
      this.shopify.control.addShop({ shop });
      this.shopify.control.install({ clientId: CLIENT_ID, shop });
    }
    const created = (await this.model.handle("CreateSecret", {
      Name: storeSecretName(prefix, key as StoreKey),
      Description: descriptionOf(key, options),
      Tags: [
        { Key: "shopify-kind", Value: options.kind },
        ...(options.clientId === undefined
          ? []
          : [{ Key: "shopify-client-id", Value: options.clientId }]),
      ],
      ClientRequestToken: this.model.newToken(),
    })) as { ARN: SecretArn };
    if (prefix === PREFIX) this.#arns.set(key, created.ARN);
    const holds = options.holds ?? options.kind;
    if (holds !== "none") await this.put(created.ARN, await this.obtain(key, holds));
    const isRotated = options.isRotated ?? options.kind === "client-credentials";
    if (isRotated) await this.#schedule(created.ARN);
  }

  async #schedule(arn: SecretArn): Promise<void> {
    await this.model.handle("RotateSecret", {
      SecretId: arn,
      ClientRequestToken: this.model.newToken(),
      RotationLambdaARN: ROTATE,
      RotationRules: { ScheduleExpression: "cron(0 1/8 * * ? *)", Duration: "1h" },
      RotateImmediately: false,
    });
    await this.model.settled();
  }

  async declare(key: string, options: StoreOptions): Promise<void> {
    const Description = descriptionOf(key, options);
    await this.model.handle("UpdateSecret", { SecretId: this.arnOf(key), Description });
  }

  arnOf(key: string): SecretArn {
    const arn = this.#arns.get(key);
    if (arn === undefined) throw new Error("no such store in this test");
    return arn;
  }

  /** A token of a kind as Shopify hands it out now, as a record. */
  async obtain(key: string, kind: Kind): Promise<StoreRecord> {
    const shop = shopOf(key);
    const now = epochMs(this.clock.now);
    const { lifetimeSeconds } = KIND_FACTS[kind];
    const base = {
      shop,
      app: APP,
      kind,
      scopes: SCOPES,
      apiVersion: DEFAULT_API_VERSION,
      issuedAt: now,
      expiresAt: lifetimeSeconds === undefined ? undefined : later(now, lifetimeSeconds * 1_000),
      checked: "ok",
      parentVersion: undefined,
      appSecretVersion: undefined,
      configTokenFingerprint: "",
      refreshTokenSealed: "",
      refreshTokenExpiresAt: undefined,
    } as const;
    const owner = { clientId: CLIENT_ID, shop };
    if (kind === "offline-expiring") {
      const pair = this.shopify.control.issuePair(owner);
      const accessToken = Sealed.of(pair.accessToken);
      const refreshTokenExpiresAt = later(now, 90 * DAY);
      const refreshTokenSealed = await this.#seal(key, pair.refreshToken);
      return { ...base, accessToken, refreshTokenSealed, refreshTokenExpiresAt };
    }
    if (kind === "client-credentials") {
      return { ...base, accessToken: Sealed.of(await this.#mint(shop)) };
    }
    const { accessToken } = this.shopify.control.issueToken({
      ...owner,
      kind,
      scopes: [...SCOPES],
    });
    return { ...base, accessToken: Sealed.of(accessToken) };
  }

  #seal(key: string, refreshToken: string): Promise<string> {
    const seal = createKmsSeal({ send: answerKms } as never, REFRESH_KEY, new Invocation());
    const secretArn = this.#arns.get(key) ?? ("arn" as SecretArn);
    return seal.close(Sealed.of(refreshToken), { secretArn, shop: shopOf(key) });
  }

  async #mint(shop: string): Promise<string> {
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
    const body = JSON.parse(reply.drop === true ? "{}" : reply.body) as { access_token?: string };
    if (body.access_token === undefined) throw new Error("the stage's token was refused");
    return body.access_token;
  }

  /** Puts a version, AWSCURRENT unless labelled otherwise. */
  async put(arn: SecretArn, record: StoreRecord, stages = ["AWSCURRENT"]): Promise<void> {
    await this.model.handle("PutSecretValue", {
      SecretId: arn,
      ClientRequestToken: this.model.newToken(),
      SecretString: encodeRecord(record),
      VersionStages: stages,
    });
  }

  async currentOf(key: string): Promise<{ versionId: string; record: StoreRecord }> {
    const value = (await this.model.handle("GetSecretValue", { SecretId: this.arnOf(key) })) as {
      SecretString: string;
      VersionId: string;
    };
    return { versionId: value.VersionId, record: parseRecord(value.SecretString) };
  }

  async factsOf(key: string) {
    const facts = (await this.model.handle("DescribeSecret", { SecretId: this.arnOf(key) })) as {
      VersionIdsToStages?: Record<string, string[]>;
      Tags?: { Key: string; Value: string }[];
    };
    const tags = (facts.Tags ?? []).map(({ Key, Value }) => [
      Key.replace("shopify-secrets:", ""),
      Value,
    ]);
    return {
      labels: facts.VersionIdsToStages ?? {},
      tags: Object.fromEntries(tags) as Record<string, string>,
    };
  }

  /** Whether the token that an application would read now works. */
  async isAlive(key: string): Promise<boolean> {
    const accessToken = (await this.currentOf(key)).record.accessToken.unseal();
    return this.shopify.control.tokenLife({ accessToken }).death === null;
  }

  /** The times of all versions that were ever put. */
  async versionTimes(key: string): Promise<number[]> {
    const listed = (await this.model.handle("ListSecretVersionIds", {
      SecretId: this.arnOf(key),
      IncludeDeprecated: true,
      MaxResults: 100,
    })) as { Versions?: { CreatedDate: Date }[] };
    return (listed.Versions ?? []).map(({ CreatedDate }) => CreatedDate.getTime());
  }

  async sweep(): Promise<SweepResult> {
    return (await this.act({ action: "sweep" })) as SweepResult;
  }

  async act(request: SweepRequest) {
    return await answer(request, this.parts());
  }

  /** Lets time pass minute by minute, with a sweep every ten. */
  async pass(milliseconds: number, each: () => Promise<void> = async () => undefined) {
    const start = Math.floor(this.clock.now / MINUTE) * MINUTE;
    for (let at = start + MINUTE; at <= start + milliseconds; at += MINUTE) {
      this.clock.now = Math.max(at, this.clock.now);
      if (at % SWEEP_EVERY === 0) {
        await this.sweep().catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
        });
      }
      await each();
    }
  }

  parts(victim: Invocation = new Invocation(this.budgetMs)): SweepParts {
    const client: SecretsManagerSend = {
      send: (command: object) => this.#awsCall("secrets-manager", command, victim),
    } as never;
    const kms = { send: (command: object) => this.#awsCall("kms", command, victim) };
    return {
      prefix: PREFIX,
      secrets: createSecretsPort(client, victim),
      fleet: createFleetPort(client, { prefix: PREFIX, deadline: victim }),
      seal: createKmsSeal(kms as never, REFRESH_KEY, victim),
      send: (request) => this.#shopifyCall(request, victim),
      clock: { now: () => this.clock.now as EpochMs },
      deadline: victim,
      log: createLog((line) => this.lines.push(line)),
      random: () => 0.5,
      rules: RULES,
      credentials: createCredentialMemory(),
      storesAtOnce: this.storesAtOnce,
      publish: (notice) => this.publish(notice),
      findOwnAddress: async () => "203.0.113.7",
      callFunction: (name, event) => this.callFunction(name, event),
      emit: (line) => void this.metrics.push(JSON.parse(line) as Record<string, number>),
    };
  }

  async #awsCall(
    target: "secrets-manager" | "kms",
    command: object,
    victim: Invocation,
  ): Promise<object> {
    const operation = command.constructor.name.replace(/Command$/, "");
    const { input } = command as { readonly input: object };
    const fault = await this.#faultOf({ target, operation, index: this.calls.length }, input);
    return await withFault<object>(fault, victim, {
      act: async () =>
        target === "kms"
          ? await answerKms(command)
          : await createInProcessClient(this.model).send(command as { readonly input: object }),
      fail: () => {
        throw awsError("InternalServiceError");
      },
      garbage: () => ({}),
    });
  }

  async #shopifyCall(request: ShopifyRequest, victim: Invocation): Promise<ShopifyReply> {
    const point = { target: "shopify", operation: request.path, index: this.calls.length } as const;
    const fault = await this.#faultOf(point, { shop: request.shop });
    return await withFault<ShopifyReply>(fault, victim, {
      act: async () => await this.#answerOf(request),
      fail: () => {
        throw new CodedError("shopify_unreachable");
      },
      garbage: () => ({ status: 200, headers: {}, body: Sealed.of("<html>Oops</html>") }),
    });
  }

  async #answerOf(request: ShopifyRequest): Promise<ShopifyReply> {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, value.unseal()]),
    );
    this.clock.now += this.latencyMs;
    const stray = this.stray(request);
    if (stray !== undefined) return stray;
    const { shop: host, method, path } = request;
    const body = request.body?.unseal() ?? "";
    const reply = await this.shopify.handle({ method, host, path, headers, body });
    if (reply.drop === true) throw new CodedError("shopify_unreachable");
    return { status: reply.status, headers: reply.headers, body: Sealed.of(reply.body) };
  }

  async #faultOf(point: CallPoint, input: object): Promise<ReturnType<FaultPlan>> {
    this.calls.push({ ...point, input });
    // Overlapping invocations take turns unevenly.
    for (let turn = (point.index * 7) % 5; turn > 0; turn -= 1) await undefined;
    await this.before(point);
    return this.plan(point);
  }
}

/** One invocation's time; waiting takes no real time. */
export class Invocation implements Deadline, Victim {
  killed = false;
  /** How long all its waits were. */
  waitedMs = 0;
  #leftMs: number;

  constructor(budgetMs = 280_000) {
    this.#leftMs = budgetMs;
  }

  remainingMs(): number {
    return this.#leftMs;
  }

  async pause(milliseconds: number): Promise<void> {
    this.waitedMs += milliseconds;
    this.#leftMs -= milliseconds;
  }

  spendEverything(): void {
    this.#leftMs = 0;
  }
}

export function shopOf(key: string): ShopDomain {
  return `${key}.myshopify.com` as ShopDomain;
}

function descriptionOf(key: string, options: StoreOptions): string {
  const { kind, app = APP, scopes = SCOPES, distribution = "custom" } = options;
  const apiVersion = (options.apiVersion ?? DEFAULT_API_VERSION) as ApiVersion;
  const declared = { kind, shop: shopOf(key), app, scopes, apiVersion };
  return encodeDeclaration(distribution === "unsaid" ? declared : { ...declared, distribution });
}
