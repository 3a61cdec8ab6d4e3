import type { AppKey } from "../../contract/brands";
import { isoOf } from "../../contract/time";
import { UP } from "../../contract/up";
import type { Call } from "../command";
import { roleOf, type SigningKeySeen } from "../fleet/signing-keys";
import { Refusal } from "../refusal";

/** The commands of the change of an app's key, as they are pasted. */
export interface KeyCommands {
  readonly again: string;
  readonly paste: string;
  /** Lets the other key sign first. */
  readonly switchKeys: string;
  /** Ends the other key. */
  readonly revoke: string;
}

/** An app with both of its keys. */
interface Keys {
  readonly app: AppKey;
  readonly signs: SigningKeySeen;
  readonly other: SigningKeySeen;
}

type Asked = Pick<Call, "text" | "prefix" | "now">;

export function commandsFor(call: Asked, { app, signs, other }: Keys): KeyCommands {
  const of = prefixOf(call);
  // What Shopify does not know is the newer one of both.
  const newer = roleOf(other, [signs, other]) === "before" ? signs : other;
  return {
    again: againFor(call, app),
    paste: `shopify-secrets public-key ${app}${of}, and paste the key with kid ${newer.kid} in the app's settings`,
    switchKeys: [setKey(app, 0, other.name), setKey(app, 1, signs.name), UP].join(", then "),
    revoke: `revoke the key with kid ${other.kid} in the app's settings, then pulumi config rm --path '${pathOf(app, 1)}', then ${UP}`,
  };
}

/**
 * An app that has no next key.
 *
 * @throws {Refusal} always
 */
export function refuseWithoutNext(call: Asked, app: AppKey, signs: SigningKeySeen): never {
  const next = [
    setKey(app, 0, signs.name),
    setKey(app, 1, newName(signs.name, call)),
    UP,
    againFor(call, app),
  ];
  throw new Refusal(
    `app ${app} has one key, ${signs.name}, and no next one: a change takes both, side by side`,
    next.join(", then "),
  );
}

/** By its day, so that a list of keys tells their ages. */
function newName(before: string, { now }: Asked): string {
  const name = `key-${isoOf(now()).slice(0, 10)}`;
  return name === before ? `${name}-b` : name;
}

function againFor(call: Asked, app: AppKey): string {
  return `shopify-secrets rotate --signing-key ${app}${prefixOf(call)}`;
}

/** What was typed is typed again: without it, an account with several stacks asks which one is meant. */
function prefixOf({ text, prefix }: Asked): string {
  return text("prefix") === undefined ? "" : ` --prefix ${prefix}`;
}

function setKey(app: AppKey, place: number, name: string): string {
  return `pulumi config set --path '${pathOf(app, place)}' ${name}`;
}

function pathOf(app: AppKey, place: number): string {
  return `shopify-secrets:apps.${app}.signingKeys[${place}]`;
}
