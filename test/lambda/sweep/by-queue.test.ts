import { QUEUE_WRITES_A_SECOND, WORKERS } from "../../../contract/capacity";
import type { SweepResult } from "../../../contract/sweep";
import { encodeWorkOrder, parseWorkBatch } from "../../../contract/work-order";
import { dispatch } from "../../../lambda/sweep/dispatch";
import type { DelayedOrder, OrderQueue } from "../../../lambda/sweep/order-queue";
import { createOrderQueue } from "../../../lambda/sweep/order-queue";
import { workOff } from "../../../lambda/sweep/worker";
import { LONGEST_LIST_LAG_MS } from "../../../local/secrets-manager";
import { DAY, HOUR, MINUTE } from "../../simulation/stage";
import { FleetStand } from "../stand/fleet-stand";
import { Invocation } from "../stand/stand";

const PAIR = { kind: "offline-expiring" } as const;

/** A queue that keeps what it is sent, and takes as many orders as it is told to. */
class KeptOrders implements OrderQueue {
  readonly orders: DelayedOrder[] = [];
  takes = Number.POSITIVE_INFINITY;
  failsWith: Error | undefined;

  send = async (orders: readonly DelayedOrder[]): Promise<readonly DelayedOrder[]> => {
    if (this.failsWith !== undefined) throw this.failsWith;
    this.orders.push(...orders.slice(0, this.takes));
    return orders.slice(this.takes);
  };

  take(): DelayedOrder[] {
    return this.orders.splice(0);
  }
}

const eventOf = (bodies: readonly string[]) => ({
  Records: bodies.map((body, at) => ({ messageId: `m${at}`, body, eventSource: "aws:sqs" })),
});

async function passOver(world: FleetStand, orderQueue: OrderQueue): Promise<SweepResult> {
  return (await dispatch({ action: "sweep" }, { ...world.deps(), orderQueue })) as SweepResult;
}

async function work(world: FleetStand, orders: readonly DelayedOrder[]) {
  const delivered = parseWorkBatch(eventOf(orders.map(encodeWorkOrder))) ?? [];
  return await workOff(delivered, world.deps());
}

async function fleetOf(stores: number): Promise<FleetStand> {
  const world = await FleetStand.create();
  for (let at = 0; at < stores; at += 1) await world.add(`store-${at}`, PAIR);
  await world.sweep();
  return world;
}

test("a pass over a fleet in order sends nothing, and says that it passed", async () => {
  const world = await fleetOf(3);
  const queue = new KeptOrders();
  expect(await passOver(world, queue)).toMatchObject({ stores: 3, left: 0, renewed: 0 });
  expect(queue.take()).toEqual([]);
  expect(world.metrics.at(-1)).toMatchObject({ SweepHeartbeat: 1, StoresOk: 3 });
  expect((await world.factsOf("store-0")).tags["swept-at"]).toBeDefined();
});

test("what is due is sent, writes nothing at the pass, and is renewed by the worker once", async () => {
  const world = await fleetOf(3);
  world.clock.now += 31 * MINUTE;
  const queue = new KeptOrders();
  world.calls.length = 0;
  expect(await passOver(world, queue)).toMatchObject({ stores: 3, sent: 3, left: 0, renewed: 0 });
  expect(world.calls.map(({ operation }) => operation)).not.toContain("PutSecretValue");
  const orders = queue.take();
  expect(orders.map(({ delaySeconds }) => delaySeconds)).toEqual([0, 1, 1]);
  const before = await world.currentOf("store-1");
  expect(await work(world, orders)).toEqual({ batchItemFailures: [] });
  const after = await world.currentOf("store-1");
  expect(after.versionId).not.toBe(before.versionId);
  expect(world.metrics.at(-1)).toMatchObject({ RenewalsSucceeded: 3, RenewalsFailed: 0 });
  // A queue delivers at least once, and the next pass may have seen an old list.
  expect(await work(world, orders)).toEqual({ batchItemFailures: [] });
  expect((await world.currentOf("store-1")).versionId).toBe(after.versionId);
});

test("a store that is due between two passes is sent for the minute in which it is due", async () => {
  const world = await fleetOf(1);
  // Renewed at half of its hour, to the nearest pass: from 25 minutes on.
  world.clock.now += 20 * MINUTE;
  const queue = new KeptOrders();
  expect(await passOver(world, queue)).toMatchObject({ left: 0 });
  const [order] = queue.take();
  expect(order?.delaySeconds).toBe(5 * 60);
  world.clock.now += 5 * MINUTE - 1_000;
  const before = (await world.currentOf("store-0")).versionId;
  world.clock.now += 1_000;
  await work(world, order === undefined ? [] : [order]);
  expect((await world.currentOf("store-0")).versionId).not.toBe(before);
});

