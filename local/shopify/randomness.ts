import { createHash, randomBytes, randomUUID } from "node:crypto";

/** Where tokens, codes and identifiers come from; injected so that a run can be repeated. */
export interface Randomness {
  /** Lower-case hexadecimal text of so many bytes. */
  hex(bytes: number): string;
  uuid(): string;
}

export const systemRandomness: Randomness = {
  hex: (bytes) => randomBytes(bytes).toString("hex"),
  uuid: () => randomUUID(),
};

/** The same sequence for the same seed; for tests and the fault harness only. */
export function seededRandomness(seed: string): Randomness {
  let drawn = 0;
  const block = () => createHash("sha512").update(`${seed}/${drawn++}`).digest("hex");
  const hex = (bytes: number): string => {
    let text = "";
    while (text.length < bytes * 2) text += block();
    return text.slice(0, bytes * 2);
  };
  return {
    hex,
    // The half of a block that no token is made of: an ID is no piece of a token of another run of the seed.
    uuid: () =>
      hex(32)
        .slice(32)
        .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
  };
}
