/** The known word that was probably meant; undefined when none is near. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  const most = word.length <= 4 ? 1 : 2;
  const near = known
    .map((one) => ({ one, distance: distanceOf(word, one) }))
    .filter(({ one, distance }) => distance <= most || (word.length >= 3 && one.startsWith(word)))
    .sort((left, right) => left.distance - right.distance);
  return near[0]?.one;
}

/** Edits between two words, a swap of neighbours being one (optimal string alignment). */
function distanceOf(word: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= word.length; row += 1) {
    rows[row] = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const change = at(row - 1, column - 1) + (word[row - 1] === other[column - 1] ? 0 : 1);
      const isSwap = word[row - 1] === other[column - 2] && word[row - 2] === other[column - 1];
      const swap = isSwap && row > 1 && column > 1 ? at(row - 2, column - 2) + 1 : change;
      const best = Math.min(change, swap, at(row - 1, column) + 1, at(row, column - 1) + 1);
      rows[row]?.push(best);
    }
  }
  return at(word.length, other.length);
}
