import type { Part } from "./functions/bundles";
import type { Call, Plan, Trouble } from "./network";
import { ADMIN_API_ANSWERS, TOKEN_ENDPOINT_ANSWERS } from "./shopify/stray-answers";
import type { Chance } from "./time/chance";

/** What can befall a request on its way to anybody, by name. */
const ON_THE_WAY = {
  refused: { effect: "none", reply: "refused" },
  "reset before": { effect: "none", reply: "reset" },
  "reset after": { reply: "reset" },
  "hangs connecting": { effect: "none", reply: "not_even_connected" },
  "hangs before": { effect: "none", reply: "never" },
  "hangs after": { reply: "never" },
  "hangs, done late": { effect: "late", lateMs: 20_000, reply: "never" },
  "late by 3 s": { reply: "late", lateMs: 3_000 },
  "late by 7 s": { reply: "late", lateMs: 7_000 },
  "late by 10 s": { reply: "late", lateMs: 10_000 },
  "late by 13 s": { reply: "late", lateMs: 13_000 },
  "done late by 7 s": { effect: "late", lateMs: 7_000, reply: "late" },
  "killed before": { effect: "none", kill: "before" },
  "killed after": { kill: "after" },
} as const satisfies Record<string, Trouble>;

/** What AWS may answer in place of the truth. */
const OF_AWS = {
  "error before": { effect: "none", lie: "internal_error" },
  "error after": { lie: "internal_error" },
  throttled: { effect: "none", lie: "throttled" },
  denied: { effect: "none", lie: "denied" },
  garbled: { lie: "garbled" },
  "stale by 1": { lie: "stale_1" },
  "stale by 2": { lie: "stale_2" },
} as const satisfies Record<string, Trouble>;

const straying = (names: readonly string[]): [string, Trouble][] =>
  names.map((name) => [`answers ${name}`, { effect: "none", lie: name }]);

/** What Shopify may answer after it has done what was asked. */
const OF_SHOPIFY_AFTERWARDS: readonly [string, Trouble][] = [
  ["answers 502 afterwards", { lie: "502" }],
  ["answers 200 cut off afterwards", { lie: "200 cut off" }],
];

const SERVICES_TROUBLES = {
  aws: new Map<string, Trouble>([...Object.entries(ON_THE_WAY), ...Object.entries(OF_AWS)]),
  tokenEndpoint: new Map<string, Trouble>([
    ...Object.entries(ON_THE_WAY),
    ...straying(TOKEN_ENDPOINT_ANSWERS),
    ...OF_SHOPIFY_AFTERWARDS,
  ]),
  adminApi: new Map<string, Trouble>([
    ...Object.entries(ON_THE_WAY),
    ...straying(ADMIN_API_ANSWERS),
    ...OF_SHOPIFY_AFTERWARDS,
  ]),
};

/** Where a trouble can strike. */
export type Surface = keyof typeof SERVICES_TROUBLES;

export const SURFACES = Object.keys(SERVICES_TROUBLES) as Surface[];

/** The names of everything that can go wrong at a surface. */
export function troublesOf(surface: Surface): readonly string[] {
  return [...SERVICES_TROUBLES[surface].keys()];
}

export function troubleNamed(surface: Surface, name: string): Trouble {
  const trouble = SERVICES_TROUBLES[surface].get(name);
  if (trouble === undefined) throw new Error(`no trouble ${name} at ${surface}`);
  return trouble;
}

export function surfaceOf({ service, operation }: Pick<Call, "service" | "operation">): Surface {
  if (service !== "shopify") return "aws";
  return operation.endsWith("/access_token") ? "tokenEndpoint" : "adminApi";
}

/**
 * How long a trouble lasts: for one request; for all the attempts at one call; for every call of the operation
 * in that invocation; or so many seconds for all of the service's surface.
 */
export type Lasting = "request" | "call" | "invocation" | number;

/** A trouble that strikes one request. */
export interface Strike {
  readonly surface: Surface;
  /** Whose requests count. Default: everybody's. */
  readonly part?: Part;
  /** Which requests count. Default: all. */
  readonly operation?: string;
  /** How many of them are spared first, from the moment that troubles begin. */
  readonly after: number;
  readonly trouble: string;
  readonly lasts: Lasting;
}

/** A time in which any request may be in trouble. */
export interface Storm {
  readonly minutes: number;
  /** How likely it is for one request, from 0 to 1. */
  readonly rate: number;
  /** Whether Shopify answers what is not true in it, or only fails. */
  readonly lies: boolean;
}