test("an order is over once the next pass has sent its own", async () => {
  const world = await fleetOf(1);
  world.clock.now += 31 * MINUTE;
  const queue = new KeptOrders();
  await passOver(world, queue);
  world.clock.now += 13 * MINUTE;
  world.calls.length = 0;
  expect(await work(world, queue.take())).toEqual({ batchItemFailures: [] });
  expect(world.calls).toEqual([]);
});

test("what the queue does not take is left, and the heartbeat says so", async () => {
  const world = await fleetOf(3);
  world.clock.now += 31 * MINUTE;
  const queue = new KeptOrders();
  queue.takes = 1;
  expect(await passOver(world, queue)).toMatchObject({ sent: 1, left: 2 });
  expect(world.metrics.at(-1)).toMatchObject({ SweepHeartbeat: 0 });
  queue.failsWith = new Error("no queue");
  expect(await passOver(world, queue)).toMatchObject({ left: 3 });
});

test("a worker gives back what it had no time for, and what it could not see", async () => {
  const world = await fleetOf(2);
  world.clock.now += 31 * MINUTE;
  const queue = new KeptOrders();
  await passOver(world, queue);
  const delivered = parseWorkBatch(eventOf(queue.take().map(encodeWorkOrder))) ?? [];
  const late = await workOff(delivered, world.deps(new Invocation(20_000)));
  expect(late.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(["m0", "m1"]);
  const deps = world.deps();
  const blind = { ...deps.secrets, under: () => blind } as typeof deps.secrets;
  Object.assign(blind, { describe: async () => Promise.reject(new Error("unseen")) });
  const unseen = await workOff(delivered, { ...deps, secrets: blind });
  expect(unseen.batchItemFailures).toHaveLength(2);
});

test("a list that is five minutes behind makes no orders for what was renewed since", async () => {
  const world = await FleetStand.create({}, { listLagMs: LONGEST_LIST_LAG_MS });
  for (let at = 0; at < 40; at += 1) await world.add(`store-${at}`, PAIR);
  world.clock.now += 30 * MINUTE;
  const queue = new KeptOrders();
  await passOver(world, queue);
  await work(world, queue.take());
  world.clock.now += 2 * MINUTE;
  expect(await passOver(world, queue)).toMatchObject({ stores: 40, left: 0 });
  expect(queue.take()).toEqual([]);
});

test("what a pass cannot look at is sent as it was listed", async () => {
  const world = await fleetOf(2);
  world.clock.now += 31 * MINUTE;
  const deps = world.deps();
  const blind = { ...deps.secrets, under: () => blind } as typeof deps.secrets;
  Object.assign(blind, { describe: async () => Promise.reject(new Error("unseen")) });
  const orderQueue = new KeptOrders();
  const swept = await dispatch({ action: "sweep" }, { ...deps, secrets: blind, orderQueue });
  expect(swept).toMatchObject({ sent: 2 });
});

test("a worker whose writes AWS throttles waits for its turn with the token in its hand", async () => {
  const world = await fleetOf(1);
  world.clock.now += 31 * MINUTE;
  const queue = new KeptOrders();
  await passOver(world, queue);
  let refused = 0;
  world.plan = ({ operation }) => {
    if (operation !== "PutSecretValue" || refused === 3) return undefined;
    refused += 1;
    return "throttled";
  };
  const before = (await world.currentOf("store-0")).versionId;
  world.calls.length = 0;
  await work(world, queue.take());
  expect(refused).toBe(3);
  expect((await world.currentOf("store-0")).versionId).not.toBe(before);
  // One refresh, and one try of what it brought.
  expect(world.calls.filter(({ target }) => target === "shopify")).toHaveLength(2);
});

test("what AWS keeps a worker from comes again before the next pass, and is done then", async () => {
  const world = await fleetOf(2);
  world.clock.now += 31 * MINUTE;
  const queue = new KeptOrders();
  await passOver(world, queue);
  const [refused, other] = ["store-0", "store-1"].map((key) => world.arnOf(key));
  world.plan = ({ operation, index }) => {
    if (operation !== "PutSecretValue") return undefined;
    const { SecretId } = (world.calls[index]?.input ?? {}) as { SecretId?: string };
    return SecretId === other ? undefined : "throttled";
  };
  const orders = queue.take();
  const before = await world.currentOf("store-0");
  const { batchItemFailures } = await work(world, orders);
  const at = orders.findIndex(({ secretArn }) => secretArn === refused);
  expect(batchItemFailures).toEqual([{ itemIdentifier: `m${at}` }]);
  world.plan = () => undefined;
  world.clock.now += 2 * MINUTE;
  expect(await work(world, orders)).toEqual({ batchItemFailures: [] });
  expect((await world.currentOf("store-0")).versionId).not.toBe(before.versionId);
});

test("a store that is gone, and a message that is no order, are done with", async () => {
  const world = await fleetOf(1);
  world.clock.now += 31 * MINUTE;
  const queue = new KeptOrders();
  await passOver(world, queue);
  const orders = queue.take();
  await world.model.handle("DeleteSecret", { SecretId: world.arnOf("store-0") });
  expect(await work(world, orders)).toEqual({ batchItemFailures: [] });
  const delivered = parseWorkBatch(eventOf(["{}", "no JSON", '{"secretArn":"x","until":1}']));
  expect(delivered?.map(({ order }) => order)).toEqual([undefined, undefined, undefined]);
  expect(await workOff(delivered ?? [], world.deps())).toEqual({ batchItemFailures: [] });
});

test("a worker tells people what the pass leaves to it", async () => {
  const world = await FleetStand.create();
  await world.add("static", { kind: "custom-app" });
  await world.sweep();
  world.shopify.control.revokeToken({
    accessToken: (await world.currentOf("static")).record.accessToken.unseal(),
  });
  const queue = new KeptOrders();
  for (let pass = 0; pass < 40 && world.notices.length === 0; pass += 1) {
    world.clock.now += HOUR;
    await passOver(world, queue);
    expect(world.notices).toEqual([]);
    await work(world, queue.take());
  }
  expect(world.notices.map(({ code }) => code)).toEqual(["token_dead"]);
});

test("a store that a person was told of takes no worker's turn until there is something to do", async () => {
  const world = await FleetStand.create();
  await world.add("static", { kind: "custom-app" });
  await world.sweep();
  const { record } = await world.currentOf("static");
  world.shopify.control.revokeToken({ accessToken: record.accessToken.unseal() });
  await world.pass(2 * DAY);
  expect(world.notices.map(({ code }) => code)).toEqual(["token_dead"]);
  const queue = new KeptOrders();
  await passOver(world, queue);
  expect(queue.take()).toEqual([]);
  expect(world.metrics.at(-1)).toMatchObject({ StaticTokensDead: 1, SweepHeartbeat: 1 });
  await world.put(world.arnOf("static"), await world.obtain("static", "custom-app"));
  await passOver(world, queue);
  expect(queue.take()).toHaveLength(1);
});

describe("the queue over SQS", () => {
  const order = (at: number) => ({
    secretArn: `arn:${at}` as never,
    until: 7 as never,
    delaySeconds: at,
  });

  test("takes ten orders a request, in their order, and names those that were not taken", async () => {
    const batches: { Id?: string; DelaySeconds?: number; MessageBody?: string }[][] = [];
    const send = async (command: { input: { Entries?: [] } }) => {
      batches.push(command.input.Entries ?? []);
      return { Failed: batches.length === 2 ? [{ Id: "1" }] : undefined };
    };
    const queue = createOrderQueue("https://queue", { send } as never);
    const orders = Array.from({ length: 23 }, (_, at) => order(at));
    const untaken = await queue.send(orders, new Invocation());
    expect(batches.map((batch) => batch.length)).toEqual([10, 10, 3]);
    expect(batches.flat().map(({ DelaySeconds }) => DelaySeconds)).toEqual(
      orders.map((_, at) => at),
    );
    expect(untaken.map(({ secretArn }) => secretArn)).toEqual(["arn:11"]);
  });

  test("what there was no time for was not taken", async () => {
    const queue = createOrderQueue("https://queue", { send: async () => ({}) } as never);
    expect(await queue.send([order(1), order(2)], new Invocation(0))).toHaveLength(2);
  });
});

test("an event that is none of a queue is left to the sweep", () => {
  expect(parseWorkBatch({ action: "sweep" })).toBeUndefined();
  expect(
    parseWorkBatch({ Records: [{ messageId: "m", body: "", eventSource: "aws:sns" }] }),
  ).toBeUndefined();
  expect(WORKERS * 5).toBeGreaterThan(QUEUE_WRITES_A_SECOND);
});
