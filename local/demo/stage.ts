import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Where the demo speaks: plain lines, tables that align, colours on a terminal only. */
export interface Stage {
  /** Opens an act: a number and what it shows. */
  act(title: string): void;
  line(text?: string): void;
  /** A line of another program, set apart. */
  quote(text: string): void;
  good(text: string): void;
  bad(text: string): void;
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
}

export interface StageOptions {
  readonly write: (text: string) => void;
  /** Whether to colour; see {@link wantsColour}. */
  readonly colour: boolean;
}

/** Colours on a terminal, and never with NO_COLOR (https://no-color.org). */
export function wantsColour(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && !environment["NO_COLOR"];
}

export function createStage({ write, colour }: StageOptions): Stage {
  const paint = (style: Style, text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const line = (text = "") => write(`${text}\n`);
  let acts = 0;
  return {
    line,
    act: (title) => {
      acts += 1;
      line();
      line(paint("bold", `${acts}. ${title}`));
    },
    quote: (text) => line(paint("gray", `   | ${text}`)),
    good: (text) => line(`   ${paint("green", "ok")}  ${text}`),
    bad: (text) => line(`   ${paint("red", "no")}  ${text}`),
    table: (head, rows) => {
      for (const [index, text] of alignedRows([head, ...rows]).entries()) {
        line(`   ${index === 0 ? paint("gray", text) : text}`);
      }
    },
  };
}

/** Pads every column to its widest cell; two blanks between columns, none at the end of a line. */
export function alignedRows(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
