import { deletionOf } from "../../../contract/store/secret-facts";
import { DAY_MS, type EpochMs, later, MINUTE_MS } from "../../../contract/time";

const NOW = Date.UTC(2026, 10, 2, 12) as EpochMs;

describe("the one date of a deletion", () => {
  test.each([
    ["a while ago", -3 * DAY_MS],
    ["now", 0],
    ["a moment ago, by a clock that is ahead of ours", 5 * MINUTE_MS],
  ])("is the request's: %s", (_, ahead) => {
    const deletedAt = later(NOW, ahead);
    expect(deletionOf(deletedAt, NOW)).toEqual({ askedAt: deletedAt });
  });

  test("is the end of the recovery window where it has not come", () => {
    const deletedAt = later(NOW, 7 * DAY_MS);
    expect(deletionOf(deletedAt, NOW)).toEqual({ endsAt: deletedAt });
  });
});
