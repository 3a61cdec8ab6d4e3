import { encodeDeclaration } from "../../contract/declaration";
import type { ConfigNode } from "./node";
import type { ListedFleet, Moving, StoreSpec } from "./spec";

/** The keys of `moving` in config. */
export const MOVING_KEYS = { toList: "to-list", toConfig: "to-config" } as const;

/** What only config says of a store: it has to go before the store does. */
const OF_CONFIG = ["readers", "protect", "secretName", "formerly"] as const;

/** The stores of config with the way that those go that move. */
export function withMoves(root: ConfigNode, stores: readonly StoreSpec[]): StoreSpec[] {
  const ways = waysIn(root.child("moving"), new Set(stores.map(({ key }) => key)));
  for (const { key, adopt } of stores) {
    const node = root.child("stores").child(key);
    if (ways.get(key) === "to-list") reportOfConfig(node);
    if (ways.get(key) === "to-config" && adopt === undefined) {
      node.report(
        `is to be taken out of the list, and has no adopt: shopify-secrets move --to-config ${key}, which writes it`,
      );
    }
  }
  return stores.map((store) => {
    const moving = ways.get(store.key);
    return moving === undefined ? store : { ...store, moving };
  });
}

function waysIn(node: ConfigNode, declared: ReadonlySet<string>): ReadonlyMap<string, Moving> {
  node.allowKeys(Object.keys(MOVING_KEYS));
  const ways = new Map<string, Moving>();
  for (const [name, way] of Object.entries(MOVING_KEYS)) {
    for (const item of node.child(name).items()) {
      const key = item.text();
      if (key === undefined) continue;
      if (!declared.has(key)) item.report("names a store that config does not declare: remove it");
      else if (ways.has(key)) item.report(`names store ${key} a second time: remove it`);
      else ways.set(key, way);
    }
  }
  return ways;
}

function reportOfConfig(node: ConfigNode): void {
  for (const name of OF_CONFIG) {
    const child = node.child(name);
    if (child.isAbsent || child.value === false) continue;
    child.report(
      "is for stores of config: take it out, and deploy, before the store moves to the list",
    );
  }
}

/** Tells of stores that move and stand in the list otherwise than in config, or not at all. */
export function reportUnlikeList(
  root: ConfigNode,
  stores: readonly StoreSpec[],
  listed: ListedFleet | undefined,
): void {
  const byKey = new Map(listed?.stores.map((store) => [store.key, store]));
  for (const { key, moving, ...own } of stores) {
    if (moving === undefined) continue;
    const node = root.child("stores").child(key);
    const twin = byKey.get(key);
    if (twin === undefined) {
      node.report(
        `moves ${moving}, and the list does not name it: shopify-secrets move --${moving} ${key}`,
      );
    } else if (isOtherwise(own, twin)) {
      node.report("moves, and the list declares it otherwise: let both say the same");
    }
  }
}

function isOtherwise(
  { declaration, rotationHours }: Pick<StoreSpec, "declaration" | "rotationHours">,
  twin: StoreSpec,
): boolean {
  const isSame = encodeDeclaration(declaration) === encodeDeclaration(twin.declaration);
  return !isSame || rotationHours !== twin.rotationHours;
}
