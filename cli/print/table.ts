import type { Colour, Paint } from "./colour";

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** When the table is too wide, the columns with the lowest rank go first; undefined: it stays. */
  readonly rank?: number;
  /** Whether its texts may be cut to make the table fit. */
  readonly shrinks?: boolean;
}

export interface Cell {
  readonly text: string;
  readonly colour?: Colour | undefined;
}

const GAP = 2;
/** The narrowest that a shrinking column gets, in characters. */
const NARROWEST = 8;

/** An aligned table that fits a width (undefined: as wide as it is), without blanks at the ends of lines. */
export function formatTable(
  table: { readonly columns: readonly Column[]; readonly rows: readonly (readonly Cell[])[] },
  width: number | undefined,
  paint: Paint,
): string {
  const shown = fitColumns(table, width);
  const header = shown.map(({ column }) => ({ text: column.title, colour: "dim" as const }));
  const body = table.rows.map((row) => shown.map(({ index }) => row[index] ?? { text: "" }));
  return [header, ...body].map((cells) => `${lineOf(cells, shown, paint)}\n`).join("");
}

interface Shown {
  readonly column: Column;
  readonly index: number;
  readonly width: number;
}

function fitColumns(
  { columns, rows }: { columns: readonly Column[]; rows: readonly (readonly Cell[])[] },
  limit: number | undefined,
): Shown[] {
  let shown: Shown[] = columns.map((column, index) => ({
    column,
    index,
    width: Math.max(column.title.length, ...rows.map((row) => row[index]?.text.length ?? 0)),
  }));
  if (limit === undefined) return shown;
  while (widthOf(shown.map(narrowed)) > limit) {
    const ranks = shown.flatMap(({ column }) => column.rank ?? []);
    if (ranks.length === 0) break;
    const lowest = Math.min(...ranks);
    shown = shown.filter(({ column }) => column.rank !== lowest);
  }
  return shrink(shown, limit);
}

function shrink(shown: readonly Shown[], limit: number): Shown[] {
  let excess = widthOf(shown) - limit;
  return shown.map((one) => {
    const cut = Math.max(0, Math.min(excess, one.width - narrowed(one).width));
    excess -= cut;
    return { ...one, width: one.width - cut };
  });
}

function narrowed(one: Shown): Shown {
  const least = Math.max(NARROWEST, one.column.title.length);
  return one.column.shrinks === true ? { ...one, width: Math.min(one.width, least) } : one;
}

function widthOf(shown: readonly Shown[]): number {
  return shown.reduce((sum, { width }) => sum + width + GAP, -GAP);
}

function lineOf(cells: readonly Cell[], shown: readonly Shown[], paint: Paint): string {
  return cells
    .map(({ text, colour }, position) => {
      const { column, width } = shown[position] ?? { column: { title: "" }, width: 0 };
      const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
      const pad = " ".repeat(width - cut.length);
      const painted = paint(cut, colour);
      if (column.align === "right") return pad + painted;
      return position === shown.length - 1 ? painted : painted + pad;
    })
    .join(" ".repeat(GAP))
    .trimEnd();
}
