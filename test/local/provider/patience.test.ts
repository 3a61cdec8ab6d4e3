import { delayOf, patienceFrom, serially } from "../../../local/provider/patience";
import { hurried } from "./stand-in";

const urns = Array.from({ length: 12 }, (_, index) => `urn:pulumi:dev::p::t::store-${index}`);
const orderOf = (seed: number) => {
  const delay = (urn: string) => delayOf(urn, { seed, maxDelayMs: 1_000 });
  return [...urns].sort((a, b) => delay(a) - delay(b));
};

test("a seed gives one order of creation, another seed another", () => {
  expect(orderOf(7)).toEqual(orderOf(7));
  expect(orderOf(7)).not.toEqual(orderOf(8));
  expect(orderOf(7)).not.toEqual(urns);
});

test("delays stay below the limit", () => {
  for (const urn of urns) {
    expect(delayOf(urn, { seed: 3, maxDelayMs: 50 })).toBeLessThan(50);
    expect(delayOf(urn, { seed: 3, maxDelayMs: 0 })).toBe(0);
  }
});

test("reads its limits from the environment", () => {
  const environment = {
    STAND_IN_AWS_SEED: "42",
    STAND_IN_AWS_MAX_DELAY_MS: "0",
    STAND_IN_AWS_PATIENCE_MS: "5000",
  };
  expect(patienceFrom(environment)).toMatchObject({ seed: 42, maxDelayMs: 0, patienceMs: 5_000 });
  expect(patienceFrom({})).toMatchObject({ maxDelayMs: 120, patienceMs: 15_000 });
});

describe("retry", () => {
  test("goes on until it works", async () => {
    const { patience, pauses } = hurried();
    let left = 3;
    const attempt = async () => {
      left -= 1;
      if (left > 0) throw new Error("not yet");
      return "done";
    };
    await expect(patience.retry(attempt, () => true)).resolves.toBe("done");
    expect(pauses).toEqual([100, 200]);
  });

  test("ends with the last error when patience is used up", async () => {
    const { patience, pauses } = hurried(1_000);
    const attempt = async () => Promise.reject(new Error("stuck"));
    await expect(patience.retry(attempt, () => true)).rejects.toThrow("stuck");
    expect(pauses).toEqual([100, 200, 400]);
  });

  test("does not try again what cannot pass by itself", async () => {
    const { patience, pauses } = hurried();
    const attempt = async () => Promise.reject(new Error("no"));
    await expect(patience.retry(attempt, () => false)).rejects.toThrow("no");
    expect(pauses).toEqual([]);
  });
});

test("calls of one key run one after the other, also after a failure", async () => {
  const events: string[] = [];
  const call = (name: string) => async () => {
    events.push(`${name} begins`);
    await new Promise(setImmediate);
    events.push(`${name} ends`);
    if (name === "a") throw new Error("a fails");
  };
  const [first] = await Promise.allSettled([serially("f", call("a")), serially("f", call("b"))]);
  expect(first.status).toBe("rejected");
  expect(events).toEqual(["a begins", "a ends", "b begins", "b ends"]);
});
