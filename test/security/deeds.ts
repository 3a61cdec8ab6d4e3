import { CodedError } from "../../contract/errors";
import type { StoreStand } from "../lambda/stand/store-stand";

/** What a world's functions did to the outside. */
export interface Deeds {
  readonly requests: number;
  readonly writes: number;
  readonly reads: number;
}

export const NOTHING: Deeds = { requests: 0, writes: 0, reads: 0 };
const WRITES = new Set(["PutSecretValue", "UpdateSecretVersionStage", "TagResource", "Encrypt"]);

export function deedsOf({ calls }: Pick<StoreStand, "calls">): Deeds {
  const requests = calls.filter(({ target }) => target === "shopify").length;
  const writes = calls.filter(({ operation }) => WRITES.has(operation)).length;
  return { requests, writes, reads: calls.length - requests - writes };
}

/** The code of a refusal, or what happened instead. */
export async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    return `no refusal: ${JSON.stringify(await work())}`;
  } catch (error) {
    return error instanceof CodedError ? error.code : `no code: ${String(error)}`;
  }
}

/** A JSON text with keys that reach for the prototypes, as an object of its own. */
export function polluting(own: object = {}): unknown {
  const text = JSON.stringify(own).slice(1, -1);
  const keys = '"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}';
  return JSON.parse(`{${text}${text === "" ? "" : ","}${keys}}`) as unknown;
}

/** New values and moved labels of the store since the calls were last forgotten. */
export function valueWrites(world: StoreStand): number {
  return world.calls.filter(
    ({ operation }) => operation === "PutSecretValue" || operation === "UpdateSecretVersionStage",
  ).length;
}
