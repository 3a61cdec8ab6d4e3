import { eventually, refusalOf, untilAllowed } from "../../smoke/patience";

const limits = (limitMs: number) => ({ limitMs, signal: new AbortController().signal });

test("looks once when it is as hoped at once", async () => {
  const look = jest.fn(async () => 7);
  expect(await eventually(look, (seen) => seen === 7, limits(60_000))).toBe(7);
  expect(look).toHaveBeenCalledTimes(1);
});

test("gives the last look when time is up", async () => {
  expect(
    await eventually(
      async () => "no",
      () => false,
      limits(0),
    ),
  ).toBe("no");
});

test("an interruption ends the wait", async () => {
  const interruption = new AbortController();
  const wait = eventually(
    async () => interruption.abort(),
    () => false,
    {
      limitMs: 60_000,
      signal: interruption.signal,
    },
  );
  await expect(wait).rejects.toThrow();
});

test("what may pass is tried again, anything else is thrown at once", async () => {
  const act = jest
    .fn<Promise<string>, []>()
    .mockRejectedValueOnce(new Error("not yet"))
    .mockResolvedValueOnce("done");
  expect(await untilAllowed(act, () => true, limits(60_000))).toBe("done");
  const never = jest.fn(() => Promise.reject(new Error("no")));
  await expect(untilAllowed(never, () => false, limits(60_000))).rejects.toThrow("no");
  expect(never).toHaveBeenCalledTimes(1);
  await expect(untilAllowed(never, () => true, limits(0))).rejects.toThrow("no");
});

test("a refusal is known by its name", async () => {
  expect(await refusalOf(Promise.resolve())).toBeUndefined();
  expect(await refusalOf(Promise.reject(new RangeError("x")))).toBe("RangeError");
});
