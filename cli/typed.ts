import { parseArgs } from "node:util";
import { isShopDomain } from "../contract/brands";
import { looksSecret } from "../contract/secret-look";
import { suggestionFor } from "../contract/suggest";
import type { Option, Typed } from "./command";
import { GLOBAL_OPTIONS } from "./help";
import { type Refusal, usageError } from "./refusal";

type Options = Readonly<Record<string, Option>>;

/**
 * Reads the words after a verb.
 *
 * @throws {Refusal} an unknown option, a value too many or too few, or a secret among them
 */
export function parseTyped(
  verb: { readonly name: string; readonly options?: Options | undefined },
  words: readonly string[],
): Typed {
  const end = words.indexOf("--");
  const own = end === -1 ? words : words.slice(0, end);
  if (own.some(isSecret)) throw secretOnCommandLine();
  const options: Options = { ...GLOBAL_OPTIONS, ...verb.options };
  const { values, positionals } = parseWords(verb.name, own, options);
  return {
    json: values["json"] === true,
    words: positionals,
    rest: end === -1 ? [] : words.slice(end + 1),
    flag: (name) => values[name] === true,
    text: (name) => {
      const value = values[name];
      return typeof value === "string" ? value : undefined;
    },
  };
}

/** Whether JSON is asked for, also by words that are wrong otherwise. */
export function asksForJson(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  return withoutTruthValues(words.slice(0, end === -1 ? undefined : end), ["json"]).includes(
    "--json",
  );
}

interface ParsedWords {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

function parseWords(verb: string, words: readonly string[], options: Options): ParsedWords {
  const config = Object.entries(options).map(
    ([name, { type }]) => [name, name === "help" ? { type, short: "h" } : { type }] as const,
  );
  const flags = Object.keys(options).filter((name) => options[name]?.type === "boolean");
  try {
    return parseArgs({
      args: withoutTruthValues(words, flags),
      options: Object.fromEntries(config),
      allowPositionals: true,
    });
  } catch (error) {
    // Node's own sentence names the option; a value after it is never repeated.
    const { message } = error as { readonly message?: unknown };
    const [says = ""] = typeof message === "string" ? message.split(". ") : ["wrong options"];
    throw usageError(
      `${says}${meantBy(says, Object.keys(options))}`,
      `shopify-secrets ${verb} --help`,
    );
  }
}

/** `--json=true` is `--json`, as other programs take it, and `--json=false` is nothing. */
function withoutTruthValues(words: readonly string[], flags: readonly string[]): string[] {
  return words.flatMap((word) => {
    const [, name = "", value = ""] = /^--([\w-]+)=(true|false)$/i.exec(word) ?? [];
    if (!flags.includes(name)) return [word];
    return value.toLowerCase() === "true" ? [`--${name}`] : [];
  });
}

/** The option that was probably meant by the one in Node's sentence. */
function meantBy(says: string, options: readonly string[]): string {
  const unknown = /^Unknown option '--?([\w-]+)'/.exec(says)?.[1];
  const meant = unknown === undefined ? undefined : suggestionFor(unknown, options);
  return meant === undefined ? "" : `; did you mean --${meant}?`;
}

/** Whether a word is a secret in the wrong place; a shop's own name may look like one. */
function isSecret(word: string): boolean {
  return looksSecret(word) && !isShopDomain(word);
}

function secretOnCommandLine(): Refusal {
  return usageError(
    "a secret is never given on the command line: this one stands in the shell's history and in the list of processes now",
    "replace it at Shopify, then shopify-secrets put <store>, which reads it from standard input or a hidden prompt",
  );
}

/** An option that has to be a URL, if it is given. */
export function requireUrl(typed: Typed, name: string): void {
  const url = typed.text(name);
  if (url === undefined || (/^https?:/.test(url) && URL.canParse(url))) return;
  throw usageError(`--${name} is no URL`, `give one such as --${name} https://example.com`);
}
