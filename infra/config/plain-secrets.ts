import { parseJsonQuietly } from "../../contract/quiet-json";
import { ConfigNode, isMap, type Problem } from "./node";
import type { StackFile } from "./stack-file";
import { readYaml } from "./yaml-text";

/** The keys of config whose values have to be encrypted in the stack's file. */
export const SECRET_KEYS = ["clientSecrets", "previousClientSecrets", "accessTokens"] as const;

/** Where encryption can be seen: the engine knows it by key, the stack's file by value. */
export interface EncryptionSigns {
  readonly isEncrypted: (key: string) => boolean;
  readonly stackFile: StackFile;
}

/** What is known of the encryption of config's secrets. */
export interface Encryption {
  /** Secrets that stand in plain text. */
  readonly problems: readonly Problem[];
  /** Secrets whose encryption cannot be seen, in one sentence; undefined: all was seen. */
  readonly unseen: string | undefined;
  /** Whether they come from an environment of Pulumi ESC, which keeps its secrets itself. */
  readonly isEnvironment: boolean;
}

/**
 * Looks whether the secrets of config are encrypted.
 *
 * The engine calls a whole map secret as soon as one value in it is, so the file itself is asked as well; where
 * it does not answer, that is said: silence is never taken for safety.
 */
export function seeEncryption(
  config: Readonly<Record<string, unknown>>,
  { isEncrypted, stackFile }: EncryptionSigns,
): Encryption {
  const problems: Problem[] = [];
  const unseen: string[] = [];
  const view = viewOf(stackFile, config);
  for (const key of SECRET_KEYS) {
    const node = new ConfigNode(`shopify-secrets:${key}`, config[key], problems);
    for (const [name, child] of node.entries()) {
      if (child.isAbsent) continue;
      const sign = isEncrypted(key) ? signIn(view, key, name) : "plain";
      if (sign === "plain") child.report(remedyFor(child.path));
      else if (sign === "unseen" || view.doubt !== undefined) unseen.push(child.path);
    }
  }
  for (const child of setWithoutPath(config, problems)) {
    if (!isEncrypted(child.key)) child.node.report(remedyFor(child.node.path));
  }
  return {
    problems,
    unseen: unseen.length === 0 ? undefined : unseenSentence(unseen, view),
    isEnvironment: view.isEnvironment,
  };
}

/** Secrets that are keys of their own, such as `clientSecrets.fulfilment`: `--path` was forgotten. */
function setWithoutPath(config: Readonly<Record<string, unknown>>, problems: Problem[]) {
  const root = new ConfigNode("shopify-secrets:", config, problems);
  return root
    .entries()
    .filter(([key]) =>
      SECRET_KEYS.some((head) => key.startsWith(`${head}.`) || key.startsWith(`${head}[`)),
    )
    .map(([key, node]) => ({ key, node }));
}

type Sign = "encrypted" | "plain" | "unseen";

/** The file may hold a key in two of its forms: a secret in plain text is one in either. */
function signIn({ ours }: FileView, key: string, name: string): Sign {
  const signs = ours.flatMap(([given, map]) => (given === key ? [signInMap(map, name)] : []));
  return SIGNS.find((sign) => signs.includes(sign)) ?? "unseen";
}

const SIGNS = ["plain", "encrypted"] as const satisfies readonly Sign[];

/** In the file an encrypted value is a map with the one key `secure`, for the whole map or for one value. */
function signInMap(map: unknown, name: string): Sign {
  if (isSecure(map)) return "encrypted";
  const given = typeof map === "string" ? parseJsonQuietly(map) : map;
  const value = isMap(given) && Object.hasOwn(given, name) ? given[name] : undefined;
  if (isSecure(value)) return "encrypted";
  return value === undefined || value === null ? "unseen" : "plain";
}

function isSecure(value: unknown): boolean {
  return isMap(value) && typeof value["secure"] === "string" && Object.keys(value).length === 1;
}

function remedyFor(path: string): string {
  return `stands in plain text: it is no secret any more, so replace it at Shopify, then pulumi config set --secret --path '${path}'`;
}

