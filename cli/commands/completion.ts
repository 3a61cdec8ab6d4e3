import type { Option, Speaker, Verb } from "../command";
import { EXIT } from "../exit-codes";
import { GLOBAL_OPTIONS } from "../help";
import { usageError } from "../refusal";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** `completion`: what a shell has to know to complete the command's words. */
export function completionOf(verbs: () => readonly Verb[]): Speaker {
  return {
    name: "completion",
    usage: SHELLS.join("|"),
    summary: "print what completes the command's words in a shell",
    choices: SHELLS,
    async speak({ words }, { out }) {
      const shell = SHELLS.find((one) => one === words[0]);
      if (shell === undefined || words.length > 1) {
        throw usageError(
          "the shell is bash, zsh or fish",
          'eval "$(shopify-secrets completion bash)"',
        );
      }
      out.write(SCRIPTS[shell](verbs()));
      return EXIT.well;
    },
  };
}

const SCRIPTS: Readonly<Record<Shell, (verbs: readonly Verb[]) => string>> = {
  bash: bashScript,
  // zsh runs bash's completions.
  zsh: (verbs) =>
    `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(verbs)}`,
  fish: fishScript,
};

/** Stores are asked for when they are needed: they are AWS's to know, and the answer takes a second. */
const STORES = "shopify-secrets status --names 2>/dev/null";

function bashScript(verbs: readonly Verb[]): string {
  const cases = verbs.map((verb) => {
    const options = optionsOf(verb).join(" ");
    return `    ${verb.name}) options='${options}'; words=${bashWordsOf(verb)} ;;`;
  });
  return [
    '# eval "$(shopify-secrets completion bash)"',
    "_shopify_secrets() {",
    `  local current=\${COMP_WORDS[COMP_CWORD]} options= words= offered=`,
    "  COMPREPLY=()",
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W '${verbs.map(({ name }) => name).join(" ")} help --help --version' -- "$current"))`,
    "    return",
    "  fi",
    `  case \${COMP_WORDS[1]} in`,
    ...cases,
    "  esac",
    "  case $current in",
    "    -*) offered=$options ;;",
    '    *) [ -n "$words" ] && offered=$($words) ;;',
    "  esac",
    '  COMPREPLY=($(compgen -W "$offered" -- "$current"))',
    "}",
    "complete -o default -F _shopify_secrets shopify-secrets",
    "",
  ].join("\n");
}

/** A shell function or program that prints the words. */
function bashWordsOf(verb: Verb): string {
  const choices = choicesOf(verb);
  if (choices.length > 0) return `'echo ${choices.join(" ")}'`;
  return takesStores(verb) ? "'shopify-secrets status --names'" : "''";
}

function fishScript(verbs: readonly Verb[]): string {
  const lines = verbs.flatMap((verb) => {
    const seen = `-n '__fish_seen_subcommand_from ${verb.name}'`;
    const words = choicesOf(verb).join(" ");
    return [
      `complete -c shopify-secrets -f -n __fish_use_subcommand -a ${verb.name} -d '${verb.summary.replaceAll("'", "\\'")}'`,
      ...optionsOf(verb).map(
        (option) => `complete -c shopify-secrets ${seen} -l ${option.slice(2)}`,
      ),
      ...(takesStores(verb) ? [`complete -c shopify-secrets -f ${seen} -a '(${STORES})'`] : []),
      ...(words === "" ? [] : [`complete -c shopify-secrets -f ${seen} -a '${words}'`]),
    ];
  });
  return `# shopify-secrets completion fish | source\n${lines.join("\n")}\n`;
}

function optionsOf(verb: Verb): string[] {
  const own: Readonly<Record<string, Option>> = "wrap" in verb ? {} : (verb.options ?? {});
  const names =
    "wrap" in verb ? ["json", "help"] : [...Object.keys(own), ...Object.keys(GLOBAL_OPTIONS)];
  return names.map((name) => `--${name}`);
}

function choicesOf(verb: Verb): readonly string[] {
  return "speak" in verb ? (verb.choices ?? []) : [];
}

function takesStores(verb: Verb): boolean {
  return "takes" in verb && (verb.takes === "one store" || verb.takes === "stores");
}
