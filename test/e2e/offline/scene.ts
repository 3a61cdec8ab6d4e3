import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { StoreKey } from "../../../contract/brands";
import { installLinkOf } from "../../../contract/install";
import { parseRecord, type StoreRecord } from "../../../contract/record";
import { type EpochMs, epochMs, isoOf, MINUTE_MS, SECOND_MS } from "../../../contract/time";
import {
  type Application,
  type ApplicationTally,
  startApplication,
} from "../../../local/demo/applications";
import { createReaderUser } from "../../../local/demo/reader-user";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { StoreOutput } from "../../../local/demo/stack";
import { DEV_APPS, DEV_STORES } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { beginWorld } from "../begin-world";
import { DeclaredStack } from "../infra/declared-stack";
import { type ServedEndpoint, serveEndpoint } from "../install/endpoint";
import { Merchant, type Seen } from "../install/merchant";
import { letListsArrive } from "../let-lists-arrive";
import { until } from "../until";

/** One store that mints its tokens itself, one whose token was pasted, and two whose merchants approve. */
export const STORES = ["acme", "partner", "boutique", "gallery"] as const;
export type Store = (typeof STORES)[number];

export const shopOf = (store: Store) => `${store}.myshopify.com`;
export const { clientId: CATALOG } = DEV_APPS.catalog;

const SWEEP = "shopify-dev-sweep";
/** The calls that the application makes before the world goes on. */
const CALLS_A_STEP = 4;
/** From a minute before its end on the reader asks again and again for a token that nobody renewed. */
const READER_MARGIN_MS = MINUTE_MS;
const CALLER = "application";

type AwsAnswer = Readonly<Record<string, unknown>>;

/** A stack with offline stores, their merchants, and an application that reads all of them all the time. */
export class Scene {
  readonly world: World;
  readonly stack: DeclaredStack;
  /** Every moment that was looked at and in which a store's AWSCURRENT was dead. */
  readonly dead: string[] = [];
  #arns: Readonly<Record<string, StoreOutput>> = {};
  #endpoint: ServedEndpoint | undefined;
  #merchant: Merchant | undefined;
  #application: Application | undefined;
  readonly #lambda: LambdaClient;

  static async start(instant: string): Promise<Scene> {
    const world = await beginWorld(instant);
    const { control } = world.shopify.imitation;
    for (const store of ["boutique", "gallery"] as const) control.addShop({ shop: shopOf(store) });
    return new Scene(world);
  }

  private constructor(world: World) {
    this.world = world;
    this.stack = new DeclaredStack(world);
    this.#lambda = new LambdaClient(clientConfigOf(world));
  }

  get control() {
    return this.world.shopify.imitation.control;
  }

  /** Writes the config; the pasted token is declared as what it is, or as what it is to become. */
  declare(partner: "offline" | "offline-expiring"): void {
    const pair = (store: Store, scopes: readonly string[]) => ({
      kind: "offline-expiring",
      shop: shopOf(store),
      app: "catalog",
      scopes,
    });
    this.stack.declare({
      recoveryWindowDays: 0,
      alarms: true,
      apps: {
        fulfilment: { clientId: DEV_APPS.fulfilment.clientId },
        catalog: { clientId: DEV_APPS.catalog.clientId, distribution: "custom" },
      },
      clientSecrets: {
        fulfilment: DEV_APPS.fulfilment.clientSecret,
        catalog: DEV_APPS.catalog.clientSecret,
      },
      accessTokens: partner === "offline" ? { partner: DEV_STORES.partner.accessToken } : {},
      stores: {
        acme: {
          kind: "client-credentials",
          shop: shopOf("acme"),
          app: "fulfilment",
          scopes: DEV_STORES.acme.scopes,
        },
        partner: { ...pair("partner", DEV_STORES.partner.scopes), kind: partner },
        boutique: pair("boutique", ["read_products", "write_orders"]),
        gallery: pair("gallery", ["read_products"]),
      },
    });
  }

