import type { SimulatedProcess } from "../functions/process";
import type { Truth } from "../judge/truth";
import { MINUTE, PREFIX } from "../stage";
import type { World } from "../world";

/** What the reader's bundle exports. */
interface ReaderPart {
  createTokenReader(options: object): {
    withToken(store: string, call: (token: ReadToken) => unknown): Promise<{ status: number }>;
  };
}

interface ReadToken {
  readonly accessToken: { unseal(): string };
}

/** An application that calls Shopify every minute with what the reader gives it. */
export class Application {
  /** Minutes in which it was refused although AWSCURRENT was alive and had been for a minute, by the version. */
  readonly #refused = new Map<string, number>();
  readonly #world: World;
  readonly #truth: Truth;
  readonly #process: SimulatedProcess;
  readonly #reader: ReturnType<ReaderPart["createTokenReader"]>;
  /** When it first saw a version as AWSCURRENT and alive, by the version. */
  readonly #aliveSince = new Map<string, number>();

  constructor(world: World, truth: Truth) {
    this.#world = world;
    this.#truth = truth;
    const { process, exports } = world.startPart("reader", {});
    this.#process = process;
    this.#reader = (exports as ReaderPart).createTokenReader({ prefix: PREFIX });
    this.#plan();
  }

  /** How many minutes of refusal nothing excuses: AWS may let the first reads of a version miss. */
  refusedMinutes(missedReads = 0): number {
    const counts = [...this.#refused.values()];
    return counts.reduce((sum, count) => sum + Math.max(0, count - missedReads), 0);
  }

  #plan(): void {
    this.#world.timeline.after(MINUTE, () => {
      this.#plan();
      this.#process.work += 1;
      for (const key of this.#world.stores) void this.#call(key);
    });
  }

  async #call(key: string): Promise<void> {
    const { timeline } = this.#world;
    const current = this.#truth.currentOf(key);
    if (current === undefined) return;
    if (!this.#truth.isAlive(current.accessToken)) {
      this.#aliveSince.delete(current.versionId);
      return;
    }
    const since = this.#aliveSince.get(current.versionId) ?? timeline.now;
    this.#aliveSince.set(current.versionId, since);
    const status = await this.#statusOf(key);
    const isStillCurrent = this.#truth.currentOf(key)?.versionId === current.versionId;
    const isStillAlive = isStillCurrent && !this.#truth.isEnding(current.accessToken);
    if (status === 200 || !isStillAlive || timeline.now - since < MINUTE) return;
    this.#refused.set(current.versionId, (this.#refused.get(current.versionId) ?? 0) + 1);
  }

  async #statusOf(key: string): Promise<number> {
    try {
      const reply = await this.#reader.withToken(key, ({ accessToken }) => ({
        status: this.#truth.isAlive(accessToken.unseal()) ? 200 : 401,
      }));
      return reply.status;
    } catch {
      return 500; // what the reader throws is its own tests to judge
    }
  }
}
