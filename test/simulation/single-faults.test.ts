import { sized } from "../long";
import { liveThrough, product } from "./live-through";
import { casesOf, SCENARIOS } from "./single-faults";

/** Every fault of every request at full size; every so many of them otherwise, the same in each run. */
const STRIDE = sized(17, 1);

describe("any one request that goes wrong in any one way, while", () => {
  test.each(SCENARIOS)("$name", async (scenario) => {
    const cases = (await casesOf(scenario, await product()))
      .filter((_, index) => index % STRIDE === 0)
      .map((one) => ({
        ...one,
        name: `--scenarios "${scenario.name}" --case "${one.name}"`,
      }));
    const { schedules, missed } = await liveThrough(cases);
    expect(schedules).toBe(cases.length);
    // A fault whose request never comes proves nothing of what would happen then.
    expect(missed).toBe(0);
    expect(schedules).toBeGreaterThan(5);
  });
});
