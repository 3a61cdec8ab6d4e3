/** The known word that a mistyped one most likely stands for; undefined when none is near. */
export function suggestionFor(
  typed: string,
  known: readonly string[],
  most = mostSlips(bareOf(typed)),
): string | undefined {
  const bare = bareOf(typed);
  const [best] = known
    .map((word) => ({ word, distance: distanceOf(bare, bareOf(word)) }))
    .filter(({ word, distance }) => distance <= most || isBeginning(bare, word))
    .sort((one, other) => one.distance - other.distance);
  return best?.word;
}

/** A third of the letters wrong is another word, not a slip; two swapped ones are a slip in a short word too. */
function mostSlips(bare: string): number {
  return Math.max(bare.length >= 5 ? 2 : 0, Math.floor(bare.length / 3));
}

/** Words are cut short as often as they are mistyped. */
function isBeginning(bare: string, word: string): boolean {
  return bare.length >= 3 && bareOf(word).startsWith(bare);
}

/** Capitals, underscores and hyphens are what people mix up most. */
function bareOf(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Letters to add, take away or change, a swap of neighbours being one (optimal string alignment). */
function distanceOf(word: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= word.length; row += 1) {
    rows[row] = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const change = at(row - 1, column - 1) + (word[row - 1] === other[column - 1] ? 0 : 1);
      const isSwap = word[row - 1] === other[column - 2] && word[row - 2] === other[column - 1];
      const swap = isSwap && row > 1 && column > 1 ? at(row - 2, column - 2) + 1 : change;
      rows[row]?.push(Math.min(change, swap, at(row - 1, column) + 1, at(row, column - 1) + 1));
    }
  }
  return at(word.length, other.length);
}
