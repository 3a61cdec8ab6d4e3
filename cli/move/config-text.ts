import { type Document, isMap, parseDocument } from "yaml";
import { Refusal } from "../refusal";
import type { StoreEntry } from "./list-text";

/** Which way stores move. */
export type Way = "to-list" | "to-config";

const MOVING = { "to-list": "toList", "to-config": "toConfig" } as const;
const NAMESPACE = "shopify-secrets:";

/** A stack's config file with the file of its stores: what is not touched stays as it stands there, comments too. */
export class ConfigText {
  readonly #config: Document;
  readonly #stores: Document | undefined;

  constructor(config: string, stores: string | undefined) {
    this.#config = parseDocument(config);
    this.#stores = stores === undefined ? undefined : parseDocument(stores);
  }

  /** A plain setting, such as `storesFile` or `fleet.list`. */
  setting(...path: readonly [string, ...string[]]): unknown {
    return plain(this.#config.getIn(settingPath(path)));
  }

  /** What config says of each store, whichever file it stands in. */
  stores(): ReadonlyMap<string, StoreEntry> {
    const own = this.setting("stores");
    const file = this.#stores?.getIn(this.#placeOfStores()) ?? this.#stores?.contents;
    return new Map(
      [own, plain(file)].flatMap((found) =>
        Object.entries((found ?? {}) as Record<string, StoreEntry>),
      ),
    );
  }

  moving(way: Way): readonly string[] {
    const keys = this.setting("moving", MOVING[way]);
    return Array.isArray(keys) ? keys.map(String) : [];
  }

  setMoving(way: Way, keys: readonly string[]): void {
    const path = settingPath(["moving", MOVING[way]]);
    if (keys.length > 0) this.#config.setIn(path, keys);
    else this.#config.deleteIn(path);
    const rest = this.#config.getIn(settingPath(["moving"]));
    if (isMap(rest) && rest.items.length === 0) this.#config.deleteIn(settingPath(["moving"]));
  }

  /** Where config has a file of stores, they go there: the stack's own file is handed over in one variable. */
  addStore(key: string, declared: StoreEntry): void {
    if (this.#stores === undefined) this.#config.setIn(settingPath(["stores", key]), declared);
    else this.#stores.setIn([...this.#placeOfStores(), key], declared);
  }

  /** Takes a store out with its static token, which nothing needs any more. */
  removeStore(key: string): void {
    for (const path of [
      ["stores", key],
      ["accessTokens", key],
    ] as const) {
      if (this.#config.hasIn(settingPath(path))) this.#config.deleteIn(settingPath(path));
    }
    const path = [...this.#placeOfStores(), key];
    if (this.#stores?.hasIn(path)) this.#stores.deleteIn(path);
  }

  /** Takes the ARN out by which a store was taken over. */
  settle(key: string): void {
    const own = settingPath(["stores", key, "adopt"]);
    if (this.#config.hasIn(own)) this.#config.deleteIn(own);
    const path = [...this.#placeOfStores(), key, "adopt"];
    if (this.#stores?.hasIn(path)) this.#stores.deleteIn(path);
  }

  get config(): string {
    return this.#config.toString({ lineWidth: 0 });
  }

  get storesFile(): string | undefined {
    return this.#stores?.toString({ lineWidth: 0 });
  }

  /** With apps in it, the stores stand under a heading. */
  #placeOfStores(): string[] {
    return this.#stores?.has("apps") ? ["stores"] : [];
  }
}

/** Reads a stack's config, whose file of stores has to be YAML: of a table, columns are not taken out. */
export function refuseTable(storesFile: string): void {
  if (!/\.csv$/i.test(storesFile)) return;
  throw new Refusal(
    `${storesFile} is a table, and stores are moved from and to YAML`,
    "write the same stores as YAML, name that file in storesFile, and give the same command",
  );
}

function settingPath([head, ...rest]: readonly [string, ...string[]]): string[] {
  return ["config", `${NAMESPACE}${head}`, ...rest];
}

function plain(node: unknown): unknown {
  return typeof node === "object" && node !== null && "toJSON" in node
    ? (node as { toJSON(): unknown }).toJSON()
    : node;
}
