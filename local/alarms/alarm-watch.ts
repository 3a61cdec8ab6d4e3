import type { AlarmDefinition } from "../../contract/alarms";
import { type AlarmState, evaluateAlarm } from "./evaluate-alarm";
import { errorsIn, type LogLine, type MetricPoint, metricsIn } from "./metric-points";

/** A change of an alarm's state. */
export interface AlarmTurn {
  readonly alarm: AlarmDefinition;
  readonly from: AlarmState;
  readonly to: AlarmState;
  /** Epoch ms. */
  readonly at: number;
}

/** Where the alarms and the logs of a world are. */
export interface AlarmSources {
  readonly alarms: () => Promise<readonly AlarmDefinition[]>;
  /** Every line so far; lines that were there before may come again. */
  readonly lines: () => Promise<readonly LogLine[]>;
}

/** CloudWatch's alarms in a world: looks at the functions' logs when told to, and remembers each alarm's state. */
export class AlarmWatch {
  readonly #sources: AlarmSources;
  readonly #states = new Map<string, AlarmState>();

  constructor(sources: AlarmSources) {
    this.#sources = sources;
  }

  /** Evaluates every alarm at a time of the world; returns those whose state changed. */
  async evaluate(now: number): Promise<AlarmTurn[]> {
    const lines = await this.#sources.lines();
    const points: MetricPoint[] = lines.flatMap((line) => [...metricsIn(line), ...errorsIn(line)]);
    const turns: AlarmTurn[] = [];
    for (const alarm of await this.#sources.alarms()) {
      const from = this.stateOf(alarm.name);
      const to = evaluateAlarm(alarm, { points, now, state: from });
      this.#states.set(alarm.name, to);
      if (to !== from) turns.push({ alarm, from, to, at: now });
    }
    return turns;
  }

  /** An alarm begins without data. */
  stateOf(alarmName: string): AlarmState {
    return this.#states.get(alarmName) ?? "INSUFFICIENT_DATA";
  }

  /** The keys of the alarms that are on. */
  async firing(): Promise<string[]> {
    const alarms = await this.#sources.alarms();
    return alarms.filter(({ name }) => this.stateOf(name) === "ALARM").map(({ key }) => key);
  }
}
