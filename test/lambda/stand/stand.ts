import type { KeyArn, SecretArn, StoreKey, VersionId } from "../../../contract/brands";
import { CodedError } from "../../../contract/errors";
import type { Kind } from "../../../contract/kinds";
import { appSecretName, storeSecretName } from "../../../contract/names";
import { encodeRecord, parseRecord, type StoreRecord } from "../../../contract/record";
import { Sealed } from "../../../contract/sealed";
import { type EpochMs, epochMs, later } from "../../../contract/time";
import { createKmsSigner } from "../../../lambda/cipher/assertion-signer";
import { createKmsCipher } from "../../../lambda/cipher/refresh-token-cipher";
import type { Deadline } from "../../../lambda/deadline";
import { createCredentialMemory } from "../../../lambda/engine/credential-memory";
import type { EngineDeps } from "../../../lambda/engine/deps";
import { RULES } from "../../../lambda/engine/rules";
import { createLog } from "../../../lambda/log";
import {
  createSecretsPort,
  type SecretsManagerSend,
} from "../../../lambda/secrets/secrets-manager";
import {
  openRequest,
  type ShopifyReply,
  type ShopifyRequest,
} from "../../../lambda/shopify/exchange";
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
import { serveKms } from "../../simulation/aws/kms";
import {
  ACCOUNT,
  APP,
  appAtShopify,
  appCredentialOf,
  CLIENT_ID,
  DAY,
  type Declared,
  descriptionOf,
  PREFIX,
  REFRESH_KEY,
  REGION,
  rotationOf,
  SCOPES,
  shopOf,
  signingCredentialOf,
} from "../../simulation/stage";
import { bareRecord } from "./bare-record";
import { awsError, type CallPoint, type FaultPlan, type Victim, withFault } from "./faults";

/** How a stand is made. */
export interface StandOptions {
  readonly startsAt: number;
  /** The time that an invocation has, in milliseconds. */
  readonly budgetMs: number;
  readonly model?: Partial<ModelSwitches>;
  readonly shopify?: Partial<Switches>;
  /** Carries Shopify's webhooks. Default: nobody is reached. */
  readonly deliver?: WebhookPort;
  /** Runs a step of a rotation. Default: nobody does. */
  readonly rotate?: (event: object) => Promise<void>;
}

/** A call with what was sent. */
export interface Called extends CallPoint {
  readonly input: object;
}

/** Reads so often, because the model may let a few of them miss. */
const PATIENCE = 3;
const AWS_ERRORS = {
  unreachable: "InternalServiceError",
  throttled: "ThrottlingException",
  timed_out: "TimeoutError",
} as const;

/**
 * Where one function is called by hand, in process, with any call of it in a test's grip: the model of Secrets Manager,
 * the imitation of Shopify and the stage of the simulation (`test/simulation`), in which the functions live by
 * themselves. A stand has no time of its own: a test moves its clock.
 */
export class Stand {
  readonly clock: { now: number };
  readonly lines: string[] = [];
  readonly calls: Called[] = [];
  readonly failures: unknown[] = [];
  readonly model: SecretsManagerModel;
  readonly shopify: ShopifyImitation;
  budgetMs: number;
  /** What is decided of every call; replaced by tests. */
  plan: FaultPlan = () => undefined;
  /** Which calls AWS refuses for want of a permission. */
  refuse: (point: CallPoint) => boolean = () => false;
  /** Happens right before a call, such as an install that lands in the middle. */
  before: (point: CallPoint) => Promise<void> = async () => undefined;
  /** Happens when a call has had its effect, before its answer arrives. */
  after: (point: CallPoint) => Promise<void> = async () => undefined;
  /** An answer that somebody gives in Shopify's place. */
  stray: (request: ShopifyRequest) => ShopifyReply | undefined = () => undefined;
  /** How long each answer of Shopify takes, in milliseconds of the stand. */
  latencyMs = 0;
  readonly #arns = new Map<string, SecretArn>();
  #clientSecret = "";
  #appSecretVersion = "" as VersionId;

  protected constructor(options: StandOptions) {
    this.clock = { now: options.startsAt };
    this.budgetMs = options.budgetMs;
    const now = () => this.clock.now;
    this.shopify = new ShopifyImitation({
      now,
      randomness: seededShopify("stand"),
      switches: options.shopify ?? {},
      ...(options.deliver === undefined ? {} : { deliver: options.deliver }),
    });
    this.model = new SecretsManagerModel({
      region: REGION,
      accountId: ACCOUNT,
      now,
      randomness: seededRandomness(5),
      switches: options.model ?? {},
      ports: {
        mayInvoke: async () => true,
        invoke: async (_function, event) => await options.rotate?.(event),
      },
    });
  }

  /** The client secret that Pulumi wrote last, and its version. */
  get clientSecret(): string {
    return this.#clientSecret;
  }

  get appSecretVersion(): VersionId {
    return this.#appSecretVersion;
  }

