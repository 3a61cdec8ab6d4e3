import { adviceOf, type ErrorCode } from "../../contract/errors";
import { product } from "./live-through";
import type { Schedule } from "./schedule";
import { live } from "./simulation";
import { APP, MINUTE } from "./stage";

const HOUR_SECONDS = 3_600;

/** A store of a public app that signs, for which KMS signs nothing for longer than a token lives. */
const outOfKms = (trouble: string): Schedule => ({
  seed: 12,
  stores: [{ kind: "client-credentials", hasValue: true, isRotated: false }],
  signs: "public",
  before: 20,
  happenings: [{ does: "nothing", store: 0, afterMs: 95 * MINUTE }],
  strikes: [{ surface: "aws", operation: "Sign", after: 0, trouble, lasts: 1.1 * HOUR_SECONDS }],
  storm: undefined,
  quiet: 60,
  shopify: {},
  model: {},
  awsAheadMs: 0,
});

describe("KMS that says no, or nothing, for longer than a token lives", () => {
  test.each<[string, ErrorCode]>([
    ["denied", "signing_denied"],
    ["throttled", "signing_unavailable"],
    ["error before", "signing_unavailable"],
    ["hangs before", "signing_unavailable"],
    ["late by 7 s", "signing_unavailable"],
  ])(
    "(%s) is told as %s, with its owner and what to do, and the store lives as soon as it is over",
    async (trouble, code) => {
      const { world, judge } = await live(outOfKms(trouble), await product());
      const told = world.notices.filter(({ subject }) => !subject.includes("well again"));
      expect(told.length).toBeGreaterThan(0);
      for (const { subject, message } of told) {
        expect(subject).toContain(code);
        expect(message).toContain(adviceOf(code, { app: APP }).next);
      }
      expect(world.notices.at(-1)?.subject).toContain("well again");
      const current = judge.truth.currentOf("acme");
      expect(judge.truth.isAlive(current?.accessToken ?? "")).toBe(true);
    },
  );
});
