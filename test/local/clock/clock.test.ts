import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { epochMs, HOUR_MS } from "../../../contract/time";
import { ClockDriver, type TimedSource } from "../../../local/clock/driver";
import { WorldClock } from "../../../local/clock/world-clock";

const START = epochMs(Date.UTC(2026, 10, 23));
const still = { now: () => START };

describe("the clock of the world", () => {
  test("moves forward in whole seconds, never back", () => {
    const clock = new WorldClock({ real: still });
    clock.advance(1_500);
    expect(clock.now()).toBe(START + 2_000);
    clock.moveTo(START);
    expect(clock.now()).toBe(START + 2_000);
  });

  test("flows by itself", () => {
    let real: number = START;
    const clock = new WorldClock({ real: { now: () => epochMs(real) } });
    clock.advance(HOUR_MS);
    real += 250;
    expect(clock.now()).toBe(START + HOUR_MS + 250);
  });

  test.each([
    ["after now", START + HOUR_MS, "+3600s\n"],
    ["before now", START - HOUR_MS, "-3600s\n"],
    ["between two seconds", START - HOUR_MS + 1, "-3599s\n"],
  ])("begins %s when it is told to, and flows from there", (_what, beginsAt, told) => {
    const folder = mkdtempSync(join(tmpdir(), "world-clock-"));
    const file = join(folder, "faketime");
    let real: number = START;
    const now = () => epochMs(real);
    const clock = new WorldClock({ real: { now }, file, beginsAt: epochMs(beginsAt) });
    expect(readFileSync(file, "utf8")).toBe(told);
    expect(clock.now() - beginsAt).toBeGreaterThanOrEqual(0);
    expect(clock.now() - beginsAt).toBeLessThan(1_000);
    const begun = clock.now();
    real += 250;
    clock.advance(HOUR_MS);
    expect(clock.now()).toBe(begun + HOUR_MS + 250);
    rmSync(folder, { recursive: true });
  });

  test("tells other processes in libfaketime's form", () => {
    const folder = mkdtempSync(join(tmpdir(), "world-clock-"));
    const file = join(folder, "faketime");
    const clock = new WorldClock({ real: still, file });
    expect(readFileSync(file, "utf8")).toBe("+0s\n");
    clock.advance(8 * HOUR_MS);
    expect(readFileSync(file, "utf8")).toBe("+28800s\n");
    rmSync(folder, { recursive: true });
  });
});

describe("the driver", () => {
  test("fires what is due in order, each at its own time, and waits for it", async () => {
    const clock = new WorldClock({ real: still });
    const fired: string[] = [];
    const hourly = every(HOUR_MS, (name) => fired.push(`${name}@${hoursOf(clock)}`), clock);
    const later = every(2.5 * HOUR_MS, (name) => fired.push(`${name}@${hoursOf(clock)}`), clock);
    const driver = new ClockDriver(clock, [hourly, later]);
    const ticks = await driver.advance(3 * HOUR_MS);
    expect(fired).toEqual(["3600000@1", "3600000@2", "9000000@2.5", "3600000@3"]);
    expect(ticks.map((tick) => tick.source)).toEqual(["3600000", "3600000", "9000000", "3600000"]);
    expect(clock.now()).toBe(START + 3 * HOUR_MS);
    expect(await driver.nextDueAt()).toBe(START + 4 * HOUR_MS);
    expect(await driver.nextDueAt("9000000")).toBe(START + 5 * HOUR_MS);
    expect(await driver.nextDueAt("daily")).toBeUndefined();
  });

  test("stops at the target when nothing is planned", async () => {
    const clock = new WorldClock({ real: still });
    const driver = new ClockDriver(clock, []);
    expect(await driver.advance(HOUR_MS)).toEqual([]);
    expect(clock.now()).toBe(START + HOUR_MS);
    expect(await driver.nextDueAt()).toBeUndefined();
  });

  test("refuses a source that never gets done", async () => {
    const clock = new WorldClock({ real: still });
    const stuck: TimedSource = { name: "stuck", nextDueAt: () => START, runDue: async () => {} };
    await expect(new ClockDriver(clock, [stuck]).advance(1)).rejects.toThrow(/^stuck is still due/);
  });
});

function every(period: number, fire: (name: string) => void, clock: WorldClock): TimedSource {
  let next = START + period;
  return {
    name: `${period}`,
    nextDueAt: () => next,
    runDue: async () => {
      await Promise.resolve();
      fire(`${period}`);
      while (next <= clock.now()) next += period;
    },
  };
}

function hoursOf(clock: WorldClock): number {
  return (clock.now() - START) / HOUR_MS;
}
