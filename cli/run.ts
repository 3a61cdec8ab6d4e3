import { nearestOf } from "../contract/near-miss";
import { later, SECOND_MS } from "../contract/time";
import { version } from "../package.json";
import type { AwsPorts } from "./aws/ports";
import type { Call, Command, Typed, Verb, Wrapper } from "./command";
import { COMMANDS } from "./commands";
import { EXIT } from "./exit-codes";
import { findPrefix, judgePrefix } from "./fleet/prefix";
import { judgeStoreWords } from "./fleet/store-names";
import { helpOf, overview } from "./help";
import { paintOf } from "./print/colour";
import { whileTelling } from "./print/progress";
import { shownWord } from "./print/shown-word";
import { Refusal, usageError } from "./refusal";
import type { Surroundings } from "./surroundings";
import { asksForJson, parseTyped, requireUrl } from "./typed";

/** Runs one call of the command, and returns its exit code; every failure ends with the next command. */
export async function run(words: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    return await dispatch(words, surroundings);
  } catch (error) {
    const refusal = error instanceof Refusal ? error : unforeseen(error);
    const { out, err, env } = surroundings;
    if (asksForJson(words)) out.write(`${JSON.stringify({ error: refusal.json }, null, 2)}\n`);
    err.write(`${paintOf(err, env)("shopify-secrets:", "red")} ${refusal.line}\n`);
    return refusal.exitCode;
  }
}

async function dispatch(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const [name, ...others] = words;
  if (name === "--version" || name === "-V" || name === "version") {
    surroundings.out.write(`${version}\n`);
    return EXIT.well;
  }
  if (name === undefined || name === "help" || name.startsWith("-")) {
    const isAsked = name === "help" || name === "--help" || name === "-h";
    const [verb] = others;
    const text = name === "help" && verb !== undefined ? helpOf(verbNamed(verb)) : undefined;
    (isAsked ? surroundings.out : surroundings.err).write(text ?? overview(COMMANDS));
    return isAsked ? EXIT.well : EXIT.usage;
  }
  const verb = verbNamed(name);
  if ("wrap" in verb) return await runWrapper(verb, others, surroundings);
  const typed = parseTyped(verb, others);
  if (typed.flag("help")) {
    surroundings.out.write(helpOf(verb));
    return EXIT.well;
  }
  return "speak" in verb
    ? await verb.speak(typed, surroundings)
    : await runCommand(verb, typed, surroundings);
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
  typed: Typed,
  surroundings: Surroundings,
): Promise<number> {
  judgeWords(command, typed);
  return await command.run(await callOf(typed, surroundings));
}

function verbNamed(name: string): Verb {
  const command = COMMANDS.find((one) => one.name === name);
  if (command !== undefined) return command;
  const names = COMMANDS.map((one) => one.name);
  const meant = nearestOf(name, names);
  throw usageError(
    `there is no command ${shownWord(name)}`,
    meant === undefined ? "shopify-secrets --help" : `shopify-secrets ${meant}`,
  );
}

/** Everything that can be said of a call without asking AWS. */
function judgeWords(command: Command, typed: Typed): void {
  const help = `shopify-secrets ${command.name} --help`;
  const { words, rest } = typed;
  if (command.takes === "nothing" && words.length > 0) {
    throw usageError(`${command.name} takes no words`, help);
  }
  if (command.takes === "one store" && words.length !== 1) throw usageError("name one store", help);
  if (rest.length > 0 && command.name !== "exec") {
    throw usageError(`${command.name} takes nothing after --`, help);
  }
  judgeStoreWords(words);
  judgePrefix(typed.text("prefix"));
  judgeAddress(typed);
  command.judge?.(typed);
}

/** The regions of all partitions, such as `us-east-1`, `us-gov-west-1` and `us-iso-east-1`. */
const REGION = /^[a-z]{2,3}(?:-[a-z]+){1,3}-\d{1,2}$/;

function judgeAddress(typed: Typed): void {
  const region = typed.text("region");
  if (region !== undefined && !REGION.test(region)) {
    throw usageError(
      `${shownWord(region)} is no AWS region`,
      "give one such as --region us-east-1",
    );
  }
  requireUrl(typed, "endpoint-url");
}

async function callOf(typed: Typed, surroundings: Surroundings): Promise<Call> {
  const { env } = surroundings;
  const address = { region: typed.text("region"), endpointUrl: typed.text("endpoint-url") };
  const aws = tellingOfLists(surroundings.connect(address), surroundings);
  const given = typed.text("prefix") ?? (env["SHOPIFY_SECRETS_PREFIX"] || undefined);
  return {
    ...typed,
    surroundings,
    aws,
    prefix: await findPrefix(given, aws.secrets),
    now: () => later(surroundings.clock.now(), -leadOf(aws)),
  };
}

/** AWS tells its time in whole seconds, and an answer is on its way for a while. */
const CLOCKS_AGREE_MS = 5 * SECOND_MS;

function leadOf({ clockLeadMs }: AwsPorts): number {
  const leadMs = clockLeadMs() ?? 0;
  return Math.abs(leadMs) < CLOCKS_AGREE_MS ? 0 : leadMs;
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