/** What the stack's file shows. */
interface FileView {
  readonly file: string;
  /** Our part of its config, with keys without their namespace. */
  readonly ours: readonly (readonly [string, unknown])[];
  /** Why it says nothing for certain; undefined: it does. */
  readonly doubt: string | undefined;
  readonly isEnvironment: boolean;
}

function viewOf({ name, text }: StackFile, config: Readonly<Record<string, unknown>>): FileView {
  const nothing = { file: name, ours: [], isEnvironment: false };
  if (text === undefined) return { ...nothing, doubt: `there is no ${name}` };
  const reading = readYaml(text);
  if ("wrong" in reading) return { ...nothing, doubt: `${name} ${reading.wrong}` };
  const file = isMap(reading.value) ? reading.value : {};
  const isEnvironment = file["environment"] !== undefined && file["environment"] !== null;
  const ours = oursIn(file["config"]);
  // What an environment brings stands in no file, so that nothing can be compared.
  const isRead = isEnvironment || isWhatWasRead(ours, config);
  const doubt = isRead ? undefined : `${name} is not what the engine read (--config-file?)`;
  return { file: name, ours, doubt, isEnvironment };
}

function unseenSentence(
  paths: readonly string[],
  { file, doubt, isEnvironment }: FileView,
): string {
  const why = doubt ?? `${file} does not hold ${paths.length === 1 ? "it" : "them"}`;
  const rest = isEnvironment
    ? "in an environment of Pulumi ESC fn::secret encrypts it"
    : "what stands in plain text anywhere is no secret any more: replace it at Shopify, then pulumi config set --secret --path";
  return `whether ${paths.join(", ")} ${paths.length === 1 ? "is" : "are"} encrypted cannot be seen, because ${why}; ${rest}`;
}

/** The forms in which the engine takes a key of ours: `shopify-secrets:apps`, `apps`, `shopify-secrets:config:apps`. */
const OUR_KEY = /^(?:shopify-secrets:(?:config:)?)?([A-Za-z]+)$/;

function oursIn(config: unknown): [string, unknown][] {
  return Object.entries(isMap(config) ? config : {}).flatMap(([key, value]) => {
    const name = ownKeyOf(key);
    return name === undefined ? [] : [[name, value]];
  });
}

function ownKeyOf(key: string): string | undefined {
  return OUR_KEY.exec(key)?.[1];
}

/** Whether every key of the file came to the program as it stands there. */
function isWhatWasRead(ours: FileView["ours"], config: Readonly<Record<string, unknown>>): boolean {
  return ours.every(([key, value]) => value === null || isSame(value, config[key]));
}

/** The keys of the stack's file that the engine takes for a number, a date or nothing, and so changes. */
export function oddKeysOf({ name, text = "" }: StackFile): Problem[] {
  const reading = readYaml(text);
  const problems: Problem[] = [];
  const root = new ConfigNode("shopify-secrets:", undefined, problems);
  for (const [heading, key = "", ...way] of "oddKeys" in reading ? reading.oddKeys : []) {
    const own = heading === "config" ? ownKeyOf(key) : undefined;
    if (own === undefined) continue;
    way.reduce((node, step) => node.child(step), root.child(own)).report(oddKeySays(name));
  }
  return problems;
}

/** What is said of a key that is another one to other readers of YAML. */
export function oddKeySays(file: string): string {
  return `is a number, a date or nothing where YAML is read, and so becomes another key: put it in quotes in ${file}`;
}

/** Scalars are compared as texts: the engine writes numbers and truth values in its own way. */
function isSame(inFile: unknown, read: unknown): boolean {
  if (isSecure(inFile)) return read !== undefined;
  if (typeof inFile === "string" && typeof read === "object") {
    return isSame(parseJsonQuietly(inFile), read);
  }
  if (isMap(inFile) && isMap(read)) {
    const keys = Object.keys(inFile);
    return (
      keys.length === Object.keys(read).length &&
      keys.every((key) => Object.hasOwn(read, key) && isSame(inFile[key], read[key]))
    );
  }
  if (Array.isArray(inFile) && Array.isArray(read)) {
    return (
      inFile.length === read.length && inFile.every((item, index) => isSame(item, read[index]))
    );
  }
  return String(inFile) === String(read);
}
