import type {
  ApiVersion,
  SecretArn,
  ShopDomain,
  StoreKey,
  VersionId,
} from "../../../contract/brands";
import { DEFAULT_API_VERSION } from "../../../contract/brands";
import type { EnrolRequest, EnrolResult } from "../../../contract/enrolment";
import type { Kind } from "../../../contract/kinds";
import type { StoreRecord } from "../../../contract/record";
import {
  type CredentialMemory,
  createCredentialMemory,
} from "../../../lambda/engine/credential-memory";
import type { EngineDeps } from "../../../lambda/engine/deps";
import { createRotationMemory, type RotationMemory } from "../../../lambda/engine/memory";
import { renew } from "../../../lambda/engine/renew";
import { enrol } from "../../../lambda/enrol/enrol";
import { parseRotationEvent } from "../../../lambda/rotate/event";
import { rotate } from "../../../lambda/rotate/rotate";
import { peek } from "../../simulation/aws/kms";
import {
  APP,
  CLIENT_ID,
  FIRST_SECRET,
  MINUTE,
  ROTATE_FUNCTION,
  SCOPES,
  shopOf,
} from "../../simulation/stage";
import { Invocation, Stand, type StandOptions } from "./stand";

export const STORE = "acme" as StoreKey;
export const SHOP = shopOf(STORE);
/** A Sunday, 00:30 UTC. */
const START = Date.UTC(2026, 10, 1, 0, 30);
const BUDGET_MS = 28_499.75;
const FINGERPRINT = "v1.stage.fingerprint";

export interface StoreOptions extends Pick<StandOptions, "model" | "shopify" | "deliver"> {
  readonly kind: Kind;
  /** Whether the secret has a value from the start. Default: true. */
  readonly hasValue?: boolean;
  readonly scopes?: readonly string[];
  /** How long Shopify does not know the app yet, in seconds. Default: 0. */
  readonly appUnknownForSeconds?: number;
}

/** One store, and the functions that rotate, renew and enrol it. */
export class StoreStand extends Stand {
  /** Every step that Secrets Manager delivered. */
  readonly deliveries: object[] = [];
  kind: Kind;
  /** The version of the Admin API that config names. */
  apiVersion: ApiVersion = DEFAULT_API_VERSION;
  #memory: RotationMemory = createRotationMemory();
  /** What the rotate function's process knows of the apps. */
  #credentials: CredentialMemory = createCredentialMemory();

  protected constructor(options: StoreOptions) {
    const rotateStep = async (event: object) => {
      this.deliveries.push(event);
      await this.rotationStep(event);
    };
    super({ ...options, startsAt: START, budgetMs: BUDGET_MS, rotate: rotateStep });
    this.kind = options.kind;
  }

  /** Sets the stage: app, shop, both secrets, and a first value when there is to be one. */
  static async create(options: StoreOptions): Promise<StoreStand> {
    const stand = new StoreStand(options);
    await stand.openApp(FIRST_SECRET, options.appUnknownForSeconds);
    stand.openShop(STORE);
    await stand.createStore(STORE, { kind: options.kind, ...scopesOf(options) });
    if (options.hasValue ?? true) await stand.acquire();
    return stand;
  }

  get arn(): SecretArn {
    return this.arnOf(STORE);
  }

  /** An install or an enrolment: a new token, AWSCURRENT at once, whatever was there. */
  async acquire(): Promise<void> {
    const record = await this.obtain(STORE, this.kind);
    await this.put(this.arn, { ...record, configTokenFingerprint: FINGERPRINT });
  }

  /** A static token, as a merchant hands it out. */
  issueToken(scopes: readonly string[] = SCOPES): string {
    const kind = this.kind === "offline" ? "offline" : "custom-app";
    const owner = { clientId: CLIENT_ID, shop: SHOP };
    return this.shopify.control.issueToken({ ...owner, kind, scopes: [...scopes] }).accessToken;
  }

  /** AWSCURRENT; undefined when there is none. */
  async current(): Promise<{ versionId: VersionId; record: StoreRecord } | undefined> {
    return await this.held({ VersionStage: "AWSCURRENT" });
  }

  async held(of: object): Promise<{ versionId: VersionId; record: StoreRecord } | undefined> {
    return await this.read(this.arn, of);
  }

  async labels(): Promise<Readonly<Record<string, readonly string[]>>> {
    return (await this.describe(this.arn)).labels;
  }

