import { parseStatus, STATUS_TAGS, versionTagOf } from "../../contract/store/status";
import { parseSweepRequest } from "../../contract/sweep";

describe("the sweep function's event", () => {
  test.each([
    [{ action: "sweep" }],
    [{ action: "check", stores: ["acme"], stage: "AWSPREVIOUS" }],
    [{ action: "renew", stores: ["acme", "partner-2"] }],
    [{ action: "migrate", store: "acme" }],
  ])("%j is taken", (event) => {
    expect(parseSweepRequest(event)).toEqual(event);
  });

  test("a check is of the current version unless it says otherwise", () => {
    expect(parseSweepRequest({ action: "check", stores: [] })).toEqual({
      action: "check",
      stores: [],
      stage: "AWSCURRENT",
    });
  });

  test.each([
    [undefined],
    [{}],
    ["sweep"],
    [{ action: "sweep", now: true }],
    [{ action: "check" }],
    [{ action: "check", stores: "acme" }],
    [{ action: "check", stores: ["Acme"] }],
    [{ action: "renew", stores: [] }],
    [{ action: "migrate" }],
    [{ action: "migrate", store: "acme", force: true }],
    [{ action: "destroy", store: "acme" }],
    [{ source: "aws.scheduler" }],
  ])("%j is refused", (event) => {
    expect(() => parseSweepRequest(event)).toThrow(
      expect.objectContaining({ code: "event_malformed" }),
    );
  });
});

describe("the status tags", () => {
  const read = (tags: Partial<Record<keyof typeof STATUS_TAGS, string>>) =>
    parseStatus(
      new Map(
        Object.entries(tags).map(([name, value]) => [
          STATUS_TAGS[name as keyof typeof STATUS_TAGS],
          value,
        ]),
      ),
    );

  test("tell a token without an end from one whose end nobody wrote", () => {
    expect(read({ expiresAt: "" }).expiresAt).toBe("never");
    expect(read({}).expiresAt).toBe("unknown");
    expect(read({ expiresAt: "soon" }).expiresAt).toBe("unknown");
    expect(read({ expiresAt: "2026-11-01T01:00:00Z" }).expiresAt).toBe(1_793_494_800_000);
  });

  test("tell when which pending version was seen", () => {
    expect(read({ pendingSeen: "2026-11-01T01:00:00Z abc" }).pendingSeen).toEqual({
      at: 1_793_494_800_000,
      version: "abc",
    });
    expect(read({ pendingSeen: "abc" }).pendingSeen).toBeUndefined();
  });

  test("take no state and no code that nobody knows", () => {
    expect(read({ state: "splendid", lastErrorCode: "shopify_on_fire" })).toMatchObject({
      state: undefined,
      lastErrorCode: "",
    });
  });

  test("name a version in the characters that a tag value takes", () => {
    expect(versionTagOf("a!b~c-d_e0" as never)).toBe("a_b_c-d_e0");
  });
});
