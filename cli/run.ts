import { suggestionFor } from "../contract/suggest";
import { later, SECOND_MS } from "../contract/time";
import { version } from "../package.json";
import type { AwsPorts } from "./aws/ports";
import type { Call, CallAt, Command, StackAddress, Typed, Verb, Wrapper } from "./command";
import { COMMANDS } from "./commands";
import { EXIT } from "./exit-codes";
import { findPrefix, judgePrefix } from "./fleet/prefix";
import { judgeRegion } from "./fleet/region";
import { judgeStoreWords } from "./fleet/store-names";
import { helpOf, overview } from "./help";
import type { Host } from "./host";
import { paintOf } from "./print/colour";
import { docsPageOf } from "./print/docs-page";
import { plainOutput } from "./print/plain";
import { whileTelling } from "./print/progress";
import { shownWord } from "./print/shown-word";
import { Refusal, usageError } from "./refusal";
import { asksForJson, parseTyped, requireUrl } from "./typed";

/** Runs one call of the command, and returns its exit code; every failure ends with the next command. */
export async function run(words: readonly string[], given: Host): Promise<number> {
  const host = { ...given, out: plainOutput(given.out), err: plainOutput(given.err) };
  try {
    return await dispatch(words, host);
  } catch (error) {
    const refusal = error instanceof Refusal ? error : unforeseen(error);
    const { out, err, env } = host;
    if (asksForJson(words)) out.write(`${JSON.stringify({ error: refusal.json }, null, 2)}\n`);
    err.write(`${paintOf(err, env)("shopify-secrets:", "red")} ${refusal.line}\n`);
    const page = docsPageOf(refusal.code ?? "", host);
    if (page !== undefined) err.write(`Read: ${page}\n`);
    return refusal.exitCode;
  }
}

async function dispatch(words: readonly string[], host: Host): Promise<number> {
  const [name, ...others] = words;
  if (name === "--version" || name === "-V" || name === "version") {
    host.out.write(`${version}\n`);
    return EXIT.well;
  }
  if (name === undefined || name === "help" || name.startsWith("-")) {
    const isAsked = name === "help" || name === "--help" || name === "-h";
    const [verb] = others;
    const text = name === "help" && verb !== undefined ? helpOf(verbNamed(verb)) : undefined;
    (isAsked ? host.out : host.err).write(text ?? overview(COMMANDS));
    return isAsked ? EXIT.well : EXIT.usage;
  }
  const verb = verbNamed(name);
  if ("wrap" in verb) return await runWrapper(verb, others, host);
  const typed = parseTyped(verb, others);
  if (typed.flag("help")) {
    host.out.write(helpOf(verb));
    return EXIT.well;
  }
  return "speak" in verb ? await verb.speak(typed, host) : await runCommand(verb, typed, host);
}

async function runWrapper(wrapper: Wrapper, words: readonly string[], host: Host): Promise<number> {
  if (words.some((word) => word === "--help" || word === "-h")) {
    host.out.write(helpOf(wrapper));
    return EXIT.well;
  }
  return await wrapper.wrap(words, host);
}

async function runCommand(command: Command, typed: Typed, host: Host): Promise<number> {
  judgeWords(command, typed);
  const callAt: CallAt = (place) => callOf(typed, host, place);
  const across = command.runAcross?.(typed, host, callAt);
  return across === undefined
    ? await command.run(await callAt(stackAddressOf(typed, host)))
    : await across;
}

function verbNamed(name: string): Verb {
  const command = COMMANDS.find((one) => one.name === name);
  if (command !== undefined) return command;
  const names = COMMANDS.map((one) => one.name);
  const meant = suggestionFor(name, names);
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
  for (const one of ["one store", "one app"] as const) {
    if (command.takes === one && words.length !== 1) throw usageError(`name ${one}`, help);
  }
  if (rest.length > 0 && command.name !== "exec") {
    throw usageError(`${command.name} takes nothing after --`, help);
  }
  if (command.takes !== "one app") judgeStoreWords(words);
  judgePrefix(typed.text("prefix"));
  judgeAddress(typed);
  command.judge?.(typed);
}

function judgeAddress(typed: Typed): void {
  judgeRegion(typed.text("region"));
  requireUrl(typed, "endpoint-url");
}

/** Where the options and the environment say that the stack is. */
function stackAddressOf(typed: Typed, { env }: Host): StackAddress {
  return {
    address: { region: typed.text("region"), endpointUrl: typed.text("endpoint-url") },
    prefix: typed.text("prefix") ?? (env["SHOPIFY_SECRETS_PREFIX"] || undefined),
  };
}

async function callOf(typed: Typed, host: Host, { address, prefix }: StackAddress): Promise<Call> {
  const aws = tellingOfLists(host.connect(address), host);
  return {
    ...typed,
    host,
    aws,
    prefix: await findPrefix(prefix, aws.secrets),
    now: () => later(host.clock.now(), -leadOf(aws)),
  };
}

/** AWS tells its time in whole seconds, and an answer is on its way for a while. */
const CLOCKS_AGREE_MS = 5 * SECOND_MS;

function leadOf({ clockLeadMs }: AwsPorts): number {
  const leadMs = clockLeadMs() ?? 0;
  return Math.abs(leadMs) < CLOCKS_AGREE_MS ? 0 : leadMs;
}

/** Every command begins with a list of secrets, and that of a large fleet has many pages. */
function tellingOfLists(aws: AwsPorts, host: Host): AwsPorts {
  const { secrets } = aws;
  const list: AwsPorts["secrets"]["list"] = (query) =>
    whileTelling(
      host,
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
