import type { Option, Verb } from "./command";

/** The options that every verb takes. */
export const GLOBAL_OPTIONS = {
  prefix: {
    type: "string",
    value: "prefix",
    help: "the stack's prefix, such as shopify/prod (default: SHOPIFY_SECRETS_PREFIX, else the only one there is)",
  },
  region: {
    type: "string",
    value: "region",
    help: "the AWS region (default: as the AWS SDK finds it)",
  },
  "endpoint-url": { type: "string", value: "url", help: "another AWS endpoint" },
  json: { type: "boolean", help: "print JSON" },
  help: { type: "boolean", help: "print this" },
} as const satisfies Readonly<Record<string, Option>>;

const EXIT_CODES =
  "Exit codes: 0 all well, 1 something needs a person, 2 wrong usage, 3 it could not be done.";

/** The help of the whole command. */
export function overview(commands: readonly Verb[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  return [
    "Usage: shopify-secrets <command> [options]",
    "",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    "",
    ...optionLines(GLOBAL_OPTIONS),
    "",
    EXIT_CODES,
    "Permissions of an operator: docs/operators.md. What each code means: docs/operations.md.",
    "",
  ].join("\n");
}

/** The help of one verb. */
export function helpOf(verb: Verb): string {
  const { name, usage, summary } = verb;
  return [
    `Usage: shopify-secrets ${name} ${usage}`.trimEnd(),
    "",
    `  ${summary}`,
    "",
    ...optionsOf(verb),
    "",
    verb.exitCodes ?? EXIT_CODES,
    "",
  ].join("\n");
}

function optionsOf(verb: Verb): string[] {
  if ("wrap" in verb) {
    return [`  --json for JSON; every other option goes to ${verb.around}, such as --stack prod`];
  }
  return optionLines({ ...verb.options, ...GLOBAL_OPTIONS });
}

function optionLines(options: Readonly<Record<string, Option>>): string[] {
  const names = Object.entries(options).map(([name, option]) => ({
    text: option.value === undefined ? `--${name}` : `--${name} <${option.value}>`,
    help: option.help,
  }));
  const width = Math.max(...names.map(({ text }) => text.length)) + 2;
  return names.map(({ text, help }) => `  ${text.padEnd(width)}${help}`);
}
