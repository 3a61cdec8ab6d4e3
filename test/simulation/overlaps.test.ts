import { FAMILIES } from "./directed";
import { liveThrough } from "./live-through";

describe("who acts on the same store at the same time", () => {
  test.each(FAMILIES)("$name", async ({ name, cases }) => {
    const named = cases.map((one) => ({
      ...one,
      name: `--families "${name}" --case "${one.name}"`,
    }));
    const { schedules } = await liveThrough(named);
    expect(schedules).toBe(cases.length);
  });
});
