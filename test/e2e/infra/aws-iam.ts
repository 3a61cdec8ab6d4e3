import { readFileSync } from "node:fs";
import * as iam from "@aws-sdk/client-iam";

/**
 * `aws iam <operation> --option value`, as far as the docs need the AWS CLI: options and operations are the
 * API's own names with hyphens, `file://` is a file's text, and an option without a value is true.
 */
async function main([service, operation = "", ...words]: readonly string[]): Promise<void> {
  if (service !== "iam") throw new Error(`no stand-in for aws ${service}`);
  const Command = (iam as unknown as Record<string, new (input: object) => never>)[
    `${camel(operation)}Command`
  ];
  if (Command === undefined) throw new Error(`no operation ${operation}`);
  const client = new iam.IAMClient({});
  const answer: unknown = await client.send(new Command(inputOf(words)));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function inputOf(words: readonly string[]): Record<string, string | boolean> {
  const input: Record<string, string | boolean> = {};
  words.forEach((word, at) => {
    if (!word.startsWith("--")) return;
    const value = words[at + 1];
    const isFlag = value === undefined || value.startsWith("--");
    input[camel(word.slice(2))] = isFlag ? true : textOf(value);
  });
  return input;
}

const textOf = (value: string): string =>
  value.startsWith("file://") ? readFileSync(value.slice("file://".length), "utf8") : value;

const camel = (name: string): string =>
  name
    .split("-")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");

void main(process.argv.slice(2));
