import { randomInt, randomUUID } from "node:crypto";
import type { Randomness } from "./state";

const SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Real randomness, from the operating system. */
export const systemRandomness: Randomness = {
  arnSuffix: () => suffixFrom(randomInt),
  versionId: () => randomUUID(),
  index: (below) => randomInt(below),
};

/** Repeatable randomness (the generator "mulberry32"): the same seed gives the same world. */
export function seededRandomness(seed: number): Randomness {
  let state = seed >>> 0;
  const index = (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
  return { arnSuffix: () => suffixFrom(index), versionId: () => uuidFrom(index), index };
}

function suffixFrom(index: (below: number) => number): string {
  return Array.from({ length: 6 }, () => SUFFIX.charAt(index(SUFFIX.length))).join("");
}

function uuidFrom(index: (below: number) => number): string {
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => index(16).toString(16));
}
