import type { AwsAnswer, AwsService } from "../aws/aws-client";
import { answerOfLie, isStale } from "../aws/lies";
import type { Chance } from "../time/chance";
import type { Planned, Timeline } from "../time/timeline";
import type { Part } from "./bundles";
import type { SimulatedProcess } from "./process";

/** A function as infra makes it. */
export interface FunctionShape {
  readonly part: Part;
  /** Its time-out, in milliseconds. */
  readonly limitMs: number;
}

/** The functions by the last word of their names, with the time-outs of infra/components. */
export const FUNCTIONS = {
  rotate: { part: "rotate", limitMs: 60_000 },
  enrol: { part: "enrol", limitMs: 120_000 },
  sweep: { part: "sweep", limitMs: 540_000 },
  install: { part: "install", limitMs: 29_000 },
  work: { part: "sweep-queue", limitMs: 60_000 },
} as const satisfies Record<string, FunctionShape>;

export type FunctionName = keyof typeof FUNCTIONS;

/** A running process of a function and its handler. */
export interface Container {
  readonly process: SimulatedProcess;
  readonly handler: (event: unknown, context: object) => Promise<unknown>;
}

/** How an invocation ended, as its caller learns it. */
export type Ended =
  | { readonly result: unknown; readonly error?: never }
  | { readonly error: FunctionError; readonly result?: never };

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
}

/** An invocation for those who watch. */
export interface Invocation {
  readonly name: FunctionName;
  readonly event: unknown;
  readonly startedAt: number;
  readonly process: SimulatedProcess;
}

interface Idle {
  readonly container: Container;
  /** When it is thrown away, unless it is needed before. */
  readonly until: number;
}

/** How long a container is kept without work, in milliseconds: the least and the most. */
const KEPT_MS = [5 * 60_000, 45 * 60_000] as const;
const COLD_START_MS = [120, 900] as const;
const WARM_START_MS = [1, 15] as const;
/** How long an `Inactive` function takes to wake, in milliseconds (terraform-provider-aws #38082: 40 to 106 s). */
const AWAKENING_MS = [40_000, 106_000] as const;

/** Lambda: starts processes, keeps them frozen for the next invocation, and kills them at their time-out. */
export class LambdaService {
  /** Told when an invocation begins and when it has ended. */
  onBegun: (invocation: Invocation) => void = () => undefined;
  onEnded: (invocation: Invocation, ended: Ended) => void = () => undefined;
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #start: (name: FunctionName) => Container;
  readonly #idle = new Map<FunctionName, Idle[]>();
  readonly #asleep = new Set<FunctionName>();
  #invocations = 0;

  constructor(timeline: Timeline, chance: Chance, start: (name: FunctionName) => Container) {
    this.#timeline = timeline;
    this.#chance = chance;
    this.#start = start;
  }

  /** How many invocations were begun. */
  get invocations(): number {
    return this.#invocations;
  }

  /** No process outlives this: the next invocation of each function starts cold. */
  forget(): void {
    this.#idle.clear();
  }

  /** The function was idle for weeks: its next invocation fails, and wakes it. */
  fallAsleep(name: FunctionName): void {
    this.#asleep.add(name);
  }

  /** The API that callers use: `Invoke`, and what `doctor` asks. */
  readonly serve: AwsService = async ({ operation, input }, { lie, effect }) => {
    if (effect === "none") return answerOfLie(lie ?? "internal_error");
    const answer = await this.#answer(operation, input as InvokeInput);
    return lie === undefined || isStale(lie) ? answer : answerOfLie(lie);
  };

