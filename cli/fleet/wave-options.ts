import { USUAL_WAVES, type WaveRules } from "../../contract/waves";
import type { Option, Typed } from "../command";
import { shownWord } from "../print/shown-word";
import { usageError } from "../refusal";

/** The options of commands that work in waves. */
export const WAVE_OPTIONS = {
  canary: {
    type: "string",
    value: "stores",
    help: `how many stores go first, alone (default ${USUAL_WAVES.canary}; 0: none)`,
  },
  "max-failures": {
    type: "string",
    value: "share",
    help: "the share of stores that may fail before nothing more is begun (default 5%)",
  },
} as const satisfies Readonly<Record<string, Option>>;

/**
 * The rules that the options name.
 *
 * @throws {Refusal} a number or a share that is none
 */
export function waveRulesOf({ text }: Pick<Typed, "text">): WaveRules {
  return {
    ...USUAL_WAVES,
    canary: numberOf(text("canary"), { name: "canary", least: 0, usual: USUAL_WAVES.canary }),
    failuresAllowed: shareOf(text("max-failures")),
  };
}

/** A whole number out of an option. */
export function numberOf(
  given: string | undefined,
  option: { readonly name: string; readonly least: number; readonly usual: number },
): number {
  if (given === undefined) return option.usual;
  const number = /^\d{1,3}$/.test(given) ? Number(given) : Number.NaN;
  if (number >= option.least) return number;
  throw usageError(
    `--${option.name} ${shownWord(given)} is no number of stores`,
    `give one such as --${option.name} ${option.usual}`,
  );
}

function shareOf(given: string | undefined): number {
  if (given === undefined) return USUAL_WAVES.failuresAllowed;
  const [, percent = ""] = /^(\d{1,3})%$/.exec(given) ?? [];
  const share = percent === "" ? Number.NaN : Number(percent) / 100;
  if (share <= 1) return share;
  throw usageError(
    `--max-failures ${shownWord(given)} is no share`,
    "give one such as --max-failures 5%",
  );
}
