import { createHash } from "node:crypto";
import type { ListRun, ListRunsPort, MapRun, StoredList } from "../../cli/aws/ports";
import type { ListFailure } from "../../contract/listed/list-steps";
import { encodeListedStore, encodeListHead } from "../../contract/listed/listed-store";
import type { MachineWave } from "../../contract/listed/wave-run";
import { type EpochMs, later, SECOND_MS } from "../../contract/time";

/** A run as the state machine knows it. */
interface FakeRun {
  readonly arn: string;
  readonly input: { readonly listEtag?: string; readonly waves?: readonly MachineWave[] };
  run: ListRun;
  maps: readonly MapRun[];
}

/** When runs begin by AWS's clock, whatever a terminal's says. */
export const RUNS_BEGIN = Date.UTC(2026, 0, 1) as EpochMs;

/** A map of so many stores that came to its end. */
export function mapOf(counts: Partial<MapRun> = {}): MapRun {
  const { total = 10, failed = 0 } = counts;
  return {
    mapRunArn: "map",
    concurrency: 20,
    total,
    succeeded: total - failed,
    failed,
    running: 0,
    aborted: 0,
    beganAt: RUNS_BEGIN,
    redrivenAt: undefined,
    ...counts,
  };
}

/** The runs of a list's state machine, each of which does in one step what a test says. */
export class FakeListRuns implements ListRunsPort {
  readonly begun: FakeRun[] = [];
  list = encodeListHead({
    prefix: "shopify/prod",
    tags: {},
    recoveryWindowDays: 30,
    retireAtMost: 10,
  });
  /** When the list was uploaded. */
  changedAt = later(RUNS_BEGIN, -SECOND_MS);
  /** Why stores failed, and when that was noted. Default: a second after the run began. */
  failing: (ListFailure & { readonly at?: EpochMs })[] = [];
  /** What becomes of a run at each look. */
  onLook: (run: FakeRun) => void = (run) => this.end(run, "SUCCEEDED");
  concurrency = 20;

  /** Uploads the list with a store more. */
  addStore(store: Parameters<typeof encodeListedStore>[0]): void {
    this.list += `\n${encodeListedStore(store)}`;
  }

  end(run: FakeRun, status: string, error?: string): void {
    run.run = { ...run.run, status, error };
    run.maps = [mapOf({ failed: this.failing.length, concurrency: this.concurrency })];
  }

  #run(arn: string): FakeRun {
    const found = this.begun.find((run) => run.arn === arn);
    if (found === undefined) throw new Error(`no run ${arn}`);
    return found;
  }

  async start(_machine: string, name: string, input: FakeRun["input"]): Promise<string> {
    const arn = `run-${this.begun.length + 1}`;
    const { listEtag, waves } = input;
    const about = { listEtag, beganAt: RUNS_BEGIN, waves };
    const run = { name, status: "RUNNING", error: undefined, cause: undefined, ...about };
    this.begun.push({ arn, input, run, maps: [] });
    return arn;
  }

  async latest(): Promise<string | undefined> {
    return this.begun.at(-1)?.arn;
  }

  async look(arn: string): Promise<ListRun> {
    const run = this.#run(arn);
    const { run: seen } = run;
    if (seen.status === "RUNNING") this.onLook(run);
    return seen;
  }

  async mapRuns(arn: string): Promise<readonly MapRun[]> {
    return this.#run(arn).maps;
  }

  /** What a stop leaves of the maps; default: they came to their end before it. */
  stopped: readonly MapRun[] | undefined;

  async stop(arn: string): Promise<void> {
    const run = this.#run(arn);
    this.end(run, "ABORTED");
    if (this.stopped !== undefined) run.maps = this.stopped;
  }

  async redrive(arn: string): Promise<void> {
    const run = this.#run(arn);
    run.run = { ...run.run, status: "RUNNING", error: undefined, cause: undefined };
  }

  async setConcurrency(_arn: string, stores: number): Promise<void> {
    this.concurrency = stores;
  }

  async readList(): Promise<string> {
    return `${this.list}\n`;
  }

  async lookAtList(): Promise<StoredList> {
    const etag = `"${createHash("md5").update(this.list).digest("hex")}"`;
    return { etag, changedAt: this.changedAt };
  }

  readonly work = new Map<string, string>();

  async writeWork(_bucket: string, key: string, text: string): Promise<void> {
    this.work.set(key, text);
  }

  async failures(
    _bucket: string,
    _run: string,
    stands: (at: EpochMs) => boolean,
  ): Promise<readonly ListFailure[]> {
    return this.failing.filter(({ at = later(RUNS_BEGIN, SECOND_MS) }) => stands(at));
  }
}
