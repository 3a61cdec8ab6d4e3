import { beginsAtOf, instantOf } from "../../../local/world/begins";

describe("where a world begins", () => {
  test.each([
    ["2026-12-31T21:05:00Z", Date.UTC(2026, 11, 31, 21, 5)],
    ["2026-12-31T21:05Z", Date.UTC(2026, 11, 31, 21, 5)],
    ["2027-01-01T00:05:00.250+02:00", Date.UTC(2026, 11, 31, 22, 5, 0, 250)],
  ])("at %s", (text, instant) => {
    expect(instantOf(text)).toBe(instant);
    expect(beginsAtOf({ SHOPIFY_SECRETS_WORLD_BEGINS: text })).toBe(instant);
  });

  test("now, when the environment names no instant", () => {
    expect(beginsAtOf({})).toBeUndefined();
    expect(beginsAtOf({ SHOPIFY_SECRETS_WORLD_BEGINS: "" })).toBeUndefined();
  });

  test.each([
    "tomorrow",
    "2026-12-31",
    "2026-12-31T21:05:00",
    "2026-02-30T25:00:00Z",
    "1767215100",
  ])("%s is no instant", (text) => {
    expect(() => beginsAtOf({ SHOPIFY_SECRETS_WORLD_BEGINS: text })).toThrow(
      `SHOPIFY_SECRETS_WORLD_BEGINS is an instant such as 2026-12-31T21:05:00Z, and "${text}" is none`,
    );
  });
});
