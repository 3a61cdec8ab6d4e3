import { createProgress } from "../../../local/toolchain/progress";

/** Surroundings with a clock and a timer that the test moves. */
function surroundingsOf(isTTY: boolean, env: NodeJS.ProcessEnv = {}, columns = 80) {
  let nowMs = 0;
  let written = "";
  const running = new Map<() => void, number>();
  return {
    env,
    stream: {
      isTTY,
      columns,
      write: (text: string) => {
        written += text;
      },
    },
    nowMs: () => nowMs,
    every: (periodMs: number, run: () => void) => {
      running.set(run, periodMs);
      return () => running.delete(run);
    },
    pass: (milliseconds: number) => {
      nowMs += milliseconds;
      for (const run of running.keys()) run();
    },
    written: () => written,
    timers: running,
  };
}

test("away from a terminal: plain lines, told again at least every five seconds", () => {
  const surroundings = surroundingsOf(false);
  const progress = createProgress(surroundings);
  progress.step("building");
  progress.tick("3 of 9");
  expect([...surroundings.timers.values()]).toEqual([5_000]);
  surroundings.pass(5_000);
  progress.done("small");
  expect(surroundings.written()).toBe(
    "building ...\n  building: 3 of 9, 5 s\nbuilding: done (small, 5 s)\n",
  );
  expect(surroundings.timers.size).toBe(0);
});

test("on a terminal: one line that is rewritten, in colours", () => {
  const surroundings = surroundingsOf(true);
  const progress = createProgress(surroundings);
  progress.step("building");
  surroundings.pass(1_000);
  progress.done();
  const lines = surroundings.written().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain("\r\u001b[2K");
  expect(lines[0]).toContain("\u001b[32m✓\u001b[0m building");
});

test("on a narrow terminal the title gives way, so that the line does not wrap", () => {
  const surroundings = surroundingsOf(true, { NO_COLOR: "1" }, 30);
  const progress = createProgress(surroundings);
  progress.step("building something with a long name");
  progress.tick("3 of 9 packages");
  surroundings.pass(1_000);
  const shown = surroundings.written().split("\u001b[2K").at(-1) ?? "";
  expect(shown).toMatch(/^buil.* \.\.\. 3 of 9 packages, 1 s$/);
  expect(shown.length).toBeLessThan(30);
});

test.each([
  ["NO_COLOR", true, { NO_COLOR: "1" }],
  ["a dumb terminal", true, { TERM: "dumb" }],
  ["a pipe", false, {}],
])("no colours with %s", (_, isTTY, env) => {
  const surroundings = surroundingsOf(isTTY, env);
  const progress = createProgress(surroundings);
  progress.step("building");
  surroundings.pass(1_000);
  progress.done();
  expect(surroundings.written()).toContain("building");
  expect(surroundings.written()).not.toContain("\u001b[3");
  expect(surroundings.written()).not.toContain("\u001b[2m");
});

test("a new step ends the one before; closing ends it without a word; both stop the timer", () => {
  const surroundings = surroundingsOf(false);
  const progress = createProgress(surroundings);
  progress.step("one");
  progress.step("two");
  expect(surroundings.timers.size).toBe(1);
  progress.close();
  progress.done();
  expect(surroundings.timers.size).toBe(0);
  expect(surroundings.written()).toBe("one ...\none: done (0 s)\ntwo ...\n");
});