/** A request for those who read a run. */
export interface Seen {
  readonly part: Part;
  readonly surface: Surface;
  readonly operation: string;
}

/** A request that is held back while somebody else acts. */
export interface Held {
  /** How many requests go before. */
  readonly after: number;
  /** Begins what somebody else does, and ends with it. */
  readonly act: () => Promise<unknown>;
}

interface Standing {
  readonly trouble: Trouble;
  readonly name: string;
  readonly meets: (call: Call) => boolean;
}

/** Plans the troubles of a world: strikes by their number, and a storm by chance. */
export class Troubles {
  /** What struck, for those who read a run: the request and the trouble's name. */
  readonly struck: { readonly call: Call; readonly trouble: string }[] = [];
  /** How many of the schedule's own strikes struck; a storm's are not among them. */
  landed = 0;
  /** Strikes whose request came, be it that another trouble met it first. */
  readonly reached = new Set<Strike>();
  /** Every request that a trouble met and when, those included that lasted on. */
  readonly met: { readonly call: Call; readonly trouble: string; readonly at: number }[] = [];
  /** Every request since the troubles began, in order. */
  readonly seen: Seen[] = [];
  readonly #now: () => number;
  readonly #chance: Chance;
  /** Each with how many of its requests are still spared. */
  #strikes: { readonly strike: Strike; spared: number }[] = [];
  #storm: Storm | undefined;
  #amid: Held | undefined;
  #standing: Standing[] = [];

  constructor(now: () => number, chance: Chance) {
    this.#now = now;
    this.#chance = chance;
  }

  begin(strikes: readonly Strike[], storm: Storm | undefined, amid: Held | undefined): void {
    this.#strikes = strikes.map((strike) => ({ strike, spared: strike.after }));
    this.#storm = storm;
    this.#amid = amid;
    this.seen.length = 0;
  }

  /** Nothing goes wrong from here on; what hangs goes on hanging. */
  end(): void {
    this.#strikes = [];
    this.#storm = undefined;
    this.#standing = [];
  }

  readonly plan: Plan = (call) => {
    const surface = surfaceOf(call);
    this.seen.push({ part: call.process.part, surface, operation: call.operation });
    if (this.#amid?.after === this.seen.length - 1) {
      return { effect: "late", until: this.#amid.act() };
    }
    const struck = this.#strikes.filter(({ strike }) => isMeant(call, surface, strike));
    for (const one of struck) one.spared -= 1;
    for (const { strike, spared } of struck) if (spared === -1) this.reached.add(strike);
    const standing = this.#standing.find(({ meets }) => meets(call));
    if (standing !== undefined) {
      this.met.push({ call, trouble: standing.name, at: this.#now() });
      return standing.trouble;
    }
    const strike = struck.find(({ spared }) => spared === -1)?.strike;
    if (strike !== undefined) return this.#begun(call, strike);
    return this.#storm === undefined ? undefined : this.#stormy(call, surface, this.#storm);
  };

  #begun(call: Call, { surface, trouble: name, lasts }: Strike): Trouble {
    const trouble = troubleNamed(surface, name);
    this.landed += 1;
    this.struck.push({ call, trouble: name });
    this.met.push({ call, trouble: name, at: this.#now() });
    const meets = meetsOf(call, lasts, this.#now);
    if (meets !== undefined) this.#standing.push({ trouble, name, meets });
    return trouble;
  }

  #stormy(call: Call, surface: Surface, { rate, lies }: Storm): Trouble | undefined {
    if (this.#chance.next() >= rate) return undefined;
    const names = troublesOf(surface).filter((name) => lies || !name.startsWith("answers 4"));
    const name = names[Math.floor(this.#chance.next() * names.length)] as string;
    this.struck.push({ call, trouble: name });
    return troubleNamed(surface, name);
  }
}

function isMeant({ process, operation }: Call, surface: Surface, strike: Strike): boolean {
  return (
    surface === strike.surface &&
    (strike.part ?? process.part) === process.part &&
    (strike.operation ?? operation) === operation
  );
}

function meetsOf(
  struck: Call,
  lasts: Lasting,
  now: () => number,
): ((call: Call) => boolean) | undefined {
  const { work } = struck.process;
  switch (lasts) {
    case "request":
      return undefined;
    case "call":
      return ({ send }) => send === struck.send;
    case "invocation":
      return ({ process, operation }) =>
        process === struck.process && process.work === work && operation === struck.operation;
    default: {
      const until = now() + lasts * 1_000;
      const surface = surfaceOf(struck);
      return (call) =>
        now() < until && call.service === struck.service && surfaceOf(call) === surface;
    }
  }
}
