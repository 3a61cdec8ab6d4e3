import * as v from "valibot";
import { isStoreKey, type StoreKey } from "../brands";
import { CodedError } from "../errors";
import { SECOND_MS } from "../time";
import { type WaveRules, waveSizes } from "../waves";
import { workKey } from "./list-bucket";

/** The name of the map of a wave in the state machine, which stands in the ARNs of its runs. */
export const WAVE_LABEL = "Wave";

/** What the state machine does with a store in a wave: a closed list, each with what the sweep function is asked. */
export const WAVE_EVENTS = {
  renew: (store: StoreKey) => ({ action: "renew", stores: [store] }),
  migrate: (store: StoreKey) => ({ action: "migrate", store }),
  check: (store: StoreKey) => ({ action: "check", stores: [store] }),
} as const;
export type WaveVerb = keyof typeof WAVE_EVENTS;

const VERBS = Object.keys(WAVE_EVENTS) as WaveVerb[];

export function isWaveVerb(text: string): text is WaveVerb {
  return Object.hasOwn(WAVE_EVENTS, text);
}

/** How a wave goes on the machine, which holds at most so many stores at a time in each. */
export const MACHINE_WAVES = { most: 5_000 } as const;

/** One wave, as the state machine's input says it. */
export interface MachineWave {
  /** The object with its stores. */
  readonly key: string;
  /** The share of its stores that may fail before the run stops, in percent. */
  readonly tolerated: number;
  /** How long the machine waits before it. */
  readonly restSeconds: number;
}

/** Whether a wave tries stores that were changed before, and changes none: it alone waits for its time. */
export function isProof({ restSeconds }: MachineWave): boolean {
  return restSeconds > 0;
}

/** The stores of a wave and what is done with each. */
export interface PlannedWave {
  readonly wave: MachineWave;
  readonly verb: WaveVerb;
  readonly stores: readonly StoreKey[];
}

/** What is to be done with whom. */
export interface WavesWanted {
  readonly run: string;
  readonly verb: Extract<WaveVerb, "renew" | "migrate">;
  /** Those that go first first. */
  readonly stores: readonly StoreKey[];
  readonly rules: WaveRules;
  /** How long the first few are left to themselves before they are tried, in milliseconds. 0: they are not. */
  readonly soakMs: number;
}

/**
 * Lays out the waves of a run: the first few alone, of which none may fail; then ever more, of each of which a share may.
 *
 * After a soak the first few are tried at Shopify: a token of one hour works then only if it was renewed meanwhile.
 */
export function wavesOf(wanted: WavesWanted): PlannedWave[] {
  const { run, verb, stores, rules, soakMs } = wanted;
  const hasCanary = rules.canary > 0;
  const waves: PlannedWave[] = [];
  let begun = 0;
  for (const size of waveSizes(stores.length, rules)) {
    const isCanary = hasCanary && begun === 0;
    const some = stores.slice(begun, begun + size);
    begun += size;
    const tolerated = isCanary ? 0 : Math.round(rules.failuresAllowed * 100);
    waves.push(waveOf(run, waves.length, { verb, stores: some, tolerated, restSeconds: 0 }));
    if (!isCanary || soakMs === 0 || begun === stores.length) continue;
    const restSeconds = Math.ceil(soakMs / SECOND_MS);
    const proof = { verb: "check", stores: some, tolerated: 0, restSeconds } as const;
    waves.push(waveOf(run, waves.length, proof));
  }
  return waves;
}

function waveOf(
  run: string,
  number: number,
  { verb, stores, ...rest }: Omit<MachineWave, "key"> & Pick<PlannedWave, "verb" | "stores">,
): PlannedWave {
  return { wave: { key: workKey(`${run}-${number}`), ...rest }, verb, stores };
}

/** The object of a wave: a line a store, with what the sweep function is asked. */
export function encodeWave({ verb, stores }: PlannedWave): string {
  return stores
    .map((store) => `${JSON.stringify({ store, verb, event: WAVE_EVENTS[verb](store) })}\n`)
    .join("");
}

/** A store of a wave, as the state machine hands it over when it failed. */
export interface WaveItem {
  readonly store: StoreKey;
  readonly verb: WaveVerb;
}

const WireItem = v.object({ store: v.custom<StoreKey>(isStoreKey), verb: v.picklist(VERBS) });

/**
 * Reads a store of a wave.
 *
 * @throws {CodedError} `event_malformed`
 */
export function parseWaveItem(item: unknown): WaveItem {
  const parsed = v.safeParse(WireItem, item);
  if (!parsed.success) throw new CodedError("event_malformed", { field: "item" });
  return parsed.output;
}
