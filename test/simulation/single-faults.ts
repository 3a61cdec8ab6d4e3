import {
  approve,
  CREDENTIALS,
  ENDLESS,
  first,
  HARD,
  NEVER_PROMOTED,
  PAIR,
  takenUpTwice,
  twice,
  WELL,
  WORSE,
} from "./directed";
import type { Product } from "./functions/bundles";
import { HEALED_MINUTES, type Schedule } from "./schedule";
import { live } from "./simulation";
import { MINUTE } from "./stage";
import type { Case } from "./tally";
import { type Lasting, type Seen, type Strike, troublesOf } from "./troubles";

/** A stretch of a store's life in which every request is struck in every way, one at a time. */
export interface Scenario {
  readonly name: string;
  readonly schedule: Schedule;
}

const A_DAY_AND_MORE = 26 * 60;
const scenario = (name: string, given: Partial<Schedule>): Scenario => ({
  name,
  schedule: { ...WELL, ...given },
});
const SIGNED_BY_PUBLIC_APP: Partial<Schedule> = {
  stores: [{ ...CREDENTIALS, isRotated: false }],
  signs: "public",
};
/** Long enough for the function that was begun last to come to its end. */
const andItsEnd = first({ does: "nothing" }, 9_000);

/** Renewals of both kinds, by both callers, with and without a version that is AWSCURRENT. */
const AS_DOCUMENTED: readonly Scenario[] = [
  scenario("a pair that is due is renewed", {
    before: 26,
    happenings: [first({ does: "nothing" }, 5 * MINUTE)],
  }),
  scenario("client credentials are rotated", {
    stores: [CREDENTIALS],
    // Lists that are five minutes old know the store by then.
    before: 10,
    quiet: A_DAY_AND_MORE,
    happenings: [first({ does: "rotate" }), andItsEnd],
  }),
  scenario("client credentials are rotated, nothing being AWSCURRENT", {
    stores: [{ ...CREDENTIALS, hasValue: false }],
    before: 10,
    quiet: A_DAY_AND_MORE,
    happenings: [first({ does: "rotate in the console" }), andItsEnd],
  }),
  scenario("client credentials without a schedule are renewed by the sweep", {
    stores: [{ ...CREDENTIALS, isRotated: false }],
    before: 12 * 60 - 5,
    quiet: A_DAY_AND_MORE,
    happenings: [first({ does: "nothing" }, 10 * MINUTE)],
  }),
];

/** The same in a world as it is documented, and in one that is as bad as it may be. */
export const RENEWALS: readonly Scenario[] = [
  ...AS_DOCUMENTED,
  ...AS_DOCUMENTED.map(({ name, schedule }) => ({
    name: `${name}, in a worse world`,
    schedule: {
      ...schedule,
      ...WORSE,
      ...(schedule.stores.includes(PAIR) ? {} : { graceMinutes: HEALED_MINUTES }),
    },
  })),
];

