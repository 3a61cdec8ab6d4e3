/** How what is said of config reads where the same is declared in another place. */
export interface Words {
  /** Where it is declared. */
  readonly where: string;
  /** A sentence of ours, in these words. */
  say(text: string): string;
}

/** Sentences are written in the words of stack config. */
export const CONFIG_WORDS: Words = { where: "config", say: (text) => text };

/** How a program's language writes the name of a property, such as `clientId`. */
export type Spelling = (property: string) => string;

let spelling: Spelling = (property) => property;

/** Says how the language of this process's program spells; a process serves one program. */
export function spellLike(other: Spelling): void {
  spelling = other;
}

/** Where a program gives what has a key of its own in config. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^clientSecrets\.([^.]+)/, "apps.$1.clientSecret"],
  [/^previousClientSecrets\.([^.]+)/, "apps.$1.previousClientSecret"],
  [/^accessTokens\.([^.]+)/, "stores.$1.accessToken"],
  [/^(?:clientSecrets|previousClientSecrets)$/, "apps"],
  [/^accessTokens$/, "stores"],
  [/^alarms\.topicArn/, "alarmsTopicArn"],
];

/** Keys that a program has more, or fewer, than config: by the first of a list. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/^clientId, /, "clientId, clientSecret, previousClientSecret, "],
  [/^kind, shop, /, "kind, shop, accessToken, "],
  [/storesFile, clientSecrets, previousClientSecrets, accessTokens, /, ""],
  [/\bfleet, /, ""],
  [/readerPolicies, /, ""],
  [/formerFleet, /, ""],
];

/** A path of config, such as `stores.acme.kind`, with its namespace. */
const PATH = "shopify-secrets:([A-Za-z0-9._\\[\\]-]*[A-Za-z0-9\\]])";
/** Secrets may stand in config also where a program declares the rest: these commands do what they say. */
const SECRET_COMMAND = new RegExp(`pulumi config set --secret --path '${PATH}'`);
const COMMANDS: readonly (readonly [RegExp, (path: string) => string])[] = [
  [new RegExp(`pulumi config set (?:--path )?'?${PATH}'? `, "g"), (path) => `set ${path} to `],
  [new RegExp(`pulumi config rm (?:--path )?'?${PATH}'?`, "g"), (path) => `take ${path} out`],
  [new RegExp(PATH, "g"), (path) => path],
];

/** The words of a program that declares its fleet in a component: of config it has the secrets at most. */
export function wordsOfProgram(fleet: string): Words {
  return wordsOfComponent(fleet, inProgram);
}

/** The words of a program that declares one store on its own, whose keys are the component's. */
export function wordsOfStore(component: string): Words {
  return wordsOfComponent(component, (path) =>
    inProgram(path).replace(/^(?:stores|apps)\.[^.]+(?:\.|$)/, ""),
  );
}

function wordsOfComponent(component: string, placed: (path: string) => string): Words {
  const pathOf = (path: string) =>
    spelledPath([component, placed(path)].filter(Boolean).join("."), spelling);
  const sayPlain = (text: string) => {
    const said = COMMANDS.reduce(
      (before, [command, instead]) =>
        before.replace(command, (_, path: string) => instead(pathOf(path))),
      text,
    );
    return said
      .replace(/known here: ([A-Za-z, ]+)/, (_, list: string) => `known here: ${knownIn(list)}`)
      .replace(
        /did you mean ([a-z]+[A-Z]\w*)\?/,
        (_, word: string) => `did you mean ${spelling(word)}?`,
      );
  };
  const say = (text: string): string => {
    const [command] = SECRET_COMMAND.exec(text) ?? [];
    return command === undefined ? sayPlain(text) : text.split(command).map(sayPlain).join(command);
  };
  return { where: component, say };
}

function inProgram(path: string): string {
  const [key, instead] = ELSEWHERE.find(([known]) => known.test(path)) ?? [];
  return key === undefined || instead === undefined ? path : path.replace(key, instead);
}

/** Keys of a user's own stay as they are: tags and imports, and apps and stores, which have no capitals. */
function spelledPath(path: string, spell: Spelling): string {
  const [fleet = "", ...rest] = path.split(".");
  const own = rest.findIndex((step) => step === "tags" || step === "imports");
  const spelled = rest.map((step, index) => {
    const isOwn = (own >= 0 && index > own) || isKeyOfMap(rest, index);
    return isOwn ? step : step.replace(/^\w+/, (property) => spell(property));
  });
  return [fleet, ...spelled].join(".");
}

/** The step after one of these is a user's key. */
function isKeyOfMap(steps: readonly string[], index: number): boolean {
  return index === 1 && ["apps", "stores", "consumers"].includes(steps[0] ?? "");
}

function knownIn(list: string): string {
  const known = KNOWN.reduce((before, [shape, instead]) => before.replace(shape, instead), list);
  return known.replace(/[A-Za-z]+/g, (word) => spelling(word));
}