  /** The first `up`, and what stands in front of it: the endpoint, a merchant's browser. */
  async provision(): Promise<void> {
    await this.stack.must(this.stack.engine.run(["stack", "init"]));
    this.declare("offline");
    await this.stack.must(this.stack.up());
    letListsArrive(this.world);
    this.#arns = await this.stack.stores();
    const baseUrl = await this.stack.must(
      this.stack.engine.run(["stack", "output", "installBaseUrl"]),
    );
    this.#endpoint = await serveEndpoint(this.world, baseUrl);
    this.#merchant = await Merchant.in(this.#endpoint.browser);
  }

  async stop(): Promise<void> {
    this.#application?.kill();
    this.#lambda.destroy();
    await this.#endpoint?.close();
    await this.world.stop();
  }

  /** Invokes the sweep's function, as the operator's command does; a failure is what Lambda answers. */
  async ask(event: object): Promise<unknown> {
    const Payload = JSON.stringify(event);
    const reply = await this.#lambda.send(new InvokeCommand({ FunctionName: SWEEP, Payload }));
    return JSON.parse(Buffer.from(reply.Payload ?? []).toString("utf8"));
  }

  get sweepFunction(): string {
    return SWEEP;
  }

  arnOf(store: Store): string {
    return this.#arns[store]?.secretArn ?? "";
  }

  /** The status tags of a store, without their prefix. */
  async statusOf(store: Store): Promise<Readonly<Record<string, string>>> {
    const { Tags } = (await this.#aws("DescribeSecret", store)) as {
      Tags: { Key: string; Value: string }[];
    };
    const own = Tags.filter(({ Key }) => Key.startsWith("shopify-secrets:"));
    return Object.fromEntries(own.map(({ Key, Value }) => [Key.split(":")[1], Value]));
  }

  async recordOf(store: Store): Promise<StoreRecord> {
    const { SecretString } = await this.#aws("GetSecretValue", store);
    return parseRecord(String(SecretString));
  }

