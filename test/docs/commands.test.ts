import { readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../cli/commands";
import { GLOBAL_OPTIONS } from "../../cli/help";
import { ADVICE } from "../../contract/errors";
import { METRICS } from "../../contract/metrics";
import { documents, PROJECT } from "./code-blocks";

/** Where a command of ours stands, with everything up to the end of what may belong to it. */
const OWN = /shopify-secrets ([a-z][a-z-]*)((?: +(?:--?[a-z][a-z-]*|\\?<[^>]+>|[\w./:…-]+))*)/g;

/** Words that follow the product's name in prose. */
const PROSE = new Set(["command", "finds", "status,", "or", "is", "as", "and", "names"]);

/** Every command of ours in a text: the verb, and the options that it is given before any `--`. */
function commandsIn(text: string): { verb: string; options: string[] }[] {
  return [...text.matchAll(OWN)]
    .filter(([, verb = ""]) => !PROSE.has(verb))
    .map(([, verb = "", rest = ""]) => {
      const own = rest.split(/ -- /)[0] ?? "";
      const options = [...own.matchAll(/(?<= )--([a-z][a-z-]*)/g)].map(([, name = ""]) => name);
      return { verb, options };
    });
}

/** What is wrong with a text's commands: verbs and options that the command does not have. */
function mistakesIn(text: string): string[] {
  return commandsIn(text).flatMap(({ verb, options }) => {
    const command = COMMANDS.find(({ name }) => name === verb);
    if (command === undefined) return [`there is no verb ${verb}`];
    // The options of a wrapper are those of the program that it wraps.
    if ("wrap" in command) return [];
    const known = [...Object.keys(GLOBAL_OPTIONS), ...Object.keys(command.options ?? {})];
    return options.filter((name) => !known.includes(name)).map((name) => `${verb} --${name}`);
  });
}

const page = (file: string) => readFileSync(join(PROJECT, file), "utf8");

test.each(documents())("%s prints only commands that exist", (file) => {
  expect(mistakesIn(page(file))).toEqual([]);
});

test.each(Object.entries(ADVICE))("the next command of %s exists", (_code, { next }) => {
  expect(mistakesIn(next)).toEqual([]);
});

test("the runbook and the advice hold commands to try this on", () => {
  expect(commandsIn(page("docs/operations.md")).length).toBeGreaterThan(30);
  expect(mistakesIn("shopify-secrets rotat acme --app x, shopify-secrets status --fast")).toEqual([
    "there is no verb rotat",
    "status --fast",
  ]);
});

/** Every call of the engine in the docs, up to the end of its options. */
const PULUMI = /pulumi ((?:up|preview|refresh|config set|destroy)(?: --?[a-z-]+)*)/g;
const PULUMI_OPTIONS = new Set([
  ...["--continue-on-error", "--diff", "--expect-no-changes", "--path", "--plaintext"],
  ...["--clear-pending-creates", "--refresh", "--secret", "--stack", "--target", "--yes"],
]);

test.each([...documents(), "cli"])("%s gives the engine only options that were tried", (file) => {
  const text = file === "cli" ? sourcesOfNext() : page(file);
  const options = [...text.matchAll(PULUMI)].flatMap(([, call = ""]) => call.match(/--[a-z-]+/g));
  const unknown = options.filter((option) => option && !PULUMI_OPTIONS.has(option));
  expect(unknown).toEqual([]);
});

function sourcesOfNext(): string {
  return ["cli/fleet/sweep-heartbeat.ts", "cli/commands/restore.ts", "contract/errors.ts"]
    .map(page)
    .join("\n");
}

test("the runbook names every metric", () => {
  for (const { name } of Object.values(METRICS)) {
    expect(page("docs/operations.md")).toContain(`\`${name}\``);
  }
});
