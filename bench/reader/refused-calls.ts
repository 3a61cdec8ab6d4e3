import type { Contender } from "./contenders";
import { CountingClient } from "./counting-client";
import { MovedClock } from "./moved-clock";
import { recordText, storeName } from "./records";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A token's life, in milliseconds since the start. */
interface Life {
  readonly from: number;
  readonly until: number;
}

/** A stretch of time in the life of a store: the tokens that are current one after the other, and an application's calls. */
export interface Scenario {
  readonly title: string;
  readonly lengthMs: number;
  readonly everyMs: number;
  readonly lives: readonly Life[];
}

const every = (count: number, periodMs: number, lifeMs: number): Life[] =>
  Array.from({ length: count }, (_, index) => ({
    from: index * periodMs,
    until: index * periodMs + lifeMs,
  }));

export const SCENARIOS: readonly Scenario[] = [
  {
    title: "rotation (48 h of 24-hour tokens renewed every 8 h, a call a minute)",
    lengthMs: 48 * HOUR,
    everyMs: MINUTE,
    lives: every(7, 8 * HOUR, 24 * HOUR),
  },
  {
    title: "expiry (6 h of one-hour tokens renewed 30 s before their end, a call a second)",
    lengthMs: 6 * HOUR,
    everyMs: SECOND,
    lives: every(8, HOUR - 30 * SECOND, HOUR),
  },
  {
    title: "revocation (revoked and renewed at one moment, a call a second for 10 min)",
    lengthMs: 10 * MINUTE,
    everyMs: SECOND,
    lives: [
      { from: 0, until: 2 * MINUTE + 500 },
      { from: 2 * MINUTE + 500, until: 24 * HOUR },
    ],
  },
];

export interface Tally {
  readonly calls: number;
  readonly refused: number;
}

/** How many of an application's calls Shopify refuses, although the store has a live token at every moment. */
export async function refusedCalls(
  contenders: readonly Contender[],
  scenario: Scenario,
): Promise<Tally[]> {
  const tallies: Tally[] = [];
  for (const contender of contenders) tallies.push(await play(contender, scenario));
  return tallies;
}

async function play(contender: Contender, scenario: Scenario): Promise<Tally> {
  const clock = new MovedClock();
  const startedAt = Date.now();
  const passed = () => Date.now() - startedAt;
  const lifeAt = (index: number) => scenario.lives[index] ?? { from: 0, until: 0 };
  const currentIndex = () => scenario.lives.findLastIndex(({ from }) => from <= passed());
  const client = new CountingClient((name) => {
    const index = currentIndex();
    const { from, until } = lifeAt(index);
    // A revocation is nothing that the record knows of: it promises the token's whole life.
    const promised = scenario.title.startsWith("revocation") ? from + 24 * HOUR : until;
    const facts = {
      accessToken: `${index}`,
      issuedAt: startedAt + from,
      expiresAt: startedAt + promised,
    };
    return { versionId: `version-${index}`, text: recordText(name, facts) };
  });
  const store = storeName(1);
  const reader = await contender.open(client, [store]);
  const send = (token: string) => (passed() < lifeAt(Number(token)).until ? 200 : 401);
  let calls = 0;
  let refused = 0;
  while (passed() < scenario.lengthMs) {
    calls += 1;
    if ((await reader.call(store, send)) === 401) refused += 1;
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(scenario.everyMs);
  }
  reader.close();
  clock.restore();
  return { calls, refused };
}