  async versionOf(store: Store): Promise<string> {
    return String((await this.#aws("GetSecretValue", store))["VersionId"]);
  }

  /** When each version of a store was written, in epoch ms: those that AWS has forgotten too. */
  versionTimes(store: Store): number[] {
    return this.world.front
      .calls()
      .filter(({ operation, status }) => operation === "PutSecretValue" && status === 200)
      .filter(({ resource }) => resource === this.arnOf(store))
      .map(({ atMs }) => atMs);
  }

  /** Asked in process: what the test wants to know is no call that IAM has to allow. */
  async #aws(operation: string, store: Store): Promise<AwsAnswer> {
    return (await this.world.secrets.handle(operation, {
      SecretId: this.arnOf(store),
    })) as AwsAnswer;
  }

  /** Why the token in AWSCURRENT is dead, as Shopify sees it; null: it lives. */
  async deathOf(store: Store): Promise<string | null> {
    const { accessToken } = await this.recordOf(store);
    return this.control.tokenLife({ accessToken: accessToken.unseal() }).death;
  }

  /** The merchant opens the link of a store and stands before Shopify's page of approval. */
  async openLink(store: Store): Promise<Seen> {
    const link = installLinkOf(`https://${this.#endpoint?.door.host}`, store as string as StoreKey);
    return await this.#visitor().openLink(link);
  }

  /** The merchant presses the button, and lands on a page of the endpoint. */
  async press(selector = "#approve"): Promise<Seen> {
    return await this.#visitor().press(selector);
  }

  async approve(store: Store): Promise<Seen> {
    await this.openLink(store);
    return await this.press();
  }

  #visitor(): Merchant {
    if (this.#merchant === undefined) throw new Error("there is no merchant before provision");
    return this.#merchant;
  }

  /** Starts an application that may read every store, and waits for its first calls. */
  async startApplication(): Promise<void> {
    const policies = STORES.map((store) => this.#arns[store]?.readerPolicy ?? "");
    const credentials = await createReaderUser(this.world, CALLER, policies);
    const stores = Object.fromEntries(STORES.map((store) => [store, this.#arns[store]])) as Record<
      string,
      StoreOutput
    >;
    this.#application = startApplication(this.world, { name: CALLER, stores, credentials });
    await this.#awaitCalls();
  }

  /** Ends the application, and returns what it counted itself. */
  async finishApplication(): Promise<ApplicationTally> {
    if (this.#application === undefined) throw new Error("there is no application");
    return await this.#application.finish();
  }

  /** How the application's calls to each store were judged since the last time. */
  judged(): Record<Store, ReturnType<Scene["control"]["countCalls"]>> {
    const counts = Object.fromEntries(
      STORES.map((store) => [
        store,
        this.control.countCalls({ shop: shopOf(store), caller: CALLER }),
      ]),
    );
    this.control.clearCalls();
    return counts as Record<Store, ReturnType<Scene["control"]["countCalls"]>>;
  }

  /** The application's calls to a store since the last judgement that were refused or made with a dead token. */
  refusedOrDead(store: Store): readonly object[] {
    return this.control
      .readCalls({ shop: shopOf(store), caller: CALLER })
      .filter(({ cause, tokenDeath }) => cause !== undefined || tokenDeath !== undefined)
      .map(({ at, ...call }) => ({ at: isoOf(epochMs(at)), ...call }));
  }

  /**
   * Lets time pass from event to event, and lets the application call after each.
   *
   * It calls on while an event lasts, and not while the clock jumps to the second before it: a call that is under way
   * would arrive minutes after it was sent, and perhaps after the end of its token. In the real world none takes so long.
   */
  async pass(milliseconds: number): Promise<void> {
    const end = this.world.clock.now() + milliseconds;
    while (this.world.clock.now() < end) {
      const next = (await this.world.driver.nextDueAt()) ?? end;
      const target = Math.min(end, Math.max(next, this.world.clock.now() + SECOND_MS));
      const ends = await this.#ends();
      const margins = ends.map((at) => at - READER_MARGIN_MS + SECOND_MS);
      for (const edge of margins.filter((at) => at > this.world.clock.now() && at < target)) {
        await this.#jumpTo(edge);
        await this.#awaitCalls();
      }
      // A token that ends too early is dead right before the sweep that renews it.
      await this.#jumpTo(target - SECOND_MS);
      if (ends.some((at) => at > target - 2 * SECOND_MS && at <= target))
        await this.#jumpTo(target);
      await this.world.driver.moveTo(epochMs(target));
      await this.look();
      await this.#awaitCalls();
    }
  }

  async #jumpTo(at: number): Promise<void> {
    const move = () => this.world.driver.moveTo(epochMs(at));
    await (this.#application === undefined ? move() : this.#application.between(move));
    await this.look();
  }

  /** Notes the stores whose token is dead just now. */
  async look(): Promise<void> {
    for (const store of STORES) {
      const death = await this.deathOf(store);
      if (death !== null) this.dead.push(`${store} ${death} ${isoOf(this.world.clock.now())}`);
    }
  }

  /** When the current tokens end, the soonest first. */
  async #ends(): Promise<number[]> {
    const records = await Promise.all(STORES.map((store) => this.recordOf(store)));
    return records
      .flatMap(({ expiresAt }) => (expiresAt === undefined ? [] : [expiresAt]))
      .sort((one, two) => one - two);
  }

  async #awaitCalls(): Promise<void> {
    const since = this.world.clock.now();
    await until(() => {
      const { served, refused } = this.control.countCalls({ since, caller: CALLER });
      const failure = this.#application?.failure();
      if (failure !== undefined) throw new Error(`the application ended: ${failure}`);
      return served + refused >= CALLS_A_STEP;
    });
  }

  /** Lets time pass until the next sweep will renew this pair, and returns when that is. */
  async untilDue(store: Store): Promise<EpochMs> {
    for (;;) {
      const at = await this.world.driver.nextDueAt("schedule");
      const { expiresAt } = await this.recordOf(store);
      if (at === undefined || expiresAt === undefined) throw new Error(`${store} is never renewed`);
      if (expiresAt - at <= RENEWED_BEFORE_END_MS) return at;
      await this.pass(at - this.world.clock.now() + SECOND_MS);
    }
  }
}

/** How long before its end a sweep renews a pair: half an hour and half the time between two sweeps. */
const RENEWED_BEFORE_END_MS = 35 * MINUTE_MS;
