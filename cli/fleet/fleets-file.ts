import { parseDocument } from "yaml";
import type { StackAddress } from "../command";
import { type Refusal, usageError } from "../refusal";
import { judgePrefix } from "./prefix";
import { judgeRegion } from "./region";

/** One stack among several. */
export interface NamedFleet extends StackAddress {
  readonly name: string;
}

const KEYS = ["prefix", "profile", "region"];
const NAME = /^[\w.-]{1,64}$/;

/**
 * Reads a file of fleets: YAML, a name for each, and below it any of `region`, `profile` (of the AWS config) and `prefix`.
 *
 * @throws {Refusal} the first thing that is wrong, with its place
 */
export function parseFleets(text: string, file: string): NamedFleet[] {
  const document = parseDocument(text, { logLevel: "silent" });
  const read: unknown = document.errors.length === 0 ? document.toJS() : undefined;
  const wrong: Wrong = (says) =>
    usageError(`the file of fleets (${file}) ${says}`, "shopify-secrets status --help");
  if (!isObject(read)) throw wrong("is no YAML with a name for each fleet");
  const fleets = Object.entries(read).map(([name, value]) => fleetOf(name, value ?? {}, wrong));
  if (fleets.length === 0) throw wrong("names no fleet");
  return fleets;
}

type Wrong = (says: string) => Refusal;

function fleetOf(name: string, value: unknown, wrong: Wrong): NamedFleet {
  if (!NAME.test(name)) throw wrong("has a name that is no word: letters, digits, - and _");
  if (!isObject(value)) throw wrong(`has no region, profile or prefix below ${name}`);
  const odd = Object.keys(value).filter((key) => !KEYS.includes(key));
  if (odd.length > 0) {
    throw wrong(`has something else than region, profile and prefix below ${name}`);
  }
  const textOf = (key: string): string | undefined => {
    const given = value[key];
    if (given === undefined || (typeof given === "string" && given !== "")) return given;
    throw wrong(`has a ${key} below ${name} that is no text`);
  };
  const [prefix, profile, region] = KEYS.map(textOf);
  judgePrefix(prefix);
  judgeRegion(region);
  return { name, prefix, address: { region, profile } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
