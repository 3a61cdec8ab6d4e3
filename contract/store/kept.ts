import { STATUS_TAG_PREFIX } from "./status";

/**
 * A record that Secrets Manager would not take as a version, sealed, in tags of its own: the day's versions are
 * used up. A tag takes 256 characters, and a secret 50 tags; what does not fit is refused by AWS.
 */
const TAG = `${STATUS_TAG_PREFIX}kept-`;
const LONGEST_PIECE = 256;

/** The tags that hold a sealed record. */
export function keptTagsOf(sealedRecord: string): Record<string, string> {
  const pieces = sealedRecord.match(new RegExp(`.{1,${LONGEST_PIECE}}`, "g")) ?? [];
  return Object.fromEntries(pieces.map((piece, index) => [`${TAG}${index + 1}`, piece]));
}

/** The sealed record that tags hold; empty: none. */
export function keptIn(tags: ReadonlyMap<string, string>): string {
  const pieces: string[] = [];
  for (let index = 1; ; index += 1) {
    const piece = tags.get(`${TAG}${index}`) ?? "";
    if (piece === "") return pieces.join("");
    pieces.push(piece);
  }
}

/** The tags that empty those which hold a record. */
export function emptiedTagsOf(tags: ReadonlyMap<string, string>): Record<string, string> {
  const held = [...tags].filter(([name, piece]) => name.startsWith(TAG) && piece !== "");
  return Object.fromEntries(held.map(([name]) => [name, ""]));
}
