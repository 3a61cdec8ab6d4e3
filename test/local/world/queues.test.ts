import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { MINUTE_MS } from "../../../contract/time";
import type { CallRecord } from "../../../local/aws/call-record";
import type { Front } from "../../../local/aws/front";
import { ClockDriver } from "../../../local/clock/driver";
import { WorldClock } from "../../../local/clock/world-clock";
import { instantOf } from "../../../local/world/begins";
import { awaitsQueueName, queuedMessages } from "../../../local/world/queues";

const START = instantOf("2026-11-02T12:00:00Z");

/** As much of the emulator as tells when messages are due; a function takes a few looks to be done with one. */
class Emulator {
  readonly clock = new WorldClock({ beginsAt: START, real: { now: () => START } });
  readonly dueAt: number[] = [];
  readonly delivered: number[] = [];
  asked = 0;
  calls: Partial<CallRecord>[] = [{ service: "sqs" }];
  #looks = 0;
  readonly #server: Server = createServer((_request, response) => {
    this.asked += 1;
    response.end(JSON.stringify(this.#answer()));
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get front(): Front {
    const { port } = this.#server.address() as AddressInfo;
    const emulatorUrl = () => `http://127.0.0.1:${port}`;
    return { emulatorUrl, calls: () => this.calls } as unknown as Front;
  }

  #answer() {
    const [next] = this.dueAt;
    const now = this.clock.now();
    if (next === undefined || next > now) return { dueAtMs: next ?? null, isBusy: false };
    this.#looks += 1;
    if (this.#looks % 3 === 0) this.delivered.push(((this.dueAt.shift() ?? 0) - START) / MINUTE_MS);
    return { dueAtMs: now, isBusy: true };
  }
}

let emulator: Emulator;
beforeEach(async () => {
  emulator = new Emulator();
  await emulator.start();
});
afterEach(() => emulator.stop());

test("the clock stops at each message, and waits until its function is done", async () => {
  emulator.dueAt.push(START + 5 * MINUTE_MS, START + 7 * MINUTE_MS, START + 20 * MINUTE_MS);
  const driver = new ClockDriver(emulator.clock, [queuedMessages(emulator.front)]);
  const ticks = await driver.advance(10 * MINUTE_MS);
  expect(emulator.delivered).toEqual([5, 7]);
  expect(ticks.map(({ at, source }) => [(at - START) / MINUTE_MS, source])).toEqual([
    [5, "message"],
    [7, "message"],
  ]);
  expect(emulator.clock.now()).toBe(START + 10 * MINUTE_MS);
});

test("a world in which nobody has spoken to SQS is not asked", async () => {
  emulator.calls = [{ service: "lambda" }];
  await expect(queuedMessages(emulator.front).nextDueAt()).resolves.toBeUndefined();
  expect(emulator.asked).toBe(0);
});

test("time passes only for whoever was refused a queue", () => {
  const call = { service: "sqs", operation: "CreateQueue", status: 400 } as CallRecord;
  expect(awaitsQueueName(call)).toBe(true);
  expect(awaitsQueueName({ ...call, status: 200 })).toBe(false);
  expect(awaitsQueueName({ ...call, operation: "SendMessage" })).toBe(false);
});
