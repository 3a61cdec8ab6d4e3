import { isTableFile, LISTED_KEYS, readListLines } from "../../contract/listed/list-lines";
import { readCsv, type Separator, separatorOf, writeCsvRow } from "../../contract/texts/csv";
import { Refusal } from "../refusal";

/** What a store is declared as, by the keys of config. */
export type StoreEntry = Readonly<Record<string, unknown>>;

interface Place {
  /** Its lines; more than one is a mistake, of which preview tells. */
  readonly lines: number[];
  readonly declared: StoreEntry;
}

/** The text of a list, `.jsonl` or `.csv`, of which lines are read, added and taken out; the others stay as they are. */
export class ListText {
  readonly #mark: string;
  /** Each with its end. */
  readonly #lines: (string | undefined)[];
  readonly #table: TableOfList | undefined;
  readonly #places = new Map<string, Place>();

  /** @throws {Refusal} a list of which a line cannot be read */
  constructor(file: string, text: string) {
    this.#mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
    const lines = linesOf(text.slice(this.#mark.length));
    this.#lines = lines;
    const bare = lines.map(withoutEnd);
    for (const { line, content } of readListLines(isTableFile(file), bare)) {
      if ("wrong" in content) {
        throw new Refusal(
          `line ${line} of ${file} ${content.wrong}`,
          "mend that line, then the same command",
        );
      }
      this.#see(line - 1, content);
    }
    this.#table = isTableFile(file) ? tableOf(file, bare) : undefined;
  }

  #see(at: number, { store, rest }: { readonly store: unknown; readonly rest: StoreEntry }): void {
    if (typeof store !== "string") return;
    const there = this.#places.get(store);
    if (there === undefined) this.#places.set(store, { lines: [at], declared: rest });
    else there.lines.push(at);
  }

  keys(): string[] {
    return [...this.#places.keys()];
  }

  /**
   * What the list says of a store; undefined: it does not name it.
   *
   * @throws {Refusal} it names the store twice
   */
  entryOf(store: string): StoreEntry | undefined {
    const { lines, declared } = this.#places.get(store) ?? { lines: [] };
    if (lines.length < 2) return declared;
    throw new Refusal(
      `the list names ${store} twice, in its lines ${lines.map((at) => at + 1).join(" and ")}`,
      "keep one of them, then the same command",
    );
  }

  /** @throws {Refusal} a table without a column for what a store says */
  add(store: string, declared: StoreEntry): void {
    const end = endOf(this.#lines[0]) || "\n";
    const last = this.#lines.length - 1;
    const before = this.#lines[last];
    if (before !== undefined && endOf(before) === "") this.#lines[last] = before + end;
    this.#places.set(store, { lines: [this.#lines.length], declared });
    const line =
      this.#table?.rowOf({ store, ...declared }) ?? JSON.stringify({ store, ...declared });
    this.#lines.push(line + end);
  }

  remove(stores: ReadonlySet<string>): void {
    for (const store of stores) {
      for (const at of this.#places.get(store)?.lines ?? []) this.#lines[at] = undefined;
      this.#places.delete(store);
    }
  }

  toString(): string {
    return this.#mark + this.#lines.join("");
  }
}

/** What of a store's declaration a list says, as text; two that say the same are the same. */
export function listedPart(declared: StoreEntry): string {
  return JSON.stringify(LISTED_KEYS.map((key) => wordsOf(declared[key]).sort()));
}

interface TableOfList {
  rowOf(entry: StoreEntry): string;
}

function tableOf(file: string, lines: readonly string[]): TableOfList {
  const first = lines.find((line) => line.trim() !== "");
  const [head] = readCsv(first === undefined ? [] : [first]);
  if (first === undefined || head === undefined || "wrong" in head) {
    throw new Refusal(
      `${file} has no first line that names the columns`,
      `write ${["store", ...LISTED_KEYS].join(",")} into its first line, then the same command`,
    );
  }
  return { rowOf: (entry) => rowOf(entry, { columns: head.cells, separator: separatorOf(first) }) };
}

function rowOf(
  entry: StoreEntry,
  { columns, separator }: { readonly columns: readonly string[]; readonly separator: Separator },
): string {
  const lacking = Object.keys(entry).find((key) => !columns.includes(key));
  if (lacking !== undefined) {
    throw new Refusal(
      `the list has no column ${lacking}, which store ${String(entry["store"])} needs`,
      `add ${lacking} to its first line, then the same command`,
    );
  }
  return writeCsvRow(
    columns.map((column) => wordsOf(entry[column]).join(" ")),
    separator,
  );
}

/** Scopes may be a list, or one text; everything else is one word. */
function wordsOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value)
    ? value.map(String)
    : String(value)
        .split(/[\s,]+/)
        .filter((word) => word !== "");
}

/** The lines of a text, each with its end. */
function linesOf(text: string): string[] {
  return text.split(/(?<=\n|\r(?!\n))/).filter((line) => line !== "");
}

function withoutEnd(line: string): string {
  return line.slice(0, line.length - endOf(line).length);
}

function endOf(line = ""): string {
  return /\r?\n$|\r$/.exec(line)?.[0] ?? "";
}
