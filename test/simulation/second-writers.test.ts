import { sized } from "../long";
import { liveThrough, product } from "./live-through";
import { casesWith, writersOf } from "./second-writers";
import { RENEWALS, SCENARIOS } from "./single-faults";

/** Every request at full size; every so many of them otherwise, the same in each run. */
const STRIDE = sized(7, 1);

const APPROVALS = SCENARIOS.filter(({ name }) => name === "a merchant approves again");

describe.each([...RENEWALS, ...APPROVALS])("$name", (scenario) => {
  test.each(writersOf(scenario))(
    "survives $name between any two calls, and after a kill",
    async (writer) => {
      const all = await casesWith(scenario, writer, await product());
      const cases = all
        .filter((_, index) => index % STRIDE === 0)
        .map((one) => ({
          ...one,
          name: `--writers "${scenario.name}" --case "${writer.name}: ${one.name}"`,
        }));
      const { schedules } = await liveThrough(cases);
      expect(schedules).toBe(cases.length);
      expect(all.length).toBeGreaterThan(20);
    },
  );
});
