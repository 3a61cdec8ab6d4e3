/** A text of YAML, as its lines with the keys by which they are found again. */
interface Line {
  readonly text: string;
  /** What stands in it and in the lines that it belongs to, without blanks: however it is written, it is the same. */
  readonly key: string;
}

/** The same lines, as they were and as a writer has them, who may fold what stood in several. */
interface Piece {
  readonly was: string[];
  readonly written: string[];
}

/** A text before and after a change by somebody who writes all of it anew. */
export interface Rewritten {
  readonly before: string;
  /** What that writer makes of the text before, with nothing changed. */
  readonly unchanged: string;
  readonly after: string;
}

/** The text after a change, with each line that was not changed as it was: blanks, quotes, folds and line ends. */
export function keepLines({ before, unchanged, after }: Rewritten): string {
  const [windows, all] = ["\r\n", "\n"].map((end) => before.split(end).length) as [number, number];
  const end = windows * 2 > all ? "\r\n" : "\n";
  const pieces = piecesOf(linesOf(before), linesOf(unchanged));
  const lines = linesOf(after);
  const kept: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const { text = "", key = "" } = lines[at] ?? {};
    const piece = pieces.get(key);
    const isWhole = piece?.written.every((one, index) => lines[at + index]?.key === one) === true;
    kept.push(...(isWhole ? piece.was : [text.trim() === "" ? end : text.replace(/\r?\n$/, end)]));
    at += isWhole ? piece.written.length : 1;
  }
  const last = kept.length - 1;
  return kept.map((line, at) => (at < last && !line.endsWith("\n") ? line + end : line)).join("");
}

/** By the key of their first line as it is written. */
function piecesOf(before: readonly Line[], unchanged: readonly Line[]): Map<string, Piece> {
  const pieces = new Map<string, Piece>();
  const places = new Map(unchanged.map(({ key }, at) => [key, at]));
  let was: string[] = [];
  let next = 0;
  const close = (upTo: number): void => {
    const written = unchanged.slice(next, upTo).map(({ key }) => key);
    const [first] = written;
    if (first === undefined) return;
    pieces.set(first, { was, written });
    was = [];
    next = upTo;
  };
  for (const { text, key } of before) {
    const at = places.get(key) ?? -1;
    if (at >= next) close(at);
    was.push(text);
    // Blank lines that the writer drops belong to what comes after them.
    if (at >= next) close(at + 1);
  }
  close(unchanged.length);
  [...pieces.values()].at(-1)?.was.push(...was);
  return pieces;
}

/** Each with its end; what stands under a line of YAML is indented, or begins with `-`. */
function linesOf(text: string): Line[] {
  const above: { readonly indent: number; readonly path: string }[] = [];
  const times = new Map<string, number>();
  return text.split(/(?<=\n)/).map((line) => {
    const bare = line.replaceAll(/\s/g, "");
    const isSaid = bare !== "" && !bare.startsWith("#");
    const indent = /^ */.exec(line)?.[0].length ?? 0;
    const depth = bare.startsWith("-") ? indent + 0.5 : indent;
    while (isSaid && (above.at(-1)?.indent ?? -1) >= depth) above.pop();
    const way = above.at(-1)?.path ?? "";
    // A comment beside the name of what follows may be written below it.
    const [name = bare] = line.trim().split(/:\s/);
    if (isSaid) above.push({ indent: depth, path: `${way}\n${name.replaceAll(/\s|:$/g, "")}` });
    const path = `${way}\n${bare}`;
    const before = times.get(path) ?? 0;
    times.set(path, before + 1);
    return { text: line, key: `${path}\n${before}` };
  });
}
