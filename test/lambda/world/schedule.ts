import fc from "fast-check";
import { FAULTS, type Fault } from "./faults";
import { Judge, msToTheNextAttempt, pass } from "./judge";
import {
  CLIENT_ID,
  FIRST_SECRET,
  HOUR,
  LambdaWorld,
  MINUTE,
  type WorldOptions,
} from "./lambda-world";

/** Something that happens to a store beside its own renewals. */
export type Happening =
  | { readonly does: "pass"; readonly minutes: number }
  | { readonly does: "rotate" | "rotate_twice" | "renew" | "renew_twice" | "rotate_and_renew" }
  | { readonly does: "redeliver"; readonly which: number }
  | { readonly does: "install" }
  | { readonly does: "install_at_call"; readonly inCalls: number }
  | { readonly does: "new_client_secret" | "wrong_client_secret" | "revoke_old_client_secrets" }
  | { readonly does: "outage"; readonly status: number; readonly calls: number }
  | { readonly does: "jump"; readonly minutes: number }
  | { readonly does: "new_process" };

/** A store's days: what happens, and which of the calls go wrong in between. */
export interface Schedule {
  readonly happenings: readonly Happening[];
  readonly strikes: readonly { readonly afterCalls: number; readonly fault: Fault }[];
  readonly isRotated: boolean;
  readonly switches: {
    readonly shopify: NonNullable<WorldOptions["shopify"]>;
    readonly model: NonNullable<WorldOptions["model"]>;
  };
}

/**
 * Rules of Shopify and AWS that only they can confirm, in any position, but for one pair of them: where a
 * replayed refresh yields the same pair and no reply says how long it lives, nobody can know its age, and
 * the store is renewed up to ten minutes late.
 */
const SWITCHES = fc
  .record({
    shopify: fc.record({
      refreshReplay: fc.constantFrom("new-pair" as const, "same-pair" as const),
      overtakenReplacement: fc.constantFrom("alive" as const, "dead" as const),
      deadRefreshTokenAnswer: fc.constantFrom(
        "401-invalid-request" as const,
        "400-invalid-grant" as const,
      ),
      wrongSecretAnswer: fc.constantFrom(
        "400-invalid-request" as const,
        "401-invalid-client" as const,
      ),
      clientCredentialsOverlap: fc.constantFrom("old-survives" as const, "old-dies" as const),
      expiresIn: fc.constantFrom("number" as const, "absent" as const, "text" as const),
      tokenShape: fc.constant("prefixed" as const),
    }),
    model: fc.record({
      missedReads: fc.constantFrom(0, 0, 0, 1, 2),
      clearPendingAfterFinish: fc.boolean(),
      retryAfterLabelLost: fc.boolean(),
      firstValueBecomesCurrent: fc.boolean(),
      windowPoint: fc.constantFrom("earliest" as const, "latest" as const, "spread" as const),
    }),
  })
  .filter(({ shopify }) => shopify.refreshReplay !== "same-pair" || shopify.expiresIn !== "absent");

const PLAIN = [
  "rotate",
  "rotate_twice",
  "renew",
  "renew_twice",
  "rotate_and_renew",
  "install",
  "new_client_secret",
  "wrong_client_secret",
  "revoke_old_client_secrets",
  "new_process",
] as const;

