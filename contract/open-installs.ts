import * as v from "valibot";
import {
  type ApiVersion,
  type AppKey,
  isApiVersion,
  isAppKey,
  isKeyArn,
  type KeyArn,
  type ShopDomain,
} from "./brands";
import type { Declaration } from "./declaration";
import { CodedError } from "./errors";
import { kindsThat } from "./kinds";
import { parseJsonQuietly } from "./quiet-json";

/** How many new stores an hour an open app takes in, where config does not say. */
export const DEFAULT_NEW_STORES_AN_HOUR = 100;

/** The most that config may say: beyond, a flood would cost hundreds of dollars a month before anybody looks. */
export const MOST_NEW_STORES_AN_HOUR = 2_000;

/** An app that every merchant may install. */
export interface OpenApp {
  /** Its key in config. */
  readonly app: AppKey;
  /** How many new stores an hour it takes in. */
  readonly newStoresAnHour: number;
}

/** What the install function has to know to take in stores that nobody declared. */
export interface OpenInstalls {
  readonly apps: readonly OpenApp[];
  /** The key of the secrets. */
  readonly kmsKeyArn: KeyArn;
  /** The version of the Admin API that the records of such stores name. */
  readonly apiVersion: ApiVersion;
  /** Days in which a secret that was removed can be restored; 0: none. */
  readonly recoveryWindowDays: number;
  /** The operator's own tags of everything. */
  readonly tags: Readonly<Record<string, string>>;
}

const WireOpenInstalls = v.object({
  apps: v.array(
    v.object({
      app: v.custom<AppKey>(isAppKey),
      newStoresAnHour: v.pipe(v.number(), v.minValue(0)),
    }),
  ),
  kmsKeyArn: v.custom<KeyArn>(isKeyArn),
  apiVersion: v.custom<ApiVersion>(isApiVersion),
  recoveryWindowDays: v.pipe(v.number(), v.minValue(0)),
  tags: v.record(v.string(), v.string()),
});

/** The settings as an environment variable holds them. */
export function encodeOpenInstalls({
  apps,
  kmsKeyArn,
  apiVersion,
  recoveryWindowDays,
  tags,
}: OpenInstalls): string {
  return JSON.stringify({ apps, kmsKeyArn, apiVersion, recoveryWindowDays, tags });
}

/**
 * Reads the settings of open installs; undefined: no app of the stack is open.
 *
 * @throws {CodedError} `environment_malformed`
 */
export function parseOpenInstalls(text: string | undefined): OpenInstalls | undefined {
  if (text === undefined || text === "") return undefined;
  const parsed = v.safeParse(WireOpenInstalls, parseJsonQuietly(text));
  if (!parsed.success) throw new CodedError("environment_malformed", { field: "open installs" });
  return parsed.output;
}

/** The kind of a store that came by itself: the one that merchants of a public app always approve. */
const [KIND_OF_INSTALLED] = kindsThat(({ approvedByMerchant }) => approvedByMerchant === "always");

/** What a store that came by itself is declared as: it wants whatever the app's released version has. */
export function declarationOfInstalled(
  { app, shop }: { readonly app: AppKey; readonly shop: ShopDomain },
  { apiVersion }: Pick<OpenInstalls, "apiVersion">,
): Declaration {
  if (KIND_OF_INSTALLED === undefined) throw new CodedError("unexpected");
  return { kind: KIND_OF_INSTALLED, shop, app, scopes: [], apiVersion, distribution: "public" };
}
