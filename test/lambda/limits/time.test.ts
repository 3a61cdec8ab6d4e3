import {
  deadlineOf,
  keeping,
  limited,
  RESERVE_MS,
  within,
  withReserve,
} from "../../../lambda/deadline";
import { HOUR, MINUTE } from "../../simulation/stage";
import { FleetStand } from "../stand/fleet-stand";
import { InstallStand } from "../stand/install-stand";
import { Invocation } from "../stand/stand";
import { StoreStand } from "../stand/store-stand";

const never = () => new Promise<never>(() => undefined);
const PAIR = { kind: "offline-expiring" } as const;

/** A deadline with so much left; nothing passes by itself. */
const leaving = (milliseconds: number) => new Invocation(milliseconds);

describe("a deadline", () => {
  test("of a part is never later than that of the whole", async () => {
    const whole = leaving(10_000);
    const part = within(whole, 3_000);
    expect(part.remainingMs()).toBe(3_000);
    await part.pause(1_000);
    expect([part.remainingMs(), whole.remainingMs()]).toEqual([2_000, 9_000]);
    expect(within(whole, 60_000).remainingMs()).toBe(9_000);
    expect(keeping(whole, 8_000).remainingMs()).toBe(1_000);
  });

  test("leaves a reserve for the last words, and the status may use most of it", () => {
    const over = leaving(0);
    expect(withReserve(over).remainingMs()).toBeGreaterThanOrEqual(1_000);
    expect(withReserve(over).remainingMs()).toBeLessThan(RESERVE_MS);
    const lambda = deadlineOf({ getRemainingTimeInMillis: () => RESERVE_MS });
    expect(lambda.remainingMs()).toBeLessThanOrEqual(0);
  });

  test.each([
    ["does not heed its signal", () => never()],
    ["heeds its signal", (signal: AbortSignal) => aborted(signal)],
  ])("ends a call that %s", async (_what, run) => {
    const call = limited(leaving(20), run);
    await expect(call).rejects.toMatchObject({ code: "out_of_time" });
  });

  test("begins no call when it is over, and does not touch one that ends in time", async () => {
    const run = jest.fn(async () => "answer");
    await expect(limited(leaving(0), run)).rejects.toMatchObject({ code: "out_of_time" });
    expect(run).not.toHaveBeenCalled();
    expect(await limited(leaving(20_000), run)).toBe("answer");
    await expect(limited(leaving(20_000), () => Promise.reject("no"))).rejects.toBe("no");
  });
});

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("aborted")));
  });
}

describe("a store of a sweep", () => {
  afterEach(() => jest.useRealTimers());

  test("whose call of AWS never ends takes its own share of the time, and nobody else's", async () => {
    const world = await FleetStand.create();
    for (const key of ["acme", "globex"]) await world.add(key, PAIR);
    await world.sweep();
    world.clock.now += 40 * MINUTE;
    world.storesAtOnce = 1;
    const arn = world.arnOf("acme");
    world.before = ({ operation }) => {
      const { input } = world.calls.at(-1) as { readonly input: { readonly SecretId?: string } };
      return operation === "GetSecretValue" && input.SecretId === arn ? never() : Promise.resolve();
    };
    jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] });
    const sweep = world.sweep();
    await jest.advanceTimersByTimeAsync(30_000);
    expect(await sweep).toMatchObject({ renewed: 1, failed: 0 });
    expect(world.lines.join()).not.toContain('"did":"failed"');
  });
});

describe("the time that a code's exchange has", () => {
  /** The most time that each of Shopify's addresses was given, in milliseconds. */
  async function timesGiven(): Promise<Record<string, number>> {
    const install = await InstallStand.create();
    const given: Record<string, number> = {};
    const { deps } = install.world;
    install.world.deps = (victim) => {
      const made = deps.call(install.world, victim);
      const send: typeof made.send = (request, timeoutMs) => {
        given[request.path.split("/").at(-1) ?? ""] = timeoutMs;
        return made.send(request, timeoutMs);
      };
      return { ...made, send };
    };
    expect((await install.install()).statusCode).toBe(200);
    return given;
  }

  test("is all that is left, but for what storing its tokens takes", async () => {
    const given = await timesGiven();
    expect(given["access_token"]).toBeGreaterThan(15_000);
    expect(given["access_token"]).toBeLessThanOrEqual(28_500 - 12_000);
    // What can be asked for again is not waited for as long.
    expect(given["graphql.json"]).toBe(8_000);
  });
});

test("a token's life is counted from before it was asked for", async () => {
  const world = await FleetStand.create();
  await world.add("acme", PAIR);
  await world.sweep();
  world.clock.now += 40 * MINUTE;
  const askedAt = world.clock.now;
  world.latencyMs = 8_000;
  expect(await world.sweep()).toMatchObject({ renewed: 1 });
  expect(world.clock.now).toBeGreaterThan(askedAt);
  const { record } = await world.currentOf("acme");
  expect(record.expiresAt).toBeLessThanOrEqual(askedAt + HOUR);
  expect(record.issuedAt).toBeLessThanOrEqual(askedAt);
});

test("a rotation that runs out of time leaves its code in the status", async () => {
  const world = await StoreStand.create({ kind: "client-credentials" });
  await world.scheduleRotation();
  world.clock.now += 7 * HOUR;
  world.plan = ({ target }) => (target === "shopify" ? "times_out" : undefined);
  await world.rotateNow();
  expect(world.lines.join()).not.toContain("status.not_written");
  expect(await world.tags()).toMatchObject({
    "shopify-secrets:last-error-code": "shopify_unreachable",
  });
});