/** Random schedules for a store whose tokens live for `lifeMinutes`. */
export function schedules(lifeMinutes: number): fc.Arbitrary<Schedule> {
  const happening: fc.Arbitrary<Happening> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant("pass" as const),
        minutes: fc.integer({ min: 1, max: Math.ceil(lifeMinutes * 0.7) }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ does: fc.constantFrom(...PLAIN) }) },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant("redeliver" as const), which: fc.nat({ max: 30 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant("install_at_call" as const),
        inCalls: fc.nat({ max: 12 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant("outage" as const),
        status: fc.constantFrom(429, 500, 503, 520, 402, 423),
        calls: fc.integer({ min: 1, max: 12 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant("jump" as const),
        minutes: fc.integer({ min: -15, max: lifeMinutes }),
      }),
    },
  );
  return fc.record({
    happenings: fc.array(happening, { minLength: 1, maxLength: 7 }),
    strikes: fc.array(
      fc.record({ afterCalls: fc.nat({ max: 14 }), fault: fc.constantFrom(...FAULTS) }),
      { maxLength: 5 },
    ),
    isRotated: fc.boolean(),
    switches: SWITCHES,
  });
}

/** Lives through a schedule and says which promises were broken. */
export async function live(
  schedule: Schedule,
  options: WorldOptions,
): Promise<{ readonly broken: readonly string[]; readonly world: LambdaWorld }> {
  const world = await LambdaWorld.create({ ...schedule.switches, ...options });
  const isRotated = schedule.isRotated && options.kind === "client-credentials";
  if (isRotated) await world.scheduleRotation();
  const judge = await Judge.over(world);
  const fate = new Fate(world, isRotated);
  fate.plan(schedule.strikes);
  for (const happening of schedule.happenings) await fate.let(happening);
  await fate.end();
  // Where clocks were set back since the last renewal, none is due for longer. Until then a refresh token
  // that the other of two renewals at once retired looks like a lost chain: the next renewal presents the
  // one before it, which lives.
  const toTheNextAttempt = await msToTheNextAttempt(world);
  // The next scheduled attempt, with its retries; for pairs also the least time between two versions.
  const attempt = options.kind === "client-credentials" ? 10 * HOUR : 50 * MINUTE;
  await pass(world, Math.max(attempt, toTheNextAttempt));
  if (!isRotated && options.kind === "client-credentials") await pass(world, 14 * HOUR);
  await judge.requireWorking("after one more scheduled attempt");
  return { broken: await judge.conclude(), world };
}

class Fate {
  readonly #world: LambdaWorld;
  readonly #isRotated: boolean;
  readonly #secrets = [FIRST_SECRET];

  constructor(world: LambdaWorld, isRotated: boolean) {
    this.#world = world;
    this.#isRotated = isRotated;
  }

  plan(strikes: Schedule["strikes"]): void {
    const at = new Map<number, Fault>();
    let index = this.#world.calls.length;
    for (const { afterCalls, fault } of strikes) {
      index += afterCalls;
      at.set(index, fault);
      index += 1;
    }
    this.#world.plan = (point) => at.get(point.index);
  }

  async let(happening: Happening): Promise<void> {
    const world = this.#world;
    switch (happening.does) {
      case "pass":
        return await pass(world, happening.minutes * MINUTE);
      case "rotate":
        return await this.#rotate();
      case "rotate_twice": {
        await Promise.all([this.#rotate(), this.#rotate()]);
        return;
      }
      case "renew":
        return await this.#renew();
      case "renew_twice": {
        await Promise.all([this.#renew(), this.#renew()]);
        return;
      }
      case "rotate_and_renew": {
        await Promise.all([this.#rotate(), this.#renew()]);
        return;
      }
      case "redeliver":
        return await this.#redeliver(happening.which);
      case "install":
        return await this.#install();
      case "install_at_call":
        return this.#installLater(happening.inCalls);
      case "new_client_secret":
        return await this.#newClientSecret();
      case "wrong_client_secret":
        return await this.#wrongClientSecret();
      case "revoke_old_client_secrets":
        return await this.#revokeOld();
      case "outage": {
        world.shopify.control.break({ answer: happening.status, times: happening.calls });
        return;
      }
      case "jump": {
        world.clock.now += happening.minutes * MINUTE;
        return;
      }
      case "new_process":
        return world.forget();
      default:
        return happening satisfies never;
    }
  }

  async #rotate(): Promise<void> {
    if (this.#isRotated) await this.#world.rotateNow().catch(() => undefined);
    else await this.#renew();
  }

  async #renew(): Promise<void> {
    await this.#world.renew().catch(() => undefined);
  }

  /** A step that was delivered before arrives again, as late as can be. */
  async #redeliver(which: number): Promise<void> {
    const { deliveries } = this.#world;
    const event = deliveries[which % Math.max(1, deliveries.length)];
    if (event !== undefined) await this.#world.rotationStep(event).catch(() => undefined);
  }

  async #install(): Promise<void> {
    // Nobody enrols a store with a client secret that Shopify refuses.
    const { clientSecret } = this.#world;
    if (this.#secrets.includes(clientSecret)) await this.#world.acquire().catch(() => undefined);
  }

  #installLater(inCalls: number): void {
    const at = this.#world.calls.length + inCalls;
    this.#world.before = async ({ index }) => {
      if (index !== at) return;
      await this.#install();
    };
  }

  async #newClientSecret(): Promise<void> {
    const clientSecret = `shpss_client_secret_${this.#secrets.length}`;
    this.#world.shopify.control.addClientSecret({ clientId: CLIENT_ID, clientSecret });
    this.#secrets.push(clientSecret);
    await this.#world.putAppSecret(clientSecret);
  }

  /** A mistyped client secret in config; the one before stays AWSPREVIOUS of the app secret. */
  async #wrongClientSecret(): Promise<void> {
    const { clientSecret } = this.#world;
    if (this.#secrets.includes(clientSecret)) await this.#world.putAppSecret("shpss_mistyped");
  }

  /** What an operator does once the tokens are pinned to the newest client secret. */
  async #revokeOld(): Promise<void> {
    const current = await this.#world.current();
    const newest = this.#secrets.at(-1);
    const isPinned =
      current?.record.appSecretVersion !== undefined &&
      current.record.appSecretVersion === this.#world.appSecretVersion &&
      this.#world.clientSecret === newest;
    if (!isPinned) return;
    for (const clientSecret of this.#secrets.slice(0, -1)) {
      this.#world.shopify.control.revokeClientSecret({ clientId: CLIENT_ID, clientSecret });
    }
    this.#secrets.splice(0, this.#secrets.length - 1);
  }

  /** Faults stop, and a mistyped client secret is put right. */
  async end(): Promise<void> {
    const world = this.#world;
    world.plan = () => undefined;
    world.before = async () => undefined;
    world.shopify.control.mend();
    const newest = this.#secrets.at(-1) ?? FIRST_SECRET;
    const { clientSecret } = world;
    if (clientSecret !== newest) await world.putAppSecret(newest);
  }
}
