import { CountingClient } from "./counting-client";
import type { Library, OpenLibrary, Send } from "./libraries";
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
  /** A revocation is nothing that the record knows of: it promises the token's whole life. */
  readonly promisedMs: number;
}

const every = (count: number, periodMs: number, lifeMs: number): Life[] =>
  Array.from({ length: count }, (_, index) => ({
    from: index * periodMs,
    until: index * periodMs + lifeMs,
  }));

/** What goes wrong: the store has a live token at every moment, and whoever asks for it too late is refused. */
export const TROUBLE: readonly Scenario[] = [
  {
    title: "rotation: 48 h of 24-hour tokens renewed every 8 h, a call a minute",
    lengthMs: 48 * HOUR,
    everyMs: MINUTE,
    lives: every(7, 8 * HOUR, 24 * HOUR),
    promisedMs: 24 * HOUR,
  },
  {
    title: "expiry: 6 h of one-hour tokens renewed 30 s before their end, a call a second",
    lengthMs: 6 * HOUR,
    everyMs: SECOND,
    lives: every(8, HOUR - 30 * SECOND, HOUR),
    promisedMs: HOUR,
  },
  {
    title: "revocation: revoked and renewed at one moment, a call a second for 10 min",
    lengthMs: 10 * MINUTE,
    everyMs: SECOND,
    lives: [
      { from: 0, until: 2 * MINUTE + 500 },
      { from: 2 * MINUTE + 500, until: 24 * HOUR },
    ],
    promisedMs: 24 * HOUR,
  },
];

/** A day on which nothing goes wrong. */
export const STEADY_DAYS: readonly Scenario[] = [
  {
    title: "24-hour tokens renewed every 8 h, a call a second",
    lengthMs: 24 * HOUR,
    everyMs: SECOND,
    lives: every(4, 8 * HOUR, 24 * HOUR),
    promisedMs: 24 * HOUR,
  },
  {
    title: "one-hour tokens renewed every 30 min, a call a second",
    lengthMs: 24 * HOUR,
    everyMs: SECOND,
    lives: every(49, 30 * MINUTE, HOUR),
    promisedMs: HOUR,
  },
];

/** How the application calls: with the token that it was given, or with the library's answer to a 401 around it. */
export type Manner = "bare" | "safe";

export interface Tally {
  readonly calls: number;
  /** 401s that Shopify answered, counted there. */
  readonly refusedAtShopify: number;
  /** 401s that the application saw: what was left of them after the library's answer. */
  readonly seenByApplication: number;
  /** Requests to Secrets Manager. */
  readonly requests: number;
}

/** Plays a scenario with one library. */
export async function play(library: Library, scenario: Scenario, manner: Manner): Promise<Tally> {
  const clock = new MovedClock();
  const startedAt = Date.now();
  const passed = () => Date.now() - startedAt;
  const { lives, promisedMs } = scenario;
  const client = new CountingClient((name) => {
    const index = lives.findLastIndex(({ from }) => from <= passed());
    const issuedAt = startedAt + (lives[index]?.from ?? 0);
    const facts = { accessToken: `${index}`, issuedAt, expiresAt: issuedAt + promisedMs };
    const nextRotationAt = startedAt + (lives[index + 1]?.from ?? Number.NaN);
    return { versionId: `version-${index}`, text: recordText(name, facts), nextRotationAt };
  });
  const tally = { calls: 0, refusedAtShopify: 0, seenByApplication: 0 };
  const send: Send = (token) => {
    const isLive = passed() < (lives[Number(token)]?.until ?? 0);
    if (!isLive) tally.refusedAtShopify += 1;
    return isLive ? 200 : 401;
  };
  const store = storeName(1);
  const open = await library.open(client, [store]);
  try {
    while (passed() < scenario.lengthMs) {
      tally.calls += 1;
      if ((await callIn(manner, open, { store, send })) === 401) tally.seenByApplication += 1;
      await client.settled();
      clock.advance(scenario.everyMs);
    }
  } finally {
    open.close();
    clock.restore();
  }
  return { ...tally, requests: client.calls };
}

async function callIn(
  manner: Manner,
  library: OpenLibrary,
  { store, send }: { readonly store: string; readonly send: Send },
): Promise<number> {
  return manner === "safe" ? library.call(store, send) : send(await library.read(store));
}
