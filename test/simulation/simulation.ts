/**
 * The one simulation: the product's own functions, reader and command live through the days of a store, under one
 * clock and one seed.
 *
 * What acts is the product as it is shipped, from its handlers on (`functions/bundles.ts` builds it): rotate, enrol,
 * sweep, install with its callback and webhooks, the reader, the command. What stands at its edge is simulated: the
 * clients of AWS with their limits and tries (`aws/aws-client.ts`), the client that speaks to Shopify, Lambda with
 * warm, frozen and killed processes, the schedules, the merchant, the operator (`actors/`). Behind them are the model
 * of Secrets Manager and the imitation of Shopify. Time is virtual (`time/timeline.ts`): whatever waits, waits there,
 * so that the order in which everybody acts is a function of the schedule alone.
 *
 * A schedule (`schedule.ts`) is data: which stores there are, what happens when, what goes wrong with which request.
 * It is lived in two phases. First safety: after each change the judge (`judge/judge.ts`) looks at what is really
 * true at AWS and Shopify. AWSCURRENT never moves from a token that works to a dead one, never goes back; no secret
 * is shown; no more than 72 versions a day; what people are told is true. Then liveness: nothing goes wrong any more,
 * an application reads every minute, and each store that could live has to: at once when one thing went wrong, after
 * one scheduled attempt when many did.
 *
 * Where a run fails, it names its schedule by the words that replay it:
 *
 *     npm run simulate -- --kind trouble --seed 323381570 --schedules 1
 *     npm run simulate -- --kind trouble --seed 323381570 --schedules 1 --trace     everything that happens
 *     npm run simulate -- --kind trouble --seed 323381570 --schedules 1 --shrink    a smaller one, as JSON
 *     npm run simulate -- --file schedule.json --trace
 *     npm run simulate -- --schedules 50000                                         a long run of fresh seeds
 *     npm run simulate -- --families "two approvals"                                directed overlaps
 *     npm run simulate -- --scenarios "approves again" --stride 10                  single faults at every request
 *     npm run simulate -- --doubles "rotated" --stride 100                          two faults
 *     npm run simulate -- --writers "is renewed"                                    somebody else amid a renewal
 *
 * A schedule that was found becomes a regression test in `found.test.ts`.
 */

import { Application } from "./actors/application";
import { act, clearTheWay, type Scene } from "./actors/happenings";
import { mendKeys } from "./actors/keys";
import { approve } from "./actors/merchant";
import { comeUntilWell, MERCHANTS, merchantOf, openShops } from "./actors/newcomer";
import { Scheduler } from "./actors/scheduler";
import type { Product } from "./functions/bundles";
import { Judge, type Measure } from "./judge/judge";
import type { Happening, OpenPlan, Schedule, StorePlan } from "./schedule";
import { CLIENT_ID, HOUR, MINUTE, shopOf } from "./stage";
import { type Held, Troubles } from "./troubles";
import { World } from "./world";

/** How a schedule went. */
export interface Life {
  /** Broken promises, in words; empty: all is well. */
  readonly broken: readonly string[];
  readonly world: World;
  readonly judge: Judge;
  readonly troubles: Troubles;
  /** How many of the requests that were seen came before all was well again. */
  readonly requestsInTrouble: number;
  readonly application: Application;
}

const KEYS = ["acme", "bell", "cove", "dune"] as const;

/** Lives through a schedule: first all is well, then things happen and go wrong, then all is well again. */
export async function live(
  schedule: Schedule,
  product: Product,
  watch: (world: World) => void = () => undefined,
): Promise<Life> {
  const { seed, shopify, model, awsAheadMs, listLagMs, isFenceless = false } = schedule;
  const world = new World({
    seed,
    product,
    shopify,
    model,
    awsAheadMs,
    listLagMs,
    isFenceless,
    signs: schedule.signs,
    open: schedule.open,
  });
  const troubles = new Troubles(() => world.timeline.now, world.chance);
  world.network.plan = troubles.plan;
  watch(world);
  await world.open();
  const judge = new Judge(world, measureOf(schedule));
  const scheduler = new Scheduler(world);
  for (const [index, plan] of schedule.stores.entries()) {
    const key = KEYS[index] ?? `store-${index}`;
    await world.timeline.runUntilSettled(settle(key, plan, { world, judge }), HOUR);
  }
  if (schedule.open !== undefined) await expectAnybody(schedule.open, world);
  judge.begin();
  const application = new Application(world, judge.truth);
  await pass(world, schedule.before * MINUTE);
  judge.met = troubles.met;
  const scene = { world, judge, scheduler, key: KEYS[0] };
  troubles.begin(schedule.strikes, schedule.storm, heldFor(schedule, scene));
  for (const happening of schedule.happenings) {
    await pass(world, happening.afterMs);
    void act(happening, { ...scene, key: KEYS[happening.store] ?? KEYS[0] });
  }
  if (schedule.storm !== undefined) {
    await pass(world, schedule.storm.minutes * MINUTE);
    troubles.end();
  }
  const requestsInTrouble = troubles.seen.length;
  await world.timeline.runUntilSettled(calm(world), HOUR);
  scheduler.isOn = true;
  judge.calm();
  const returning = whoReturns(schedule).map((handle) => comeUntilWell(handle, { world, judge }));
  await pass(world, schedule.quiet * MINUTE);
  await world.timeline.runUntilSettled(Promise.all(returning), HOUR);
  judge.requireServed(application.refusedMinutes(model.missedReads));
  const broken = judge.conclude();
  return { broken, world, judge, troubles, requestsInTrouble, application };
}

