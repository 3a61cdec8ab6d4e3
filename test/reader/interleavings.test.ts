import type {
  BatchGetSecretValueCommand,
  BatchGetSecretValueCommandOutput,
  GetSecretValueCommand,
  GetSecretValueCommandOutput,
} from "@aws-sdk/client-secrets-manager";
import fc from "fast-check";
import { HOUR_MS, later } from "../../contract/time";
import { createTokenReader, ReaderError, type StoreToken, type TokenReader } from "../../reader";
import { ManualTime, settled } from "./manual-time";
import { recordText } from "./records";
import { awsError, StubSecretsManager } from "./stub-secrets-manager";

// Any interleaving of callers, renewals, revocations, failures, evictions and the passing of time, drawn at random:
// requests are read by Secrets Manager and answered in steps of their own, so that an answer can be old when it comes.

const STORES = ["a", "b", "c", "d"];
const LIFE_MS = HOUR_MS / 60;
const nameOf = (store: string) => `p/stores/${store}/token`;

interface Call {
  readonly do: "token" | "withToken" | "tokenGoodFor";
  readonly store: string;
}

type Step =
  | Call
  | {
      readonly do: "renew" | "revoke" | "replace";
      readonly store: string;
    }
  | { readonly do: "read" | "answer"; readonly which: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "outage" | "recovery" | "prefetch" };

interface Request {
  readonly ids: readonly string[];
  readonly read: () => void;
  readonly answer: () => void;
}

/** A Secrets Manager whose requests are read and answered when the test says so. */
class SteppedSecretsManager extends StubSecretsManager {
  readonly open = new Set<Request>();
  mostAtOnce = 0;

  override send(
    command: GetSecretValueCommand,
    options?: { abortSignal?: AbortSignal },
  ): Promise<GetSecretValueCommandOutput>;
  override send(
    command: BatchGetSecretValueCommand,
    options?: { abortSignal?: AbortSignal },
  ): Promise<BatchGetSecretValueCommandOutput>;
  override async send(
    command: GetSecretValueCommand | BatchGetSecretValueCommand,
    options: { abortSignal?: AbortSignal } = {},
  ): Promise<GetSecretValueCommandOutput & BatchGetSecretValueCommandOutput> {
    const { input } = command;
    const ids =
      "SecretIdList" in input
        ? (input.SecretIdList ?? [])
        : [(input as { SecretId: string }).SecretId];
    const reading = gate();
    const answering = gate();
    const request = { ids, read: reading.open, answer: answering.open };
    this.open.add(request);
    this.#count();
    options.abortSignal?.addEventListener("abort", () => this.open.delete(request));
    await reading.passed;
    const outcome = await super.send(command as never).then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error;
      },
    );
    await answering.passed;
    this.open.delete(request);
    return outcome() as GetSecretValueCommandOutput & BatchGetSecretValueCommandOutput;
  }

  #count(): void {
    const ids = [...this.open].flatMap((request) => request.ids);
    for (const id of ids) {
      this.mostAtOnce = Math.max(this.mostAtOnce, ids.filter((other) => other === id).length);
    }
  }
}

