import { createRotationMemory } from "../../lambda/engine/memory";
import type { LogFields } from "../../lambda/log";
import { createLog } from "../../lambda/log";
import { answerStep } from "../../lambda/rotate/dispatch";
import { ROTATION_STEPS } from "../../lambda/rotate/event";
import { HOUR, MINUTE } from "../simulation/stage";
import { StoreStand } from "./stand/store-stand";

const ANY_ID = expect.stringMatching(/^[\w-]+$/);

function lineOf(world: StoreStand, event: string): LogFields {
  const lines = world.lines.map((line) => JSON.parse(line) as LogFields);
  return lines.findLast((line) => line["event"] === event) ?? {};
}

/** The rotate function over a world, with what Secrets Manager delivered last. */
async function answering(world: StoreStand): Promise<(Step: string) => Promise<LogFields>> {
  const memory = createRotationMemory();
  const log = createLog((line) => world.lines.push(line), { function: "rotate" });
  const context = { getRemainingTimeInMillis: () => 30_000 };
  const [delivery] = world.deliveries.slice(-1);
  return async (Step) => {
    const createDeps = () => world.deps();
    const event = { ...delivery, Step };
    await answerStep(event, { createDeps, memory }, { context, log }).catch(() => undefined);
    return lineOf(world, "rotation.step");
  };
}

/** A world in which Secrets Manager waits for the steps of a rotation. */
async function inRotation(): Promise<StoreStand> {
  const world = await StoreStand.create({ kind: "client-credentials" });
  await world.scheduleRotation();
  world.clock.now += 7 * HOUR;
  world.plan = () => "killed_before";
  await world.rotateNow();
  world.plan = () => undefined;
  return world;
}

describe("the line of a rotation step", () => {
  test("tells store, version, outcome, Shopify's request and how often it was asked", async () => {
    const world = await inRotation();
    const step = await answering(world);
    world.shopify.control.break({ on: "token-endpoint", answer: 503, times: 1 });
    expect(await step("createSecret")).toEqual({
      level: "info",
      event: "rotation.step",
      function: "rotate",
      step: "createSecret",
      secret_arn: world.arn,
      version_id: ANY_ID,
      store: "acme",
      outcome: "stored",
      shopify_calls: 3,
      shopify_request_id: ANY_ID,
      duration_ms: expect.any(Number),
    });
    const outcomes: unknown[] = [];
    for (const name of ROTATION_STEPS.slice(1)) outcomes.push((await step(name))["outcome"]);
    expect(outcomes).toEqual(["nothing_to_set", "works", "promoted"]);
  });

  test("of a failure tells the code as well", async () => {
    const world = await inRotation();
    world.shopify.control.break({ on: "token-endpoint", answer: 402 });
    expect(await (await answering(world))("createSecret")).toMatchObject({
      level: "error",
      store: "acme",
      outcome: "failed",
      code: "shop_frozen",
      shopify_calls: 1,
      shopify_request_id: ANY_ID,
      duration_ms: expect.any(Number),
    });
  });
});

test("the line of a direct renewal tells the same", async () => {
  const world = await StoreStand.create({ kind: "offline-expiring" });
  world.clock.now += 31 * MINUTE;
  await world.renew();
  expect(lineOf(world, "rotation.promoted")).toEqual({
    level: "info",
    event: "rotation.promoted",
    version_id: ANY_ID,
    outcome: "promoted",
    checked: "ok",
    shopify_calls: 2,
    shopify_request_id: ANY_ID,
    duration_ms: 0,
  });
});
