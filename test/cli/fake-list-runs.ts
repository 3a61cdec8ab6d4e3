import type { ListRun, ListRunsPort, MapRun } from "../../cli/aws/ports";
import type { ListFailure } from "../../contract/listed/list-steps";
import { encodeListedStore, encodeListHead } from "../../contract/listed/listed-store";

/** A run as the state machine knows it. */
interface FakeRun {
  readonly arn: string;
  readonly input: object;
  run: ListRun;
  map: MapRun | undefined;
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
  failing: ListFailure[] = [];
  /** What becomes of a run at each look. */
  onLook: (run: FakeRun) => void = (run) => this.end(run, "SUCCEEDED");
  concurrency = 20;

  addStore(store: Parameters<typeof encodeListedStore>[0]): void {
    this.list += `\n${encodeListedStore(store)}`;
  }

  end(run: FakeRun, status: string, error?: string): void {
    run.run = { ...run.run, status, error };
    const failed = this.failing.length;
    const counts = { total: 10, succeeded: 10 - failed, failed, running: 0 };
    run.map = { mapRunArn: "map", concurrency: this.concurrency, ...counts };
  }

  #run(arn: string): FakeRun {
    const found = this.begun.find((run) => run.arn === arn);
    if (found === undefined) throw new Error(`no run ${arn}`);
    return found;
  }

  async start(_machine: string, name: string, input: object): Promise<string> {
    const arn = `run-${this.begun.length + 1}`;
    const run = { name, status: "RUNNING", error: undefined };
    this.begun.push({ arn, input, run, map: undefined });
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

  async mapRun(arn: string): Promise<MapRun | undefined> {
    return this.#run(arn).map;
  }

  async stop(arn: string): Promise<void> {
    this.end(this.#run(arn), "ABORTED");
  }

  async redrive(arn: string): Promise<void> {
    const run = this.#run(arn);
    run.run = { ...run.run, status: "RUNNING", error: undefined };
  }

  async setConcurrency(_arn: string, stores: number): Promise<void> {
    this.concurrency = stores;
  }

  async readList(): Promise<string> {
    return `${this.list}\n`;
  }

  readonly work = new Map<string, string>();

  async writeWork(_bucket: string, key: string, text: string): Promise<void> {
    this.work.set(key, text);
  }

  async failures(): Promise<readonly ListFailure[]> {
    return this.failing;
  }
}
