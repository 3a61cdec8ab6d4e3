import { looksSecret } from "../../contract/secret-look";

/** A word that was typed, for an error about it; a token that was typed in the wrong place is not repeated. */
export function shownWord(word: string): string {
  return looksSecret(word) ? "(what was typed may be a secret)" : JSON.stringify(word);
}