  async #answer(operation: string, input: InvokeInput): Promise<AwsAnswer> {
    const { FunctionName: whole = "", Payload, InvocationType } = input;
    const name = whole.slice(whole.lastIndexOf("-") + 1) as FunctionName;
    if (!(name in FUNCTIONS)) return refused("ResourceNotFoundException", 404);
    if (operation === "GetFunctionConfiguration") return { output: this.#facts(name) };
    if (operation !== "Invoke") return refused("ResourceNotFoundException", 404);
    if (InvocationType === "DryRun") return { output: {} };
    if (this.#wake(name)) return refused("CodeArtifactUserPendingException", 409);
    return {
      output: outputOf(await this.invoke(name, JSON.parse(new TextDecoder().decode(Payload)))),
    };
  }

  /** Runs a function and waits for its end. */
  async invoke(name: FunctionName, event: unknown): Promise<Ended> {
    if (this.#wake(name)) {
      return { error: { errorType: "CodeArtifactUserPendingException", errorMessage: "asleep" } };
    }
    const warm = this.#takeIdle(name);
    const container = warm ?? this.#start(name);
    const { process } = container;
    await this.#timeline.sleep(this.#chance.between(...wayIn(warm)));
    this.#invocations += 1;
    const invocation = { name, event, startedAt: this.#timeline.now, process };
    this.onBegun(invocation);
    process.work += 1;
    process.thaw();
    const ended = await this.#run(container, name, event);
    this.onEnded(invocation, ended);
    if (process.isAlive) this.#keep(name, container);
    return ended;
  }

  /** Whether the function slept until now. */
  #wake(name: FunctionName): boolean {
    if (!this.#asleep.has(name)) return false;
    const [least, most] = AWAKENING_MS;
    this.#timeline.after(this.#chance.between(least, most), () => this.#asleep.delete(name));
    return true;
  }

  #facts(name: FunctionName): object {
    const State = this.#asleep.has(name) ? "Inactive" : "Active";
    return { State, LastUpdateStatus: "Successful", Environment: { Variables: {} } };
  }

  #takeIdle(name: FunctionName): Container | undefined {
    const idle = this.#idle.get(name) ?? [];
    while (idle.length > 0) {
      const last = idle.pop();
      // A process may be killed by what was still on its way when it answered.
      const isThere = last?.container.process.isAlive;
      if (isThere && last.until > this.#timeline.now) return last.container;
    }
    return undefined;
  }

  #keep(name: FunctionName, container: Container): void {
    container.process.freeze();
    const until = this.#timeline.now + this.#chance.between(...KEPT_MS);
    const idle = this.#idle.get(name) ?? [];
    idle.push({ container, until });
    this.#idle.set(name, idle);
  }

  #run({ process, handler }: Container, name: FunctionName, event: unknown): Promise<Ended> {
    const endsAt = this.#timeline.now + FUNCTIONS[name].limitMs;
    const context = {
      awsRequestId: `invocation-${this.#invocations}`,
      getRemainingTimeInMillis: () => Math.max(0, Math.floor(endsAt - this.#timeline.now)),
    };
    return new Promise((resolve) => {
      let limit: Planned | undefined;
      const end = (ended: Ended) => {
        limit?.cancel();
        process.onKilled = () => undefined;
        resolve(ended);
      };
      process.onKilled = () => end({ error: EXITED });
      limit = this.#timeline.at(endsAt, () => {
        end({ error: TIMED_OUT });
        process.kill();
      });
      // Out of Lambda's own runtime the handler sees a copy of the event, and the caller one of the result.
      handler(JSON.parse(JSON.stringify(event)), context).then(
        (result) => process.isAlive && end({ result: JSON.parse(JSON.stringify(result ?? null)) }),
        (error: unknown) => process.isAlive && end({ error: shown(error) }),
      );
    });
  }
}

export const TIMED_OUT: FunctionError = {
  errorType: "Sandbox.Timedout",
  errorMessage: "Task timed out",
};
const EXITED: FunctionError = { errorType: "Runtime.ExitError", errorMessage: "Runtime exited" };

const wayIn = (warm: Container | undefined): readonly [number, number] =>
  warm === undefined ? COLD_START_MS : WARM_START_MS;

interface InvokeInput {
  readonly FunctionName?: string;
  readonly Payload?: Uint8Array;
  readonly InvocationType?: string;
}

function outputOf(ended: Ended): object {
  const encoded = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return ended.error === undefined
    ? { StatusCode: 200, Payload: encoded(ended.result) }
    : { StatusCode: 200, FunctionError: "Unhandled", Payload: encoded(ended.error) };
}

function refused(code: string, httpStatus: number): AwsAnswer {
  return { refusal: { code, message: code, httpStatus } };
}

/** What the runtime tells of a handler's error. */
function shown(error: unknown): FunctionError {
  const { name = "Error", message = "" } = error as { name?: string; message?: string };
  return { errorType: name, errorMessage: message };
}
