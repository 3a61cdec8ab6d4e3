import { parseAppCredential } from "../../contract/app-credential";
import type { AppKey, VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { appSecretName } from "../../contract/names";
import { DAY_MS } from "../../contract/time";
import { rereadUntil } from "../retry";
import type { AppInHand, ClientSecret } from "./credential-memory";
import type { EngineDeps } from "./deps";

export type { AppInHand, ClientSecret } from "./credential-memory";

type ReadingDeps = Pick<EngineDeps, "prefix" | "secrets" | "deadline" | "clock" | "credentials">;

/** Reads the current credential of an app, by the app secret's name. */
export async function readApp(app: AppKey, deps: ReadingDeps): Promise<AppInHand> {
  const value = await rereadUntil(
    () => deps.secrets.readStage(appSecretName(deps.prefix, app), "AWSCURRENT"),
    (found) => found !== undefined,
    deps,
  );
  if (value === undefined) throw new CodedError("app_secret_malformed", { app });
  const credential = parseAppCredential(value.text.unseal());
  if (credential.app !== app) throw new CodedError("app_secret_malformed", { app, field: "app" });
  const inHand = {
    credential,
    current: { secret: credential.clientSecret, version: value.versionId },
    changedAt: value.createdAt,
  };
  deps.credentials.keep(inHand, deps.clock.now());
  return inHand;
}

/**
 * An app's credential for the renewal of a token, without a call where it is known.
 *
 * It is believed only as long as the token that is renewed was obtained by that very version: where a change of the client
 * secret has come to the store, no renewal goes back behind it.
 */
export async function appForRenewal(
  app: AppKey,
  obtainedWith: VersionId | undefined,
  deps: ReadingDeps,
): Promise<AppInHand> {
  return deps.credentials.recall(app, obtainedWith, deps.clock.now()) ?? (await readApp(app, deps));
}

/**
 * How long the client secret before the current one counts for signatures that config does not name it for. Shopify
 * signs with the oldest one until it is revoked, and for up to an hour more.
 */
export const PREVIOUS_SIGNS_MS = DAY_MS;

/**
 * The client secrets that may have signed what comes from outside: the current one, and the one before while config
 * names it, or for a day after the change. A revoked one has to be worth nothing: whoever found it could sign all.
 */
export async function signingClientSecretsOf(
  app: AppInHand,
  deps: Pick<EngineDeps, "prefix" | "secrets" | "clock">,
): Promise<ClientSecret[]> {
  const isNamed = app.credential.previousClientSecret !== undefined;
  const ageMs = deps.clock.now() - (app.changedAt ?? 0);
  if (!isNamed && ageMs > PREVIOUS_SIGNS_MS) return [app.current];
  const previous = await readPreviousClientSecret(app, deps);
  return previous === undefined ? [app.current] : [app.current, previous];
}

/**
 * The client secret before the current one, to be presented to Shopify, which refuses a revoked one: config's own,
 * else the app secret's previous version.
 *
 * A version of another client ID belongs to another app and is left alone.
 */
export async function readPreviousClientSecret(
  { credential }: AppInHand,
  deps: Pick<EngineDeps, "prefix" | "secrets">,
): Promise<ClientSecret | undefined> {
  if (credential.previousClientSecret !== undefined) {
    return { secret: credential.previousClientSecret, version: undefined };
  }
  const name = appSecretName(deps.prefix, credential.app);
  const value = await deps.secrets.readStage(name, "AWSPREVIOUS");
  if (value === undefined) return undefined;
  const previous = parseAppCredential(value.text.unseal());
  return previous.clientId === credential.clientId
    ? { secret: previous.clientSecret, version: value.versionId }
    : undefined;
}
