import type {
  BatchGetSecretValueCommandOutput,
  GetSecretValueCommandOutput,
} from "@aws-sdk/client-secrets-manager";
import type { Kind } from "../../contract/kinds";
import { type EpochMs, HOUR_MS, MINUTE_MS } from "../../contract/time";
import {
  createTokenFetch,
  createTokenReader,
  ReaderError,
  type ReaderEvent,
  type SecretsClient,
  type TokenReader,
} from "../../reader";
import { Fleet, PREFIX } from "./fleet";
import { ManualTime, settled } from "./manual-time";
import { awsError } from "./stub-secrets-manager";

// 200 workers over 50 stores through 48 hours, with the functions' own engine renewing: minutes pass as fast as they can.

const WORKERS = 200;
const STORES = new Map<string, Kind>(
  Array.from({ length: 50 }, (_, index) => [
    `store-${String(index).padStart(2, "0")}`,
    index < 40 ? "client-credentials" : index < 45 ? "offline-expiring" : "custom-app",
  ]),
);
const NAMES = [...STORES.keys()];
const PAIRS = NAMES.filter((store) => STORES.get(store) === "offline-expiring");
const PATH = "/admin/api/2026-10/graphql.json";

interface Failed {
  readonly store: string;
  readonly startedAt: EpochMs;
  readonly outcome: string;
}

/** The application: its workers, what they counted, and the Secrets Manager that it sees. */
class Application {
  readonly events: ReaderEvent[] = [];
  readonly tokens = new Set<string>();
  readonly failures: Failed[] = [];
  readonly reader: TokenReader;
  served = 0;
  secretsManagerCalls = 0;
  isCutOff = false;
  readonly #fleet: Fleet;
  readonly #fetch: typeof fetch;
  readonly #underWay = new Set<Promise<void>>();
  #turn = 0;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    const onEvent = (event: ReaderEvent) => this.events.push(event);
    const { time } = fleet;
    this.reader = createTokenReader({
      client: this.#client(),
      prefix: PREFIX,
      clock: time,
      timers: time,
      onEvent,
    });
    this.#fetch = createTokenFetch(this.reader, { fetch: this.#toShopify() });
  }

  /** So many workers make a call, each on the store whose turn it is; they do not wait for each other. */
  call(workers: number): void {
    for (let worker = 0; worker < workers; worker += 1) {
      this.#turn += 1;
      const call = this.#call(NAMES[this.#turn % NAMES.length] ?? "");
      this.#underWay.add(call);
      void call.finally(() => this.#underWay.delete(call));
    }
  }

  /** Lets every call come to its end, also those that wait for a read. */
  async finish(): Promise<void> {
    for (let second = 0; this.#underWay.size > 0 && second < 60; second += 1) {
      await this.#fleet.time.advance(1_000);
    }
    if (this.#underWay.size > 0) throw new Error("a call does not end");
    this.reader.close();
  }

  async #call(store: string): Promise<void> {
    const startedAt = this.#fleet.time.now();
    const outcome = await this.#outcomeOf(store);
    if (outcome === "200") this.served += 1;
    else this.failures.push({ store, startedAt, outcome });
  }

  async #outcomeOf(store: string): Promise<string> {
    try {
      const body = JSON.stringify({ query: "{ shop { myshopifyDomain } }" });
      const url = `https://${store}.myshopify.com${PATH}`;
      const answer = await this.#fetch(url, { method: "POST", body });
      return String(answer.status);
    } catch (error) {
      return error instanceof ReaderError ? error.code : String(error);
    }
  }

  #client(): SecretsClient {
    return {
      send: async (command: { readonly input: object }) => {
        this.secretsManagerCalls += 1;
        if (this.isCutOff) throw awsError("TimeoutError");
        const answer = await this.#fleet.client.send(command);
        return answer as GetSecretValueCommandOutput & BatchGetSecretValueCommandOutput;
      },
    };
  }

  #toShopify(): typeof fetch {
    return async (input, init) => {
      const { host, pathname } = new URL(String(input));
      const headers = Object.fromEntries(new Headers(init?.headers));
      this.tokens.add(headers["x-shopify-access-token"] ?? "");
      const request = { method: init?.method ?? "GET", host, path: pathname, headers };
      const reply = await this.#fleet.shopify.handle({
        ...request,
        body: String(init?.body ?? ""),
      });
      if (reply.drop === true) throw new TypeError("fetch failed");
      return new Response(reply.body, { status: reply.status, headers: { ...reply.headers } });
    };
  }
}

