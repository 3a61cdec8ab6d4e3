import { LISTED_KEYS } from "../../contract/listed/list-lines";
import { UP } from "../../contract/up";
import { Refusal } from "../refusal";
import { listedPart, type StoreEntry } from "./list-text";

/** What a list says of a store of config; `adopt` was for taking it over, which is done. */
export function listable(key: string, { adopt: _, ...declared }: StoreEntry): StoreEntry {
  // What is off by default says nothing.
  const said = Object.entries(declared).filter(([, value]) => (value ?? false) !== false);
  const own = said.map(([name]) => name).find((name) => !LISTED_KEYS.includes(name));
  if (own === undefined) return Object.fromEntries(said);
  throw new Refusal(
    `${key} has ${own}, which a list cannot say`,
    `take ${own} out of the store, ${UP}, then the same command`,
  );
}

/** Refuses a store that both declare, each otherwise: one of them is wrong. */
export function refuseOtherwise(key: string, one: StoreEntry, other: StoreEntry): void {
  if (listedPart(one) === listedPart(other)) return;
  throw new Refusal(
    `config and the list both declare ${key}, each otherwise`,
    "let both say the same, or take out the one that is wrong, then the same command",
  );
}

/** Refuses to take stores out of the one place when the other does not name them: nobody would have them. */
export function requireNamed(
  keys: readonly string[],
  stores: ReadonlySet<string>,
  where: "config" | "the list",
): void {
  const lost = keys.find((key) => !stores.has(key));
  if (lost === undefined) return;
  throw new Refusal(
    `${lost} is on its way, and ${where} does not name it any more`,
    "put it back there, then the same command",
  );
}
