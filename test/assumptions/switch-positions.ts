import { createHash } from "node:crypto";
import {
  DEFAULT_SWITCHES,
  LONGEST_LIST_LAG_MS,
  type ModelSwitches,
} from "../../local/secrets-manager";
import { SWITCH_NAMES, SWITCHES, type Switches } from "../../local/shopify/switches";

/** A world in which one thing that only AWS or Shopify can confirm is one way. */
export interface Position {
  /** Such as `windowPoint = latest`. */
  readonly title: string;
  readonly model: Partial<ModelSwitches>;
  readonly shopify: Partial<Switches>;
}

const MINUTE_MS = 60_000;

/** Every switch of the model of Secrets Manager; for one that takes a number or a list, its ends and something between. */
const MODEL_POSITIONS: { readonly [S in keyof ModelSwitches]: readonly ModelSwitches[S][] } = {
  firstValueBecomesCurrent: [true, false],
  clearPendingAfterFinish: [true, false],
  valuelessVersionsCount: [true, false],
  retryDelaysMs: [[], [MINUTE_MS], DEFAULT_SWITCHES.retryDelaysMs, [0, 0, 0, 0, 0, 0]],
  retryAfterLabelLost: [false, true],
  missedReads: [0, 1, 3],
  listLagMs: [0, MINUTE_MS, LONGEST_LIST_LAG_MS],
  nameKeptMs: [0, MINUTE_MS],
  windowPoint: ["earliest", "latest", "spread"],
};

const textOf = (setting: unknown): string =>
  typeof setting === "string" ? setting : JSON.stringify(setting);

/** Each position of each switch of the model, the other switches as they are by default. */
export const MODEL_WORLDS: readonly Position[] = Object.entries(MODEL_POSITIONS).flatMap(
  ([name, settings]) =>
    settings.map((setting) => ({
      title: `${name} = ${textOf(setting)}`,
      model: { [name]: setting },
      shopify: {},
    })),
);

/** Each position of each switch of the imitation of Shopify, the other switches as they are by default. */
export const SHOPIFY_WORLDS: readonly Position[] = SWITCH_NAMES.flatMap((name) =>
  SWITCHES[name].positions.map((position) => ({
    title: `${name} = ${position}`,
    model: {},
    shopify: { [name]: position },
  })),
);

/** A world with every switch in the position that `pick` chooses for it. */
function mixedWorld(title: string, pick: (positions: number) => number): Position {
  const chosen = <T>(positions: readonly T[]): T => positions[pick(positions.length)] as T;
  const model = Object.entries(MODEL_POSITIONS).map(([name, settings]) => [
    name,
    chosen<unknown>(settings),
  ]);
  const shopify = SWITCH_NAMES.map((name) => [name, chosen<string>(SWITCHES[name].positions)]);
  return { title, model: Object.fromEntries(model), shopify: Object.fromEntries(shopify) };
}

/** The same choices in every run. */
function choicesOf(seed: number): (positions: number) => number {
  let turn = 0;
  return (positions) => {
    turn += 1;
    return createHash("sha256").update(`${seed}/${turn}`).digest().readUInt32BE(0) % positions;
  };
}

/** Worlds in which every switch is in some position, the same ones in every run. */
export const MIXED_WORLDS: readonly Position[] = Array.from({ length: 12 }, (_, seed) =>
  mixedWorld(`mixture ${seed}`, choicesOf(seed)),
);

/** The names of all switches, of both worlds. */
export const ALL_SWITCHES: readonly string[] = [...Object.keys(MODEL_POSITIONS), ...SWITCH_NAMES];
