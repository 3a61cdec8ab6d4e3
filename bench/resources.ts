import { KINDS } from "../contract/kinds";
import { countResources, MOST_RESOURCES } from "./resources/count";

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const { perStore, perApp, shared, alarms } = await countResources();
  say("AWS resources of a stack");
  say("| what | resources | at most |");
  say("|---|---|---|");
  for (const kind of KINDS) {
    say(`| each ${kind} store | ${perStore[kind]} | ${MOST_RESOURCES.perStore[kind]} |`);
  }
  say(`| each app | ${perApp} | |`);
  say(
    `| shared: every function, the install endpoint, both keys | ${shared} | ${MOST_RESOURCES.shared} |`,
  );
  say(`| alarms and notices, when config asks for them | ${alarms} | |`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : "the bench failed"}\n`);
  process.exitCode = 1;
});
