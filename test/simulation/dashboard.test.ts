import { alarmsOf } from "../../contract/alarms";
import { FUNCTION_ROLES, type FunctionRole, logGroupName } from "../../contract/names";
import { cloudWatchDashboardOf, type Widget } from "../../infra/dashboard/cloudwatch";
import { type DrawnLine, drawMetrics, type WidgetMetric } from "../../local/alarms/answer-widget";
import { evaluateAlarm } from "../../local/alarms/evaluate-alarm";
import { answerQuery, type Row } from "../../local/alarms/insights";
import { errorsIn, type LogLine, metricsIn } from "../../local/alarms/metric-points";
import { Scheduler } from "./actors/scheduler";
import { buildProduct } from "./functions/bundles";
import { CLIENT_ID, HOUR, PREFIX, shopOf } from "./stage";
import { World } from "./world";

const PLACE = { partition: "aws", region: "us-east-1", accountId: "123456789012" };
const BODY = cloudWatchDashboardOf({ place: PLACE, prefix: PREFIX, functions: FUNCTION_ROLES });

/** A fleet of three in a simulated account, and what its dashboard would show. */
class Watched {
  readonly world: World;
  readonly lines: LogLine[] = [];
  #schedule: Scheduler | undefined;

  private constructor(world: World) {
    this.world = world;
    world.output.onLine = (text) => {
      const at = world.awsClock();
      const logGroup = logGroupName(PREFIX, functionOf(text));
      this.lines.push({ logGroup, at, text });
    };
  }

  static async begin(): Promise<Watched> {
    const world = new World({ seed: 23, product: await buildProduct() });
    const watched = new Watched(world);
    await watched.until(async () => {
      await world.open();
      for (const key of ["acme", "borealis", "cedar"]) {
        await world.declare(key, { kind: "client-credentials" });
        world.shopify.control.install({ shop: shopOf(key), clientId: CLIENT_ID });
        await world.enrol(key);
      }
    });
    return watched;
  }

  async until(work: () => Promise<unknown>): Promise<void> {
    await this.world.timeline.runUntilSettled(work(), HOUR);
  }

  /** Lets hours pass, with a sweep every ten minutes or without. */
  async pass(hours: number, isSwept = true): Promise<void> {
    this.#schedule ??= new Scheduler(this.world);
    this.#schedule.isOn = isSwept;
    await this.world.timeline.runUntil(this.world.timeline.now + hours * HOUR);
  }

  /** The lines of a picture over the last hour, by their labels. */
  drawn(title: string): Readonly<Record<string, DrawnLine["values"]>> {
    const { properties } = widgetOf(title);
    const to = this.world.awsClock();
    const points = this.lines.flatMap((line) => [...metricsIn(line), ...errorsIn(line)]);
    const lines = drawMetrics(properties["metrics"] as readonly WidgetMetric[], points, {
      from: to - HOUR,
      to,
      periodSeconds: Number(properties["period"]),
    });
    return Object.fromEntries(lines.map(({ label, values }) => [label, values]));
  }

  answered(title: string): readonly Row[] {
    return answerQuery(String(widgetOf(title).properties["query"]), this.lines);
  }

  writes(): number {
    return this.lines.flatMap(metricsIn).filter(({ metricName }) => metricName === "SecretWrites")
      .length;
  }

  firing(): string[] {
    const points = this.lines.flatMap((line) => [...metricsIn(line), ...errorsIn(line)]);
    const now = this.world.awsClock();
    return alarmsOf(PREFIX, FUNCTION_ROLES)
      .filter((alarm) => evaluateAlarm(alarm, { points, now, state: "OK" }) === "ALARM")
      .map(({ key }) => key);
  }
}

/** A line of the fleet's metrics names no function: the sweep writes it. */
function functionOf(text: string): FunctionRole {
  const [, name] = /"function":"(\w+)"/.exec(text) ?? [];
  return FUNCTION_ROLES.find((role) => role === name) ?? "sweep";
}

function widgetOf(title: string): Widget {
  const found = BODY.widgets.find(({ properties }) => properties["title"] === title);
  if (found === undefined) throw new Error(`the dashboard has no picture "${title}"`);
  return found;
}

const last = (values: DrawnLine["values"] | undefined): number | undefined =>
  values?.filter((value) => value !== undefined).at(-1);

const NOW = "Stores now, by state";
const ENDS = "Seconds to the soonest end of a token";
const SWEEP = "The sweep: renewals of a pass, and its heartbeat";
const REFUSALS = "Refusals of Shopify's token endpoint, by code";
/** What shares Secrets Manager's quota of writes; tags have one of their own. */
const COUNTED = ["PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage"];
const ERRORS = "The last errors, and what they are called";

describe("what the dashboard shows of a fleet", () => {
  test("that is well: every store ok, a pass in each period, no refusal and no error", async () => {
    const watched = await Watched.begin();
    await watched.pass(10);
    expect(last(watched.drawn(NOW)["ok"])).toBe(3);
    expect(last(watched.drawn(NOW)["dead"])).toBe(0);
    expect(last(watched.drawn(ENDS)["access token"])).toBeGreaterThan(6 * 3_600);
    expect(watched.drawn(SWEEP)["passes"]?.slice(0, -1)).not.toContain(undefined);
    expect(watched.answered(REFUSALS)).toEqual([]);
    expect(watched.answered(ERRORS)).toEqual([]);
    expect(watched.firing()).toEqual([]);
  });

  test("of which one store is dying: how many, until when, its code and its name", async () => {
    const watched = await Watched.begin();
    await watched.pass(1);
    watched.world.shopify.control.changeShop({ shop: shopOf("borealis"), state: "frozen" });
    await watched.pass(20);
    expect(last(watched.drawn(NOW)["ok"])).toBe(2);
    const { failing, dead } = watched.drawn(NOW);
    expect((last(failing) ?? 0) + (last(dead) ?? 0)).toBe(1);
    expect(watched.answered(REFUSALS)).toEqual(
      expect.arrayContaining([expect.objectContaining({ store: "borealis" })]),
    );
    expect(watched.answered(ERRORS)[0]).toMatchObject({ store: "borealis" });
    expect(watched.firing()).toContain("token-near-end");
  });

  test("whose sweep is silent: its heartbeat stops, and nothing else looks well", async () => {
    const watched = await Watched.begin();
    await watched.pass(2);
    await watched.pass(2, false);
    expect(
      watched
        .drawn(SWEEP)
        ["passes"]?.slice(1)
        .every((value) => value === undefined),
    ).toBe(true);
    expect(last(watched.drawn(NOW)["ok"])).toBeUndefined();
    expect(watched.firing()).toEqual(["sweep-silent"]);
  });

  test("its writes are those that Secrets Manager got of the functions", async () => {
    const watched = await Watched.begin();
    const { network } = watched.world;
    const got: string[] = [];
    network.onRequest = ({ operation }) => void got.push(operation);
    const before = watched.writes();
    await watched.pass(18);
    expect(got.filter((operation) => COUNTED.includes(operation)).length).toBeGreaterThan(5);
    expect(watched.writes() - before).toBe(got.filter((one) => COUNTED.includes(one)).length);
  });
});