  async tags(): Promise<Readonly<Record<string, string>>> {
    return (await this.describe(this.arn)).tags;
  }

  isAlive(accessToken: string): boolean {
    return this.takes(accessToken);
  }

  /** Switches rotation on: every eight hours, nothing at once. */
  async scheduleRotation(): Promise<void> {
    await this.rotateFromNowOn(this.arn, STORE);
  }

  /** Rotates now, and waits for the end of it. */
  async rotateNow(versionId: string = this.model.newToken()): Promise<void> {
    await this.model.handle("RotateSecret", {
      SecretId: this.arn,
      ClientRequestToken: versionId,
      RotationLambdaARN: ROTATE_FUNCTION,
    });
    await this.model.settled();
  }

  /** One invocation of the rotate function. */
  async rotationStep(event: object): Promise<void> {
    await this.#invoke(async (deps) => {
      await rotate(parseRotationEvent(event), {
        ...deps,
        memory: this.#memory,
        credentials: this.#credentials,
      });
    });
  }

  /** One direct renewal, as the sweep calls it. */
  async renew(): Promise<void> {
    await this.#invoke(async (deps) => {
      await renew(this.arn, deps);
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
    return await this.#invoke((deps) => enrol(request, deps));
  }

  /** Changes what config says of the store. */
  async declare(kind: Kind, scopes = SCOPES, shop: ShopDomain = SHOP): Promise<void> {
    this.kind = kind;
    await this.redeclare(STORE, { kind, scopes, shop, apiVersion: this.apiVersion });
  }

  /** Another process serves the next invocation. */
  forget(): void {
    this.#memory = createRotationMemory();
    this.#credentials = createCredentialMemory();
  }

  async #invoke<T>(run: (deps: EngineDeps) => Promise<T>): Promise<T> {
    const victim = new Invocation();
    try {
      return await run(this.deps(victim));
    } catch (error) {
      this.failures.push(error);
      if (victim.killed) this.forget();
      throw error;
    }
  }
}

const scopesOf = ({ scopes }: StoreOptions) => (scopes === undefined ? {} : { scopes });

const SWEEP_EVERY = 10 * MINUTE;

/** Lets time pass: rotations and their retries when they are due, and a renewal when a sweep finds one due. */
export async function pass(stand: StoreStand, milliseconds: number): Promise<void> {
  const end = stand.clock.now + milliseconds;
  let swept = stand.clock.now;
  for (;;) {
    const rotation = stand.model.nextDueAt() ?? Number.POSITIVE_INFINITY;
    const due = Math.ceil((await dueFrom(stand)) / SWEEP_EVERY) * SWEEP_EVERY;
    const sweep = Math.max((Math.floor(swept / SWEEP_EVERY) + 1) * SWEEP_EVERY, due);
    const next = Math.min(rotation, sweep);
    if (next > end) break;
    stand.clock.now = Math.max(stand.clock.now, next);
    if (next === rotation) {
      await stand.model.runDue();
    } else {
      swept = sweep;
      await stand.renew().catch(() => undefined);
    }
  }
  stand.clock.now = end;
}

/** From when on a direct renewal is due, as the sweep decides it. */
async function dueFrom(stand: StoreStand): Promise<number> {
  const isPair = stand.kind === "offline-expiring";
  const current = await stand.current();
  if (current === undefined) return isPair ? Number.POSITIVE_INFINITY : 0;
  const { expiresAt, issuedAt } = current.record;
  if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
  return expiresAt - (expiresAt - issuedAt) / (isPair ? 2 : 4) + 1;
}

/** What is wrong with AWSCURRENT, in words: it works now, and will be renewed, and nothing was forgotten. */
export async function wrongWith(stand: StoreStand): Promise<readonly string[]> {
  const { record } = (await stand.current()) ?? {};
  if (record === undefined) return ["there is no AWSCURRENT"];
  const refreshToken = peek(record.refreshTokenSealed);
  const { control } = stand.shopify;
  const isLost = refreshToken !== undefined && !control.refreshTokenLife({ refreshToken }).usable;
  return [
    ...(stand.isAlive(record.accessToken.unseal()) ? [] : ["AWSCURRENT does not work"]),
    ...(isLost ? ["the refresh chain is lost"] : []),
    ...(record.configTokenFingerprint === FINGERPRINT ? [] : ["the fingerprint was not copied"]),
  ];
}
