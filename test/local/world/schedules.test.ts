import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type EpochMs, MINUTE_MS } from "../../../contract/time";
import type { Front } from "../../../local/aws/front";
import { ClockDriver } from "../../../local/clock/driver";
import { WorldClock } from "../../../local/clock/world-clock";
import { fleetSchedules } from "../../../local/world/schedules";

const START = Date.UTC(2026, 10, 2, 12) as EpochMs;
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:shopify-dev-sweep";

/** As much of Lambda and the Scheduler as a schedule of one function needs. */
class Emulator {
  readonly runs: number[] = [];
  fails = true;
  retries: object | undefined;
  readonly clock = new WorldClock({ beginsAt: START, real: { now: () => START } });
  readonly #server: Server = createServer((request, response) => {
    const { status, headers = {}, body } = this.#answer(request);
    response.writeHead(status, headers);
    response.end(JSON.stringify(body));
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
    return {
      place: { region: "us-east-1", accountId: "000000000000" },
      emulatorUrl: () => `http://127.0.0.1:${port}`,
      calls: () => [],
      policies: () => ({ ask: async () => [{ allowed: true }] }),
    } as unknown as Front;
  }

  #answer({ url = "" }: IncomingMessage): {
    status: number;
    headers?: Record<string, string>;
    body: unknown;
  } {
    if (url.startsWith("/schedules?")) {
      return { status: 200, body: { Schedules: [{ Name: "sweep", GroupName: "default" }] } };
    }
    if (url.startsWith("/schedules/")) {
      const Target = { Arn: FUNCTION, RoleArn: "arn:aws:iam::000000000000:role/caller" };
      const Arn = "arn:aws:scheduler:us-east-1:000000000000:schedule/default/sweep";
      const ScheduleExpression = "rate(10 minutes)";
      const CreationDate = START / 1_000;
      return {
        status: 200,
        body: { Arn, Name: "sweep", ScheduleExpression, Target, CreationDate },
      };
    }
    if (url.endsWith("/event-invoke-config")) {
      return this.retries === undefined
        ? { status: 404, body: { Message: "none" } }
        : { status: 200, body: this.retries };
    }
    this.runs.push((this.clock.now() - START) / MINUTE_MS);
    return this.fails
      ? { status: 200, headers: { "x-amz-function-error": "Unhandled" }, body: { errorType: "E" } }
      : { status: 200, body: {} };
  }
}

let emulator: Emulator;
beforeEach(async () => {
  emulator = new Emulator();
  await emulator.start();
});
afterEach(() => emulator.stop());

const pass = async (minutes: number) => {
  const schedules = fleetSchedules(emulator.front, emulator.clock);
  await new ClockDriver(emulator.clock, [schedules]).advance(minutes * MINUTE_MS);
};

test("a rate without a start fires at once, and then at its period", async () => {
  emulator.fails = false;
  await pass(25);
  expect(emulator.runs).toEqual([0, 10, 20]);
});

test("what fails is run twice more by Lambda, after one minute and after two", async () => {
  await pass(9);
  expect(emulator.runs).toEqual([0, 1, 3]);
});

test("a function that asks for no retries gets none", async () => {
  emulator.retries = { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 300 };
  await pass(9);
  expect(emulator.runs).toEqual([0]);
});

test("a new one fires although nobody moves the clock, once", async () => {
  emulator.fails = false;
  const schedules = fleetSchedules(emulator.front, emulator.clock);
  await schedules.fireNew();
  await schedules.fireNew();
  expect(emulator.runs).toEqual([0]);
  await new ClockDriver(emulator.clock, [schedules]).advance(10 * MINUTE_MS);
  expect(emulator.runs).toEqual([0, 10]);
});
