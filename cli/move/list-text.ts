import { readCsv } from "../../contract/csv-text";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { parseScopes } from "../../contract/scopes";
import { Refusal } from "../refusal";

/** What a store is declared as, by the keys of config. */
export type StoreEntry = Readonly<Record<string, unknown>>;

/** The text of a list, `.jsonl` or `.csv`, of which lines are read, added and taken out; the others stay as they are. */
export class ListText {
  readonly #head: readonly string[] | undefined;
  readonly #lines: string[];
  /** The place of each store's line. */
  readonly #places = new Map<string, number>();

  /** @throws {Refusal} a table whose first line names no column `store` */
  constructor(file: string, text: string) {
    this.#lines = text.split(/\r?\n/);
    if (this.#lines.at(-1) === "") this.#lines.pop();
    this.#head = /\.csv$/i.test(file) ? cellsOf(this.#lines[0] ?? "") : undefined;
    if (this.#head !== undefined && !this.#head.includes("store")) {
      throw new Refusal(`${file} names no column called store in its first line`, "pulumi preview");
    }
    for (const [place, line] of this.#lines.entries()) {
      const key = this.#entryIn(line)?.["store"];
      if (typeof key === "string" && key !== "store") this.#places.set(key, place);
    }
  }

  keys(): string[] {
    return [...this.#places.keys()];
  }

  has(store: string): boolean {
    return this.#places.has(store);
  }

  /** What the list says of a store. */
  entryOf(store: string): StoreEntry | undefined {
    const place = this.#places.get(store);
    const { store: _, ...declared } =
      (place === undefined ? undefined : this.#entryIn(this.#lines[place] ?? "")) ?? {};
    return place === undefined ? undefined : declared;
  }

  /** @throws {Refusal} a table without a column for what a store says */
  add(store: string, declared: StoreEntry): void {
    this.#places.set(store, this.#lines.length);
    this.#lines.push(this.#lineOf({ store, ...declared }));
  }

  remove(stores: ReadonlySet<string>): void {
    for (const store of stores) {
      const place = this.#places.get(store);
      if (place !== undefined) this.#lines[place] = GONE;
    }
  }

  toString(): string {
    return this.#lines
      .filter((line) => line !== GONE)
      .map((line) => `${line}\n`)
      .join("");
  }

  #entryIn(line: string): Record<string, unknown> | undefined {
    const head = this.#head;
    if (head === undefined) return objectIn(line);
    const cells = cellsOf(line);
    const present = head.flatMap((column, index): [string, unknown][] => {
      const cell = cells[index] ?? "";
      return cell === "" ? [] : [[column, cellValue(column, cell)]];
    });
    return Object.fromEntries(present);
  }

  #lineOf(entry: StoreEntry): string {
    const head = this.#head;
    if (head === undefined) return JSON.stringify(entry);
    const lacking = Object.keys(entry).find((key) => !head.includes(key));
    if (lacking !== undefined) {
      throw new Refusal(
        `the list has no column ${lacking}, which store ${String(entry["store"])} needs`,
        `add ${lacking} to its first line, then the same command`,
      );
    }
    return head.map((column) => cellOf(entry[column])).join(",");
  }
}

/** No line of a list has one. */
const GONE = "\0";

function cellsOf(line: string): readonly string[] {
  const reading = readCsv(line);
  return "rows" in reading ? (reading.rows[0] ?? []) : [];
}

function objectIn(line: string): Record<string, unknown> | undefined {
  const value = parseJsonQuietly(line);
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)
    : undefined;
}

function cellValue(column: string, cell: string): unknown {
  if (column === "scopes") return parseScopes(cell);
  return column === "rotationHours" ? Number(cell) : cell;
}

function cellOf(value: unknown): string {
  const text = Array.isArray(value) ? value.join(" ") : String(value ?? "");
  return /[",;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
