import { randomInt } from "node:crypto";
import type { Call, Command } from "../command";
import { EXIT, type ExitCode } from "../exit-codes";
import { askNotice } from "../fleet/ask-functions";
import { jsonText } from "../print/json";
import { whileTelling } from "../print/progress";
import { Refusal, usageError } from "../refusal";

/** `notify --test`: proves that a person hears of a store, before one needs it. */
export const notify: Command = {
  name: "notify",
  usage: "--test",
  takes: "nothing",
  summary: "send a test notice with a word in it, and ask for the word: the way a person is told",
  options: { test: { type: "boolean", help: "say that it is a test; nothing else can be sent" } },
  judge({ flag }) {
    if (!flag("test")) {
      throw usageError(
        "notify sends nothing but a test: stores are told of by the sweep",
        "shopify-secrets notify --test",
      );
    }
  },
  async run(call) {
    const { aws, prefix, host } = call;
    const word = newWord();
    const outcome = await whileTelling(
      host,
      () => "sending a test notice",
      () => askNotice({ functions: aws.functions, prefix }, word),
    );
    if (outcome === "no_topic") {
      throw new Refusal(
        `the stack of ${prefix} tells nobody of a store: it has no topic`,
        "pulumi config set shopify-secrets:alarms true, then pulumi up --continue-on-error, then subscribe as docs/operations.md says",
      );
    }
    if (call.json) return printJson(call, word);
    host.out.write(`A test notice was handed to the topic of ${prefix}.\n`);
    return await askForWord(call, word);
  },
};

/** Letters that no screen and no hand confuses. */
const LETTERS = "abcdefhkmnprstuwxyz";
const WORD_LENGTH = 6;

function newWord(): string {
  return Array.from({ length: WORD_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");
}

const NOT_REACHED = [
  "If it does not arrive within a few minutes, nobody would hear of a store. Look whether a subscription is confirmed:",
  "Next: pulumi stack output noticeTopicArn, then aws sns list-subscriptions-by-topic --topic-arn <arn>",
];

/** Where somebody sits, the word is asked for and not shown: only who read the notice can type it. */
async function askForWord({ host }: Call, word: string): Promise<ExitCode> {
  const { out } = host;
  const typed = await host.ask(
    "It ends with a word. Type it when it arrived (Enter: it did not): ",
  );
  if (typed === undefined) {
    const lines = [`Its last line ends with the word ${word}: compare them.`, ...NOT_REACHED];
    out.write(`${lines.join("\n")}\n`);
    return EXIT.well;
  }
  if (typed.trim().toLowerCase() === word) {
    out.write("That is it: people are reached.\n");
    return EXIT.well;
  }
  const what = typed.trim() === "" ? "It did not arrive." : "That is not the word of this notice.";
  out.write(`${[what, ...NOT_REACHED].join("\n")}\n`);
  return EXIT.needsPerson;
}

function printJson({ prefix, host }: Call, word: string): ExitCode {
  host.out.write(jsonText({ prefix, outcome: "handed_over", word }));
  return EXIT.well;
}
