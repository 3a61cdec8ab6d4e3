import { sized } from "../long";
import { doublesOf } from "./double-faults";
import { liveThrough, product } from "./live-through";
import { RENEWALS, SCENARIOS } from "./single-faults";
import type { Case } from "./tally";

const SAMPLE = sized({ firsts: 5, seconds: 4 }, { firsts: 60, seconds: 60 });

describe("any two requests that go wrong in any two ways, while", () => {
  test.each(SCENARIOS)("$name", async (scenario) => {
    const cases: Case[] = [];
    for await (const one of doublesOf(scenario, await product(), SAMPLE)) {
      cases.push({ ...one, name: `--doubles "${scenario.name}" --case "${one.name}"` });
    }
    const { schedules } = await liveThrough(cases);
    expect(schedules).toBe(SAMPLE.firsts * SAMPLE.seconds);
  });

  test("renewals in a worse world are among them", () => {
    expect(RENEWALS.filter(({ name }) => name.endsWith("in a worse world"))).toHaveLength(4);
  });
});
