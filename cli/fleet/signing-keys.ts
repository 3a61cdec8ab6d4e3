import { type AppKey, isKeyArn, type KeyArn, keyIdOf } from "../../contract/brands";
import { isSigned } from "../../contract/kinds";
import { appSecretName, SIGNING_KEYS_TAG, signingKeyNameIn } from "../../contract/names";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { isoOf } from "../../contract/time";
import type { KeyFacts } from "../aws/ports";
import type { Call } from "../command";
import { Refusal } from "../refusal";
import { atOnce } from "./at-once";
import type { StoreSeen } from "./store-view";

const STATUS = "shopify-secrets status --json";

/** A key that signs for an app, as config, Shopify and KMS know it. */
export interface SigningKeySeen extends Pick<KeyFacts, "createdAt" | "state"> {
  readonly keyArn: KeyArn;
  /** How assertions name it, and the JWK that is pasted at Shopify. */
  readonly kid: string;
  /** As it stands in `signingKeys`: a name of one's own, or the ARN. */
  readonly name: string;
}

/** The keys that an app's secret names in its tag, in the order in which they are tried; none: it does not sign. */
export function keyArnsIn({ facts }: Pick<ListedSecret, "facts">): KeyArn[] {
  return (facts.tags.get(SIGNING_KEYS_TAG) ?? "").split(" ").filter(isKeyArn);
}

/**
 * The keys that sign for an app, in the order in which they are tried.
 *
 * @throws {Refusal} there is no such app, or it does not sign
 */
export async function signingKeyArnsOf(
  { aws, prefix }: Pick<Call, "aws" | "prefix">,
  app: AppKey,
): Promise<KeyArn[]> {
  const secret = await aws.secrets.find(appSecretName(prefix, app));
  if (secret === undefined) throw new Refusal(`there is no app ${app} under ${prefix}`, STATUS);
  const keyArns = keyArnsIn(secret);
  if (keyArns.length > 0) return keyArns;
  throw new Refusal(
    `app ${app} does not sign: it presents its client secret`,
    `set shopify-secrets:apps.${app}.credential to signing-key, then pulumi up --continue-on-error`,
  );
}

/** What KMS says of a key that signs for an app. */
export async function lookAtKey(
  { aws, prefix }: Pick<Call, "aws" | "prefix">,
  app: AppKey,
  keyArn: KeyArn,
): Promise<SigningKeySeen> {
  const { createdAt, state, description } = await (await aws.keys()).describe(keyArn);
  const name = signingKeyNameIn(description, prefix, app) ?? keyArn;
  return { keyArn, kid: keyIdOf(keyArn), name, createdAt, state };
}

/** What a key of an app is for: of two, the one that was made later is the new one. */
export type KeyRole = "signs" | "next" | "before";

export function roleOf(key: SigningKeySeen, [first, second]: readonly SigningKeySeen[]): KeyRole {
  if (key.keyArn === first?.keyArn) return "signs";
  return Number(first?.createdAt ?? 0) > Number(second?.createdAt ?? 0) ? "before" : "next";
}

/** A key for programs. */
export function keyJson(key: SigningKeySeen, all: readonly SigningKeySeen[]): object {
  const { name, kid, keyArn, createdAt, state } = key;
  return {
    name,
    role: roleOf(key, all),
    kid,
    key_arn: keyArn,
    created_at: createdAt === undefined ? null : isoOf(createdAt),
    state,
  };
}

/** An app that signs, with its keys; undefined: whoever asks may not see them. */
export interface AppKeys {
  readonly app: AppKey;
  readonly keys: readonly SigningKeySeen[] | undefined;
}

/** The keys of the apps that sign for these stores; KMS is asked of nothing where none does. */
export async function keysOfApps(
  call: Pick<Call, "aws" | "prefix">,
  stores: readonly StoreSeen[],
): Promise<AppKeys[]> {
  const apps = stores.flatMap(({ declaration }) =>
    declaration?.app !== undefined && isSigned(declaration) ? [declaration.app] : [],
  );
  return await atOnce([...new Set(apps)].sort(), async (app) => {
    try {
      const keyArns = await signingKeyArnsOf(call, app);
      return { app, keys: await atOnce(keyArns, (keyArn) => lookAtKey(call, app, keyArn)) };
    } catch (error) {
      if (error instanceof Refusal) return { app, keys: undefined };
      throw error;
    }
  });
}
