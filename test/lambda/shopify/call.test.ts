import type { ShopDomain } from "../../../contract/brands";
import { CodedError, ERROR_CODES, type ErrorCode } from "../../../contract/errors";
import { createLog } from "../../../lambda/log";
import { callShopify, retryPlanOf } from "../../../lambda/shopify/call";
import type { Judgement, ShopifyRequest } from "../../../lambda/shopify/exchange";
import { reply } from "./replies";

const REQUEST: ShopifyRequest = {
  shop: "acme.myshopify.com" as ShopDomain,
  method: "POST",
  path: "/",
  headers: {},
  body: {},
};

interface Run {
  readonly waitsMs: number[];
  readonly timeoutsMs: number[];
  readonly result: Promise<string>;
}

/** Calls with these verdicts in turn, the last one for ever. */
function call(
  verdicts: readonly Judgement<string>[],
  given: { readonly leftMs?: number; readonly random?: number; readonly costMs?: number } = {},
): Run {
  const waitsMs: number[] = [];
  const timeoutsMs: number[] = [];
  let leftMs = given.leftMs ?? 28_000;
  let calls = 0;
  const result = callShopify(
    {
      name: "shopify.token",
      request: REQUEST,
      judge: () => verdicts[Math.min(calls, verdicts.length) - 1] ?? refused("unexpected"),
    },
    {
      send: async (_request, timeoutMs) => {
        calls += 1;
        timeoutsMs.push(timeoutMs);
        leftMs -= given.costMs ?? 0;
        return reply(200, "");
      },
      deadline: {
        remainingMs: () => leftMs,
        pause: async (milliseconds) => {
          waitsMs.push(milliseconds);
          leftMs -= milliseconds;
        },
      },
      log: createLog(() => undefined),
      random: () => given.random ?? 0,
      planOf: retryPlanOf,
    },
  );
  return { waitsMs, timeoutsMs, result };
}

const good: Judgement<string> = { good: true, value: "granted" };
function refused(code: ErrorCode, retryAfterMs?: number): Judgement<string> {
  return { good: false, error: new CodedError(code), retryAfterMs };
}

test("a good answer is taken at once", async () => {
  const run = call([good]);
  expect(await run.result).toBe("granted");
  expect(run.waitsMs).toEqual([]);
});

test("an outage is tried four times, with doubling waits and jitter below them", async () => {
  const least = call([refused("shopify_unreachable")], { random: 0 });
  await expect(least.result).rejects.toMatchObject({ code: "shopify_unreachable" });
  expect(least.waitsMs).toEqual([150, 300, 600]);
  const most = call([refused("shopify_unreachable")], { random: 0.999_999 });
  await expect(most.result).rejects.toMatchObject({ code: "shopify_unreachable" });
  expect(most.waitsMs.map(Math.round)).toEqual([300, 600, 1_200]);
});

test("an outage that ends is survived", async () => {
  const run = call([refused("shopify_unreachable"), refused("shopify_throttled"), good]);
  expect(await run.result).toBe("granted");
});

test("Retry-After is honoured when it fits", async () => {
  const run = call([refused("shopify_throttled", 5_000), good]);
  expect(await run.result).toBe("granted");
  expect(run.waitsMs).toEqual([5_000]);
});

test("a Retry-After past the deadline ends the attempt at once, with the refusal's own code", async () => {
  const run = call([refused("shopify_throttled", 60_000)]);
  await expect(run.result).rejects.toMatchObject({ code: "shopify_throttled" });
  expect(run.waitsMs).toEqual([]);
});

test("a young app is asked for three times", async () => {
  const run = call([refused("app_not_found")]);
  await expect(run.result).rejects.toMatchObject({ code: "app_not_found" });
  expect(run.timeoutsMs).toHaveLength(3);
});

test("no other refusal is asked twice", () => {
  const retried = ERROR_CODES.filter((code) => retryPlanOf(code) !== undefined);
  expect(retried.sort()).toEqual(["app_not_found", "shopify_throttled", "shopify_unreachable"]);
});

test.each(["client_secret_rejected", "store_not_permitted", "token_request_refused"] as const)(
  "%s is asked once",
  async (code) => {
    const run = call([refused(code)]);
    await expect(run.result).rejects.toMatchObject({ code });
    expect(run.timeoutsMs).toHaveLength(1);
  },
);

test("a single call gets eight seconds at most, and never more than is left", async () => {
  expect((await settled(call([good]))).timeoutsMs).toEqual([8_000]);
  expect((await settled(call([good], { leftMs: 3_000 }))).timeoutsMs).toEqual([3_000]);
});

test("without time nothing is sent", async () => {
  const run = call([good], { leftMs: 100 });
  await expect(run.result).rejects.toMatchObject({ code: "out_of_time" });
  expect(run.timeoutsMs).toEqual([]);
});

test("waiting never runs past the deadline", async () => {
  const run = call([refused("shopify_unreachable")], { leftMs: 9_000, costMs: 8_000 });
  await expect(run.result).rejects.toMatchObject({ code: "shopify_unreachable" });
  expect(run.timeoutsMs).toEqual([8_000, 850]);
});

async function settled(run: Run): Promise<Run> {
  await run.result;
  return run;
}

test("the time-out of a call is a whole number, as the HTTP client wants it, whatever is left", async () => {
  const run = call([good], { leftMs: 1_234.567 });
  await run.result;
  expect(run.timeoutsMs).toEqual([1_234]);
});
