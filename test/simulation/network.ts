import type { SimulatedProcess } from "./functions/process";
import type { Chance } from "./time/chance";
import type { Planned, Timeline } from "./time/timeline";

/** Whom a process calls. */
export type Service = "secrets-manager" | "kms" | "logs" | "sns" | "sqs" | "lambda" | "shopify";

/** One request that goes out. */
export interface Call {
  readonly process: SimulatedProcess;
  readonly service: Service;
  /** As in the API, such as `PutSecretValue`; of Shopify the path. */
  readonly operation: string;
  /** The same for all attempts at one send of a client. */
  readonly send: number;
}

/** What goes wrong with one request on its way, and how the service lies. */
export interface Trouble {
  /** What becomes of the request; default: it is carried out. */
  readonly effect?: "none" | "late";
  /** What becomes of the reply; default: it arrives. */
  readonly reply?: "refused" | "reset" | "never" | "not_even_connected" | "late";
  /** How late, in milliseconds. */
  readonly lateMs?: number;
  /** What it waits for before it is carried out, in place of a time. */
  readonly until?: Promise<unknown>;
  /** The process is killed before the request leaves, or when it has been carried out. */
  readonly kill?: "before" | "after";
  /** What is answered in place of the truth; the service knows the name. */
  readonly lie?: string;
}

/** Decides what happens to a request; undefined: nothing special. */
export type Plan = (call: Call) => Trouble | undefined;

/** What a client hears of its request. */
export interface Ear<T> {
  connected(): void;
  answered(answer: T): void;
  /** The connection failed, by Node's own code. */
  failed(code: "ECONNREFUSED" | "ECONNRESET"): void;
}

/** The service's side of a request. */
export type Serve<T> = (trouble: Trouble) => Promise<T>;

/** How long ways take, in milliseconds: the least and the most, one way. */
const WAYS: Readonly<Record<Service, readonly [number, number]>> = {
  "secrets-manager": [1, 20],
  kms: [1, 10],
  logs: [5, 60],
  sns: [2, 30],
  sqs: [2, 30],
  lambda: [2, 20],
  shopify: [15, 250],
};

/** Carries requests from processes to services and replies back, with everything that can go wrong. */
export class Network {
  plan: Plan = () => undefined;
  /** Told of each request as it leaves. */
  onRequest: (call: Call, trouble: Trouble | undefined) => void = () => undefined;
  /** How many requests there were. */
  requests = 0;
  #sends = 0;
  readonly #timeline: Timeline;
  readonly #chance: Chance;

  constructor(timeline: Timeline, chance: Chance) {
    this.#timeline = timeline;
    this.#chance = chance;
  }

  /** A number for the next send of a client. */
  nextSend(): number {
    this.#sends += 1;
    return this.#sends;
  }

  /** Sends one request; the function that comes back hangs up, which takes back nothing that was sent. */
  request<T>(call: Call, serve: Serve<T>, ear: Ear<T>): () => void {
    this.requests += 1;
    const planned = this.plan(call);
    this.onRequest(call, planned);
    const trouble = planned ?? {};
    if (trouble.kill === "before") {
      call.process.kill();
      return () => undefined;
    }
    const way = new Way(call, trouble, { timeline: this.#timeline, ear });
    const [least, most] = WAYS[call.service];
    const there = this.#chance.between(least, most);
    const back = this.#chance.between(least, most);
    way.go({ there, back, serve });
    return () => way.hangUp();
  }
}

interface Trip<T> {
  readonly there: number;
  readonly back: number;
  readonly serve: Serve<T>;
}

/** One request on its way. */
class Way<T> {
  readonly #call: Call;
  readonly #trouble: Trouble;
  readonly #timeline: Timeline;
  readonly #ear: Ear<T>;
  #connecting: Planned | undefined;
  #isHungUp = false;
  #hasLeft = false;

  constructor(
    call: Call,
    trouble: Trouble,
    by: { readonly timeline: Timeline; readonly ear: Ear<T> },
  ) {
    this.#call = call;
    this.#trouble = trouble;
    this.#timeline = by.timeline;
    this.#ear = by.ear;
  }

  hangUp(): void {
    this.#isHungUp = true;
    if (!this.#hasLeft) this.#connecting?.cancel();
  }

  go(trip: Trip<T>): void {
    const { reply } = this.#trouble;
    if (reply === "not_even_connected") return;
    if (reply === "refused") {
      this.#timeline.after(trip.there, () => this.#hear(() => this.#ear.failed("ECONNREFUSED")));
      return;
    }
    this.#connecting = this.#timeline.after(trip.there / 2, () => {
      // A process that died or hung up before the connection stood has sent nothing.
      if (!this.#call.process.isAlive) return;
      this.#hasLeft = true;
      this.#hear(() => this.#ear.connected());
      this.#timeline.after(trip.there / 2, () => void this.#arrive(trip));
    });
  }

  async #arrive({ serve, back }: Trip<T>): Promise<void> {
    const { effect, kill, reply, lateMs = 0, until } = this.#trouble;
    if (effect === "late") await (until ?? this.#timeline.sleep(lateMs));
    const answer = await serve(this.#trouble);
    if (kill === "after") this.#call.process.kill();
    if (reply === "never") return;
    const late = reply === "late" && effect !== "late" ? lateMs : 0;
    this.#timeline.after(back + late, () =>
      this.#hear(() => {
        if (reply === "reset") this.#ear.failed("ECONNRESET");
        else this.#ear.answered(answer);
      }),
    );
  }

  #hear(run: () => void): void {
    this.#call.process.wake(() => {
      if (!this.#isHungUp) run();
    });
  }
}
