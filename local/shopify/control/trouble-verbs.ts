import * as v from "valibot";
import { NAMED_FAULT_ANSWERS } from "../faults";
import { isPosition, SWITCH_NAMES } from "../switches";
import { verb } from "./verb";

const surface = v.exactOptional(v.picklist(["token-endpoint", "admin-api", "authorize", "other"]));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const where = { on: surface, shop: v.exactOptional(v.string()), times: v.exactOptional(count) };
const retryAfterSeconds = v.exactOptional(v.string());
const answer = v.union([
  v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
  v.picklist(NAMED_FAULT_ANSWERS),
]);

/** Trouble on demand, switches, and what was seen. */
export const TROUBLE_VERBS = {
  /** Makes calls fail, so many times or until mended, before or after their effect; returns the plan's number. */
  break: verb(
    v.strictObject({
      ...where,
      answer,
      when: v.exactOptional(v.picklist(["before-effect", "after-effect"])),
      retryAfterSeconds,
    }),
    (desk, args) => ({ planId: desk.faults.break(args) }),
  ),

  /** Throttles so many calls: 429 with `Retry-After`. */
  throttle: verb(
    v.strictObject({
      on: surface,
      shop: v.exactOptional(v.string()),
      calls: count,
      retryAfterSeconds,
    }),
    (desk, { calls, ...plan }) => ({
      planId: desk.faults.break({ ...plan, answer: 429, times: calls }),
    }),
  ),

  /** Holds answers back, in real milliseconds. */
  slow: verb(v.strictObject({ ...where, delayMs: v.number() }), (desk, args) => ({
    planId: desk.faults.slow(args),
  })),

  /** Ends one plan of `break`, `throttle` or `slow`, or all of them. */
  mend: verb(v.strictObject({ planId: v.exactOptional(v.number()) }), (desk, { planId }) => {
    desk.faults.mend(planId);
  }),

  setSwitch: verb(
    v.strictObject({ name: v.picklist(SWITCH_NAMES), position: v.string() }),
    (desk, { name, position }) => {
      if (!isPosition(name, position)) throw new Error(`${name} has no position ${position}`);
      Object.assign(desk.switches, { [name]: position });
    },
  ),

  switches: verb(v.strictObject({}), (desk) => ({ ...desk.switches })),

  /** Counts calls: served, refused by cause, distinct tokens, by caller. Default surface: admin-api. */
  countCalls: verb(callFilter(), (desk, filter) => desk.calls.count(filter)),

  /** The call log, newest last; default: all that is kept. */
  readCalls: verb(callFilter(), (desk, filter) => desk.calls.read(filter)),

  clearCalls: verb(v.strictObject({}), (desk) => {
    desk.calls.clear();
  }),

  /** Every webhook so far, with its attempts. */
  webhooks: verb(v.strictObject({}), (desk) =>
    desk.outbox.list().map(({ event, body: _body, ...rest }) => ({
      topic: event.topic,
      shop: event.shop,
      ...rest,
    })),
  ),

  /** Makes the next webhooks late. */
  delayWebhooks: verb(v.strictObject({ seconds: v.number(), count }), (desk, args) => {
    desk.outbox.delayNext(args);
  }),

  /** Sends a webhook once more, with the same id: a duplicate, or a late one. */
  redeliverWebhook: verb(
    v.strictObject({ id: v.string(), afterSeconds: v.exactOptional(v.number(), 0) }),
    (desk, args) => {
      desk.outbox.redeliver(args.id, args.afterSeconds);
    },
  ),

  /** Webhook subscriptions that Shopify dropped after the last retry. */
  droppedSubscriptions: verb(v.strictObject({}), (desk) => desk.outbox.dropped()),

  resubscribeWebhooks: verb(v.strictObject({}), (desk) => {
    desk.outbox.resubscribe();
  }),

  /** When the next webhook is due, or null. */
  nextDueAt: verb(v.strictObject({}), (desk) => desk.outbox.nextDueAt() ?? null),

  /** Delivers the webhooks that are due; returns the number of attempts. */
  runDue: verb(v.strictObject({}), (desk) => desk.outbox.runDue()),
};

function callFilter() {
  return v.strictObject({
    surface,
    shop: v.exactOptional(v.string()),
    caller: v.exactOptional(v.string()),
    since: v.exactOptional(v.number()),
  });
}
