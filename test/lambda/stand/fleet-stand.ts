import type { Credential } from "../../../contract/app";
import type { AppKey } from "../../../contract/brands";
import type { Distribution } from "../../../contract/distribution";
import type { Kind } from "../../../contract/kinds";
import type { Notice } from "../../../contract/notice";
import type { StoreRecord } from "../../../contract/record";
import type { SweepRequest, SweepResult } from "../../../contract/sweep";
import { createFleetPort } from "../../../lambda/secrets/fleet-port";
import type { SweepDeps } from "../../../lambda/sweep/deps";
import { dispatch } from "../../../lambda/sweep/dispatch";
import type { ModelSwitches } from "../../../local/secrets-manager";
import type { Switches } from "../../../local/shopify/switches";
import { FIRST_SECRET, MINUTE, PREFIX } from "../../simulation/stage";
import { Killed } from "./faults";
import { Invocation, Stand } from "./stand";

export const START = Date.UTC(2026, 10, 1, 0, 0);
const SWEEP_EVERY = 10 * MINUTE;
const BUDGET_MS = 280_000;

/** How a store of a test is declared. */
export interface FleetStore {
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
  /** How config says that the app is distributed. Default: as a custom app. */
  readonly distribution?: Distribution | "unsaid";
  /** How the app gets the store's tokens. Default: with its client secret. */
  readonly credential?: Credential;
  /** Whether Secrets Manager rotates it. Default: for client credentials. */
  readonly isRotated?: boolean;
}

/** A whole fleet and the sweep over it. */
export class FleetStand extends Stand {
  readonly metrics: Record<string, number>[] = [];
  readonly notices: Notice[] = [];
  /** Whether the stack has alarms, and with them a topic. */
  hasTopic = true;
  storesAtOnce = 4;
  /** The calls of other functions, with their time. */
  readonly called: { readonly at: number; readonly name: string; readonly event: object }[] = [];
  callFunction: (name: string, event: object) => Promise<void> = async (name, event) =>
    void this.called.push({ at: this.clock.now, name, event });
  publish: (notice: Notice) => Promise<void> = async (notice) => void this.notices.push(notice);

  static async create(
    shopify: Partial<Switches> = {},
    model: Partial<ModelSwitches> = {},
  ): Promise<FleetStand> {
    const stand = new FleetStand({ startsAt: START, budgetMs: BUDGET_MS, shopify, model });
    await stand.openApp(FIRST_SECRET);
    return stand;
  }

  /** Declares a store, with a value as its enrolment or its install would leave it. */
  async add(key: string, options: FleetStore): Promise<void> {
    const { kind, prefix = PREFIX, clientId } = options;
    if (prefix === PREFIX) this.openShop(key);
    const tags = [
      { Key: "shopify-kind", Value: kind },
      ...(clientId === undefined ? [] : [{ Key: "shopify-client-id", Value: clientId }]),
    ];
    const secretArn = await this.createStore(key, declaredBy(options), { prefix, tags });
    const holds = options.holds ?? kind;
    if (holds !== "none") await this.put(secretArn, await this.obtain(key, holds));
    const isRotated = options.isRotated ?? kind === "client-credentials";
    if (isRotated) await this.rotateFromNowOn(secretArn, key);
  }

  async declare(key: string, options: FleetStore): Promise<void> {
    await this.redeclare(key, declaredBy(options));
  }

  async currentOf(key: string): Promise<{ versionId: string; record: StoreRecord }> {
    const current = await this.read(this.arnOf(key), {});
    if (current === undefined) throw new Error(`${key} has no AWSCURRENT`);
    return current;
  }

  /** Labels, and the tags of functions by the ends of their names. */
  async factsOf(key: string) {
    const { labels, tags } = await this.describe(this.arnOf(key));
    const own = Object.entries(tags).map(([name, value]) => [
      name.replace("shopify-secrets:", ""),
      value,
    ]);
    return { labels, tags: Object.fromEntries(own) as Record<string, string> };
  }

  /** Whether the token that an application would read now works. */
  async isAlive(key: string): Promise<boolean> {
    return this.takes((await this.currentOf(key)).record.accessToken.unseal());
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
    return await dispatch(request, this.deps());
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

  override deps(victim: Invocation = new Invocation(this.budgetMs)): SweepDeps {
    const client = this.secretsManagerOf(victim);
    return {
      ...super.deps(victim),
      fleet: createFleetPort(client, { prefix: PREFIX, deadline: victim }),
      storesAtOnce: this.storesAtOnce,
      hasTopic: this.hasTopic,
      publish: (notice) => this.publish(notice),
      findOwnAddress: async () => "203.0.113.7",
      callFunction: (name, event) => this.callFunction(name, event),
      emit: (line) => void this.metrics.push(JSON.parse(line) as Record<string, number>),
    };
  }
}

function declaredBy(store: FleetStore) {
  const { kind, app, scopes, apiVersion, distribution, credential } = store;
  return {
    kind,
    apiVersion,
    distribution,
    credential,
    ...(app === undefined ? {} : { app }),
    ...(scopes === undefined ? {} : { scopes }),
  };
}
