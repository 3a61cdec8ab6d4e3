import { isTableFile } from "../../contract/listed/list-lines";
import { hasAppsHeading } from "../../contract/stores-file";
import { Refusal } from "../refusal";
import type { StoreEntry } from "./list-text";
import { YamlText } from "./yaml-text";

/** Which way stores move. */
export type Way = "to-list" | "to-config";

const MOVING = { "to-list": "toList", "to-config": "toConfig" } as const;
const NAMESPACE = "shopify-secrets:";

/** A file with what stands in it. */
export interface GivenFile {
  readonly file: string;
  readonly text: string;
}

/** A stack's config file with the file of its stores: what is not touched stays as it stands there, comments too. */
export class ConfigText {
  readonly #config: YamlText;
  readonly #stores: YamlText | undefined;
  /** With apps in it, the stores stand under a heading. */
  readonly #placeOfStores: readonly string[];

  /** @throws {Refusal} a file that is not YAML */
  constructor(config: GivenFile, stores: GivenFile | undefined) {
    this.#config = new YamlText(config.file, config.text);
    this.#stores = stores && new YamlText(stores.file, stores.text);
    this.#placeOfStores = hasAppsHeading(this.#stores?.valueAt([])) ? ["stores"] : [];
  }

  /** A plain setting, such as `storesFile` or `fleet.list`. */
  setting(...path: readonly [string, ...string[]]): unknown {
    return this.#config.valueAt(settingPath(path));
  }

  /** What config says of each store, whichever file it stands in. */
  stores(): ReadonlyMap<string, StoreEntry> {
    const places = [this.setting("stores"), this.#stores?.valueAt(this.#placeOfStores)];
    return new Map(places.flatMap((found) => Object.entries(found ?? {})));
  }

  /** The stores whose static token stands in config. */
  tokens(): ReadonlySet<string> {
    return new Set(Object.keys(this.setting("accessTokens") ?? {}));
  }

  moving(way: Way): readonly string[] {
    const keys = this.setting("moving", MOVING[way]);
    return Array.isArray(keys) ? keys.map(String) : [];
  }

  setMoving(way: Way, keys: readonly string[]): void {
    const path = settingPath(["moving", MOVING[way]]);
    if (keys.length > 0) this.#config.set(path, keys);
    else this.#config.delete(path);
    const rest = this.setting("moving");
    if (Object.keys(rest ?? {}).length === 0) this.#config.delete(settingPath(["moving"]));
  }

  /** Where config has a file of stores, they go there: the stack's own file is handed over in one variable. */
  addStore(key: string, declared: StoreEntry): void {
    const isOwn = this.#stores === undefined || this.setting("stores", key) !== undefined;
    if (isOwn) this.#config.set(settingPath(["stores", key]), declared);
    else this.#stores?.set([...this.#placeOfStores, key], declared);
  }

  /**
   * Takes stores out with their static tokens, which nothing needs any more.
   *
   * @throws {Refusal} a store that others are written with by an alias, or that stands there by a merge (`<<`)
   */
  removeStores(keys: readonly string[]): void {
    for (const key of keys) {
      this.#config.delete(settingPath(["stores", key]));
      this.#config.delete(settingPath(["accessTokens", key]));
      this.#stores?.delete([...this.#placeOfStores, key]);
    }
    // A text with an alias of nothing has no values either.
    void [this.config, this.storesFile];
    const rest = this.stores();
    const stays = keys.find((key) => rest.has(key));
    if (stays === undefined) return;
    throw new Refusal(
      `${stays} stands in config by a merge (<<), which cannot be taken out`,
      "write the store out there, then the same command",
    );
  }

  /** Takes the ARN out by which a store was taken over. */
  settle(key: string): void {
    this.#config.delete(settingPath(["stores", key, "adopt"]));
    this.#stores?.delete([...this.#placeOfStores, key, "adopt"]);
  }

  get config(): string {
    return String(this.#config);
  }

  get storesFile(): string | undefined {
    return this.#stores?.toString();
  }
}

/** Reads a stack's config, whose file of stores has to be YAML: of a table, columns are not taken out. */
export function refuseTable(storesFile: string): void {
  if (!isTableFile(storesFile)) return;
  throw new Refusal(
    `${storesFile} is a table, and stores are moved from and to YAML`,
    "write the same stores as YAML, name that file in storesFile, and give the same command",
  );
}

function settingPath([head, ...rest]: readonly [string, ...string[]]): string[] {
  return ["config", `${NAMESPACE}${head}`, ...rest];
}
