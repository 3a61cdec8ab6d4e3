import fc from "fast-check";
import { nextWave, USUAL_WAVES, type WaveEnd, waveSizes } from "../../contract/waves";

const RULES = { canary: 3, most: 50, failuresAllowed: 0.05 };

/** Drives a whole plan; `fails` says how many stores of a wave fail. */
function drive(stores: number, rules: typeof RULES, fails: (size: number) => number) {
  const ended: WaveEnd[] = [];
  let left = Array.from({ length: stores }, (_, index) => index);
  const begun: number[] = [];
  for (;;) {
    const next = nextWave(left, ended, rules);
    if (next.does !== "wave") return { next, begun, ended };
    begun.push(...next.stores);
    ended.push({ stores: next.stores.length, failed: fails(next.stores.length) });
    left = left.slice(next.stores.length);
  }
}

describe("waves", () => {
  test("begin with a few stores and double", () => {
    expect(waveSizes(300, RULES)).toEqual([3, 6, 12, 24, 48, 50, 50, 50, 50, 7]);
    expect(waveSizes(2, RULES)).toEqual([2]);
    expect(waveSizes(0, RULES)).toEqual([]);
    expect(nextWave(["a", "b", "c", "d"], [], USUAL_WAVES)).toEqual({
      does: "wave",
      number: 1,
      isCanary: true,
      stores: ["a", "b", "c"],
    });
  });

  test("have no first few where none are wanted", () => {
    expect(nextWave(["a"], [], { ...RULES, canary: 0 })).toMatchObject({ isCanary: false });
  });

  test("stop at the first failure of the first few", () => {
    const { next, begun } = drive(300, RULES, (size) => (size === 3 ? 1 : 0));
    expect(next).toEqual({ does: "stop", why: "canary_failed", failed: 1, of: 3 });
    expect(begun).toHaveLength(3);
  });

  test("stop when the share is exceeded, over all waves", () => {
    const ended = [
      { stores: 3, failed: 0 },
      { stores: 6, failed: 0 },
      { stores: 12, failed: 1 },
      { stores: 24, failed: 2 },
    ];
    expect(nextWave([1], ended, RULES)).toEqual({
      does: "stop",
      why: "too_many_failures",
      failed: 3,
      of: 45,
    });
    expect(nextWave([1], ended, { ...RULES, failuresAllowed: 0.1 })).toMatchObject({
      does: "wave",
    });
  });

  test("the last wave is judged too: too many failures are no end", () => {
    expect(
      nextWave(
        [],
        [
          { stores: 3, failed: 0 },
          { stores: 4, failed: 4 },
        ],
        RULES,
      ),
    ).toMatchObject({
      does: "stop",
    });
  });

  test("whatever the rules: every store is begun once, in order, and no wave is too large", () => {
    const rules = fc.record({
      canary: fc.integer({ min: 0, max: 20 }),
      most: fc.integer({ min: 1, max: 200 }),
      failuresAllowed: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000 }), rules, (stores, given) => {
        const { next, begun, ended } = drive(stores, given, () => 0);
        expect(next).toEqual({ does: "end" });
        expect(begun).toEqual(Array.from({ length: stores }, (_, index) => index));
        expect(ended.map((wave) => wave.stores)).toEqual(waveSizes(stores, given));
        expect(Math.max(0, ...waveSizes(stores, given))).toBeLessThanOrEqual(given.most);
      }),
    );
  });

  test("whatever fails: what is begun after the share is exceeded is nothing", () => {
    const failures = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: 20,
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), failures, (stores, shares) => {
        let wave = 0;
        const { next, ended } = drive(stores, RULES, (size) => {
          wave += 1;
          return Math.floor(size * (shares[wave % 20] ?? 0));
        });
        const before = ended.slice(0, -1);
        const of = before.reduce((sum, one) => sum + one.stores, 0);
        const failed = before.reduce((sum, one) => sum + one.failed, 0);
        expect(failed).toBeLessThanOrEqual(of * RULES.failuresAllowed);
        const all = ended.reduce((sum, one) => sum + one.failed, 0);
        const begun = ended.reduce((sum, one) => sum + one.stores, 0);
        expect(next.does).toBe(all > begun * RULES.failuresAllowed ? "stop" : "end");
      }),
    );
  });
});
