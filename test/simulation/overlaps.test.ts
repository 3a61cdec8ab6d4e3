import { FAMILIES } from "./directed";
import { liveThrough } from "./live-through";

describe("who acts on the same store at the same time", () => {
  test.each(FAMILIES)("$name", async ({ name, cases }) => {
    const named = cases.map((one) => ({
      ...one,
      name: `--families "${name}" --case "${one.name}"`,
    }));
    const { schedules, strikes, landed } = await liveThrough(named);
    expect(schedules).toBe(cases.length);
    expect(strikes).toBe(cases.flatMap(({ schedule }) => schedule.strikes).length);
    // A strike that meets no request proves nothing of what would happen then.
    expect(landed).toBe(strikes);
  });
});
