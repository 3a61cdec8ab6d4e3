import type { Deadline } from "../../lambda/deadline";
import { type RetryPolicy, rereadUntil, retry } from "../../lambda/retry";
import { Invocation } from "./stand/stand";

/** A deadline whose waits can be looked at. */
async function deadlineOf(leftMs: number): Promise<Deadline & { readonly waits: number[] }> {
  const invocation = new Invocation();
  await invocation.pause(invocation.remainingMs() - leftMs);
  const waits: number[] = [];
  return {
    waits,
    remainingMs: () => invocation.remainingMs(),
    pause: async (milliseconds) => {
      waits.push(milliseconds);
      await invocation.pause(milliseconds);
    },
  };
}

describe("work that fails", () => {
  const doubling: RetryPolicy = {
    waitMs: (failure, tries) => (failure === "passing" ? 250 * 2 ** (tries - 1) : undefined),
    restMs: 500,
  };
  const failing = (outcomes: readonly string[]) => {
    let tries = 0;
    return async (given: number) => {
      tries += 1;
      expect(given).toBe(tries);
      const outcome = outcomes[tries - 1] ?? "done";
      if (outcome === "done") return outcome;
      throw outcome;
    };
  };

  test("is tried again after the waits of its policy", async () => {
    const deadline = await deadlineOf(20_000);
    const told: unknown[] = [];
    const policy = { ...doubling, onRetry: (failure: unknown) => void told.push(failure) };
    expect(await retry(failing(["passing", "passing"]), policy, deadline)).toBe("done");
    expect(deadline.waits).toEqual([250, 500]);
    expect(told).toEqual(["passing", "passing"]);
  });

  test("is not tried again where the policy says no", async () => {
    const deadline = await deadlineOf(20_000);
    await expect(retry(failing(["passing", "final"]), doubling, deadline)).rejects.toBe("final");
    expect(deadline.waits).toEqual([250]);
  });

  test.each([
    [751, 1],
    [750, 0],
  ])(
    "with %i ms left is tried again %i times: what has to follow needs its time",
    async (leftMs, again) => {
      const deadline = await deadlineOf(leftMs);
      await expect(retry(failing(Array(9).fill("passing")), doubling, deadline)).rejects.toBe(
        "passing",
      );
      expect(deadline.waits).toHaveLength(again);
    },
  );
});

describe("a read that eventual consistency may have missed", () => {
  async function reread(foundAt: number, leftMs = 20_000) {
    const deadline = new Invocation();
    await deadline.pause(deadline.remainingMs() - leftMs);
    const waits: number[] = [];
    let reads = 0;
    const value = await rereadUntil(
      async () => {
        reads += 1;
        return reads;
      },
      (read) => read >= foundAt,
      {
        deadline: {
          remainingMs: () => deadline.remainingMs(),
          pause: async (milliseconds) => {
            waits.push(milliseconds);
            await deadline.pause(milliseconds);
          },
        },
      },
    );
    return { value, waits };
  }

  test.each([
    [1, []],
    [2, [100]],
    [3, [100, 300]],
    [4, [100, 300, 900]],
  ])("and that finds it at read %i waits %p ms", async (foundAt, waits) => {
    expect(await reread(foundAt)).toEqual({ value: foundAt, waits });
  });

  test("gives up after four, with what it read last", async () => {
    expect(await reread(9)).toEqual({ value: 4, waits: [100, 300, 900] });
  });

  test.each([
    [100, []],
    [101, [100]],
    [401, [100, 300]],
    [400, [100]],
  ])("with %i ms left waits %p ms", async (leftMs, waits) => {
    expect((await reread(9, leftMs)).waits).toEqual(waits);
  });
});
