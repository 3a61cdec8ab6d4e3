import type { StoreKey } from "../../../contract/brands";
import {
  encodeWave,
  MACHINE_WAVES,
  parseWaveItem,
  type WavesWanted,
  wavesOf,
} from "../../../contract/listed/wave-run";
import { parseSweepRequest } from "../../../contract/sweep";
import { USUAL_WAVES } from "../../../contract/waves";

const storesOf = (count: number) =>
  Array.from({ length: count }, (_, at) => `store-${at}` as StoreKey);

function planned(changes: Partial<WavesWanted>) {
  return wavesOf({
    run: "renew-1",
    verb: "renew",
    stores: storesOf(100),
    rules: { ...USUAL_WAVES, ...MACHINE_WAVES },
    soakMs: 0,
    ...changes,
  });
}

test("every store is in one wave, in order, and none of the first few may fail", () => {
  const waves = planned({});
  expect(waves.map(({ stores }) => stores.length)).toEqual([3, 6, 12, 24, 48, 7]);
  expect(waves.flatMap(({ stores }) => stores)).toEqual(storesOf(100));
  expect(waves.map(({ wave }) => wave.tolerated)).toEqual([0, 5, 5, 5, 5, 5]);
  expect(waves.map(({ wave }) => wave.key)).toEqual(
    waves.map((_, number) => `work/renew-1-${number}.jsonl`),
  );
});

test("a migration's first few are left alone for an hour, and tried before anybody else is begun", () => {
  const waves = planned({ verb: "migrate", stores: storesOf(10), soakMs: 3_600_000 });
  expect(waves.map(({ verb, wave, stores }) => [verb, stores.length, wave.restSeconds])).toEqual([
    ["migrate", 3, 0],
    ["check", 3, 3_600],
    ["migrate", 6, 0],
    ["migrate", 1, 0],
  ]);
  expect(waves[1]?.wave.tolerated).toBe(0);
});

test("100,000 stores are few enough waves for the input of a run", () => {
  const waves = planned({ stores: storesOf(100_000) });
  const input = JSON.stringify({ waves: waves.map(({ wave }) => wave) });
  // 262,144 bytes: Step Functions quotas, "Maximum input or output size".
  expect(input.length).toBeLessThan(10_000);
});

test.each(["renew", "migrate"] as const)("what the sweep is asked to %s, it reads", (verb) => {
  const [wave] = planned({ verb, stores: storesOf(2) });
  const lines = wave === undefined ? [] : encodeWave(wave).trimEnd().split("\n");
  for (const line of lines) {
    const item = JSON.parse(line) as { event: unknown };
    expect(parseSweepRequest(item.event)).toMatchObject({ action: verb });
    expect(parseWaveItem(item)).toMatchObject({ verb });
  }
  expect(lines).toHaveLength(2);
});

test("what is no store of a wave is refused", () => {
  for (const item of [{}, { store: "acme", verb: "delete" }, { store: "No key", verb: "renew" }]) {
    expect(() => parseWaveItem(item)).toThrow("event_malformed");
  }
});