interface Pace {
  readonly stepMs: number;
  /** How many workers call at each step. */
  readonly workers: number;
}

// One call for each store at every step keeps the test short; all workers call at once where it gets interesting.
const USUAL: Pace = { stepMs: 10 * MINUTE_MS, workers: STORES.size };
const BUSY: Pace = { stepMs: MINUTE_MS, workers: WORKERS };

interface Scene {
  readonly fleet: Fleet;
  readonly app: Application;
}

/** Goes on for a time: rotations when they are due, pairs every ten minutes, workers all along and during both. */
async function goOn({ fleet, app }: Scene, spanMs: number, pace: Pace = USUAL): Promise<void> {
  const { time, model } = fleet;
  const { stepMs, workers } = pace;
  const end = time.now() + spanMs;
  while (time.now() < end) {
    const due = model.nextDueAt() ?? Number.POSITIVE_INFINITY;
    await time.advance(Math.min(due, time.now() + stepMs, end) - time.now());
    app.call(workers);
    await Promise.all([model.runDue(), renewPairs(fleet)]);
    await settled();
  }
}

/** The sweep's rule: past half of its hour. */
async function renewPairs(fleet: Fleet): Promise<void> {
  for (const store of PAIRS) {
    const { issuedAt } = await fleet.current(store);
    if (fleet.time.now() - issuedAt > HOUR_MS / 2) await fleet.renewPair(store);
  }
}

test("no call fails in 48 hours, except while a revoked token is not yet renewed", async () => {
  const fleet = await Fleet.create(new ManualTime(), STORES);
  const app = new Application(fleet);
  const scene = { fleet, app };
  await goOn(scene, 20 * HOUR_MS);

  app.isCutOff = true;
  await goOn(scene, 10 * MINUTE_MS, BUSY);
  app.isCutOff = false;
  await goOn(scene, 4 * HOUR_MS);

  const [revoked = ""] = NAMES;
  const { accessToken } = await fleet.current(revoked);
  fleet.shopify.control.revokeToken({ accessToken: accessToken.unseal() });
  app.call(WORKERS);
  await fleet.time.advance(3_000);
  await fleet.rotateNow(revoked);
  const renewedAt = fleet.time.now();
  await fleet.time.advance(1);
  await goOn(scene, 10 * MINUTE_MS, BUSY);
  await goOn(scene, 24 * HOUR_MS);
  await app.finish();

  const unexpected = app.failures.filter(
    ({ store, startedAt, outcome }) =>
      store !== revoked || startedAt > renewedAt || outcome !== "401",
  );
  expect(unexpected).toEqual([]);
  expect(app.failures.length).toBeGreaterThan(0); // the store truly had no live token then
  expect(app.served + app.failures.length).toBeGreaterThan(25_000);
  const seen = (name: ReaderEvent["event"]) => app.events.filter(({ event }) => event === name);
  expect(seen("outage.served").length).toBeGreaterThan(0);

  // 40 stores rotated six times and one once more, 5 renewed every 40 minutes, 5 static: every token was used.
  expect([...fleet.everCurrent].filter((token) => !app.tokens.has(token))).toEqual([]);
  expect(app.tokens.size).toBe(fleet.everCurrent.size);
  expect(app.tokens.size).toBeGreaterThanOrEqual(40 * 7 + 5 * 70 + 5);

  // A step is longer than the age limit, so every store is read at every step, twenty in a request.
  expect(app.secretsManagerCalls).toBeLessThan((app.served + app.failures.length) / 4);
});