export const SCENARIOS: readonly Scenario[] = [
  ...RENEWALS,
  scenario("a pair awaits its merchant", {
    stores: [{ ...PAIR, hasValue: false }],
    happenings: [first({ does: "sweep" }), andItsEnd],
  }),
  scenario("a pair is renewed whose chain a doubly delivered sweep has cut", {
    before: 16,
    shopify: HARD,
    happenings: [...twice(0), first({ does: "nothing" }, 45 * MINUTE)],
  }),
  scenario("a pair that is dead is renewed", {
    happenings: [
      first({ does: "stop sweeps" }),
      first({ does: "go on with sweeps" }, 66 * MINUTE),
      first({ does: "nothing" }, 9 * MINUTE),
    ],
  }),
  scenario("a merchant approves for the first time", {
    stores: [{ ...PAIR, hasValue: false }],
    happenings: [first(approve), andItsEnd],
  }),
  scenario("a merchant approves again", { happenings: [first(approve), andItsEnd] }),
  scenario("a merchant approves over a dead pair", {
    happenings: [
      first({ does: "stop sweeps" }),
      first(approve, 66 * MINUTE),
      andItsEnd,
      first({ does: "go on with sweeps" }),
    ],
  }),
  scenario("a merchant approves a token without an end", {
    stores: [{ ...ENDLESS, hasValue: false }],
    happenings: [first(approve), andItsEnd],
  }),
  scenario("an install that was cut off is taken up", {
    happenings: [first(approve), first({ does: "nothing" }, 10 * MINUTE)],
    strikes: [NEVER_PROMOTED],
  }),
  scenario("an install that was cut off and has ended is taken up", {
    happenings: [...takenUpTwice(0), first({ does: "nothing" }, 9 * MINUTE)],
    strikes: [NEVER_PROMOTED],
  }),
  scenario("a token without an end is migrated", {
    stores: [ENDLESS],
    happenings: [first({ does: "migrate" }), andItsEnd],
  }),
  scenario("client credentials are enrolled for the first time", {
    stores: [{ ...CREDENTIALS, hasValue: false }],
    quiet: A_DAY_AND_MORE,
    happenings: [first({ does: "enrol" }), andItsEnd],
  }),
  scenario("client credentials are enrolled after the client secret changed", {
    stores: [CREDENTIALS],
    quiet: A_DAY_AND_MORE,
    happenings: [first({ does: "new client secret" }), andItsEnd],
  }),
  scenario("client credentials are rotated by cold processes", {
    stores: [CREDENTIALS],
    quiet: A_DAY_AND_MORE,
    happenings: [
      first({ does: "rotate" }),
      ...Array.from({ length: 60 }, () => first({ does: "recycle" }, 50)),
      andItsEnd,
    ],
  }),
  scenario("an operator renews a pair", {
    before: 21,
    happenings: [first({ does: "rotate" }), andItsEnd],
  }),
  scenario("an operator checks a pair", { happenings: [first({ does: "check" }), andItsEnd] }),
  scenario("a custom app's token is put", {
    stores: [{ kind: "custom-app", hasValue: true, isRotated: false }],
    happenings: [first({ does: "put" }), andItsEnd],
  }),
  scenario("a store of a public app that signs is renewed", {
    ...SIGNED_BY_PUBLIC_APP,
    before: 26,
    happenings: [first({ does: "nothing" }, 5 * MINUTE)],
  }),
  scenario("a store of the own organization is rotated with the app's key", {
    stores: [CREDENTIALS],
    signs: "own-organization",
    before: 10,
    quiet: A_DAY_AND_MORE,
    happenings: [first({ does: "rotate" }), andItsEnd],
  }),
  scenario("a pair moves to its app's key", {
    signs: "public",
    happenings: [first({ does: "move to the key" }), andItsEnd],
  }),
  scenario("a store is renewed for the first time after its pair moved to its app's key", {
    signs: "public",
    happenings: [
      first({ does: "move to the key" }),
      first({ does: "nothing" }, 32 * MINUTE),
      andItsEnd,
    ],
  }),
  scenario("an app's key is changed, as the command leads", {
    ...SIGNED_BY_PUBLIC_APP,
    // A new key, its pasting, its proof and the switch, and the end of the key before.
    happenings: [0, 40, 60, 100, 140]
      .map((minutes, index, all) =>
        first({ does: "go on with the key" }, (minutes - (all[index - 1] ?? 0)) * MINUTE),
      )
      .concat(andItsEnd),
    quiet: 200,
  }),
  scenario("an app is uninstalled", { happenings: [first({ does: "uninstall" }), andItsEnd] }),
];

/** Every trouble of every request of a scenario. */
export async function casesOf({ schedule }: Scenario, product: Product): Promise<Case[]> {
  const { troubles, requestsInTrouble } = await live(schedule, product);
  const counts = new Map<string, number>();
  return troubles.seen.slice(0, requestsInTrouble).flatMap((seen, index) => {
    const after = counts.get(seen.surface) ?? 0;
    counts.set(seen.surface, after + 1);
    if (seen.part === "reader") return [];
    return strikesAt(seen, after).map((strike) => ({
      name: `request ${index} (${seen.part} ${seen.operation}) ${strike.trouble}, ${strike.lasts}`,
      schedule: { ...schedule, strikes: [...schedule.strikes, strike] },
    }));
  });
}

const READS = /^(Describe|Get|List|BatchGet)/;

function strikesAt({ surface, operation }: Seen, after: number): Strike[] {
  return troublesOf(surface)
    .filter((trouble) => !trouble.startsWith("stale") || READS.test(operation))
    .flatMap((trouble) => lastings(trouble).map((lasts) => ({ surface, after, trouble, lasts })));
}

/** A kill ends what it strikes; a lie or a failure may come again when it is asked again. */
function lastings(trouble: string): Lasting[] {
  return trouble.startsWith("killed") ? ["request"] : ["request", "call", "invocation"];
}
