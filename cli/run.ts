import { parseArgs } from "node:util";
import { isShopDomain } from "../contract/brands";
import { nearestOf } from "../contract/near-miss";
import { looksSecret } from "../contract/secret-look";
import type { AwsPorts } from "./aws/ports";
import type { Call, Command, Option, Verb, Wrapper } from "./command";
import { COMMANDS } from "./commands";
import { EXIT } from "./exit-codes";
import { findPrefix } from "./fleet/prefix";
import { GLOBAL_OPTIONS, helpOf, overview } from "./help";
import { paintOf } from "./print/colour";
import { whileTelling } from "./print/progress";
import { shownWord } from "./print/shown-word";
import { Refusal, usageError } from "./refusal";
import type { Surroundings } from "./surroundings";

/** Runs one call of the command, and returns its exit code; every failure ends with the next command. */
export async function run(words: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    return await dispatch(words, surroundings);
  } catch (error) {
    const refusal = error instanceof Refusal ? error : unforeseen(error);
    const paint = paintOf(surroundings.err, surroundings.env);
    surroundings.err.write(`${paint("shopify-secrets:", "red")} ${refusal.line}\n`);
    return refusal.exitCode;
  }
}

async function dispatch(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const [name, ...others] = words;
  if (name === undefined || name === "help" || name.startsWith("-")) {
    const isAsked = name === "help" || name === "--help" || name === "-h";
    const [verb] = others;
    const text = name === "help" && verb !== undefined ? helpOf(commandNamed(verb)) : undefined;
    (isAsked ? surroundings.out : surroundings.err).write(text ?? overview(COMMANDS));
    return isAsked ? EXIT.well : EXIT.usage;
  }
  const command = commandNamed(name);
  return isWrapper(command)
    ? await runWrapper(command, others, surroundings)
    : await runCommand(command, others, surroundings);
}

function isWrapper(verb: Verb): verb is Wrapper {
  return "wrap" in verb;
}

async function runWrapper(
  wrapper: Wrapper,
  words: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  if (words.some((word) => word === "--help" || word === "-h")) {
    surroundings.out.write(helpOf(wrapper));
    return EXIT.well;
  }
  return await wrapper.wrap(words, surroundings);
}

async function runCommand(
  command: Command,
  words: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const parsed = parse(command, words);
  if (parsed.values["help"] === true) {
    surroundings.out.write(helpOf(command));
    return EXIT.well;
  }
  return await command.run(await callOf(parsed, surroundings));
}

function commandNamed(name: string): Verb {
  const command = COMMANDS.find((one) => one.name === name);
  if (command !== undefined) return command;
  const names = COMMANDS.map((one) => one.name);
  const meant = nearestOf(name, names);
  throw usageError(
    `there is no command ${shownWord(name)}`,
    meant === undefined ? "shopify-secrets --help" : `shopify-secrets ${meant}`,
  );
}

interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly words: readonly string[];
  readonly rest: readonly string[];
}

function parse(command: Command, words: readonly string[]): Parsed {
  const end = words.indexOf("--");
  const own = end === -1 ? words : words.slice(0, end);
  if (own.some(isSecret)) throw secretOnCommandLine();
  const options: Readonly<Record<string, Option>> = { ...GLOBAL_OPTIONS, ...command.options };
  const config = Object.entries(options).map(
    ([name, { type }]) => [name, name === "help" ? { type, short: "h" } : { type }] as const,
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...own],
      options: Object.fromEntries(config),
      allowPositionals: true,
    });
    return {
      values: values as Parsed["values"],
      words: positionals,
      rest: end === -1 ? [] : words.slice(end + 1),
    };
  } catch (error) {
    // Node's own sentence names the option; a value after it is never repeated.
    const { message } = error as { readonly message?: unknown };
    const [says = ""] = typeof message === "string" ? message.split(". ") : ["wrong options"];
    throw usageError(
      `${says}${meantBy(says, Object.keys(options))}`,
      `shopify-secrets ${command.name} --help`,
    );
  }
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

/** The option that was probably meant by the one in Node's sentence. */
function meantBy(says: string, options: readonly string[]): string {
  const unknown = /^Unknown option '--?([\w-]+)'/.exec(says)?.[1];
  const meant = unknown === undefined ? undefined : nearestOf(unknown, options);
  return meant === undefined ? "" : `; did you mean --${meant}?`;
}

async function callOf({ values, words, rest }: Parsed, surroundings: Surroundings): Promise<Call> {
  const text = (name: string) => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  const { env } = surroundings;
  const address = { region: text("region"), endpointUrl: text("endpoint-url") };
  const aws = tellingOfLists(surroundings.connect(address), surroundings);
  return {
    surroundings,
    aws,
    prefix: await findPrefix(
      text("prefix") ?? (env["SHOPIFY_SECRETS_PREFIX"] || undefined),
      aws.secrets,
    ),
    json: values["json"] === true,
    words,
    rest,
    flag: (name) => values[name] === true,
    text,
  };
}

/** Every command begins with a list of secrets, and that of a large fleet has many pages. */
function tellingOfLists(aws: AwsPorts, surroundings: Surroundings): AwsPorts {
  const { secrets } = aws;
  const list: AwsPorts["secrets"]["list"] = (query) =>
    whileTelling(
      surroundings,
      () => "listing secrets",
      () => secrets.list(query),
    );
  return { ...aws, secrets: { ...secrets, list } };
}

function unforeseen(error: unknown): Refusal {
  const name = error instanceof Error ? error.name : typeof error;
  return new Refusal(
    `something happened that we did not foresee (${name})`,
    "shopify-secrets doctor",
  );
}
