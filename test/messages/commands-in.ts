/** A command as it stands in a message, to be pasted into a shell. */
export interface Pasted {
  readonly program: "shopify-secrets" | "pulumi" | "aws";
  readonly words: readonly string[];
}

/** Where a command begins: a config path (`shopify-secrets:stores`) is none. */
const BEGINS = /(?<![\w-])(shopify-secrets|pulumi|aws) (?=[a-z-])/g;
/** A word: quoted, or without what ends a command in a sentence. */
const WORD = /^(?:'([^']*)'|"([^"]*)"|([^\s,;()'"]+?))(?=$|[\s,;()]|: |\.(?:\s|$)|:(?:\s|$))/;

/** The commands in a message: each ends at a comma, a semicolon, a bracket, a colon or the end of the line. */
export function commandsIn(message: string): Pasted[] {
  return [...message.matchAll(BEGINS)].map((match) => {
    const program = match[1] as Pasted["program"];
    return { program, words: wordsAt(message.slice(match.index + match[0].length)) };
  });
}

function wordsAt(text: string): string[] {
  const match = WORD.exec(text);
  if (match === null) return [];
  const word = match[1] ?? match[2] ?? match[3] ?? "";
  const rest = text.slice(match[0].length);
  return rest.startsWith(" ") ? [word, ...wordsAt(rest.slice(1))] : [word];
}
