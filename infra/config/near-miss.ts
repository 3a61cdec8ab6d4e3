/** The known word that a mistyped one most likely stands for; undefined when none is near. */
export function nearestOf(typed: string, known: readonly string[]): string | undefined {
  const bare = bareOf(typed);
  const ranked = known
    .map((word) => ({ word, distance: distanceOf(bare, bareOf(word)) }))
    .sort((one, other) => one.distance - other.distance);
  const [best] = ranked;
  // A third of the letters wrong is another word, not a slip.
  return best !== undefined && best.distance <= bare.length / 3 ? best.word : undefined;
}

/** Capitals, underscores and hyphens are what people mix up most. */
function bareOf(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** How many letters have to be added, taken away or changed (Levenshtein). */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [above, letter] of [...one].entries()) {
    const next = [above + 1];
    for (const [index, wanted] of [...other].entries()) {
      const changed = (row[index] ?? 0) + (letter === wanted ? 0 : 1);
      next.push(Math.min(changed, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
