import { looksSecret } from "../../contract/secret-look";
import { suggestionFor } from "../../contract/suggest";
import { CONFIG_WORDS, type Words } from "./words";

/** One mistake in config: where, and what to do about it; never what stands there. */
export interface Problem {
  readonly path: string;
  readonly says: string;
}

const SHOWABLE_KEY = /^[A-Za-z0-9][A-Za-z0-9._:/[\]"-]{0,79}$/;
/** How Shopify marks its secrets and tokens. */
const SHOPIFY_SECRET = /^shp[a-z]{2}_/;
const MUST_BE_TEXT = "must be text (put it in quotes, or set it with --type string)";

/** The problems without repeats: what is looked at twice is reported twice. */
export function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((one) => [`${one.path}\n${one.says}`, one])).values()];
}

/** Where problems are reported to, and in whose words those that come later. */
export interface Report {
  readonly problems: Problem[];
  readonly words: Words;
}

/** A value somewhere in config, with the way to it: problems name the path and never the value. */
export class ConfigNode {
  readonly path: string;
  readonly value: unknown;
  readonly #report: Report;

  /** @param into the problems that are found, or with the words of what is found later */
  constructor(path: string, value: unknown, into: Problem[] | Report) {
    this.path = path;
    this.value = value;
    this.#report = Array.isArray(into) ? { problems: into, words: CONFIG_WORDS } : into;
  }

  /** How a problem reads that is found once an output is known. */
  get words(): Words {
    return this.#report.words;
  }

  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** Reports a problem here; undefined, so that a parser can return it. */
  report(says: string): undefined {
    this.#report.problems.push({ path: this.path, says });
    return undefined;
  }

  /** The value under a key; absent when this is no map or has no such key. */
  child(key: string): ConfigNode {
    const value = isMap(this.value) && Object.hasOwn(this.value, key) ? this.value[key] : undefined;
    const joint = this.path.endsWith(":") ? "" : ".";
    return new ConfigNode(`${this.path}${joint}${shownKey(key)}`, value, this.#report);
  }

  /** The children of a map by key; none when it is absent, none and a problem when it is no map. */
  entries(): [string, ConfigNode][] {
    if (this.isAbsent) return [];
    if (!isMap(this.value)) {
      this.report("must be a map of keys to values");
      return [];
    }
    return Object.keys(this.value).map((key) => [key, this.child(key)]);
  }

  /** Reports every key that is not in the list; `elsewhere` says of keys where their values belong. */
  allowKeys(known: readonly string[], elsewhere: Readonly<Record<string, string>> = {}): void {
    for (const [key, node] of this.entries()) {
      if (known.includes(key)) continue;
      if (Object.hasOwn(elsewhere, key)) node.report(elsewhere[key] ?? "");
      else node.report(`unknown key${didYouMean(key, known)}; known here: ${known.join(", ")}`);
    }
  }

  /**
   * A text that is no secret, without the blanks and line ends around it: a token or a client secret
   * pasted here is a problem of its own.
   */
  text(): string | undefined {
    const text = this.secretText()?.trim();
    if (text === undefined || !SHOPIFY_SECRET.test(text)) return text;
    return this.report(
      "holds a secret of Shopify's in plain text: take it out, and replace it at Shopify, because it is no secret any more",
    );
  }

  /** A text that is meant to be secret. */
  secretText(): string | undefined {
    if (this.isAbsent) return undefined;
    if (typeof this.value !== "string") return this.report(MUST_BE_TEXT);
    return this.value.trim() === "" ? this.report("must not be empty") : this.value;
  }

  /** The text of a tag, which may be empty, as it stands there. */
  tagText(): string | undefined {
    if (this.value === "") return "";
    return this.text() === undefined ? undefined : String(this.value);
  }

  requiredText(what: string): string | undefined {
    return this.isAbsent ? this.report(`is missing: ${what}`) : this.text();
  }

  boolean(): boolean | undefined {
    if (this.isAbsent) return undefined;
    return typeof this.value === "boolean" ? this.value : this.report("must be true or false");
  }

  number(): number | undefined {
    if (this.isAbsent) return undefined;
    return typeof this.value === "number" && Number.isFinite(this.value)
      ? this.value
      : this.report("must be a number, without quotes");
  }

  /** The items of a list; none when it is absent, none and a problem when it is no list. */
  items(): ConfigNode[] {
    if (this.isAbsent) return [];
    if (!Array.isArray(this.value)) {
      this.report("must be a list");
      return [];
    }
    return this.value.map(
      (item: unknown, index) => new ConfigNode(`${this.path}[${index}]`, item, this.#report),
    );
  }

  /** The texts of a list that have a shape; a problem for each of the others. */
  texts(shape: RegExp, says: string): string[] {
    return this.items().flatMap((item) => {
      if (item.isAbsent) return item.report("must not be empty") ?? [];
      const text = item.text();
      if (text === undefined || shape.test(text)) return text ?? [];
      return item.report(says) ?? [];
    });
  }
}

/** ` (did you mean …?)`, or nothing where no known word is near. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const nearest = suggestionFor(typed, known.filter(isShowable));
  return nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
}

/** Whether a value is a map of keys to values. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shownKey(key: string): string {
  return isShowable(key) ? key : "(a key that is not shown)";
}

function isShowable(key: string): boolean {
  return SHOWABLE_KEY.test(key) && !looksSecret(key);
}