/** The shops of merchants whom nobody declared. */
async function expectAnybody({ hasNamesake }: OpenPlan, world: World): Promise<void> {
  const [namesake] = MERCHANTS;
  openShops(world, MERCHANTS);
  if (!hasNamesake) return;
  const shop = shopOf(`${namesake}-outlet`);
  const declared = world.declare(namesake, { kind: "offline-expiring", shop });
  await world.timeline.runUntilSettled(declared, HOUR);
}

/** Everybody who came by himself and did not leave after it wants the app. */
function whoReturns({ happenings, open }: Schedule): string[] {
  if (open === undefined) return [];
  const wanting = new Set<string>();
  for (const doing of happenings) {
    if (doing.does === "come") wanting.add(merchantOf(doing.merchant));
    if (doing.does === "leave") wanting.delete(merchantOf(doing.merchant));
    if (doing.does !== "many come") continue;
    for (let index = 0; index < doing.merchants; index += 1) wanting.add(merchantOf(index));
  }
  return [...wanting];
}

function heldFor({ amid }: Schedule, scene: Scene): Held | undefined {
  return amid && { after: amid.after, act: () => act(amid.doing, scene) };
}

const pass = (world: World, milliseconds: number): Promise<void> =>
  world.timeline.runUntil(world.timeline.now + milliseconds);

/** A store as its people have set it up before anything happens. */
async function settle(
  key: string,
  { kind, hasValue, isRotated }: StorePlan,
  at: { readonly world: World; readonly judge: Judge },
): Promise<void> {
  const { world } = at;
  await world.declare(key, { kind });
  const on = { clientId: CLIENT_ID, shop: shopOf(key) };
  const isApproved = kind === "offline" || kind === "offline-expiring";
  if (!isApproved) world.shopify.control.install(on);
  if (!hasValue) {
    // An enrolment that has nothing to ask a merchant for would give it its value.
    if (isApproved) await world.enrol(key);
    if (isRotated) await world.scheduleRotation(key);
    return;
  }
  if (kind === "custom-app") {
    const { accessToken } = world.shopify.control.issueToken({ ...on, kind });
    await world.enrol(key, { accessToken });
    return;
  }
  await world.enrol(key);
  if (isApproved) await approve(key, { thinksMs: 3_000, reloads: 0 }, at);
  if (isRotated) await world.scheduleRotation(key);
}

/** People put right what people have done, and nothing stands in the way any more. */
async function calm(world: World): Promise<void> {
  clearTheWay(world);
  await mendKeys(world);
  const newest = world.clientSecrets.at(-1);
  if (newest !== undefined && world.clientSecret !== newest) await world.putAppSecret(newest);
}

/** What people do to a store that may cost it its token for a while, whatever the product does. */
const HARMFUL: ReadonlySet<Happening["does"]> = new Set([
  "wrong client secret",
  "revoke old client secrets",
  "uninstall",
  "freeze",
  "lock",
  "block address",
  "move clock",
  "roll back",
  "put",
  "stop sweeps",
  "disable the key",
  "delete the key",
  "revoke the key",
  "leave",
] as const);

/** One scheduled attempt of the sweep, with the time that it takes. */
const ONE_ATTEMPT_MINUTES = 11.5;

function measureOf(schedule: Schedule): Measure {
  const { strikes, amid, storm, happenings, graceMinutes, shopify } = schedule;
  const pairMinutes = graceMinutes ?? ONE_ATTEMPT_MINUTES;
  const doings = amid === undefined ? happenings : [...happenings, amid.doing];
  const troubles = strikes.length + (amid === undefined ? 0 : 1);
  const isClear = storm === undefined && troubles <= 1;
  const isHarmless = doings.every(({ does }) => !HARMFUL.has(does));
  const isOnlySlow = strikes.every(({ trouble }) => trouble.startsWith("late by "));
  // Whoever is killed with a new token in hand has ended the one that applications read, and nobody can know.
  const mayDieUnseen = shopify.clientCredentialsOverlap === "old-dies" && troubles > 0;
  return {
    isStrict: isClear && isHarmless,
    isClear: isClear && !mayDieUnseen,
    isUntroubled: storm === undefined && isOnlySlow && isHarmless,
    // A read in a storm may lag whatever the world's own lag is, and a strike may be such a read.
    listLagMs: isClear && strikes.length === 0 ? (schedule.listLagMs ?? 0) : 5 * MINUTE,
    isGracious: graceMinutes !== undefined,
    graceMs: (kind) =>
      kind === "client-credentials" && graceMinutes === undefined && schedule.signs !== "public"
        ? 9.5 * HOUR
        : pairMinutes * MINUTE,
  };
}
