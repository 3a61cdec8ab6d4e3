import { liveAtScale } from "./at-scale";
import { liveThroughLargeFleet } from "./large-fleet";
import { freshSeed, product } from "./live-through";

/** Nobody is later than an order that a killed worker gives back, with the time of its renewal. */
const LATEST_SECONDS = 120;

// A day of 2,000 stores call by call takes minutes of processor time: `npm run simulate:fleet -- --whole` lives through it.
test("a large fleet loses nothing, call by call: workers and passes killed, throttled on both sides, 20 minutes of outage", async () => {
  const seed = freshSeed();
  const { refused, ...end } = await liveThroughLargeFleet({
    seed,
    product: await product(),
    credentials: 150,
    pairs: 50,
    hours: 12,
    outage: { from: 5, hours: 1 / 3 },
  });
  expect({ seed, dead: end.dead, lost: end.lost }).toEqual({ seed, dead: [], lost: [] });
  expect({ seed, late: end.latestSeconds > LATEST_SECONDS }).toEqual({ seed, late: false });
  expect(end.renewals).toBeGreaterThan(50 * 24);
  expect(end.kills).toBeGreaterThan(0);
  expect(refused).toBeDefined();
});

test("a day of 2,000 stores: who is due leaves for a worker in time, and a burst takes the quota of writes", async () => {
  const seed = freshSeed();
  const end = await liveAtScale({
    seed,
    credentials: 1_800,
    pairs: 200,
    hours: 24,
    outageMinutes: 20,
    outageHour: 12,
  });
  expect({ seed, dead: end.dead, lost: end.lost }).toEqual({ seed, dead: 0, lost: 0 });
  expect({ seed, late: end.latestSeconds > LATEST_SECONDS }).toEqual({ seed, late: false });
  // Of 200 pairs the first and the last moments of a burst are a good part of it; of 10,000 it is nine tenths and more.
  expect({ seed, isTaken: end.shareInBurst > 0.7 }).toEqual({ seed, isTaken: true });
  expect(end.renewals).toBeGreaterThan(200 * 50);
  expect(end.rotations).toBeGreaterThan(1_800 * 2.9);
});

test("10,000 pairs that fall due in step after an outage are renewed in time, and take nine tenths of the quota in the burst", async () => {
  const seed = freshSeed();
  const end = await liveAtScale({
    seed,
    credentials: 3_000,
    pairs: 10_000,
    hours: 4,
    outageMinutes: 20,
    outageHour: 1,
  });
  expect({ seed, dead: end.dead, lost: end.lost }).toEqual({ seed, dead: 0, lost: 0 });
  expect({ seed, late: end.latestSeconds > LATEST_SECONDS }).toEqual({ seed, late: false });
  expect({ seed, isTaken: end.shareInBurst >= 0.9 }).toEqual({ seed, isTaken: true });
});

test("a fleet that nobody can renew is seen to be lost", async () => {
  const world = { seed: 1, credentials: 0, pairs: 20, hours: 24, outageMinutes: 24 * 60 };
  const { lost } = await liveAtScale({ ...world, outageHour: 12 });
  expect(lost).toBe(20);
});
