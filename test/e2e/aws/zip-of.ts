import { strToU8, zipSync } from "fflate";

/** A zip archive that holds one file, readable as a deployed file must be. */
export function zipOf(name: string, text: string): Uint8Array {
  return zipSync({ [name]: [strToU8(text), { os: 3, attrs: 0o100644 * 0x10000 }] });
}