function gate() {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** The world of one run: what was current when, what is dead, and every promise that callers hold. */
class World {
  readonly time = new ManualTime();
  readonly secrets = new SteppedSecretsManager();
  readonly reader: TokenReader;
  readonly everCurrent = new Map<string, Set<string>>(STORES.map((store) => [store, new Set()]));
  readonly revoked = new Set<string>();
  readonly current = new Map<string, { versionId: string; expiresAt: number }>();
  /** When a store's current token was last anything but live. */
  readonly lastDeadAt = new Map<string, number>();
  readonly settling: Promise<unknown>[] = [];
  readonly failures: string[] = [];
  isDown = false;

  constructor() {
    this.reader = createTokenReader({
      client: this.secrets,
      clock: this.time,
      timers: this.time,
      prefix: "p",
      maxStores: 2,
      maxAgeMs: 20_000,
      refreshAheadMs: 4_000,
      expiryMarginMs: 3_000,
      parallelRequests: 2,
    });
    for (const store of STORES) this.renew(store);
    this.secrets.before = () => {
      if (this.isDown) throw awsError("InternalServiceError");
    };
  }

  renew(store: string): void {
    const expiresAt = later(this.time.now(), LIFE_MS);
    const text = recordText(store, this.time.now(), { expiresAt });
    const versionId = this.secrets.put(nameOf(store), text);
    this.current.set(store, { versionId, expiresAt });
    this.everCurrent.get(store)?.add(versionId);
  }

  revoke(store: string): void {
    const { versionId } = this.current.get(store) ?? {};
    if (versionId !== undefined) this.revoked.add(versionId);
  }

  isLive(store: string): boolean {
    const held = this.current.get(store);
    return (
      held !== undefined && !this.revoked.has(held.versionId) && this.time.now() < held.expiresAt
    );
  }

  /** What must hold of every token at the moment at which a caller gets it. */
  check(store: string, token: StoreToken): void {
    const now = this.time.now();
    if (token.shop !== `${store}.myshopify.com`) this.failures.push(`${store} got ${token.shop}`);
    if (!this.everCurrent.get(store)?.has(token.versionId)) this.failures.push("never current");
    if (token.expiresAt === undefined || now >= token.expiresAt) this.failures.push("expired");
  }

  call(step: Call): void {
    switch (step.do) {
      case "token":
        this.settle(this.reader.token(step.store).then((token) => this.check(step.store, token)));
        break;
      case "tokenGoodFor":
        this.settle(this.goodFor(step.store));
        break;
      case "withToken":
        this.settle(this.application(step.store));
        break;
      default:
        step.do satisfies never;
    }
  }

  async goodFor(store: string): Promise<void> {
    const seconds = 30;
    const token = await this.reader.tokenGoodFor(store, seconds);
    this.check(store, token);
    if ((token.expiresAt ?? 0) - this.time.now() < seconds * 1_000) this.failures.push("too short");
  }

  /** An application's call, answered as Shopify does. */
  async application(store: string): Promise<void> {
    const startedAt = this.time.now();
    const status = await this.reader.withToken(store, (token) => {
      this.check(store, token);
      return { status: this.revoked.has(token.versionId) ? 401 : 200 };
    });
    const deadAt = this.lastDeadAt.get(store) ?? Number.NEGATIVE_INFINITY;
    if (status.status === 401 && deadAt < startedAt)
      this.failures.push("refused though one is live");
  }

  settle(promise: Promise<unknown>): void {
    const known = promise.catch((error: unknown) => {
      if (!(error instanceof ReaderError)) this.failures.push(String(error));
    });
    this.settling.push(known);
  }

  noteDead(): void {
    for (const store of STORES) {
      if (!this.isLive(store) || this.isDown) this.lastDeadAt.set(store, this.time.now());
    }
  }

  async run(step: Step): Promise<void> {
    this.noteDead();
    switch (step.do) {
      case "token":
      case "withToken":
      case "tokenGoodFor":
        this.call(step);
        break;
      case "renew":
        this.renew(step.store);
        break;
      case "revoke":
        this.revoke(step.store);
        break;
      case "replace":
        this.revoke(step.store);
        this.renew(step.store);
        break;
      case "read":
      case "answer":
        [...this.secrets.open][step.which % Math.max(this.secrets.open.size, 1)]?.[step.do]();
        break;
      case "wait":
        await this.time.advance(step.ms);
        break;
      case "outage":
      case "recovery":
        this.isDown = step.do === "outage";
        break;
      case "prefetch":
        this.settle(this.reader.prefetch(STORES));
        break;
      default:
        step satisfies never;
    }
    this.noteDead();
    if (step.do !== "wait") await settled();
  }

  /** Lets everything that waits come to its end. */
  async finish(): Promise<void> {
    let isOver = false;
    void Promise.all(this.settling).then(() => {
      isOver = true;
    });
    for (let round = 0; round < 100 && !isOver; round += 1) {
      for (const request of [...this.secrets.open]) {
        request.read();
        request.answer();
      }
      await this.time.advance(500);
    }
    if (!isOver) this.failures.push("a caller waits for ever");
    this.reader.close();
  }
}

const store = fc.constantFrom(...STORES);
const which = fc.nat({ max: 5 });
const calls = fc.record({ do: fc.constantFrom("token", "withToken", "tokenGoodFor"), store });
const renewals = fc.record({ do: fc.constantFrom("renew", "revoke", "replace"), store });
const progress = fc.record({ do: fc.constantFrom("read", "answer"), which });
const waits = fc.record({
  do: fc.constant("wait"),
  ms: fc.constantFrom(1, 400, 1_000, 7_000, 30_000),
});
const trouble = fc.record({ do: fc.constantFrom("outage", "recovery", "prefetch") });

const steps = (...kinds: fc.Arbitrary<object>[]) =>
  fc.array(fc.oneof(...kinds) as fc.Arbitrary<Step>, { minLength: 5, maxLength: 60 });

async function play(all: readonly Step[]): Promise<World> {
  const world = new World();
  for (const step of all) await world.run(step);
  await world.finish();
  return world;
}

test("no interleaving yields an expired, a foreign or a never-current token, or reads a secret twice at once", async () => {
  await fc.assert(
    fc.asyncProperty(
      steps(calls, calls, progress, progress, renewals, waits, trouble),
      async (all) => {
        const world = await play(all);
        const { mostAtOnce } = world.secrets;
        const failures = world.failures.filter(
          (failure) => failure !== "refused though one is live",
        );
        expect({ failures, twiceAtOnce: mostAtOnce > 1, timers: world.time.waiting }).toEqual({
          failures: [],
          twiceAtOnce: false,
          timers: 0,
        });
      },
    ),
    { numRuns: 300 },
  );
});

test("while Secrets Manager answers, no application call fails unless its store had no live token", async () => {
  const quick = fc.record({ do: fc.constant("wait"), ms: fc.constantFrom(1, 400, 1_000) });
  await fc.assert(
    fc.asyncProperty(steps(calls, calls, progress, progress, renewals, quick), async (all) => {
      expect((await play(all)).failures).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