  /** Pulumi writes the app secret. */
  async putAppSecret(clientSecret: string, previous?: string): Promise<void> {
    this.#clientSecret = clientSecret;
    await this.#putAppValue(
      appCredentialOf(clientSecret, previous === undefined ? {} : { previous }),
    );
  }

  /** Pulumi writes the app secret of an app that signs. Default: it has no client secret. */
  async putSigningApp(signingKeys: readonly KeyArn[], clientSecret?: string): Promise<void> {
    this.#clientSecret = clientSecret ?? "";
    await this.#putAppValue(signingCredentialOf(signingKeys, clientSecret));
  }

  async #putAppValue(SecretString: string): Promise<void> {
    const Name = appSecretName(PREFIX, APP);
    const ClientRequestToken = this.model.newToken();
    this.#appSecretVersion = ClientRequestToken as VersionId;
    const isThere = this.model.factsFor(Name) !== undefined;
    const id = isThere ? { SecretId: Name } : { Name };
    const operation = isThere ? "PutSecretValue" : "CreateSecret";
    await this.model.handle(operation, { ...id, ClientRequestToken, SecretString });
  }

  /** The app, at Shopify and in AWS. */
  protected async openApp(clientSecret: string, unknownForSeconds = 0): Promise<void> {
    this.shopify.control.addApp({ ...appAtShopify(), unknownForSeconds });
    await this.putAppSecret(clientSecret);
  }

  /** A shop on which the app is installed. */
  protected openShop(key: string): void {
    const shop = shopOf(key);
    this.shopify.control.addShop({ shop });
    this.shopify.control.install({ clientId: CLIENT_ID, shop });
  }

  /** Pulumi creates a store's secret, without a value. */
  protected async createStore(
    key: string,
    declared: Declared,
    given: { readonly prefix?: string; readonly tags?: object[] } = {},
  ): Promise<SecretArn> {
    const { prefix = PREFIX, tags } = given;
    const created = (await this.model.handle("CreateSecret", {
      Name: storeSecretName(prefix, key as StoreKey),
      Description: descriptionOf(key, declared),
      ...(tags === undefined ? {} : { Tags: tags }),
      ClientRequestToken: this.model.newToken(),
    })) as { ARN: SecretArn };
    if (prefix === PREFIX) this.#arns.set(key, created.ARN);
    return created.ARN;
  }

  /** Pulumi changes what a store is declared as. */
  protected async redeclare(key: string, declared: Declared): Promise<void> {
    const Description = descriptionOf(key, declared);
    await this.model.handle("UpdateSecret", { SecretId: this.arnOf(key), Description });
  }

  /** Pulumi switches rotation on: every eight hours, nothing at once. */
  protected async rotateFromNowOn(secretArn: SecretArn, key: string): Promise<void> {
    await this.model.handle("RotateSecret", {
      ...rotationOf(key),
      SecretId: secretArn,
      ClientRequestToken: this.model.newToken(),
      RotationRules: { ScheduleExpression: "cron(0 1/8 * * ? *)", Duration: "1h" },
    });
    await this.model.settled();
  }

  arnOf(key: string): SecretArn {
    const arn = this.#arns.get(key);
    if (arn === undefined) throw new Error(`no store ${key} at this stand`);
    return arn;
  }

  /** A token of a kind as Shopify hands it out now, as a record. */
  async obtain(key: string, kind: Kind): Promise<StoreRecord> {
    const owner = { clientId: CLIENT_ID, shop: shopOf(key) };
    const { control } = this.shopify;
    if (kind === "client-credentials") {
      return this.#recordOf(key, kind, await this.#grantedTo(owner.shop));
    }
    if (kind === "offline-expiring") {
      const { accessToken, refreshToken } = control.issuePair(owner);
      const refreshTokenSealed = await this.#sealed(key, refreshToken);
      const refreshTokenExpiresAt = later(epochMs(this.clock.now), 90 * DAY);
      const record = this.#recordOf(key, kind, accessToken);
      return { ...record, refreshTokenSealed, refreshTokenExpiresAt };
    }
    const { accessToken } = control.issueToken({ ...owner, kind, scopes: [...SCOPES] });
    return this.#recordOf(key, kind, accessToken);
  }

  /** An access token for the client credentials that Pulumi wrote last. */
  async #grantedTo(shop: string): Promise<string> {
    const reply = await this.shopify.handle({
      method: "POST",
      host: shop,
      path: "/admin/oauth/access_token",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({
        client_id: CLIENT_ID,
        client_secret: this.#clientSecret,
        grant_type: "client_credentials",
      }),
    });
    const body = JSON.parse(reply.drop === true ? "{}" : reply.body) as { access_token?: string };
    if (body.access_token === undefined) throw new Error("the stage's token was refused");
    return body.access_token;
  }

  #sealed(key: string, refreshToken: string): Promise<string> {
    const cipher = createKmsCipher({ send: answerKms } as never, REFRESH_KEY, new Invocation());
    const secretArn = this.#arns.get(key) ?? ("arn" as SecretArn);
    return cipher.encrypt(Sealed.of(refreshToken), { secretArn, shop: shopOf(key) });
  }

  #recordOf(key: string, kind: Kind, accessToken: string): StoreRecord {
    return bareRecord(shopOf(key), { kind, accessToken }, epochMs(this.clock.now));
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

  /** A value of a secret; read a few times, because the model may let reads miss. */
  protected async read(
    secretArn: SecretArn,
    of: object,
  ): Promise<{ versionId: VersionId; record: StoreRecord } | undefined> {
    for (let time = 0; time < PATIENCE; time += 1) {
      try {
        const value = (await this.model.handle("GetSecretValue", {
          SecretId: secretArn,
          ...of,
        })) as { SecretString: string; VersionId: VersionId };
        return { versionId: value.VersionId, record: parseRecord(value.SecretString) };
      } catch {
        // no such version, no value, or a read that misses: the next one tells
      }
    }
    return undefined;
  }

  protected async describe(secretArn: SecretArn): Promise<{
    readonly labels: Readonly<Record<string, readonly string[]>>;
    readonly tags: Readonly<Record<string, string>>;
  }> {
    const facts = (await this.model.handle("DescribeSecret", { SecretId: secretArn })) as {
      VersionIdsToStages?: Record<string, string[]>;
      Tags?: { Key: string; Value: string }[];
    };
    return {
      labels: facts.VersionIdsToStages ?? {},
      tags: Object.fromEntries((facts.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
    };
  }

  /** Whether Shopify would take this token now. */
  takes(accessToken: string): boolean {
    return this.shopify.control.tokenLife({ accessToken }).death === null;
  }

  /** The parts of one invocation, every call of which can fail. */
  deps(victim: Invocation = new Invocation(this.budgetMs)): EngineDeps {
    const send = (target: "secrets-manager" | "kms") => ({
      send: (command: object) => this.#awsCall(target, command, victim),
    });
    return {
      prefix: PREFIX,
      secrets: createSecretsPort(this.secretsManagerOf(victim), victim),
      cipher: createKmsCipher(send("kms") as never, REFRESH_KEY, victim),
      signer: createKmsSigner(send("kms") as never, victim),
      send: (request) => this.#shopifyCall(request, victim),
      clock: { now: () => this.clock.now as EpochMs },
      deadline: victim,
      log: createLog((line) => this.lines.push(line)),
      random: () => 0.5,
      rules: RULES,
      credentials: createCredentialMemory(),
    };
  }

  /** A client of Secrets Manager of one invocation. */
  secretsManagerOf(victim: Invocation): SecretsManagerSend {
    return {
      send: (command: object) => this.#awsCall("secrets-manager", command, victim),
    } as never;
  }

  async #awsCall(
    target: "secrets-manager" | "kms",
    command: object,
    victim: Invocation,
  ): Promise<object> {
    const operation = command.constructor.name.replace(/Command$/, "");
    const { input } = command as { readonly input: object };
    const point = { target, operation, index: this.calls.length, input };
    const fault = await this.#faultOf(point);
    if (this.refuse(point)) throw awsError("AccessDeniedException");
    return await withFault<object>(fault, victim, {
      act: async () => {
        if (target === "kms") return await answerKms(command);
        const client = createInProcessClient(this.model);
        const answer = await client.send(command as { readonly input: object });
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
    const { path: operation, shop } = request;
    const index = this.calls.length;
    const point = { target: "shopify", operation, index, input: { shop } } as const;
    const fault = await this.#faultOf(point);
    return await withFault<ShopifyReply>(fault, victim, {
      act: async () => {
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
    this.clock.now += this.latencyMs;
    const stray = this.stray(request);
    if (stray !== undefined) return stray;
    const { shop: host, method, path } = request;
    const { headers, body } = openRequest(request);
    const reply = await this.shopify.handle({ method, host, path, headers, body });
    if (reply.drop === true) throw new CodedError("shopify_unreachable");
    return { status: reply.status, headers: reply.headers, body: Sealed.of(reply.body) };
  }

  async #faultOf(call: Called): Promise<ReturnType<FaultPlan>> {
    this.calls.push(call);
    // Overlapping invocations take turns unevenly.
    for (let turn = (call.index * 7) % 5; turn > 0; turn -= 1) await undefined;
    await this.before(call);
    return this.plan(call);
  }
}

/** A key service as the simulation's, behind a client of the SDK. */
export async function answerKms(command: unknown): Promise<object> {
  const { input } = command as { readonly input: object };
  const operation = (command as object).constructor.name.replace(/Command$/, "");
  const { output, refusal } = await serveKms({ operation, input }, {});
  if (output === undefined) throw awsError(refusal?.code ?? "InternalServiceError");
  return output;
}

/** The time that an invocation of rotate or enrol has; a real one has fractions. */
const BUDGET_MS = 28_499.75;

/** One invocation's time; waiting takes no real time. */
export class Invocation implements Deadline, Victim {
  killed = false;
  /** How long all its waits were. */
  waitedMs = 0;
  #leftMs: number;

  constructor(budgetMs = BUDGET_MS) {
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
