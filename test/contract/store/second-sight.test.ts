import { ERROR_CODES, type ErrorCode } from "../../../contract/errors";
import {
  asksAgainAt,
  isBelieved,
  sight,
  standingRefusal,
} from "../../../contract/store/second-sight";
import { encodeStatus, parseStatus, type StoreStatus } from "../../../contract/store/status";
import { type EpochMs, epochMs, later, MINUTE_MS } from "../../../contract/time";

const NOW = epochMs(Date.UTC(2026, 10, 28, 8));
const [HOUR, DAY] = [60, 24 * 60];

const statusOf = (tags: Record<string, string>): StoreStatus =>
  parseStatus(new Map(Object.entries(tags)));
const EMPTY = statusOf({});

/** A store whose last success was an hour ago, after so many sights of a refusal ten minutes apart. */
function seen(code: ErrorCode, sights: number): { status: StoreStatus; told: readonly string[] } {
  let tags = encodeStatus({ state: "ok", lastSuccessAt: later(NOW, -60 * MINUTE_MS) });
  const told: string[] = [];
  for (let one = sights - 1; one >= 0; one -= 1) {
    const at = later(NOW, -one * 10 * MINUTE_MS);
    const sighted = sight(statusOf(tags), code, at);
    const says = sighted === undefined ? code : (sighted.told ?? "");
    const noted = says === "" ? {} : { lastErrorCode: says as ErrorCode, lastErrorAt: at };
    tags = { ...tags, ...encodeStatus({ ...noted, ...(sighted && { refused: sighted.refused }) }) };
    told.push(says);
  }
  return { status: statusOf(tags), told };
}

/** Minutes until it is asked again, with the access token's life left in minutes. */
function minutesToTheNext(code: ErrorCode, sights: number, left: number): number {
  const refusal = standingRefusal(seen(code, sights).status);
  if (refusal === undefined) throw new Error("nothing is refused");
  return (asksAgainAt(refusal, later(NOW, left * MINUTE_MS), NOW) - NOW) / MINUTE_MS;
}

const LIVES = [20 * 60, 6 * 60, 60, 35, 8, -5, -55, -65, -30 * 60] as const;

/** The rule, whole: minutes until a renewal is tried again, by life left and times seen. 0: every sweep asks. */
const RULE: readonly (readonly [ErrorCode, number, readonly number[]])[] = [
  // life left:              20 h, 6 h, 60, 35, 8, -5, -55, -65, -30 h
  ["refresh_token_dead", 1, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["refresh_token_dead", 2, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["refresh_token_dead", 3, [300, 90, 15, 8.75, 2, 0, 0, DAY, DAY]],
  ["app_not_installed", 1, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["app_not_installed", 2, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["app_not_installed", 3, [HOUR, HOUR, 15, 8.75, 2, 0, 0, HOUR, HOUR]],
  ["app_not_installed", 9, [HOUR, HOUR, 15, 8.75, 2, 0, 0, HOUR, HOUR]],
  ["store_not_permitted", 2, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["store_not_permitted", 3, [HOUR, HOUR, 15, 8.75, 2, 0, 0, HOUR, HOUR]],
  ["shop_not_found", 2, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["shop_not_found", 3, [HOUR, HOUR, 15, 8.75, 2, 0, 0, HOUR, HOUR]],
  ["redirect_refused", 2, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["redirect_refused", 3, [HOUR, HOUR, 15, 8.75, 2, 0, 0, HOUR, HOUR]],
  // Our own record says so, and a webhook that the store's token confirmed.
  ["refresh_token_missing", 1, [300, 90, 15, 8.75, 2, 0, 0, DAY, DAY]],
  ["app_uninstalled", 1, [300, 90, 15, 8.75, 2, 0, 0, DAY, DAY]],
  ["client_secret_rejected", 1, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["client_secret_rejected", 9, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["shopify_unreachable", 9, [0, 0, 0, 0, 0, 0, 0, 0, 0]],
];

test.each(RULE)(
  "%s, seen %i times: the next try is due in so many minutes",
  (code, sights, due) => {
    expect(LIVES.map((left) => minutesToTheNext(code, sights, left))).toEqual(due);
  },
);

test("no code rests longer than a quarter of the life that is left, nor in the hour after the end", () => {
  for (const code of ERROR_CODES) {
    for (const left of LIVES.filter((minutes) => minutes > -60)) {
      const due = minutesToTheNext(code, 9, left);
      expect([code, due]).toEqual([code, Math.min(due, Math.max(0, left / 4))]);
    }
  }
});

test.each<[ErrorCode, readonly string[]]>([
  ["refresh_token_dead", ["refusal_unconfirmed", "refusal_unconfirmed", "refresh_token_dead"]],
  ["app_not_installed", ["refusal_unconfirmed", "refusal_unconfirmed", "app_not_installed"]],
  ["store_not_permitted", ["refusal_unconfirmed", "refusal_unconfirmed", "store_not_permitted"]],
  ["shop_not_found", ["refusal_unconfirmed", "refusal_unconfirmed", "shop_not_found"]],
  ["redirect_refused", ["refusal_unconfirmed", "refusal_unconfirmed", "redirect_refused"]],
  ["token_dead", ["refusal_unconfirmed", "token_dead", "token_dead"]],
  ["client_secret_rejected", Array(3).fill("client_secret_rejected")],
  ["refresh_token_missing", Array(3).fill("refresh_token_missing")],
])("what is told of %s, sight by sight", (code, told) => {
  expect(seen(code, 3).told).toEqual(told);
});

describe("sights", () => {
  const code = "refresh_token_dead";
  const minutes = (count: number): EpochMs => later(NOW, count * MINUTE_MS);
  const again = (status: StoreStatus, at: EpochMs) => sight(status, code, at)?.refused;
  const twice = seen(code, 2).status;

  test("that are close together are one: deliveries come twice", () => {
    expect(again(twice, minutes(4))).toEqual(twice.refused);
    expect(again(twice, minutes(5))?.sights).toBe(3);
  });

  test("begin anew with another refusal, a success, and a clock that was set back", () => {
    expect(sight(twice, "redirect_refused", minutes(10))?.refused.sights).toBe(1);
    expect(again({ ...twice, lastSuccessAt: minutes(1) }, minutes(10))?.sights).toBe(1);
    expect(again(twice, minutes(-1))?.sights).toBe(1);
  });

  test("go on over an outage, which says nothing of the refusal", () => {
    const outage = {
      ...twice,
      lastErrorCode: "shopify_unreachable",
      lastErrorAt: minutes(5),
    } as const;
    expect(again(outage, minutes(10))?.sights).toBe(3);
  });

  test("are not waited for where a webhook said before that the app is gone", () => {
    expect(sight({ ...EMPTY, state: "uninstalled" }, code, NOW)).toBeUndefined();
  });

  test("do not hide what an attempt before them found", () => {
    const lost = { ...EMPTY, lastErrorCode: "code_exchange_lost", lastErrorAt: NOW } as const;
    expect(sight(lost, code, minutes(10))?.told).toBeUndefined();
  });

  test("that no tag holds are believed: a version before the tag wrote the status", () => {
    const old = { ...EMPTY, lastErrorCode: code, lastErrorAt: NOW } as const;
    const refusal = standingRefusal(old);
    expect(refusal && isBelieved(refusal)).toBe(true);
  });
});
