import type { StoreRecord } from "../../../contract/record";
import { DAY_MS } from "../../../contract/time";
import type { ShopifyRequest } from "../../../lambda/shopify/exchange";
import { peek } from "./kms";
import { type LambdaWorld, MINUTE } from "./lambda-world";

/** The most new versions of a store in 24 hours. */
const MOST_VERSIONS_A_DAY = 72;
const SECRETS = /shp(at|ca|pa|ua|rt|ss)_\w+/;

/** Watches a world and notes every broken promise, in words. */
export class Judge {
  readonly broken: string[] = [];
  readonly #world: LambdaWorld;
  /** Every refresh token that was AWSCURRENT at some time. */
  readonly #wereCurrent = new Set<string>();
  /** The last fingerprint that was AWSCURRENT: every writer copies it forward. */
  #fingerprint = "";
  #last: { versionId: string; accessToken: string } | undefined;

  private constructor(world: LambdaWorld) {
    this.#world = world;
  }

  static async over(world: LambdaWorld): Promise<Judge> {
    const judge = new Judge(world);
    world.onChange = () => judge.#see();
    world.onShopify = (request) => judge.#overhear(request);
    await judge.#see();
    return judge;
  }

  async #see(): Promise<void> {
    const current = await this.#world.current();
    if (current === undefined || current.versionId === this.#last?.versionId) return;
    const { versionId, record } = current;
    if (record.configTokenFingerprint !== "") this.#fingerprint = record.configTokenFingerprint;
    const accessToken = record.accessToken.unseal();
    const last = this.#last;
    this.#last = { versionId, accessToken };
    const refreshToken = peek(record.refreshTokenSealed);
    if (refreshToken !== undefined) this.#wereCurrent.add(refreshToken);
    const isAlive = this.#world.isAlive(accessToken);
    if (last !== undefined && this.#world.isAlive(last.accessToken) && !isAlive) {
      this.broken.push("AWSCURRENT went from working to dead");
    }
  }

  async #overhear(request: ShopifyRequest): Promise<void> {
    await this.#see();
    if (!request.path.endsWith("/access_token")) return;
    const { refresh_token } = JSON.parse(request.body?.unseal() ?? "{}") as {
      refresh_token?: string;
    };
    if (refresh_token !== undefined && !this.#wereCurrent.has(refresh_token)) {
      this.broken.push("a refresh token was presented before its version was AWSCURRENT");
    }
  }

  /** Judges what only shows in the end. */
  async conclude(): Promise<readonly string[]> {
    await this.#see();
    await this.#countVersions();
    this.#searchOutput();
    return this.broken;
  }

  /** Says whether AWSCURRENT works now, and whether it will be renewed. */
  async requireWorking(when: string): Promise<void> {
    const record = await this.requireWorkingToken(when);
    if (record === undefined) return;
    const refreshToken = peek(record.refreshTokenSealed);
    const { control } = this.#world.shopify;
    if (refreshToken !== undefined && !control.refreshTokenLife({ refreshToken }).usable) {
      this.broken.push(`${when}: the refresh chain is lost`);
    }
    if (record.configTokenFingerprint !== this.#fingerprint) {
      this.broken.push(`${when}: the fingerprint was not copied forward`);
    }
  }

  /** Says whether AWSCURRENT works now. */
  async requireWorkingToken(when: string): Promise<StoreRecord | undefined> {
    const current = await this.#world.current();
    if (current === undefined) {
      this.broken.push(`${when}: there is no AWSCURRENT`);
      return undefined;
    }
    if (!this.#world.isAlive(current.record.accessToken.unseal())) {
      this.broken.push(`${when}: AWSCURRENT does not work`);
    }
    return current.record;
  }

  async #countVersions(): Promise<void> {
    const listed = (await this.#world.model.handle("ListSecretVersionIds", {
      SecretId: this.#world.arn,
      IncludeDeprecated: true,
      MaxResults: 100,
    })) as { Versions?: { CreatedDate: Date }[] };
    const times = (listed.Versions ?? []).map(({ CreatedDate }) => CreatedDate.getTime());
    for (const at of times) {
      const inADay = times.filter((other) => other > at - DAY_MS && other <= at).length;
      if (inADay > MOST_VERSIONS_A_DAY) this.broken.push(`${inADay} new versions in a day`);
    }
  }

  #searchOutput(): void {
    const { lines, failures } = this.#world;
    const shown = [...lines, ...failures.map((failure) => String(failure))];
    if (shown.some((text) => SECRETS.test(text))) this.broken.push("a secret was shown");
  }
}

/** From when on a direct renewal is due, as the sweep decides it. */
async function dueFrom(world: LambdaWorld): Promise<number> {
  const isPair = world.kind === "offline-expiring";
  const current = await world.current();
  if (current === undefined) return isPair ? Number.POSITIVE_INFINITY : 0;
  const { expiresAt, issuedAt } = current.record;
  if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
  return expiresAt - (expiresAt - issuedAt) / (isPair ? 2 : 4) + 1;
}

const SWEEP_EVERY = 10 * MINUTE;

/** The first run of the sweep after `now` that finds something to do from `due` on. */
function sweepAfter(now: number, due: number): number {
  const next = (Math.floor(now / SWEEP_EVERY) + 1) * SWEEP_EVERY;
  return Math.max(next, Math.ceil(due / SWEEP_EVERY) * SWEEP_EVERY);
}

/** How long it takes until the sweep has made its next attempt, when AWSCURRENT was issued later than now; otherwise 0. */
export async function msToTheNextAttempt(world: LambdaWorld): Promise<number> {
  const { now } = world.clock;
  const issuedAt = (await world.current())?.record.issuedAt ?? now;
  return issuedAt <= now ? 0 : sweepAfter(now, await dueFrom(world)) - now;
}

/** Lets time pass: rotations and their retries when they are due, and the sweep every ten minutes. */
export async function pass(world: LambdaWorld, milliseconds: number): Promise<void> {
  const end = world.clock.now + milliseconds;
  let swept = world.clock.now;
  for (;;) {
    const nextModel = world.model.nextDueAt() ?? Number.POSITIVE_INFINITY;
    const nextSweep = sweepAfter(swept, await dueFrom(world));
    const next = Math.min(nextModel, nextSweep);
    if (next > end) break;
    world.clock.now = Math.max(world.clock.now, next);
    if (next === nextModel) {
      await world.model.runDue();
    } else {
      swept = nextSweep;
      await world.renew().catch(() => undefined);
    }
  }
  world.clock.now = end;
}
