import { AwsClient, type AwsService } from "./aws/aws-client";
import { buildProduct } from "./functions/bundles";
import { SimulatedProcess } from "./functions/process";
import { Network } from "./network";
import { scheduleOf } from "./schedule";
import { live } from "./simulation";
import { Chance } from "./time/chance";
import { Timeline } from "./time/timeline";

/** A client of AWS over a network whose first request never gets an answer. */
function clientWhoseFirstRequestHangs(requestHandler: object) {
  const timeline = new Timeline();
  const network = new Network(timeline, new Chance(1));
  network.plan = () => (network.requests === 1 ? { reply: "never" } : undefined);
  const process = new SimulatedProcess({
    part: "sweep",
    timeline,
    wallClock: () => timeline.now,
    env: {},
    random: () => 0.5,
    write: () => undefined,
  });
  const serve: AwsService = async () => ({ output: { isAnswered: true } });
  const client = new AwsClient(
    { process, network, service: "secrets-manager", serve },
    { maxAttempts: 2, requestHandler },
  );
  return { client, timeline, network };
}

const COMMAND = { input: {} };
const HOUR = 3_600_000;

describe("the simulated client of AWS does as the SDK's does", () => {
  test("a request that is not answered is waited for for ever, whatever its time-out says", async () => {
    const { client, timeline, network } = clientWhoseFirstRequestHangs({ requestTimeout: 6_000 });
    let isOver = false;
    void client.send(COMMAND).finally(() => {
      isOver = true;
    });
    await timeline.runUntil(HOUR);
    expect(isOver).toBe(false);
    expect(network.requests).toBe(1);
  });

  test("with throwOnRequestTimeout it is given up at its time-out, and tried again", async () => {
    const requestHandler = { requestTimeout: 6_000, throwOnRequestTimeout: true };
    const { client, timeline, network } = clientWhoseFirstRequestHangs(requestHandler);
    const answer = await timeline.runUntilSettled(client.send(COMMAND), HOUR);
    expect(answer).toMatchObject({ isAnswered: true });
    expect(network.requests).toBe(2);
    expect(timeline.now).toBeGreaterThan(6_000);
    expect(timeline.now).toBeLessThan(7_000);
  });

  test("a signal ends it at once, and nothing is tried again", async () => {
    const { client, timeline, network } = clientWhoseFirstRequestHangs({ requestTimeout: 6_000 });
    const abort = new AbortController();
    timeline.after(1_000, () => abort.abort());
    const sent = client.send(COMMAND, { abortSignal: abort.signal });
    await expect(timeline.runUntilSettled(sent, HOUR)).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(timeline.now).toBe(1_000);
    expect(network.requests).toBe(1);
  });
});

describe("a schedule", () => {
  test.each(["trouble", "storm"] as const)(
    "of the kind %s is lived the same way each time",
    async (kind) => {
      const product = await buildProduct();
      const schedule = scheduleOf(kind, 11);
      const lives = [await live(schedule, product), await live(schedule, product)];
      const [one, other] = lives.map(({ world, troubles }) => ({
        lines: world.output.lines.filter((line) => !line.includes("cookie")),
        requests: world.network.requests,
        endedAt: world.timeline.now,
        seen: troubles.seen,
      }));
      expect(one).toEqual(other);
      expect(one?.requests).toBeGreaterThan(30);
    },
  );
});
